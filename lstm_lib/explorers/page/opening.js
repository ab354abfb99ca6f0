// One training, update by update: the error, the share of the gradient at the step that matters, what opens the way.
import { add, clamp, panel, power, range, say } from "./draw.js";
import { widget } from "./kit.js";

const GUESSING = 0.75; // what guessing among four symbols gets wrong
const TICKS = [0, 50, 100, 300, 1000, 3000];
const bent = (n) => (n <= 100 ? n / 100 : 1 + Math.log10(n / 100)); // linear to 100, then logarithmic

export function compute({ task, kind, rate, at }, { every, runs }) {
  const { score, share, open } = runs[task][kind][rate];
  const error = task === "adding" ? score : score.map((row) => row.map((v) => (1 - v) / GUESSING));
  const last = score[0].length - 1;
  const k = Math.min(Math.round(at / every), last);
  const numbers = { update: k * every, error: error[0][k], share: share[0][k], open: open[0][k] };
  return { rows: [error, share, open], kind, k, every, updates: range(last + 1).map((n) => n * every), numbers };
}

// two scales at the lowest panel, from 0 to 1: f at the left, the spectral radius at the right
const ofF = (v) => (v - 0.3) / 0.72;
const radius = (v) => v / 8.4;
const isRnn = (kind) => kind.startsWith("rnn");

export function readout({ numbers, kind }, words) {
  return say(words.readout, { ...numbers, what: isRnn(kind) ? words.radius : words.f });
}

function scene({ svg, width, words, data }) {
  const [left, wide, top] = [58, width - 110, width < 560 ? 56 : 24]; // room for the legend
  const axes = { x: [0, bent(3100)], stops: range(121).map((k) => bent(data.every * k)) };
  const panels = [
    panel(svg, { ...axes, box: [left, top, wide, 96], y: [-0.05, 1.4], yTicks: [0, 0.5, 1], yLabel: words.score }),
    panel(svg, { ...axes, box: [left, top + 112, wide, 110], y: [-18, 1], yTicks: [-18, -12, -6, 0], yText: power,
      yLabel: words.share }),
    panel(svg, { ...axes, box: [left, top + 238, wide, 110], y: [0, 1], yTicks: [0.4, 0.6, 0.8, 1].map(ofF),
      yText: (v) => (0.3 + 0.72 * v).toFixed(1), yLabel: words.f, grid: false,
      xTicks: TICKS.map(bent), xText: (v) => TICKS.find((n) => bent(n) === v), xLabel: words.x }),
  ];
  panels[0].legend([["thick", words.thick], ["thin", words.thin]]);
  for (const v of [0, 2, 4, 6, 8]) add(svg, "text", { x: left + wide + 6, y: top + 242 + 110 * (1 - radius(v)) }, v);
  const turned = `translate(${left + wide + 36} ${top + 293}) rotate(-90)`;
  add(svg, "text", { transform: turned, "text-anchor": "middle" }, words.radius);
  const kinds = ["rnn", "default", "chrono"].map((kind) => [kind, panels.map((p) => ["thin", "thin", "thick"].map((w) =>
    p.line(`${kind} ${w}`)))]);
  const dots = panels.map((p) => p.spots("large"));
  const marks = panels.map((p) => p.line("dashed thin"));
  function draw({ rows, kind, k, every, updates }) {
    const xs = updates.slice(0, k + 1).map(bent); // what lies ahead is not drawn
    const places = [(v) => v, (v) => Math.log10(Math.max(v, 1e-30)), isRnn(kind) ? radius : ofF]; // clamped to the axes
    rows.forEach((three, n) => {
      const ys = three.map((row) => row.slice(0, k + 1).map((v) => clamp(places[n](v), ...panels[n].ends)));
      for (const [name, lines] of kinds) [1, 2, 0].forEach((which, j) => lines[n][j](xs, name === kind ? ys[which] : []));
      dots[n]([xs[k]], [ys[0][k]]);
      marks[n]([xs[k], xs[k]], [-30, 30]);
    });
  }
  return { draw, panels };
}

function probe({ rows, kind, every, updates }, n, x, y, words) {
  const update = x <= 1 ? 100 * x : 100 * 10 ** (x - 1);
  const k = clamp(Math.round(update / every), 0, updates.length - 1);
  const [error, share, open] = rows.map((three) => three[0][k]);
  const what = isRnn(kind) ? words.radius : words.f;
  return { x: bent(k * every), text: say(words.readout, { update: k * every, error, share, open, what }) };
}

export default widget({ height: (width) => (width < 560 ? 442 : 410), compute, readout, scene, probe });

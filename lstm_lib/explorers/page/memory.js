// After how many updates ten networks have learned a task, against its length; the last choice stays as a shadow.
import { add, panel, say } from "./draw.js";
import { widget } from "./kit.js";

const [CAP, NEVER] = [3000, 6000]; // NEVER: where those stand that don't solve it
const LENGTHS = [10, 20, 50, 100, 200];
const log = (n) => Math.log10(n);

export function compute({ task, kind }, lines) {
  const cells = lines[task][kind].map(({ steps, updates }) => {
    const sorted = updates.map((n) => n ?? NEVER).sort((a, b) => a - b);
    const solved = updates.filter((n) => n !== null).length;
    const median = sorted[5] === NEVER ? NEVER : (sorted[4] + sorted[5]) / 2; // never: at most five of ten
    return { steps, solved, updates: updates.map((n) => n ?? NEVER), median };
  });
  const numbers = Object.fromEntries(cells.map(({ steps, median }) => [`T${steps}`, median]));
  return { task, kind, cells, numbers };
}

export function readout({ cells }, words) {
  return say(words.readout, { cells: cells.map((cell) => say(words.cell, cell)).join(", ") });
}

function scene({ svg, width, words, data }) {
  const kinds = Object.keys(data.first);
  const [left, top] = [58, width < 560 ? 66 : 24]; // above: room for the legend; at the right: for names
  const graph = panel(svg, { box: [left, top, width - left - 140, 280], x: [log(8), log(250)], y: [log(15), log(9000)],
    stops: LENGTHS.map(log), xTicks: LENGTHS.map(log), xText: (v) => Math.round(10 ** v), xLabel: words.x,
    yTicks: [25, 100, 300, 1000, CAP, NEVER].map(log), yLabel: words.y,
    yText: (v) => (v === log(NEVER) ? words.never : Math.round(10 ** v)) });
  graph.legend([["dots", words.one], ["thick", words.median], ["ghost", words.before]]);
  const others = kinds.map(() => graph.line("faint"));
  const [ghosts, chosen] = ["ghost", "thick"].map((width) => kinds.map((kind) => graph.line(`${look(kind)} ${width}`)));
  const median = (line, cells) => line(cells.map((c) => log(c.steps)), cells.map((c) => log(c.median)));
  const dots = kinds.map((kind) => graph.spots(look(kind)));
  const names = kinds.map(() => add(svg, "text"));
  let taken = []; // where names stand: two lines that end in one place have theirs below each other
  function name(label, text, cells) {
    label.textContent = cells.length ? text : "";
    label.setAttribute("visibility", cells.length ? "visible" : "hidden");
    if (!cells.length) return ["x", "y"].forEach((axis) => label.setAttribute(axis, 0));
    const { steps, median: height } = cells.at(-1);
    const [x, y] = [Math.round(left + graph.X(log(steps))), Math.round(top + graph.Y(log(height)))];
    const above = taken.filter((t) => t[0] === x && Math.abs(t[1] - y) < 12).length;
    taken.push([x, y]);
    label.setAttribute("x", x + 6);
    label.setAttribute("y", y + (height === NEVER ? 16 : 4) + 14 * above);
  }
  let before = null; // the choice before this one
  function draw(frame, last) {
    if (last && (last.task !== frame.task || last.kind !== frame.kind)) before = last;
    if (!last) before = null;
    taken = [];
    kinds.forEach((kind, k) => {
      const cells = kind === frame.kind ? [] : compute({ task: frame.task, kind }, data).cells;
      median(others[k], cells);
      name(names[k], words[kind], cells);
      median(ghosts[k], before?.kind === kind ? before.cells : []);
      median(chosen[k], frame.kind === kind ? frame.cells : []);
      const shown = frame.kind === kind ? frame.cells : [];
      dots[k](shown.flatMap((c) => c.updates.map((_, n) => log(c.steps * (0.97 + 0.0067 * n)))),
        shown.flatMap((c) => c.updates.map(log)));
    });
  }
  return { draw, panels: [graph] };
}

const look = (kind) => (kind === "1997" ? "lstm_1997" : kind); // a name in CSS begins with a letter

function probe({ cells }, k, x, y, words) {
  const near = cells.reduce((a, b) => (Math.abs(log(b.steps) - x) < Math.abs(log(a.steps) - x) ? b : a));
  const updates = near.updates.map((n) => (n === NEVER ? words.never : n)).join(", ");
  return { x: log(near.steps), text: say(words.probe, { steps: near.steps, updates }) };
}

export default widget({ height: (width) => (width < 560 ? 394 : 352), compute, readout, scene, probe });

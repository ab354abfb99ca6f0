// Gradient descent at the cliff of one recurrent unit, for a start, a threshold and an update of the reader's choice.
import { clamp, colourScale, heat, panel, power, range, say } from "./draw.js";
import { widget } from "./kit.js";

const [TIME, TARGET, START] = [50, 0.7, 0.5]; // steps of the recurrence, wanted output, h_0
const [RATE, UPDATES, BIAS] = [0.05, 200, -2.8]; // of gradient descent; where b starts
const [W, B] = [[3.9, 5.7], [-3.1, -1.7]]; // the map
const [LOSS, NORM] = [[-6, 0], [-3, 5]]; // decades of the log axes; what lies outside is drawn at the edge
const POINTS = 120;

const sigmoid = (x) => (x > -700 ? 1 / (1 + Math.exp(-x)) : 0);
const six = (x) => Math.round(x * 1e6) / 1e6; // at the wall the path is chaotic, and last bits differ between machines

function unit(w, b) { // the loss and its slopes, carried forward with h
  let [h, dw, db] = [START, 0, 0];
  for (let t = 0; t < TIME; t++) {
    const s = sigmoid(h);
    const slope = w * s * (1 - s);
    [h, dw, db] = [w * s + b, s + slope * dw, 1 + slope * db];
  }
  const s = sigmoid(h);
  const outer = 2 * (s - TARGET) * s * (1 - s);
  return [(s - TARGET) ** 2, outer * dw, outer * db];
}

export function prepare() {
  const at = ([low, high], k) => low + (k / (POINTS - 1)) * (high - low);
  return range(POINTS).map((y) => range(POINTS).map((x) => Math.log10(unit(at(W, x), at(B, POINTS - 1 - y))[0])));
}

export function compute({ gain, threshold, at }) {
  const path = [];
  let [w, b] = [gain, BIAS];
  for (let k = 0; k < UPDATES; k++) {
    const [loss, dw, db] = unit(w, b);
    const norm = Math.hypot(dw, db);
    const rate = norm ? RATE * Math.min(1, threshold / norm) : RATE;
    const next = [six(w - rate * dw), six(b - rate * db)];
    path.push({ w, b, loss, norm, next, uncut: [w - RATE * dw, b - RATE * db], cut: norm > threshold });
    [w, b] = next;
  }
  const on = (p) => p.w >= W[0] && p.w <= W[1] && p.b >= B[0] && p.b <= B[1];
  const numbers = { loss: path.at(-1).loss, norm: Math.max(...path.map((p) => p.norm)),
    cut: path.filter((p) => p.cut).length, updates: UPDATES, inside: path.every(on), at, now_loss: path[at - 1].loss,
    now_norm: path[at - 1].norm };
  return { path, threshold, at, numbers };
}

export function readout({ numbers: n }, words) {
  return say(words.readout, { ...n, where: n.inside ? words.stayed : words.left });
}

function scene({ svg, picture, width, words, data }) {
  const narrow = width < 560;
  const wide = narrow ? width - 130 : Math.round((width - 262) * 0.55);
  const box = [58, 24, wide, narrow ? 240 : 300];
  const [left, top] = narrow ? [58, 350] : [58 + wide + 132, 24];
  const small = { x: [0, UPDATES], over: "update" };
  const map = panel(svg, { box, x: W, y: B, over: "w", stride: 0.02, rows: true, grid: false, xLabel: words.w,
    yLabel: words.b, xTicks: [4, 4.5, 5, 5.5], yTicks: [-3, -2.5, -2] });
  const loss = panel(svg, { ...small, box: [left, top, width - left - 12, 120], y: LOSS, yTicks: [-6, -3, 0],
    yText: power, yLabel: words.loss });
  const norm = panel(svg, { ...small, box: [left, top + 164, width - left - 12, 136], y: NORM, yTicks: [-3, 0, 3],
    xTicks: [0, 50, 100, 150, 200], yText: power, yLabel: words.norm, xLabel: words.update });
  heat(picture, box, POINTS, POINTS, LOSS, { reversed: true, smooth: true })((x, y) => data[y][x]);
  colourScale(svg, picture, [58 + wide + 10, 24, 12, box[3]], LOSS, [-6, -4, -2, 0], words.surface, { reversed: true });
  norm.legend([["dashed", words.threshold]]);
  const walk = [map.line("on-map ghost"), map.line("on-map", { dots: true }), map.line("on-map dashed"),
    map.line("on-map thick")];
  const marks = ["ring", "on-map large", "ring square", "on-map large square", "ring", "on-map"].map(map.spots);
  const lines = [loss.line(""), norm.line("")];
  const dots = [loss.spots("large"), norm.spots("large")];
  const limit = norm.line("dashed");
  function draw({ path, threshold, at }) {
    const [now, w, b] = [path[at - 1], path.map((p) => p.w), path.map((p) => p.b)];
    walk[0](w, b);
    walk[1](w.slice(0, at), b.slice(0, at));
    walk[2]([now.w, now.uncut[0]], now.cut ? [now.b, now.uncut[1]] : []);
    walk[3]([now.w, now.next[0]], [now.b, now.next[1]]);
    [path[0], path.at(-1), now].forEach((p, k) => [0, 1].forEach((part) => marks[2 * k + part]([p.w], [p.b])));
    [["loss", LOSS], ["norm", NORM]].forEach(([name, ends], k) => {
      const y = path.map((p) => clamp(Math.log10(p[name]), ...ends));
      lines[k](range(UPDATES, 1), y);
      dots[k]([at], [y[at - 1]]);
    });
    limit([0, UPDATES], Array(2).fill(Math.log10(threshold)));
  }
  return { draw, panels: [map, loss, norm] };
}

function probe(frame, k, x, y, words) {
  if (k === 0) return { x, y, text: say(words.probe_map, { w: x, b: y, loss: unit(x, y)[0] }) };
  const update = clamp(Math.round(x), 1, UPDATES);
  return { x: update, text: say(words.probe, { update, ...frame.path[update - 1] }) };
}

export default widget({ height: (width) => (width < 560 ? 700 : 366), prepare, compute, readout, scene, probe });

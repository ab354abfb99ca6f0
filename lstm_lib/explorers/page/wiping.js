// A trained LSTM reads a sequence, and one of its states is wiped or exchanged on the way.
import { clamp, colourScale, heat, panel, range, say, unpack } from "./draw.js";
import { widget } from "./kit.js";
import { run } from "./lstm.js";

const [STEPS, UNITS, SEQUENCES, EDGE] = [20, 8, 8, 1.5]; // EDGE: of the answers' axis; what lies outside is drawn there
const ENDS = [-2, 2]; // of the colours
const zero = (v) => v.map(() => 0);
const CHANGES = { // (h, c, other) -> what goes on; other: h and C of the other sequence at this step
  nothing: (h, c) => [h, c],
  wipe_c: (h, c) => [h, zero(c)],
  wipe_h: (h, c) => [zero(h), c],
  wipe_both: (h, c) => [zero(h), zero(c)],
  shut: (h, c) => [zero(h), c],
  swap_c: (h, c, other) => [h, other.c],
  swap_h: (h, c, other) => [other.h, c],
};

export function prepare({ x, y, networks }) {
  const [all, right] = [unpack(x), unpack(y)];
  const sequences = range(SEQUENCES).map((s) => range(STEPS).map((t) => all.subarray(2 * (s * STEPS + t)).slice(0, 2)));
  const unpacked = networks.map((of) => of.map((packed) =>
    Object.fromEntries(Object.entries(packed).map(([name, values]) => [name, unpack(values)]))));
  return { x: sequences, y: range(SEQUENCES).map((s) => [...right.subarray(2 * s, 2 * s + 2)]), networks: unpacked };
}

export function compute({ cell, seed, sequence, change, at, now }, { x, y, networks }) {
  const network = { ...networks[+cell][seed], H: UNITS };
  const [mine, other] = [sequence - 1, sequence % SEQUENCES];
  const last = change === "shut" ? STEPS - 1 : at;
  // until the change nothing differs, so the other sequence needs none of its own
  const donor = run(network, x[other]);
  const acts = (t) => change !== "nothing" && t >= at && t <= last;
  const trace = run(network, x[mine], (t, h, c) => (acts(t) ? CHANGES[change](h, c, donor[t - 1]) : [h, c]));
  const h = trace.at(-1).h;
  const answer = [0, 1].map((n) => h.reduce((sum, v, j) => sum + v * network.out[n * UNITS + j], network.out_b[n]));
  const size = (name) => Math.hypot(...trace[now - 1][name]);
  const numbers = { long_right: y[mine][0], short_right: y[mine][1], long: answer[0], short: answer[1], now,
    size_c: size("c"), size_h: size("h") };
  const marked = change === "nothing" ? null : [at, last];
  return { trace, x: x[mine].map(([v]) => v), y: y[mine], other: y[other], answer, now, marked, numbers };
}

export function readout({ numbers: n }, words) {
  const late = n.now === STEPS;
  return say(words.readout, { ...n, long: late ? n.long : words.wait, short: late ? n.short : words.wait });
}

function scene({ svg, picture, width, words }) {
  const narrow = width < 560;
  const wide = narrow ? width - 130 : Math.round((width - 220) * 0.6);
  const axes = { x: [0.5, STEPS + 0.5] };
  const map = { ...axes, y: [UNITS + 0.5, 0.5], rows: true, grid: false, yTicks: range(UNITS, 1) };
  const [left, top] = narrow ? [110, 480] : [58 + wide + 130, 60];
  const read = panel(svg, { ...axes, box: [58, 12, wide, 80], y: [-1.15, 1.15], yTicks: [-1, 0, 1], yLabel: words.x });
  const c = panel(svg, { ...map, box: [58, 108, wide, 128], yLabel: words.c });
  const h = panel(svg, { ...map, box: [58, 252, wide, 128], yLabel: words.h, xTicks: [1, 5, 10, 15, 20],
    xLabel: words.step });
  const out = panel(svg, { box: [left, top, width - left - 12, narrow ? 140 : 250], x: [-EDGE - 0.1, EDGE + 0.1],
    y: [-0.6, 1.6], over: "answer", rows: true, xTicks: [-1, 0, 1], xLabel: words.x, yTicks: [1, 0], grid: false,
    yText: (v) => (v ? words.long : words.short) });
  const paint = [c, h].map(({ box }) => heat(picture, box, STEPS, UNITS, ENDS));
  colourScale(svg, picture, [58 + wide + 10, 108, 12, 272], ENDS, [-2, -1, 0, 1, 2]);
  const [values, frames] = [read.line("", { dots: true }), [read, c, h].map((p) => p.area("marked"))];
  out.legend([["thick", words.target], ["dots large", words.answer], ["thick ghost", words.other]]);
  const bars = ["thick", "thick ghost"].map((kind) => range(2).map(() => out.line(kind)));
  const dots = out.spots("large");
  function draw({ trace, x, y, other, answer, now, marked }) {
    values(range(now, 1), x.slice(0, now));
    ["c", "h"].forEach((name, k) => paint[k]((t, unit) => (t < now ? trace[t][name][unit] : null)));
    const columns = marked ? { x: [marked[0] - 0.5, marked[1] + 0.5] } : { x: [-2, -1] };
    frames.forEach((frame) => frame(columns));
    const at = (v) => clamp(v, -EDGE, EDGE);
    [y, other].forEach((pair, k) => pair.forEach((v, n) => bars[k][n]([at(v), at(v)], [1 - n - 0.25, 1 - n + 0.25])));
    dots(answer.map(at), now === STEPS ? [1, 0] : []);
  }
  return { draw, panels: [read, c, h, out] };
}

function probe({ trace, x, y, other, answer, now }, k, px, py, words) {
  if (k === 3) {
    const n = py > 0.5 ? 0 : 1;
    const shown = now === STEPS ? answer[n] : words.wait;
    const found = { value: words[n ? "short" : "long"], right: y[n], other: other[n], answer: shown };
    return { x: clamp(now === STEPS ? answer[n] : 0, -EDGE, EDGE), y: 1 - n, text: say(words.probe_answer, found) };
  }
  const t = clamp(Math.round(px), 1, now); // what is hidden stays so
  const unit = clamp(Math.round(py), 1, UNITS);
  const found = { t, unit, x: x[t - 1], c: trace[t - 1].c[unit - 1], h: trace[t - 1].h[unit - 1] };
  return { x: t, y: k ? unit : py, text: say(k ? words.probe_unit : words.probe, found) };
}

export default widget({ height: (width) => (width < 560 ? 670 : 426), prepare, compute, readout, scene, probe });

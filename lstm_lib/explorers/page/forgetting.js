// The gradient of an LSTM on its way back, by forget bias, input bias and length, beside a default RNN's.
import { clamp, panel, power, range, say, unpack } from "./draw.js";
import { widget } from "./kit.js";
import { back, run } from "./lstm.js";

const [INPUTS, UNITS, LONGEST] = [4, 16, 100];
const STATE = 2; // decades of the axis of C: linear from -1 to 1, logarithmic beyond

export function prepare({ x, W_x, W_h, b, rnn }) {
  const all = unpack(x);
  const steps = range(LONGEST).map((t) => all.subarray(t * INPUTS, (t + 1) * INPUTS));
  return { x: steps, W_x: unpack(W_x), W_h: unpack(W_h), b: unpack(b), rnn };
}

export function compute({ forget, write, steps }, { x, W_x, W_h, b, rnn }) {
  const set = Float64Array.from(b).fill(forget, 0, UNITS).fill(write, UNITS, 2 * UNITS);
  const cell = { W_x, W_h, b: set, H: UNITS };
  const trace = run(cell, x.slice(0, steps));
  const norms = [false, true].map((along) => back(cell, trace, along).map((row) => Math.hypot(...row)));
  const mean = (name, of = (v) => v) =>
    trace.reduce((sum, step) => sum + step[name].reduce((s, v) => s + of(v), 0), 0) / (steps * UNITS);
  const lines = { full: norms[0], along: norms[1], rnn: rnn[steps] };
  const left = Object.fromEntries(Object.entries(lines).map(([name, values]) => [name, values[steps]]));
  return { lines, trace, steps, numbers: { ...left, steps, f: mean("f"), i: mean("i"), c: mean("c", Math.abs) } };
}

export function readout({ numbers }, words) {
  return say(words.readout, numbers);
}

const bent = (v) => (Math.abs(v) <= 1 ? v : Math.sign(v) * (1 + Math.log10(Math.abs(v))));

function scene({ svg, width, words }) {
  const narrow = width < 560;
  const wide = narrow ? width - 70 : Math.round((width - 140) * 0.56);
  const axes = { x: [0, LONGEST], xTicks: [0, 25, 50, 75, 100] };
  const first = narrow ? 56 : 40; // below the legend
  const [left, top] = narrow ? [58, 446] : [58 + wide + 70, 40];
  const all = panel(svg, { ...axes, box: [58, first, wide, 150], over: "distance", y: [-32, 4], yText: power,
    yTicks: [-30, -20, -10, 0], xTicks: [], yLabel: words.norm });
  const near = panel(svg, { ...axes, box: [58, first + 186, wide, 120], over: "distance", y: [-3.3, 1.3], yText: power,
    yTicks: [-3, -2, -1, 0, 1], xLabel: words.distance, yLabel: words.near });
  const state = panel(svg, { ...axes, box: [left, top, width - left - 12, narrow ? 200 : 306], xLabel: words.time,
    y: [-1 - STATE, 1 + STATE], yTicks: [-3, -2, -1, 0, 1, 2, 3], yText: (v) => Math.sign(v) * 10 ** (Math.abs(v) - 1) || 0,
    yLabel: words.state });
  const looks = { full: "", along: "f dashed", rnn: "rnn" };
  all.legend(Object.entries(looks).map(([name, look]) => [look, words[name]]));
  near.area("band")({ y: [-0.02, 0.02] });
  const lines = [all, near].map((p) => Object.entries(looks).map(([name, look]) => [name, p.line(look)]));
  const units = range(UNITS).map(() => state.line("c thin"));
  function draw({ lines: drawn, trace, steps }) {
    for (const [name, line] of lines.flat()) line(range(steps + 1), drawn[name].map(Math.log10));
    units.forEach((line, unit) => line(range(steps, 1), trace.map(({ c }) => bent(c[unit]))));
  }
  return { draw, panels: [all, near, state] };
}

function probe({ lines, trace, steps }, k, x, y, words) {
  if (k < 2) {
    const d = clamp(Math.round(x), 0, steps);
    const found = Object.fromEntries(Object.entries(lines).map(([name, values]) => [name, values[d]]));
    return { x: d, text: say(words.probe, { d, ...found }) };
  }
  const t = clamp(Math.round(x), 1, steps);
  const { c } = trace[t - 1];
  return { x: t, text: say(words.probe_state, { t, low: Math.min(...c), high: Math.max(...c) }) };
}

export default widget({ height: (width) => (width < 560 ? 692 : 390), prepare, compute, readout, scene, probe });

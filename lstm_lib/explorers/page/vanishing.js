// The gradient of a plain RNN on its way back, for a gain, a length and an activation of the reader's choice.
import { clamp, colourScale, heat, panel, power, range, say, unpack } from "./draw.js";
import { widget } from "./kit.js";

const [UNITS, LONGEST, WARM_UP, SKIP] = [32, 100, 50, 5];
const DECADES = [-12, 12]; // of the colours: blue has shrunk, red has grown
const ACT = { tanh: Math.tanh, relu: (a) => Math.max(0, a), linear: (a) => a };
const SLOPE = { tanh: (h) => 1 - h * h, relu: (h) => +(h > 0), linear: () => 1 }; // act' from the value h = act(a)

export function prepare({ rotation, inputs }) {
  return { rotation: unpack(rotation), inputs: unpack(inputs) };
}

export function compute({ gain, steps, activation }, { rotation, inputs }) {
  const [act, slope] = [ACT[activation], SLOPE[activation]];
  const w = rotation.map((x) => gain * x);
  const total = WARM_UP + steps;
  const states = new Float64Array((total + 1) * UNITS);
  for (let t = 0; t < total; t++) {
    for (let j = 0; j < UNITS; j++) {
      let a = 0;
      for (let k = 0; k < UNITS; k++) a += w[j * UNITS + k] * states[t * UNITS + k];
      states[(t + 1) * UNITS + j] = act(a + inputs[t * UNITS + j]);
    }
  }
  const g2 = w.reduce((sum, x) => sum + x * x, 0) / UNITS;
  const gradients = new Float64Array((steps + 1) * UNITS).fill(UNITS ** -0.5, 0, UNITS); // row d: d before the loss
  let theory = 0;
  for (let d = 0; d < steps; d++) {
    let squares = 0;
    for (let j = 0; j < UNITS; j++) {
      const s = slope(states[(total - d) * UNITS + j]);
      const back = gradients[d * UNITS + j] * s;
      squares += s * s;
      for (let k = 0; k < UNITS; k++) gradients[(d + 1) * UNITS + k] += back * w[j * UNITS + k]; // W^T diag(act')
    }
    theory += Math.log((g2 * squares) / UNITS) / 2 / steps;
  }
  const norms = range(steps + 1).map((d) => Math.hypot(...gradients.subarray(d * UNITS, (d + 1) * UNITS)));
  const numbers = { slope: fit(norms), theory, log_gain: Math.log(gain), steps, left: norms[steps] };
  return { gradients, norms, steps, numbers };
}

function fit(norms) { // the slope of log(norm) against distance
  const y = norms.slice(SKIP).map(Math.log);
  const [mx, my] = [(y.length - 1) / 2, y.reduce((a, b) => a + b) / y.length];
  let [xy, xx] = [0, 0];
  y.forEach((v, x) => { xy += (x - mx) * (v - my); xx += (x - mx) ** 2; });
  return xy / xx;
}

export function readout({ numbers }, words) {
  return say(words.readout, numbers);
}

function scene({ svg, picture, width, words }) {
  const narrow = width < 560;
  const [left, high] = [58, narrow ? 220 : 300];
  const wide = narrow ? width - 70 : Math.round((width - 204) * 0.55);
  const box = narrow ? [left, high + 86, width - 134, high] : [left + wide + 62, 24, width - wide - 196, high];
  const axes = { x: [0, LONGEST], xTicks: [0, 25, 50, 75, 100], xLabel: words.distance };
  const log = panel(svg, { ...axes, box: [left, 24, wide, high], y: [-42, 18], yTicks: [-40, -30, -20, -10, 0, 10],
    yText: power, yLabel: words.norm });
  const map = panel(svg, { ...axes, x: [-0.5, LONGEST + 0.5], box, y: [UNITS + 0.5, 0.5], rows: true,
    yTicks: [1, 8, 16, 24, 32], yLabel: words.unit, grid: false });
  log.legend([["solid thick rnn_orthogonal", words.measured], ["dashed", words.theory]]);
  const measured = log.line("solid thick rnn_orthogonal"), theory = log.line("dashed");
  const cells = heat(picture, box, LONGEST + 1, UNITS, DECADES);
  colourScale(svg, picture, [box[0] + box[2] + 12, box[1], 12, box[3]], DECADES, [-12, -6, 0, 6, 12], words.size);
  const distance = range(LONGEST + 1);
  function draw(frame) {
    measured(distance, frame.norms.map(Math.log10));
    theory(distance, frame.norms.map((_, d) => (frame.numbers.theory * d) / Math.LN10));
    cells((d, unit) => (d > frame.steps ? null : Math.log10(Math.abs(frame.gradients[d * UNITS + unit]))));
  }
  return { draw, panels: [log, map] };
}

function probe(frame, k, x, y, words) {
  const d = clamp(Math.round(x), 0, frame.steps);
  const unit = clamp(Math.round(y), 1, UNITS);
  const found = { d, unit, norm: frame.norms[d], size: Math.abs(frame.gradients[d * UNITS + unit - 1]) };
  return { x: d, y: k === 0 ? y : unit, text: say(k === 0 ? words.probe : words.probe_unit, found) };
}

export default widget({ height: (width) => (width < 560 ? 572 : 366), prepare, compute, readout, scene, probe });

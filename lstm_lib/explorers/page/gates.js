// One unit of an LSTM whose gates are set by hand, over 30 steps.
import { panel, range, say } from "./draw.js";
import { widget } from "./kit.js";

const [STEPS, FIRST] = [30, 3]; // the first pulse comes at step 3
const TIME = range(STEPS, 1);

export function compute({ f, i, candidate, o, pulses, opens }) {
  const frame = { f: [], i: [], o: [], c: [], behind: [], h: [], first: [] };
  let c = 0;
  for (const t of TIME) {
    const pulse = t >= FIRST && (t - FIRST) % pulses === 0 ? i : 0;
    const open = t >= opens ? o : 0;
    c = f * c + pulse * candidate;
    frame.f.push(f);
    frame.i.push(pulse);
    frame.o.push(open);
    frame.c.push(c);
    frame.behind.push(Math.tanh(c));
    frame.h.push(open * Math.tanh(c));
    frame.first.push(t >= FIRST ? i * candidate * f ** (t - FIRST) : 0);
  }
  const halfLife = f === 0 ? 0 : f === 1 ? Infinity : +(Math.log(0.5) / Math.log(f)).toFixed(6);
  const end = { c, behind: frame.behind.at(-1), h: frame.h.at(-1) };
  return { ...frame, numbers: { f, n: halfLife, top: Math.max(...frame.c.map(Math.abs)), ...end } };
}

export function readout({ numbers }, words) {
  const { n } = numbers;
  const halfLife = n === 0 ? words.at_once : n === Infinity ? words.never : say(words.half_life, { n });
  return say(words.readout, { ...numbers, half_life: halfLife });
}

function scene({ svg, width, words }) {
  const [left, wide] = [58, width - 70];
  const axes = { x: [0, STEPS + 1] };
  const gates = panel(svg, { ...axes, box: [left, 24, wide, 64], y: [-0.08, 1.12], yTicks: [0, 1],
    yLabel: words.gates });
  const cell = panel(svg, { ...axes, box: [left, 120, wide, 130], y: [-6.4, 6.4], yTicks: [-6, -3, 0, 3, 6],
    yLabel: words.c });
  const out = panel(svg, { ...axes, box: [left, 282, wide, 100], y: [-1.15, 1.15], yTicks: [-1, 0, 1],
    xTicks: [0, 5, 10, 15, 20, 25, 30], xLabel: words.step, yLabel: words.h });
  cell.area("band")({ y: [-1, 1] });
  gates.legend([["f", "f"], ["i", "i"], ["o", "o"]]);
  cell.legend([["c", "C"], ["faint", words.first], ["thin dashed", words.half]]);
  out.legend([["h", "h"], ["faint", words.behind]]);
  const lines = [gates.line("f"), gates.line("i", { step: true }), gates.line("o", { step: true }), cell.line("faint"),
    cell.line("c", { dots: true }), out.line("faint"), out.line("h", { dots: true })];
  const half = cell.line("thin dashed");
  function draw(frame) {
    const drawn = [frame.f, frame.i, frame.o, frame.first, frame.c, frame.behind, frame.h];
    drawn.forEach((ys, k) => lines[k](TIME, ys));
    const { n } = frame.numbers;
    const stands = n > 0 && n <= STEPS - FIRST && frame.first[FIRST - 1] !== 0; // there is a pulse, and it halves in time
    half([FIRST + n, FIRST + n], stands ? [-7, 7] : []);
  }
  return { draw, panels: [gates, cell, out] };
}

function probe(frame, k, x, y, words) {
  const t = Math.max(1, Math.min(STEPS, Math.round(x)));
  const at = (name) => frame[name][t - 1];
  const found = Object.fromEntries(["f", "i", "o", "c", "behind", "h"].map((name) => [name, at(name)]));
  return { x: t, text: say(words.probe, { t, ...found }) };
}

export default widget({ height: () => 424, compute, readout, scene, probe });

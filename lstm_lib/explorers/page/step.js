// One step of an LSTM with one unit and one input feature: the six lines, each with its numbers.
import { add, clamp, say } from "./draw.js";
import { widget } from "./kit.js";

const LARGE = 2;
const GATES = ["f", "i", "candidate", "o"];
const sigmoid = (a) => 1 / (1 + Math.exp(-a));

export function compute({ x, h, c, at }, weights) {
  const sums = Object.fromEntries(GATES.map((name) => {
    const [w_x, w_h, b] = weights[name];
    return [name, w_x * x + w_h * h + b];
  }));
  const gates = Object.fromEntries(GATES.map((name) => [name, (name === "candidate" ? Math.tanh : sigmoid)(sums[name])]));
  const new_c = gates.f * c + gates.i * gates.candidate;
  const new_h = gates.o * Math.tanh(new_c);
  return { x, h, c, at, sums, weights, gates, numbers: { ...gates, c: new_c, h: new_h } };
}

export function readout({ numbers }, words) {
  return say(words.readout, numbers);
}

const two = (v) => say("{v:.2f}", { v }).replace("-", "−");
const signed = (v) => (v < 0 ? `− ${two(-v)}` : `+ ${two(v)}`);
const braced = (v) => (v < 0 ? `(${two(v)})` : two(v));

function lines({ x, h, c, sums, weights, gates, numbers: n }) { // [line style, name, the line, with numbers, value]
  const rows = GATES.map((name) => {
    const [w_x, w_h, b] = weights[name];
    const act = name === "candidate" ? "tanh" : "σ";
    const inside = `${two(w_x)}·${braced(x)} ${signed(w_h)}·${braced(h)} ${signed(b)}`;
    return [name, name === "candidate" ? "C̃" : name, `${act}(${inside}) = ${act}(${two(sums[name])})`, gates[name]];
  });
  const sum = `${two(n.f)}·${braced(c)} ${signed(n.i)}·${braced(n.candidate)}`;
  rows.push(["c", "C", `f·C + i·C̃ = ${sum}`, n.c]);
  rows.push(["h", "h", `o·tanh(C) = ${two(n.o)}·tanh(${two(n.c)})`, n.h]);
  return rows;
}

function scene({ svg, width, words }) {
  const narrow = width < 560;
  const [high, wide] = [narrow ? 62 : 46, narrow ? width - 90 : 180]; // a row, and its bar: from -LARGE to LARGE
  const rows = [...GATES, "c", "h"].map((kind, k) => {
    const y = 30 + k * high;
    const row = add(svg, "g");
    const [left, top] = narrow ? [34, y + 16] : [width - wide - 70, y - 10];
    add(row, "text", { x: 8, y, class: "name" }, kind === "candidate" ? "C̃" : kind === "c" ? "C" : kind);
    const text = add(row, "text", { x: 34, y });
    add(row, "path", { class: "grid", d: `M${left} ${top + 7}h${wide}M${left + wide / 2} ${top}v14` });
    const bar = add(row, "path", { class: `bar line solid ${kind}` });
    const value = add(row, "text", { x: left + wide + 8, y: top + 11 });
    return { row, text, bar, value, zero: left + wide / 2, unit: wide / 2 / LARGE, middle: top + 7 };
  });
  const last = rows.at(-1);
  for (const v of [-2, -1, 0, 1, 2]) {
    add(svg, "text", { x: last.zero + v * last.unit, y: last.middle + 24, "text-anchor": "middle" }, v);
  }
  function draw(frame) {
    lines(frame).forEach(([, , formula, v], k) => {
      const { row, text, bar, value, zero, unit, middle } = rows[k];
      row.setAttribute("visibility", k < frame.at ? "visible" : "hidden");
      text.textContent = `= ${formula}`;
      bar.setAttribute("d", `M${zero} ${middle}H${zero + clamp(v, -LARGE, LARGE) * unit}`);
      value.textContent = two(v);
    });
  }
  const panels = [{ box: [0, 0, width, 20 + 6 * high], x: [0, 5], y: [5, 0], X: () => 20, over: "line", rows: true,
    stride: 1, point: () => {}, at: (px, py) => [0, (py - 10) / high] }];
  return { draw, panels };
}

function probe(frame, k, x, y, words) {
  const line = clamp(Math.round(y), 0, 5);
  return { x, y: line, text: words.lines[line] };
}

export default widget({ height: (width) => (width < 560 ? 424 : 310), compute, readout, scene, probe });

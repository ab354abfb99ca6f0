// One step of an LSTM with one unit and one input feature: the six lines, each with its numbers.
import { add, clamp, keys, say } from "./draw.js";
import { widget } from "./kit.js";

const LARGE = 2;
const GATES = ["f", "i", "candidate", "o"];
const NAMES = [...GATES, "c", "h"]; // in the order of the six lines
const sigmoid = (a) => 1 / (1 + Math.exp(-a));

export function compute({ x, h, c, at }, weights) {
  const sums = Object.fromEntries(GATES.map((name) => {
    const [w_x, w_h, b] = weights[name];
    return [name, w_x * x + w_h * h + b];
  }));
  const gates = Object.fromEntries(GATES.map((name) => [name, (name === "candidate" ? Math.tanh : sigmoid)(sums[name])]));
  const new_c = gates.f * c + gates.i * gates.candidate;
  const new_h = gates.o * Math.tanh(new_c);
  return { x, h, c, at, sums, weights, numbers: { ...gates, c: new_c, h: new_h } };
}

export function readout({ numbers, at }, words) { // what isn't shown yet isn't said
  const seen = NAMES.map((name, k) => [name, k < at ? numbers[name] : words.later]);
  return say(words.readout, Object.fromEntries(seen));
}

const two = (v) => say("{v:.2f}", { v }).replace("-", "−");
const signed = (v) => (v < 0 ? `− ${two(-v)}` : `+ ${two(v)}`);
const braced = (v) => (v < 0 ? `(${two(v)})` : two(v));

function lines({ x, h, c, sums, weights, numbers: n }) { // [the line with numbers, how it goes on, its value]
  const rows = GATES.map((name) => {
    const [w_x, w_h, b] = weights[name];
    const act = name === "candidate" ? "tanh" : "σ";
    const inside = `${two(w_x)}·${braced(x)} ${signed(w_h)}·${braced(h)} ${signed(b)}`;
    return [`= ${act}(${inside})`, `= ${act}(${two(sums[name])})`, n[name]];
  });
  rows.push(["= f·C(t−1) + i·C̃", `= ${two(n.f)}·${braced(c)} ${signed(n.i)}·${braced(n.candidate)}`, n.c]);
  rows.push(["= o·tanh(C)", `= ${two(n.o)}·tanh(${two(n.c)})`, n.h]);
  return rows;
}

function scene({ svg, width }) {
  const [narrow, tight] = [width < 680, width < 420]; // the bar under the formula; the formula in two rows
  const [high, wide] = [tight ? 80 : narrow ? 62 : 46, narrow ? width - 90 : 180]; // a row, and its bar: -LARGE to LARGE
  const rows = NAMES.map((kind, k) => {
    const y = 30 + k * high;
    const row = add(svg, "g");
    const [left, top] = narrow ? [34, y + (tight ? 32 : 16)] : [width - wide - 70, y - 10];
    add(row, "text", { x: 8, y, class: "name" }, { candidate: "C̃", c: "C" }[kind] ?? kind);
    const texts = [add(row, "text", { x: 34, y }), add(row, "text", { x: 34, y: y + 16 })];
    add(row, "path", { class: "grid", d: `M${left} ${top + 7}h${wide}M${left + wide / 2} ${top}v14` });
    const bar = add(row, "path", { class: `bar line solid ${kind}` });
    const value = add(row, "text", { x: left + wide + 8, y: top + 11 });
    return { row, texts, bar, value, zero: left + wide / 2, unit: wide / 2 / LARGE, middle: top + 7 };
  });
  const last = rows.at(-1);
  for (const v of [-2, -1, 0, 1, 2]) {
    add(svg, "text", { x: last.zero + v * last.unit, y: last.middle + 24, "text-anchor": "middle" }, v);
  }
  function draw(frame) {
    lines(frame).forEach(([formula, more, v], k) => {
      const { row, texts, bar, value, zero, unit, middle } = rows[k];
      row.setAttribute("visibility", k < frame.at ? "visible" : "hidden");
      texts[0].textContent = tight ? formula : `${formula} ${more}`;
      texts[1].textContent = tight ? more : "";
      bar.setAttribute("d", `M${zero} ${middle}H${zero + clamp(v, -LARGE, LARGE) * unit}`);
      value.textContent = two(v);
    });
  }
  const all = { box: [0, 0, width, 20 + 6 * high], X: () => 20, Y: (v) => 20 + v * high, over: "line", point: () => {},
    at: (px, py) => [0, (py - 20) / high], ...keys({ x: [0, 0], y: [5, 0], rows: true }) };
  return { draw, panels: [all] };
}

function probe(frame, k, x, y, words) {
  const line = clamp(Math.round(y), 0, frame.at - 1);
  const [formula, more, value] = lines(frame)[line];
  return { x, y: line, text: `${words.lines[line]}: ${formula} ${more} = ${two(value)}` };
}

export default widget({ height: (width) => (width < 420 ? 530 : width < 680 ? 424 : 310), compute, readout, scene, probe });

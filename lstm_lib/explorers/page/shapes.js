// The shapes of what goes into nn.LSTM and comes out, as blocks: width for time, height for features, depth for batch.
import { add, keys, say } from "./draw.js";
import { widget } from "./kit.js";

export function compute({ B, T, D, H, layers, bidirectional, batch_first }) {
  const sides = bidirectional ? 2 : 1;
  const batched = (features) => (batch_first ? [B, T, features] : [T, B, features]);
  const shapes = { x: batched(D), out: batched(sides * H), h_n: [layers * sides, B, H], c_n: [layers * sides, B, H] };
  const blocks = { x: [T, D, B], out: [T, sides * H, B], h_n: [layers * sides, H, B], c_n: [layers * sides, H, B] };
  let weights = 0;
  for (let layer = 0; layer < layers; layer++) weights += sides * 4 * H * ((layer ? sides * H : D) + H + 2);
  const text = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, `(${shape.join(", ")})`]));
  return { blocks, text, sides, H, numbers: { ...text, weights } };
}

export function readout({ numbers }, words) {
  return say(words.readout, numbers);
}

const NAMES = ["x", "out", "h_n", "c_n"];
const DEPTH = 5; // pixels for a sequence behind the first

function scene({ svg, width, words }) {
  const narrow = width < 560;
  const unit = narrow ? 9 : 13; // pixels for a step or a feature
  const places = narrow ? { x: [16, 104], out: [16, 300], h_n: [16, 500], c_n: [170, 500] }
    : { x: [16, 136], out: [16, 404], h_n: [width * 0.54, 404], c_n: [width * 0.76, 404] };
  const drawn = Object.fromEntries(Object.entries(places).map(([name, [left, bottom]]) => {
    const label = add(svg, "text", { x: left, y: bottom + 20 });
    const blocks = add(svg, "path", { class: "block" });
    const front = add(svg, "path", { class: "block front" });
    const marked = add(svg, "path", { class: "block chosen" });
    return [name, { left, bottom, label, blocks, front, marked }];
  }));
  add(svg, "text", { x: places.x[0] + 130, y: places.x[1] + 20 }, "↓ nn.LSTM");
  function draw({ blocks, text, sides, H }) {
    for (const [name, { left, bottom, label, blocks: behind, front, marked }] of Object.entries(drawn)) {
      const [across, up, deep] = blocks[name];
      const [w, h] = [across * unit, up * unit];
      const sheet = (k) => `M${left + k * DEPTH} ${bottom - k * DEPTH}h${w}v${-h}h${-w}z`;
      behind.setAttribute("d", Array.from({ length: deep - 1 }, (_, k) => sheet(deep - 1 - k)).join(""));
      front.setAttribute("d", sheet(0));
      label.textContent = `${words[name]} ${text[name]}`;
      // where the last states of the last layer stand: at the end of out for one direction, at its start for the other
      const part = (x, y, width_, height) => `M${left + x} ${bottom - y}h${width_}v${-height}h${-width_}z`;
      const ends = { x: "", out: part(w - unit, 0, unit, H * unit) + (sides === 2 ? part(0, H * unit, unit, H * unit) : ""),
        h_n: part(w - sides * unit, 0, sides * unit, h), c_n: "" };
      marked.setAttribute("d", ends[name]);
      const back = (deep - 1) * DEPTH;
      panels[NAMES.indexOf(name)].box = [left, bottom - h - back, w + back, h + back];
    }
  }
  const panels = NAMES.map((name) => ({ over: name, box: [0, 0, 0, 0], X: () => 0, Y: () => 0, point: () => {},
    at: () => [0, 0], ...keys({ x: [0, 0], y: [0, 0] }) })); // draw says where
  return { draw, panels };
}

function probe(frame, k, x, y, words) {
  return { x, text: say(words.probes[NAMES[k]], frame.text) };
}

export default widget({ height: (width) => (width < 560 ? 530 : 434), compute, readout, scene, probe });

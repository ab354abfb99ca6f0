// What explorers draw with: axes, lines, heat maps and their colours, and Python's way to write a number.

const NS = "http://www.w3.org/2000/svg";

export function add(parent, tag, attributes = {}, text = "") {
  const drawn = parent.namespaceURI === NS || tag === "svg";
  const node = drawn ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return parent.appendChild(node);
}

// Python's format strings, as far as the course's words use them: {x:.3f} {x:.1e} {n:g} {word}
export function say(template, values) {
  const text = template.replace(/\{(\w+)(?::(?:\.(\d)([ef])|g))?\}/g, (field, name, digits, kind) => {
    const value = values[name];
    if (typeof value === "string" || !field.includes(":")) return String(value);
    if (!kind) return String(Number(value.toPrecision(6)));
    if (kind === "e") return value.toExponential(+digits).replace(/e([+-])(\d)$/, "e$10$2");
    const half = new RegExp(`\\.\\d{${digits}}50*$`).test(value.toFixed(40)); // Python rounds halves to even, JS away
    const cut = value.toFixed(40).slice(0, +digits - 40).replace(/\.$/, "");
    return half && "02468".includes(cut.at(-1)) ? cut : value.toFixed(+digits);
  });
  return text.replace(/(?<![\w.])-(?=0(\.0*)?(?![\w.]))/g, ""); // -0.00 and 0.00 differ by rounding noise only
}

export function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

export const range = (count, first = 0) => Array.from({ length: count }, (_, k) => first + k);
export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));
export const power = (v) => `10${[...String(v)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(c)]).join("")}`;

// Axes in the box [left, top, width, height]; a nested <svg> clips what is drawn inside, without ids. Panels with the
// same `over` share the cursor. Keys move it by `stride`, or from one of the `stops` to the next; `rows`: also through y.
export function panel(root, { box, x, y, over = "t", rows = false, stride = 1, stops, xTicks = [], yTicks = [],
  xText = String, yText = String, xLabel, yLabel, grid = true }) {
  const [left, top, width, height] = box;
  const X = (v) => ((v - x[0]) / (x[1] - x[0])) * width;
  const Y = (v) => ((y[1] - v) / (y[1] - y[0])) * height;
  const inner = add(root, "svg", { x: left, y: top, width, height });
  for (const v of yTicks) {
    if (grid) add(inner, "path", { class: "grid", d: `M0 ${Y(v)}H${width}` });
    add(root, "text", { x: left - 6, y: top + Y(v) + 4, "text-anchor": "end" }, yText(v));
  }
  for (const v of xTicks) {
    add(root, "text", { x: left + X(v), y: top + height + 16, "text-anchor": "middle" }, xText(v));
  }
  if (xLabel) add(root, "text", { x: left + width / 2, y: top + height + 33, "text-anchor": "middle" }, xLabel);
  const turned = `translate(${left - 42} ${top + height / 2}) rotate(-90)`;
  if (yLabel) add(root, "text", { transform: turned, "text-anchor": "middle" }, yLabel);
  add(root, "rect", { class: "frame", x: left, y: top, width, height });
  const cursor = add(inner, "path", { class: "cursor" });
  const place = (px, py) => `${px.toFixed(2)} ${clamp(py, -1e4, 1e4).toFixed(2)}`;

  function line(kind, { step = false, dots = false } = {}) {
    const path = add(inner, "path", { class: `line ${kind}` });
    const marks = dots ? spots(kind) : () => {};
    return (xs, ys) => {
      marks(xs, ys);
      let d = "", pen = "M";
      for (let k = 0; k < ys.length; k++) {
        if (!Number.isFinite(ys[k])) { pen = "M"; continue; }
        const [from, at, to] = [X(xs[k] - 0.5), X(xs[k]), X(xs[k] + 0.5)];
        d += step ? `${pen}${place(from, Y(ys[k]))}H${to.toFixed(2)}` : `${pen}${place(at, Y(ys[k]))}`;
        pen = "L";
      }
      path.setAttribute("d", d);
    };
  }

  function spots(kind) {
    const marks = add(inner, "path", { class: `dots ${kind}` });
    return (xs, ys) => {
      const d = ys.map((v, k) => (Number.isFinite(v) ? `M${place(X(xs[k]), Y(v))}h0` : ""));
      marks.setAttribute("d", d.join(""));
    };
  }

  function legend(entries) { // above the panel, in as many rows as it takes
    let [at, row] = [left, 0];
    for (const [kind, label] of entries) {
      const group = add(root, "g");
      const dots = kind.startsWith("dots"); // else a line
      add(group, "path", { class: dots ? kind : `line ${kind}`, d: dots ? "M9 -4h0" : "M0 -4h18" });
      const long = 36 + add(group, "text", { x: 22 }, label).getComputedTextLength();
      if (at > left && at + long - 8 > left + width) [at, row] = [left, row + 1];
      group.setAttribute("transform", `translate(${at} ${top - 6 - 16 * row})`);
      at += long;
    }
  }

  function area(kind) { // a rectangle in the units of the axes; without ends: all the way
    const rect = add(inner, "rect", { class: kind });
    if (kind === "band") inner.prepend(rect);
    return ({ x: [x0, x1] = x, y: [y0, y1] = y }) => {
      const size = { x: X(x0), y: Y(y1), width: X(x1) - X(x0), height: Y(y0) - Y(y1) };
      for (const [name, value] of Object.entries(size)) rect.setAttribute(name, value);
    };
  }

  return {
    box, line, spots, legend, area, X, Y, over, ...keys({ x, y, rows, stride, stops }),
    point: (v) => cursor.setAttribute("d", v === null ? "" : `M${X(v)} 0V${height}`),
    at: (px, py) => [x[0] + ((px - left) / width) * (x[1] - x[0]), y[1] - ((py - top) / height) * (y[1] - y[0])],
  };
}

// What the arrow keys need to know of a panel.
export function keys({ x, y, rows = false, stride = 1, stops }) {
  function next(now, by) {
    if (!stops) return clamp(now + by * stride, ...x);
    const at = stops.reduce((best, stop, k) => (Math.abs(stop - now) < Math.abs(stops[best] - now) ? k : best), 0);
    return stops[clamp(at + by, 0, stops.length - 1)];
  }
  return { x, y, rows, stride, next, ends: [Math.min(...y), Math.max(...y)] };
}

const BLUE_TO_RED = [[5, 48, 97], [67, 147, 195], [247, 247, 247], [214, 96, 77], [103, 0, 31]];
const BLUE_TO_YELLOW = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]]; // cividis

// v between the ends of [low, high] -> a colour; around 0: blue, white, red; else dark to bright, as `reversed` says
function colour(v, [low, high], reversed = false) {
  const colours = low < 0 && high === -low ? BLUE_TO_RED : BLUE_TO_YELLOW;
  const part = (clamp(v, low, high) - low) / (high - low);
  const at = (reversed ? 1 - part : part) * (colours.length - 1);
  const k = Math.min(colours.length - 2, Math.floor(at));
  return colours[k].map((from, c) => Math.round(from + (at - k) * (colours[k + 1][c] - from)));
}

// A heat map behind a panel, one pixel a cell; returns what paints it: value(column, row), null for none.
export function heat(picture, [left, top, width, height], columns, rows, ends, { reversed, smooth = false } = {}) {
  const style = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
  const canvas = add(picture, "canvas", { width: columns, height: rows, style, class: smooth ? "smooth" : "" });
  const pen = canvas.getContext("2d");
  const dots = pen.createImageData(columns, rows);
  picture.prepend(canvas);
  return (value) => {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const v = value(x, y);
        dots.data.set(v === null ? [128, 128, 128, 60] : [...colour(v, ends, reversed), 255], 4 * (y * columns + x));
      }
    }
    pen.putImageData(dots, 0, 0);
  };
}

// The scale of a heat map's colours, upright in a box, with numbers at its right.
export function colourScale(svg, picture, box, ends, ticks, label, options) {
  const [left, top, width, height] = box;
  const at = (v) => (ends[1] - v) / (ends[1] - ends[0]);
  heat(picture, box, 1, 65, ends, options)((_, k) => ends[1] - (k / 64) * (ends[1] - ends[0]));
  for (const v of ticks) add(svg, "text", { x: left + width + 4, y: top + 4 + at(v) * height }, v);
  const turned = `translate(${left + width + 40} ${top + height / 2}) rotate(-90)`;
  if (label) add(svg, "text", { transform: turned, "text-anchor": "middle" }, label);
}

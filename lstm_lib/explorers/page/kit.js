// What all explorers share: controls, readout, reset, play, and a cursor that says values.
// An explorer is {height(width), compute(values, data) -> frame, readout(frame, words), scene(place) -> {draw, panels},
// probe(frame, panel, x, y, words) -> {x, text}} and, if its data come packed, prepare(data); gates.js is the simplest.
import { add, clamp } from "./draw.js";

// The anywidget front end of an explorer. A page without a kernel calls render with a model that only has get().
export function widget(explorer) {
  return { render: ({ model, el }) => render(explorer, model, el) };
}

function render(explorer, model, el) {
  const [words, specs] = [model.get("words"), model.get("controls")];
  const data = explorer.prepare ? explorer.prepare(model.get("data")) : model.get("data");
  const first = Object.fromEntries(specs.map((spec) => [spec.name, spec.value]));
  let values = { ...first, ...model.get("values") };
  let [frame, before, draw, panels, width, cursor, talk] = [null, null, null, [], 0, null, 0];

  const root = add(el, "div", { class: "xp", role: "group", "aria-label": words.title });
  const form = add(root, "form", { class: "controls" });
  const moved = (name) => (value) => {
    before = frame;
    values = { ...values, [name]: value };
    show();
  };
  const movers = specs.map((spec) => control(form, spec, words, moved(spec.name)));
  const reset = add(form, "button", { type: "button" }, words.reset);
  const readout = add(form, "div", { class: "readout" });
  const live = add(form, "div", { class: "unseen", "aria-live": "polite" });
  const picture = add(root, "div", { class: "picture", tabindex: 0, role: "img", "aria-label": words.alt });
  const tip = add(root, "div", { class: "tip", hidden: "" });
  // JupyterLab's shortcuts (arrows, a, b, x, d d) would act on the notebook; the mark must stand on the focus itself
  for (const stop of root.querySelectorAll("input, select, button, .picture")) {
    stop.dataset.lmSuppressShortcuts = true;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", tell);
  reset.addEventListener("click", () => {
    values = { ...first };
    before = null;
    show();
    tell();
  });

  function show() {
    frame = explorer.compute(values, data);
    specs.forEach((spec, k) => movers[k](values[spec.name]));
    const text = explorer.readout(frame, words, values);
    readout.textContent = text.replace(/ {2,}/g, "\n");
    announce(text);
    if (draw) draw(frame, before, values);
    if (cursor) point(cursor.panel, cursor.x, cursor.y);
  }
  function announce(text) { // not while a slider still moves
    clearTimeout(talk);
    talk = setTimeout(() => { live.textContent = text; }, 600);
  }
  function tell() { // Python hears of a move when it is over; it is never asked on the way to the picture
    model.set?.("values", values);
    model.save_changes?.();
  }
  function layOut() {
    const now = Math.floor(picture.clientWidth);
    if (!now || now === width) return;
    width = now;
    picture.replaceChildren();
    const height = explorer.height(width);
    const svg = add(picture, "svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": true });
    ({ draw, panels } = explorer.scene({ svg, picture, width, height, words, data }));
    draw(frame, before, values);
  }
  function point(k, x, y, spoken = false) {
    const found = k === null ? null : explorer.probe(frame, k, x, y, words, values, data);
    cursor = found && { panel: k, x: found.x, y: found.y ?? y };
    panels.forEach((p) => p.point(found && p.over === panels[k].over ? found.x : null));
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = found.text;
    const { box, X } = panels[k];
    const left = picture.offsetLeft + box[0] + X(found.x) + 10;
    tip.style.left = `${clamp(left, 0, Math.max(0, root.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${picture.offsetTop + box[1] + 6}px`;
    if (spoken) announce(found.text);
  }
  picture.addEventListener("pointermove", (event) => {
    const place = picture.getBoundingClientRect();
    const [px, py] = [event.clientX - place.left, event.clientY - place.top];
    const inside = ({ box: [l, t, w, h] }) => px >= l && px <= l + w && py >= t && py <= t + h;
    const k = panels.findIndex(inside);
    point(k < 0 ? null : k, ...(k < 0 ? [] : panels[k].at(px, py)));
  });
  picture.addEventListener("pointerleave", () => point(null));
  picture.addEventListener("blur", () => point(null));
  picture.addEventListener("keydown", (event) => {
    const [across, down] = [{ ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key],
      { ArrowUp: -1, ArrowDown: 1 }[event.key]];
    if (event.key === "Escape") point(null);
    if (!across && !down) return;
    event.preventDefault();
    let { panel: k, x, y } = cursor ?? { panel: 0, x: panels[0].x[0], y: panels[0].y[0] };
    if (down && cursor && panels[k].rows) y += down * Math.sign(panels[k].y[0] - panels[k].y[1]) * panels[k].stride;
    else if (down) k = (k + down + panels.length) % panels.length;
    if (across) x = clamp(x + across * panels[k].stride, ...panels[k].x);
    point(k, x, y, true);
  });
  const observer = new ResizeObserver(layOut);
  function heard() { // from Python or from another view; what this view has told comes back as the same object
    if (model.get("values") === values) return;
    values = { ...values, ...model.get("values") };
    show();
  }
  show();
  observer.observe(picture);
  model.on?.("change:values", heard);
  return () => {
    observer.disconnect();
    clearTimeout(talk);
    movers.forEach((mover) => mover.stop?.());
    model.off?.("change:values", heard);
  };
}

// A labelled native range or select; returns the function that moves it. spec: {name, label, value} and
// {min, max, step} for a slider, {options: [[text, value], ...]} for a slider over choices, {menu: true} for a list,
// {play: milliseconds} for a slider that a button moves on.
function control(form, { name, label, value, min, max, step, options, menu, play }, words, moved) {
  const row = add(form, "label", { class: "row" });
  add(row, "span", {}, label);
  if (menu) {
    const list = add(row, "select", { name, "aria-label": label });
    options.forEach(([text], k) => add(list, "option", { value: k }, text));
    list.addEventListener("input", () => moved(options[list.selectedIndex][1]));
    return (now) => { list.selectedIndex = options.findIndex((o) => o[1] === now); };
  }
  const ends = options ? { min: 0, max: options.length - 1, step: 1 } : { min, max, step };
  const slider = add(row, "input", { type: "range", name, "aria-label": label, ...ends });
  const said = add(row, "span", { class: "value", "aria-hidden": true }); // an <output> would be read aloud twice
  const places = String(step ?? 1).split(".")[1]?.length ?? 0;
  const read = () => (options ? options[slider.value][1] : +(+slider.value).toFixed(places));
  slider.addEventListener("input", () => moved(read()));
  const move = (now) => {
    slider.value = options ? options.findIndex((o) => o[1] === now) : now;
    said.textContent = options ? options[slider.value][0] : now.toFixed(places);
    slider.setAttribute("aria-valuetext", said.textContent);
  };
  if (play) move.stop = player(form, label, slider, play, words);
  return move;
}

// A button that moves a slider on, step by step to its end; where less motion is asked for, one step a press.
function player(form, label, slider, pause, words) {
  const button = add(form, "button", { type: "button", class: "play" });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let timer = null;
  function name() {
    button.textContent = calm ? words.one_step : timer ? words.pause : words.play;
    button.setAttribute("aria-label", `${button.textContent}: ${label}`);
  }
  function end() {
    clearInterval(timer);
    timer = null;
    name();
  }
  function on() {
    if (+slider.value >= +slider.max) slider.value = slider.min;
    else slider.stepUp();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (calm || +slider.value >= +slider.max) {
      end();
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  button.addEventListener("click", () => {
    if (timer) return end();
    if (!calm) timer = setInterval(on, pause);
    name();
    on();
  });
  name();
  return end;
}

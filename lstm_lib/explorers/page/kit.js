// What all explorers share: controls, readout, reset, play, and a cursor that says values.
// An explorer is {height(width), compute(values, data) -> frame, readout(frame, words), scene(place) -> {draw, panels},
// probe(frame, panel, x, y, words) -> {x, text}} and, if its data come packed, prepare(data). Place: {svg, picture, width,
// words, data}; draw(frame, last) also gets the frame before the last move. gates.js is the simplest.
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
  const moved = (name) => (value) => go({ ...values, [name]: value }, frame);
  const movers = specs.map((spec) => control(form, spec, words, moved(spec.name)));
  const reset = add(form, "button", { type: "button" }, words.reset);
  const readout = add(form, "div", { class: "readout" });
  const live = add(form, "div", { class: "unseen", "aria-live": "polite" });
  const about = { tabindex: 0, role: "application", "aria-label": `${words.alt} ${words.keys}` };
  const picture = add(root, "div", { class: "picture", ...about });
  const tip = add(root, "div", { class: "tip", hidden: "" });
  // JupyterLab's shortcuts (arrows, a, b, x, d d) would act on the notebook; the mark must stand on the focus itself
  for (const place of root.querySelectorAll("input, select, button, .picture")) {
    place.dataset.lmSuppressShortcuts = true;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", tell);
  reset.addEventListener("click", () => {
    stop();
    go({ ...first }, null);
    tell();
  });

  function show() {
    frame = explorer.compute(values, data);
    specs.forEach((spec, k) => movers[k](values[spec.name]));
    readout.textContent = explorer.readout(frame, words).replace(/ {2,}/g, "\n");
    if (draw) draw(frame, before);
    if (cursor) point(cursor.panel, cursor.x, cursor.y);
  }
  function go(now, last) { // to other values; `last` is the frame that stays as a shadow where an explorer draws one
    [values, before] = [now, last];
    show();
    announce(readout.textContent);
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
    ({ draw, panels } = explorer.scene({ svg, picture, width, words, data }));
    draw(frame, before);
    if (cursor) point(cursor.panel, cursor.x, cursor.y);
  }
  function point(k, x, y, spoken = false) {
    const found = k === null ? null : explorer.probe(frame, k, x, y, words);
    cursor = found && { panel: k, x: found.x, y: found.y ?? y };
    panels.forEach((p) => p.point(found && p.over === panels[k].over ? found.x : null));
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = found.text;
    tip.style.left = 0; // else its width would be that of the place where it stood
    const { box, X, Y, rows } = panels[k];
    const left = picture.offsetLeft + box[0] + X(found.x) + 10;
    tip.style.left = `${clamp(left, 0, Math.max(0, root.clientWidth - tip.offsetWidth - 4))}px`;
    const down = rows ? Y(cursor.y) + 10 : 6; // below the row that is asked
    tip.style.top = `${picture.offsetTop + box[1] + Math.min(down, box[3] - 6)}px`;
    if (spoken) announce(found.text);
  }
  picture.addEventListener("pointermove", (event) => {
    const place = picture.getBoundingClientRect();
    const zoom = place.width / picture.clientWidth || 1; // a deck shows it larger
    const [px, py] = [(event.clientX - place.left) / zoom, (event.clientY - place.top) / zoom];
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
    if (event.altKey || event.ctrlKey || event.metaKey || (!across && !down)) return;
    event.preventDefault();
    let { panel: k, x, y } = cursor ?? { panel: 0, x: panels[0].x[0], y: panels[0].y[1] };
    if (across) x = panels[k].next(x, across);
    if (down && cursor) {
      const lower = clamp(y + down * Math.sign(panels[k].y[0] - panels[k].y[1]) * panels[k].stride, ...panels[k].ends);
      if (panels[k].rows && lower !== y) y = lower;
      else [k, y] = [(k + down + panels.length) % panels.length, y]; // past the last row: the next panel
    }
    point(k, x, y, true);
  });
  function stop() {
    movers.forEach((mover) => mover.stop?.());
  }
  const observer = new ResizeObserver(layOut);
  function heard() { // from Python or from another view; what this view has told comes back as the same object
    if (model.get("values") === values) return;
    stop();
    go({ ...values, ...model.get("values") }, frame);
  }
  show();
  observer.observe(picture);
  model.on?.("change:values", heard);
  return () => {
    observer.disconnect();
    clearTimeout(talk);
    stop();
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
  function pauseHere() { // Python hears where it stands
    end();
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function on() {
    if (+slider.value >= +slider.max) slider.value = slider.min;
    else slider.stepUp();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (calm || +slider.value >= +slider.max) pauseHere();
  }
  button.addEventListener("click", () => {
    if (timer) return pauseHere();
    if (!calm) timer = setInterval(on, pause);
    name();
    on();
  });
  name();
  return end;
}

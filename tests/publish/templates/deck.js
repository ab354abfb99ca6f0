// One section at a time. What has the class "step" waits for its turn; text shrinks a little where it is too much.
const slides = [...document.querySelectorAll("section")];
const SMALLEST = 0.7, EXPLORER = 1080; // pixels: as wide it has its controls beside its picture, not above it
let at = 0, step = 0;

for (const long of document.querySelectorAll(".long")) // paragraph by paragraph
  [...long.children].slice(/^H\d$/.test(long.children[0].tagName) ? 2 : 1).forEach((part) => part.classList.add("step"));
document.documentElement.classList.add("deck");

// a step inside a step that still waits has its turn after it: the order of the page is the order of the clicks
const steps = () => [...slides[at].querySelectorAll(".step")];

const pixels = (part) => parseFloat(getComputedStyle(part).fontSize);

function fit() {
  const slide = slides[at];
  let size = 1;
  const wide = [...slide.querySelectorAll("pre")];
  for (const part of [slide, ...wide]) part.style.fontSize = "";
  const live = slide.querySelector(".xp");
  if (live) live.style.zoom = 1;
  if (innerWidth < 720) return; // a phone scrolls
  for (const part of wide) {
    const share = part.clientWidth / part.scrollWidth;
    if (share < 1) part.style.fontSize = `${Math.max(share * 0.99, SMALLEST) * (pixels(part) / pixels(part.parentElement))}em`;
  }
  while (slide.scrollHeight > slide.clientHeight && size > SMALLEST) {
    size -= 0.03;
    slide.style.fontSize = `${size}em`;
  }
  if (live) grow(slide, live);
}

// an explorer takes the room that is left: its letters were made for a page, not for the last row
function grow(slide, live) {
  const parts = [...slide.children].map((part) => part.getBoundingClientRect().bottom);
  const room = slide.getBoundingClientRect().bottom - Math.max(...parts);
  live.style.zoom = Math.max(1, Math.min(live.offsetWidth / EXPLORER, 1 + (room - pixels(slide)) / live.offsetHeight));
}

function show() {
  slides.forEach((slide, k) => slide.classList.toggle("on", k === at));
  steps().forEach((part, k) => part.classList.toggle("seen", k < step));
  document.getElementById("section").textContent = slides[at].dataset.title;
  document.getElementById("number").textContent = `${at + 1} / ${slides.length}`;
  document.getElementById("bar").style.width = `${(100 * (at + 1)) / slides.length}%`;
  document.querySelector("main").classList.toggle("first", at === 0);
  history.replaceState(null, "", `#${at + 1}`);
  fit();
}

function go(slide, atEnd = false) {
  at = Math.max(0, Math.min(slide, slides.length - 1));
  step = atEnd ? steps().length : 0;
  show();
  slides[at].scrollTop = atEnd ? slides[at].scrollHeight : 0;
}

function turn(by) {
  const all = steps();
  if (by > 0 && step < all.length) step += 1;
  else if (by < 0 && step > 0) step -= 1;
  else if (slides[at + by]) return go(at + by, by < 0);
  else return;
  show();
  if (by > 0) all[step - 1].scrollIntoView({ block: "nearest" });
}

// the overview: each section with the numbers of its slides
const overview = document.getElementById("overview");
slides.forEach((slide, k) => {
  const title = slide.dataset.title, list = overview.querySelector("ol");
  if (!k || slides[k - 1].dataset.title !== title) list.append(Object.assign(document.createElement("li"), { textContent: title }));
  const link = Object.assign(document.createElement("a"), { href: `#${k + 1}`, textContent: k + 1 });
  link.onclick = (event) => { event.preventDefault(); overview.hidden = true; go(k); };
  list.lastChild.append(" ", link);
});
const toggles = {
  f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  n: () => document.body.classList.toggle("with-notes"),
  o: () => { overview.hidden = !overview.hidden; if (!overview.hidden) overview.querySelectorAll("a")[at].focus(); },
};

const KEYS = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1,
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const inside = event.target.closest(".xp"); // an explorer has keys of its own; a clicker's turn the page all the same
  if (inside && event.key === "Escape") event.target.blur();
  if (inside && !event.key.startsWith("Page")) return;
  if ([" ", "Enter"].includes(event.key) && event.target.closest("a, button, summary")) return;
  if (event.key === "Escape") overview.hidden = true;
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(slides.length - 1, true);
  else if (toggles[event.key.toLowerCase()]) toggles[event.key.toLowerCase()]();
  else if (KEYS[event.key]) turn(event.key === " " && event.shiftKey ? -1 : KEYS[event.key]);
  else return;
  event.preventDefault();
});
document.getElementById("on").onclick = () => turn(1);
document.getElementById("back").onclick = () => turn(-1);

let touch = null;
addEventListener("touchstart", (event) => {
  const wide = event.target.closest("pre, .scroll, .formula, .xp");
  touch = event.touches.length > 1 || (wide && (wide.matches(".xp") || wide.scrollWidth > wide.clientWidth)) ? null : event.touches[0];
});
addEventListener("touchend", (event) => {
  const end = event.changedTouches[0];
  const [x, y] = touch ? [end.clientX - touch.clientX, end.clientY - touch.clientY] : [0, 0];
  if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) turn(x < 0 ? 1 : -1);
});

// an address ends with a page number, or with the name of a heading
function open() {
  const name = decodeURIComponent(location.hash.slice(1));
  const heading = document.getElementById(name)?.closest("section");
  go(heading ? slides.indexOf(heading) : (parseInt(name, 10) || 1) - 1);
}
addEventListener("hashchange", open);
addEventListener("resize", fit);
const watcher = new ResizeObserver(fit); // an explorer draws itself when its slide is shown for the first time
addEventListener("load", () => document.querySelectorAll(".xp").forEach((live) => watcher.observe(live)));
slides.forEach((slide) => slide.addEventListener("toggle", fit, true)); // code or a hint unfolds
open();

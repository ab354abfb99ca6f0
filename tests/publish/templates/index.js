// Every word of the question must stand in a section; those that have it in their heading come first.
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const box = document.querySelector("input[name=q]");

function search() {
  const words = plain(box.value).split(/\s+/).filter(Boolean);
  const list = document.getElementById("found");
  const count = document.getElementById("count");
  list.replaceChildren();
  count.textContent = "";
  if (!words.length) return;
  const has = (text) => words.filter((word) => plain(text).includes(word)).length;
  const hits = SECTIONS.filter(([, title, text]) => has(`${title} ${text}`) === words.length);
  hits.sort((a, b) => has(b[1]) - has(a[1]));
  for (const [address, title, text] of hits.slice(0, 30)) {
    const item = list.appendChild(document.createElement("li"));
    const link = item.appendChild(document.createElement("a"));
    [link.href, link.textContent] = [address, title];
    const at = Math.max(0, plain(text).indexOf(words[0]) - 60);
    item.appendChild(document.createElement("p")).textContent = `… ${text.slice(at, at + 180)} …`;
  }
  count.textContent = `${count.dataset.found} ${hits.length}`;
}
box.value = new URL(location).searchParams.get("q") ?? "";
box.addEventListener("input", search);
document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); search(); });
search();

// a narrow screen begins with the text, not with a long list
if (innerWidth < 1152) document.querySelector(".toc details").open = false;

addEventListener("beforeprint", () => { for (const fold of document.querySelectorAll("main details")) fold.open = true; });

// the section that one reads is marked in the contents
const links = new Map([...document.querySelectorAll(".toc .here a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
const headings = [...document.querySelectorAll("main h2, main h3")].filter((heading) => links.has(heading.id));
function mark() {
  const read = headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
  for (const [id, link] of links) link.toggleAttribute("data-read", id === read?.id);
}
addEventListener("scroll", mark, { passive: true });
mark();

for (const code of navigator.clipboard ? document.querySelectorAll(".highlight") : []) {
  const button = code.appendChild(document.createElement("button"));
  Object.assign(button, { type: "button", className: "copy", textContent: document.body.dataset.copy });
  button.onclick = async () => {
    await navigator.clipboard.writeText(code.querySelector("pre").innerText);
    button.textContent = document.body.dataset.copied;
    setTimeout(() => { button.textContent = document.body.dataset.copy; }, 1500);
  };
}

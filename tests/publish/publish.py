"""``make site`` and ``make slides``: the notebooks as pages and as decks that open from disk, without a network.

Each file of the result holds all that it needs. The text comes from the notebooks; the few words between them are in
``WORDS``, so that another language can bring its own.
"""

import html
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

import nbformat

from tests.publish.publish_html import Renderer, code_html, highlighting, output_html
from tests.publish.publish_math import math_font
from tests.publish.slide_rule import PROSE, height, screens
from tests.tools.hygiene import NOTEBOOKS

BUILD = Path(__file__).parents[2] / "build"
TEMPLATES = Path(__file__).parent / "templates"
WORDS = {
    "lang": "en",
    "course": "How does an LSTM work?",
    "contents": "All notebooks",
    "here": "On this page",
    "previous": "Previous",
    "next": "Next",
    "skip": "Skip to the text",
    "link": "Link to this section",
    "predict": "Predict",  # paragraphs that begin with it, in bold, are set off
    "code": "Code",
    "still": "This picture stands still. In JupyterLab it follows sliders.",
    "keys": "Turn over with the arrow keys, the space bar or a swipe. F fills the screen.",
    "slide": "Slide",
}


@dataclass
class Book:
    """A notebook, and what the other pages say about it: its file name, its title as text, its opening as HTML."""

    stem: str
    cells: list
    title: str
    opening: str


def load(folder, words):
    """Return the notebooks in ``folder`` in order; raises ValueError if there are none or one has no title."""
    paths = sorted(Path(folder).glob("*.ipynb"))
    if not paths:
        raise ValueError(f"folder: expected notebooks in it, got {folder}")
    stems = [path.stem for path in paths]
    books = []
    for path in paths:
        cells = nbformat.read(path, as_version=4).cells
        first = next((c for c in cells if c.cell_type == "markdown"), None)
        if first is None or not first.source.startswith("# "):
            raise ValueError(f"{path.name}: expected a first text cell that starts with a title, '# ...'")
        renderer = Renderer(words, stems, folder, shift=1)
        opening = renderer.render(first.source)
        linked = f'<h2><a href="{path.stem}.html">{renderer.headings[0][2]}</a></h2>'
        opening = re.sub(r"<h2 .*?</h2>", lambda _, h=linked: h, opening, count=1, flags=re.S)
        books.append(Book(path.stem, cells, as_text(renderer.headings[0][2]), opening))
    return books


def site(folder, out, words=WORDS):
    """Write a page for each notebook in ``folder`` to ``out``, and index.html, the map of the course."""
    books = load(folder, words)
    pages = {}
    for k, book in enumerate(books):
        renderer = Renderer(words, [b.stem for b in books], folder)
        cells = "\n".join(_cell(cell, renderer, words) for cell in book.cells)
        around = {"before": books[k - 1] if k else None, "after": books[k + 1] if k + 1 < len(books) else None}
        pages[book.stem] = _page(book, cells, renderer.headings, words, **around)
    pages["index"] = _index(books, words)
    return _write(pages, out)


def slides(folder, out, words=WORDS):
    """Write a deck for each notebook in ``folder`` to ``out``, by the slide types in its cells, and index.html."""
    books = load(folder, words)
    decks = {book.stem: _deck(book, Renderer(words, [b.stem for b in books], folder), words) for book in books}
    decks["index"] = _index(books, words)
    return _write(decks, out)


def as_text(fragment):
    """Return what a reader sees of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment)).strip()


def _cell(cell, renderer, words, fold=False):
    if cell.cell_type == "markdown":
        long = " long" * (height(cell) > PROSE)
        return f'<div class="cell text{long}">{renderer.render(cell.source)}</div>'
    if cell.cell_type != "code":
        return ""
    code = code_html(cell.source) if cell.source.strip() else ""
    if fold and any("image/png" in o.get("data", {}) for o in cell.outputs):
        code = f"<details><summary>{html.escape(words['code'])}</summary>{code}</details>"
    outputs = "".join(output_html(output, words) for output in cell.outputs)
    return f'<div class="cell code">{code}{outputs}</div>'


def _page(book, cells, headings, words, before, after):
    items = [f'<li class="h{level}"><a href="#{html.escape(i)}">{text}</a></li>' for level, i, text in headings[1:]]
    toc = "".join(items)  # without the title
    links = [_neighbour(before, words["previous"], "prev"), _neighbour(after, words["next"], "next")]
    return _fill("page.html", words, title=f"{book.title} – {words['course']}", cells=cells, toc=toc, links=links)


def _neighbour(book, word, rel):
    if book is None:
        return "<span></span>"
    title = f"<span>{html.escape(book.title)}</span>"
    return f'<a rel="{rel}" href="{book.stem}.html"><small>{html.escape(word)}</small>{title}</a>'


def _index(books, words):
    cards = "\n".join(f'<li class="card">{book.opening}</li>' for book in books)
    return _fill("index.html", words, title=words["course"], cards=cards)


def _deck(book, renderer, words):
    sections, section_title = [], book.title
    for cell in book.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind in ("skip", "notes"):
            continue
        for k, part in enumerate(_parts(cell)):
            seen = len(renderer.headings)
            content = _cell(part, renderer, words, fold=True)
            section_title = next((as_text(t) for level, _, t in renderer.headings[seen:] if level == 2), section_title)
            if k or kind in ("slide", "subslide") or not sections:
                sections.append((section_title, []))
            step = ' class="step"' if kind == "fragment" and not k else ""
            sections[-1][1].append(f"<div{step}>{content}</div>")
    shown = "\n".join(f'<section data-title="{html.escape(t)}">{"".join(parts)}</section>' for t, parts in sections)
    return _fill("deck.html", words, title=book.title, cells=shown)


def _parts(cell):
    """Return the cell, or, where its text fills more than a screen, a cell for each screen."""
    if cell.cell_type != "markdown":
        return [cell]
    return [nbformat.v4.new_markdown_cell(source, id=cell.id) for source in screens(cell.source)]


def _fill(template, words, **parts):
    parts["links"] = "".join(parts.get("links", ()))
    raw = {"cells", "toc", "links", "cards"}
    parts = {name: part if name in raw else html.escape(part) for name, part in parts.items()}
    style = template.replace(".html", ".css")
    sheets = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("base.css", style)]
    script = TEMPLATES / template.replace(".html", ".js")
    parts["script"] = script.read_text(encoding="utf-8") if script.exists() else ""
    words = {name: html.escape(word) for name, word in words.items()}
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(text).substitute(words, **parts, style="\n".join([*sheets, highlighting()]))


def _write(pages, out):
    font = math_font(pages.values())
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for path in out.glob("*.html"):  # of notebooks that are gone
        path.unlink()
    for stem, text in pages.items():
        text = text.replace("/* font */", font if "<math" in text else "", 1)
        (out / f"{stem}.html").write_text(text, encoding="utf-8")
    return out


def main(names):
    makers = {"site": site, "slides": slides}
    if not names or not set(names) <= set(makers):
        sys.exit(f"usage: python -m tests.publish.publish {' | '.join(makers)}")
    for name in names:
        out = makers[name](NOTEBOOKS, BUILD / name)
        size = sum(path.stat().st_size for path in out.iterdir())
        print(f"{out / 'index.html'}: {len(list(out.iterdir())) - 1} notebooks, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])

"""``make site`` and ``make slides``: the notebooks as pages and as decks that open from disk, without a network.

Each file of the result holds all that it needs. The text comes from the notebooks; the few words between them are in
``WORDS``, so that another language can bring its own.
"""

import html
import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

import nbformat

from tests.publish.layout import draws, layout, live
from tests.publish.notes import lecture, notes, read_guide
from tests.publish.publish_html import Renderer, as_text, code_html, highlighting, output_html
from tests.publish.publish_math import math_font
from tests.publish.slide_rule import PROSE, height
from tests.tools.folding import picture_in
from tests.tools.hygiene import NOTEBOOKS

BUILD = Path(__file__).parents[2] / "build"
TEMPLATES = Path(__file__).parent / "templates"
WORDS = {
    "lang": "en",
    "course": "How does an LSTM work?",
    "contents": "All notebooks",
    "download": "Download",
    "search": "Search",
    "found": "Sections found:",
    "copy": "Copy",
    "copied": "Copied",
    "run": "To run it: install the course, or open your fork of it on",
    "previous": "Previous",
    "next": "Next",
    "skip": "Skip to the text",
    "link": "Link to this section",
    "predict": "Predict",  # paragraphs that begin with it, in bold, are set off
    "code": "Code",
    "answer": "What comes out",
    "still": "This picture stands still. Where scripts may run, it follows its controls.",
    "keys": "Turn over with the arrow keys, the space bar or a swipe. F: full screen, O: overview, N: notes.",
    "notes": "Notes for the speaker",
    "overview": "Overview",
    "slide": "Slide",
}


@dataclass
class Book:
    """A notebook, and what the other pages say about it: its title as text, its opening and its picture as HTML."""

    stem: str
    cells: list
    title: str
    opening: str
    picture: str = ""


def load(folder, words):
    """Return the notebooks in ``folder`` in order; raises ValueError if there are none or one has no title."""
    paths = sorted(Path(folder).glob("*.ipynb"))
    if not paths:
        raise ValueError(f"folder: expected notebooks in it, got {folder}")
    books = []
    for path in paths:
        cells = nbformat.read(path, as_version=4).cells
        first = next((cell.source for cell in cells if cell.cell_type == "markdown"), "")
        if not first.startswith("# "):
            raise ValueError(f"{path.name}: expected a first text cell that starts with a title, '# ...'")
        renderer = Renderer(words, [path.stem for path in paths], folder, shift=1)
        opening = renderer.render(first)
        title = renderer.headings[0][2]
        below = opening.partition("</h2>")[2]
        opening = f'<h2><a href="{path.stem}.html">{title}</a></h2>{below}'
        books.append(Book(path.stem, cells, as_text(title), opening, _picture(cells)))
    return books


def _picture(cells):
    """Return the first picture of a notebook, for the map; it stands beside the title, so it needs no words."""
    drawn = (found[3] for cell in cells for output in cell.get("outputs", ()) if (found := picture_in(output)))
    first = next(drawn, None)
    return f'<img src="data:image/png;base64,{first}" alt="">' if first else ""


def site(folder, out, words=WORDS):
    """Write a page for each notebook in ``folder`` to ``out``, and index.html, the map of the course."""
    return _write(_page, folder, out, words)


def slides(folder, out, words=WORDS):
    """Write a deck for each notebook in ``folder`` to ``out``, by the slide types in its cells, and index.html."""
    return _write(_deck, folder, out, words)


def _write(maker, folder, out, words):
    books = load(folder, words)
    pages, sections = {}, []
    if maker is _deck and (found := lecture(read_guide(folder), books)):
        books.append(
            Book("lecture", found[1], found[0], f'<h2><a href="lecture.html">{html.escape(found[0])}</a></h2>')
        )
    for book in books:
        renderer = Renderer(words, [b.stem for b in books], folder)
        pages[book.stem] = maker(book, books, renderer, words)
        sections += _sections(book, pages[book.stem])
    cards = "\n".join(f'<li class="card">{book.picture}{book.opening}</li>' for book in books)
    text = json.dumps(sections, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    pages["index"] = _fill("index", words, words["course"], cards=cards, sections=text)
    font = math_font(pages.values())
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for path in out.glob("*.html"):  # of notebooks that are gone
        path.unlink()
    if maker is _page:  # the notebooks themselves, to download
        for book in books:
            shutil.copy(Path(folder, f"{book.stem}.ipynb"), out)
    for stem, text in pages.items():
        text = text.replace("/* font */", font if "<math" in text else "", 1)
        (out / f"{stem}.html").write_text(text, encoding="utf-8")
    return out


def _sections(book, page):
    """Yield for each heading of a page its address, its title, and the text that stands under it, for the search."""
    text = page.partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<(script|style|pre|math)\b.*?</\1>", "", text, flags=re.S)
    pieces = re.split(r'<h\d id="([^"]+)">(.*?) <a class="anchor".*?</h\d>', text, flags=re.S)
    number, shown = book.title.split(" · ")[0], [as_text(title) for title in pieces[2::3]]
    for name, title, below in zip(pieces[1::3], shown, pieces[3::3], strict=True):
        title = title if title == book.title else f"{number} · {title}"
        yield [f"{book.stem}.html#{name}", title, " ".join(as_text(below).split())]


def _cell(cell, renderer, words, fold=False, closed=False):
    if cell.cell_type == "markdown":
        long = " long" * (height(cell) > PROSE)
        return f'<div class="cell text{long}">{renderer.render(cell.source)}</div>'
    if cell.cell_type != "code":
        return ""
    code = code_html(cell.source) if cell.source.strip() else ""
    hidden = cell.metadata.get("jupyter", {})
    if closed or hidden.get("source_hidden") or fold and draws(cell):
        code = _folded(words["code"], code)
    if fold and live(cell):
        code = ""  # it only calls the explorer
    outputs = "".join(output_html(output, words) for output in cell.outputs)
    if hidden.get("outputs_hidden") and not fold:  # in a deck it comes with a click
        outputs = _folded(words["answer"], outputs)
    return f'<div class="cell code">{code}{outputs}</div>'


def _folded(word, content):
    return f"<details><summary>{html.escape(word)}</summary>{content}</details>"


def _page(book, books, renderer, words):
    cells = "\n".join(_cell(cell, renderer, words) for cell in book.cells)
    below = renderer.headings[1:]  # without the title
    here = "".join(f'<li class="h{level}"><a href="#{html.escape(i)}">{text}</a></li>' for level, i, text in below)
    toc = ""
    for other in books:
        current, inside = (' aria-current="page"', f'<ol class="here">{here}</ol>') if other is book else ("", "")
        toc += f'<li><a href="{other.stem}.html"{current}>{html.escape(other.title)}</a>{inside}</li>'
    at, around = books.index(book), [None, *books, None]
    links = _neighbour(around[at], words["previous"], "prev") + _neighbour(around[at + 2], words["next"], "next")
    title, file = f"{book.title} – {words['course']}", f"{book.stem}.ipynb"
    return _fill("page", words, title, cells=cells, toc=toc, links=links, file=file)


def _neighbour(book, word, rel):
    if book is None:
        return "<span></span>"
    title = f"<span>{html.escape(book.title)}</span>"
    return f'<a rel="{rel}" href="{book.stem}.html"><small>{html.escape(word)}</small>{title}</a>'


def _deck(book, books, renderer, words):
    sections, section_title = [], book.title
    asked = notes(read_guide(renderer.folder))
    for slide in layout(book.cells):
        parts, seen = [], len(renderer.headings)
        for cell, click in zip(slide.cells, slide.clicks, strict=True):
            before = len(renderer.headings)
            content = _cell(cell, renderer, words, fold=True, closed=cell.id in slide.folded)
            parts.append(f"<div{_place(cell, click, slide)}>{content}</div>")
            parts.extend(_notes(asked, book, renderer, before, words))
            parts.append(_note(cell.metadata.get("note"), renderer, words))
        section_title = next((as_text(t) for level, _, t in renderer.headings[seen:] if level == 2), section_title)
        sections.append((section_title, slide, "".join(parts)))
    shown = "\n".join(
        f'<section data-title="{html.escape(title)}"{_grid(slide)}>{content}</section>'
        for title, slide, content in sections
    )
    return _fill("deck", words, book.title, cells=shown)


def _place(cell, click, slide):
    """Return the class of a cell on its slide, as an attribute: what comes with a click, what stands at the right."""
    right = slide.beside and draws(cell)
    head = slide.beside and cell.cell_type == "markdown" and cell.source.startswith("#")
    names = [name for name, holds in (("step", click), ("right", right), ("head", head)) if holds]
    return f' class="{" ".join(names)}"' if names else ""


def _grid(slide):
    """Return the attributes of a slide with text beside its picture: a row for each piece of text."""
    return f' class="beside" style="--rows: {len(slide.cells) - 1}"' if slide.beside else ""


def _notes(asked, book, renderer, seen, words):
    """Yield the guide's questions on the sections that begin with one of the headings from ``seen`` on."""
    for level, _, title in renderer.headings[seen:]:
        number = re.match(r"(\d+) · ", as_text(title)) if level == 2 else None
        for pair in asked.get((book.stem[:2], number[1]), ()) if number else ():
            yield _note("\n\n".join(pair), renderer, words)


def _note(text, renderer, words):
    label = f'role="note" aria-label="{html.escape(words["notes"])}"'
    return f'<div class="note" {label}>{renderer.render(text)}</div>' if text else ""


def _fill(name, words, title, **parts):
    """Return the template ``name`` with its style, its script, the words and the title as text, the parts as HTML."""
    sheets = [(TEMPLATES / f"{sheet}.css").read_text(encoding="utf-8") for sheet in ("base", name)]
    parts["style"] = "\n".join([*sheets, highlighting()])
    parts["script"] = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob(f"{name}.js"))
    texts = {key: html.escape(text) for key, text in (words | {"title": title}).items()}
    return Template((TEMPLATES / f"{name}.html").read_text(encoding="utf-8")).substitute(texts, **parts)


def main(names):
    makers = {"site": site, "slides": slides}
    if not names or not set(names) <= set(makers):
        sys.exit(f"usage: python -m tests.publish.publish {' | '.join(makers)}")
    for name in names:
        out = makers[name](NOTEBOOKS, BUILD / name)
        sizes = [path.stat().st_size for path in out.glob("*.html")]
        print(f"{out / 'index.html'}: {len(sizes) - 1} notebooks, {sum(sizes) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What the decks take from TEACHING.md: its questions as speaker notes, and the cells of its lecture.

A row of its plans has four columns: minutes, what, question, what people say. The lecture's has one more, after "what":
the cells to show, as `NN` for a notebook and `id` for a cell in it.
"""

import re

import nbformat

PLACE = re.compile(r"`(\d\d)` §(\d+)")
PLAN = re.compile(r"^\| (?!minutes|meeting|-)(.*) \|$", re.M)


def notes(guide):
    """Return (notebook, section), both as digits -> a list of pairs (question, what people say) in Markdown.

    ``guide`` is the text of TEACHING.md. The place is the one that the question names, or else the first in "what".
    """
    found = {}
    for minutes, what, *_, asked, answer in _rows(guide):
        for question in re.split(r"(?=`\d\d` §\d+:)", asked):
            place = PLACE.match(question) or PLACE.search(minutes + what)
            if place and question.strip() and answer:
                text = re.sub(r"^`\d\d` §\d+(, \*[^*]*\*)?:\s*", "", question).strip()
                found.setdefault((place[1], place[2]), []).append((text, answer))
    return found


def lecture(guide, books):
    """Return the title and the cells of the lecture, a slide for each row and the cells that it names, or None.

    A cell comes with the text in front of it. Raises ValueError for a cell that is in none of the ``books``.
    """
    cells, rows = [], [row for row in _rows(guide) if len(row) == 5]
    for minutes, _, names, question, answer in rows:
        kind = {"note": answer, "slideshow": {"slide_type": "slide"}}
        cells.append(nbformat.v4.new_markdown_cell(f"## {minutes}\n\n{question}", metadata=kind))
        book = None
        for name in re.findall(r"`([^`]+)`", names):
            if name.isdigit():
                book = next((book for book in books if book.stem.startswith(name)), None)
                continue
            k = next((k for k, cell in enumerate(book.cells if book else ()) if cell.id == name), None)
            if k is None:
                raise ValueError(f"TEACHING.md: expected the id of a cell of the notebook before it, got {name!r}")
            cells += book.cells[k - (book.cells[k - 1].cell_type == "markdown") : k + 1]
    return (guide[: guide.index(rows[0][3])].rpartition("\n## ")[2].partition("\n")[0], cells) if rows else None


def _rows(guide):
    for row in PLAN.findall(guide):
        columns = [column.strip() for column in re.split(r"(?<!\\)\|", row)]
        if len(columns) in (4, 5):
            yield columns

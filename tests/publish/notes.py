"""What the decks take from TEACHING.md: its questions as speaker notes, and the cells of its lecture.

A row of its plans has four columns: minutes, what, question, what people say. The lecture's has one more, after "what":
the cells to show, as `NN` for a notebook and `id` for a cell in it.
"""

import re
from pathlib import Path

import nbformat

PLACE = re.compile(r"`(\d\d)` §(\d+)")
PLAN = re.compile(r"^\| (?!minutes|meeting|-)(.*) \|$", re.M)


def read_guide(folder):
    """Return the text of the guide in ``folder``, "" if there is none."""
    path = Path(folder, "TEACHING.md")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def notes(guide):
    """Return (notebook, section), both as digits -> a list of pairs (question, what people say) in Markdown.

    ``guide`` is the text of TEACHING.md. The place is the one that the question names, or else the first in "what".
    """
    found = {}
    for minutes, what, *_, asked, answer in plan_rows(guide):
        for question in re.split(r"(?=`\d\d` §\d+:)", asked):
            place = PLACE.match(question) or PLACE.search(minutes + what)
            if place and question.strip() and answer:
                text = re.sub(r"^`\d\d` §\d+(, \*[^*]*\*)?:\s*", "", question).strip()
                found.setdefault((place[1], place[2]), []).append((text, answer))
    return found


def lecture(guide, books):
    """Return the title and the cells of the lecture, or None: for each row its question and the cells that it names.

    A row has the title of the section that its first cell stands in; its minutes and what people say are notes. A code
    cell comes with the text that leads to it. Raises ValueError for a cell that is in none of the ``books``.
    """
    cells, rows = [], [row for row in plan_rows(guide) if len(row) == 5]
    for minutes, what, names, question, answer in rows:
        title, shown, book = "", [], None
        for name in re.findall(r"`([^`]+)`", names):
            if name.isdigit():
                book = next((book for book in books if book.stem.startswith(name)), None)
                continue
            k = next((k for k, cell in enumerate(book.cells if book else ()) if cell.id == name), None)
            if k is None:
                raise ValueError(f"TEACHING.md: expected the id of a cell of the notebook before it, got {name!r}")
            cell, lead = book.cells[k], _lead(book.cells[: k + 1])
            title = title or _title(book.cells[: k + 1])
            new = [cell] if lead is None or lead.id in [c.id for c in shown] else [lead, cell]
            shown += [_without(cell, title) for cell in new]
        asked = [(question, answer)] if question else _exam(guide, what)
        if not question:
            title = what.partition(":")[0].capitalize()
        note = "\n\n".join([f"**{minutes}**", *(said for _, said in asked if said)])
        text = "\n\n".join([f"## {title}", *(f"**{q}**" for q, _ in asked)])
        kind = {"note": note, "slideshow": {"slide_type": "slide"}}
        cells += [nbformat.v4.new_markdown_cell(text, metadata=kind), *shown]
    return (guide[: guide.index(rows[0][3])].rpartition("\n## ")[2].partition("\n")[0], cells) if rows else None


def _lead(cells):
    """Return the text that leads to the last of these cells, if that is code, over other code in between; or None."""
    if cells[-1].cell_type != "code":
        return None
    return next((cell for cell in reversed(cells) if cell.cell_type == "markdown"), None)


def _title(cells):
    """Return the title of the section that ends with these cells, without its number."""
    titles = re.findall(r"^## (?:\d+ · )?(.*)", "\n".join(c.source for c in cells if c.cell_type == "markdown"), re.M)
    return titles[-1] if titles else ""


def _without(cell, title):
    """Return the cell without its heading, if that is ``title``; the slide has it already."""
    source = re.sub(rf"^## (\d+ · )?{re.escape(title)}\n+", "", cell.source)
    if cell.cell_type != "markdown" or source == cell.source:
        return cell
    return nbformat.v4.new_markdown_cell(source, id=cell.id)


def _exam(guide, what):
    """Return the pairs (question, answer) of the exam that ``what`` names by their numbers, "3 and 4 of the exam"."""
    named = re.search(r"((?:\d+[, and]*)+) of the exam", what)
    numbers = re.findall(r"\d+", named[1]) if named else ()
    found = [re.search(rf"^{n}\. \*(.*?)\* (.*?)(?=\n\d+\. |\n\n|\Z)", guide, re.M | re.S) for n in numbers]
    return [(" ".join(pair[1].split()), " ".join(pair[2].split())) for pair in found if pair] or [(what, "")]


def plan_rows(guide):
    """Yield the columns of each row of the plans, four or five."""
    for row in PLAN.findall(guide):
        columns = [column.strip() for column in re.split(r"(?<!\\)\|", row)]
        if len(columns) in (4, 5):
            yield columns

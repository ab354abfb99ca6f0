"""Which cell of a notebook stands where in its deck: a rule, so that nobody keeps slides in step by hand.

Sections start slides, sub-sections start sub-slides. Text stands there at once, what the machine answers comes with a
click, and so does what is said about it. What doesn't fit on the screen any more goes on a sub-slide. A section "Going
deeper" is left out.
"""

import math
import re
import unicodedata

from tests.tools.folding import CHECK, DEEPER, picture_in, within

SCREEN, PROSE = 20, 12  # lines of text: in all, and of reading
COLUMNS = 96  # characters in a line of text
CODE, FIGURE_WIDTH, FIGURE_HEIGHT = 0.72, 31.7, 16.5  # a line of code and the largest figure, in lines of text
LEAD_IN = 6  # lines: as much text goes on with its code to the next screen
ROW = 1.3  # a row of a table
REMARK = 3  # lines that the remark on an output may stand over; the deck then makes its text a little smaller
FIXED = {"<details": 1.2, "#": 2, "$$": 2.8}  # lines of what starts so: a folded hint, a heading, a formula
SKIPPED = re.compile(r"setup|sources|.*-setup|.*-solution")  # ids
BLOCK = r"(<details.*?</details>|```.*?\n```|\S.*?)[ \t]*(?:\n\s*\n)"


def assign(notebook):
    """Write the slide type of every cell into its metadata, in place, as Jupyter does; none for "goes on"."""
    for cell, kind in zip(notebook.cells, slide_types(notebook.cells), strict=True):
        cell.metadata.pop("slideshow", None)
        if kind != "-":
            cell.metadata["slideshow"] = {"slide_type": kind}


def slide_types(cells):
    """Return for each cell "slide", "subslide", "fragment" (comes with a click), "-" (goes on) or "skip"."""
    kinds, shown_before, used, read = [], None, 0, 0  # lines on the screen so far, and those of text
    skip = [deep or _is_skipped(cells, k) for k, deep in enumerate(within(cells, DEEPER))]
    for k, cell in enumerate(cells):
        if skip[k]:
            kinds.append("skip")
            continue
        size, level = height(cell), _heading(cell)
        prose = size if cell.cell_type == "markdown" else 0
        remark = bool(prose and shown_before and shown_before.get("outputs"))
        if shown_before is None or level in (1, 2):
            kind = "slide"
        elif level or prose and read + prose > PROSE or used + _together(cells, k, skip) > SCREEN + REMARK * remark:
            kind = "subslide"
        else:
            kind = "fragment" if remark or cell.get("outputs") else "-"
        if kind in ("slide", "subslide"):
            used, read = 0, 0
        kinds.append(kind)
        used, read, shown_before = used + size, read + prose, cell
    return kinds


def screens(source):
    """Return the Markdown of a text cell in pieces that fit on a screen, cut between paragraphs; mostly one."""
    pieces, used = [], 0
    for block in blocks(source):
        size = _block_height(block)
        if not pieces or used > REMARK and used + size > SCREEN + REMARK:  # no heading stays alone
            pieces, used = [*pieces, block], size
        else:
            pieces[-1], used = f"{pieces[-1]}\n\n{block}", used + size
    return pieces


def height(cell):
    """Return about how many lines of text the cell takes on the screen."""
    if cell.cell_type == "markdown":
        return sum(map(_block_height, blocks(cell.source)))
    drawn = any(map(picture_in, cell.outputs))
    code = 1.5 if drawn else CODE * len(cell.source.split("\n")) + 1  # a folded line stands for drawing code
    return code + sum(map(output_height, cell.outputs))


def output_height(output):
    """Return about how many lines of text an output takes on the screen."""
    if found := picture_in(output):
        _, width, high, _ = found
        return min(FIGURE_WIDTH * high / width, FIGURE_HEIGHT) + 0.8
    data = output.get("data", {})
    text = "".join(output.get("text", data.get("text/plain", ""))).rstrip("\n")
    line = ROW if "text/html" in data else CODE
    return line * len(text.split("\n")) + 0.6


def blocks(source):
    """Return the paragraphs, lists, tables ... of a text; a folded hint and a block of code are one each."""
    return re.findall(BLOCK, source.strip() + "\n\n", re.S)


def _block_height(block):
    for start, lines in FIXED.items():
        if block.startswith(start):
            return lines
    if block.startswith("```"):
        return CODE * block.count("\n") + 1
    if block.startswith("|"):
        return _table_height([row.strip().strip("|").split("|") for row in block.split("\n") if row.strip("|-: ")])
    items = re.split(r"\n(?=(?:[-*]|\d+\.) )", block)  # one, unless the block is a list
    return sum(math.ceil(max(_columns(item), 1) / COLUMNS) for item in items) + 0.5


def _table_height(rows):
    """Return the lines of a table whose columns are as wide as their longest cell asks for, within the screen."""
    widest = [max(map(_columns, column)) + 3 for column in zip(*rows, strict=False)]
    room = min(1, COLUMNS / sum(widest))
    lines = [[math.ceil(_columns(c) / (w * room)) for c, w in zip(row, widest, strict=False)] for row in rows]
    return sum(0.4 + max(row) for row in lines)


def _columns(text):
    text = re.sub(r"\]\(\S+\)|\\[a-z]+", "", text)  # addresses aren't seen, and commands of formulas are short
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _heading(cell):
    found = cell.cell_type == "markdown" and re.match(r"(#+) ", cell.source)
    return min(len(found[1]), 3) if found else 0


def _is_skipped(cells, k):
    """Set-up, sources, solutions, and what an explorer says in numbers, with the text above it."""
    if SKIPPED.fullmatch(cells[k].id) or _is_check(cells[k]):
        return True
    leads = cells[k].cell_type == "markdown" and not _heading(cells[k]) and k + 1 < len(cells)
    return leads and _is_check(cells[k + 1])


def _is_check(cell):
    return cell.cell_type == "code" and CHECK.fullmatch(cell.id) is not None


def _together(cells, k, skip):
    """Return the lines of cell k, with those of its code after it if the text is short and leads into that code."""
    lines = height(cells[k])
    if cells[k].cell_type == "code" or cells[k].id.endswith("-explain") or lines > LEAD_IN:
        return lines
    after = next((c for c, s in zip(cells[k + 1 :], skip[k + 1 :], strict=True) if not s), None)
    code = height(after) if after and after.cell_type == "code" else 0
    return lines + code if lines + code <= SCREEN else lines

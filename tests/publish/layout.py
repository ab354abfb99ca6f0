"""How a deck is set: what stands on a slide together.

The slide types in a notebook say where its sections begin and what is left out; Jupyter's own slides follow them. A
deck can do more: fold code away, and set text beside a picture. So between two headings its breaks are chosen as those
of a printed page are: of all ways to break, the one that parts least. A picture or a table stays with the text that
leads to it and, if there is room, with what is said about it; a cut may go through a text, between two paragraphs.
"""

import ast
import itertools
import math
import re
from dataclasses import dataclass

from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.publish.slide_rule import FIGURE_HEIGHT, PROSE, SCREEN, blocks, height, output_height
from tests.tools.folding import picture_in

SLIDE, BARE, SECOND, FOLDED, PREPARES, WALL = 2, 5, 3, 3, 1, 2  # what a slide costs, one without text ...
LEAD, REMARK, SEEN, INSIDE, EXPLANATION, NEVER = 3, 2, 1.5, 1, 2, 50  # a break: after a lead, before a remark ...
TIGHT = 6  # lines more than the screen holds, at most; the deck then makes its text smaller
WORDY = 4  # lines of text more than PROSE, at most
LEFT, RIGHT = 0.38, 0.58  # the shares of the width for text and picture beside each other
PRINTED = 90  # letters in a printed line that may stand at the right
FOLD = 1.3  # lines of a folded code
LIVE = 13  # lines of an explorer; it grows where there is room
TITLE = re.compile(r"#+ ")
STAYS = re.compile(r"\$\$|<details|#+ ")  # never begins a slide, or only as a heading does


@dataclass
class Piece:
    """A paragraph of a text, or a code cell; ``first`` if the cell begins with it."""

    cell: object
    first: bool = True
    kind: str = "-"

    def __post_init__(self):
        self.text = self.cell.cell_type == "markdown"
        self.heading = bool(self.text and TITLE.match(self.cell.source))
        self.predict = self.text and self.cell.source.startswith("**Predict")
        self.outputs = [] if self.text else self.cell.outputs
        self.pictures = [found for output in self.outputs if (found := picture_in(output))]
        self.live = live(self.cell)
        self.height = LIVE if self.live else height(self.cell)
        self.folded = self.height
        if not self.text and not self.pictures:
            self.folded = FOLD + sum(map(output_height, self.outputs))


@dataclass
class Slide:
    """The cells of a slide, which of them come with a click, and how they are set."""

    cells: list
    clicks: list
    folded: set
    beside: bool = False


def live(cell):
    """Return whether the cell shows an explorer."""
    return any("explorer" in output.get("metadata", {}).get("text/html", {}) for output in cell.get("outputs", ()))


def layout(cells):
    """Return the slides of a deck, from the cells of a notebook and the slide types in them."""
    return [slide for section in _sections(cells) for slide in _set(section)]


def _sections(cells):
    """Yield lists of pieces that stand between two headings."""
    section = []
    for piece in _pieces(cells):
        # two headings in a row stay together
        if section and (piece.heading and not section[-1].heading or piece.kind == "slide"):
            yield section
            section = []
        section.append(piece)
    if section:
        yield section


def _pieces(cells):
    for cell in cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind in ("skip", "notes") or not cell.source.strip() or _only_imports(cell):
            continue
        if cell.cell_type != "markdown":
            yield Piece(cell)
            continue
        for k, block in enumerate(blocks(cell.source)):
            yield Piece(_cell(cell, block, keep=not k), not k, "-" if k else kind)


def _cell(cell, source, keep=True):
    """Return a cell like ``cell``, with another source; ``keep`` its metadata too."""
    if cell.cell_type == "markdown":
        return new_markdown_cell(source, id=cell.id, metadata=cell.metadata if keep else {})
    return new_code_cell(source, id=cell.id, outputs=cell.outputs, metadata=cell.metadata)


def _only_imports(cell):
    if cell.cell_type != "code" or cell.outputs:
        return False
    try:
        return all(isinstance(line, ast.Import | ast.ImportFrom) for line in ast.parse(cell.source).body)
    except SyntaxError:  # a magic
        return False


def _set(pieces):
    """Return the slides of a section: the way to break it that costs least, found from its end."""
    best = {len(pieces): (0, [])}
    for start in reversed(range(len(pieces))):
        ways = []
        for end in range(start + 1, len(pieces) + 1):
            fit = _fit(pieces[start:end])
            if fit is None and end > start + 1:
                continue  # a folded line may still make room
            cost, how = fit or (9 + pieces[start].height, {})
            ways.append((cost + _break(pieces, end) + best[end][0], end, how))
        cost, end, how = min(ways, key=lambda way: way[0])
        best[start] = cost, [(start, end, how), *best[end][1]]
    return [_slide(pieces[start:end], **how) for start, end, how in best[0][1]]


def _fit(pieces):
    """Return (cost, how) of the cheapest way to set these pieces on one slide, or None if they don't fit."""
    texts, codes = [p for p in pieces if p.text], [p for p in pieces if not p.text]
    prose = sum(p.height for p in texts if not p.heading and not p.cell.source.startswith("|"))
    results = sum(bool(p.outputs) for p in codes)
    if prose > PROSE + WORDY or sum(bool(p.pictures) for p in codes) > 1:
        return None
    cost = SLIDE + SECOND * max(results - 1, 0) + max(0, prose - PROSE) / WALL
    cost += BARE * bool(codes and not texts)
    plain = [p for p in codes if p.folded < p.height]
    ways = [(sum(p.height for p in pieces), 0, {})]
    for closed in ([p for p in plain if not p.outputs], [p for p in plain if p.outputs], plain):
        lines = _joined([p for p in codes if p in closed or p.pictures])
        more = sum(PREPARES if p.pictures else FOLDED for p in lines) if closed else 0
        ways.append((_height(pieces, closed, lines), more, {"folded": {p.cell.id for p in closed}}))
    pictures = [p for p in codes if p.pictures]
    if pictures and texts:
        how = {"folded": {p.cell.id for p in plain}, "beside": True}
        ways.append((_beside(pieces, pictures[0]), PREPARES * bool(plain) + 0.5, how))
    most = SCREEN + TIGHT if any(_break(pieces, k) < NEVER for k in range(1, len(pieces))) else math.inf
    found = [(cost + more + max(0, size - SCREEN), how) for size, more, how in ways if size <= most]
    return min(found, key=lambda way: way[0], default=None)


def _height(pieces, closed, lines):
    """Return the lines of these pieces, with the ``closed`` ones folded into those that stay, ``lines``."""
    return sum(0 if p in closed and p not in lines else p.folded if p in closed else p.height for p in pieces)


def _beside(pieces, picture):
    """Return the lines that a picture and the text beside it take; infinite if the text would not stand well there."""
    head = sum(p.height for p in pieces if p.heading)
    left = [p for p in pieces if p is not picture and not p.heading]
    aside = any(re.match(r"\||```|\$\$", p.cell.source) if p.text else p.outputs for p in left)
    if aside or picture.live or any(map(_is_wide, picture.outputs)):
        return math.inf
    lines = sum(0 if not p.text else 0.5 + (p.height - 0.5) / LEFT for p in left)
    _, width, high, _ = picture.pictures[0]
    shown = picture.height - min(31.7 * high / width, FIGURE_HEIGHT) + min(31.7 * RIGHT * high / width, FIGURE_HEIGHT)
    return head + max(lines, shown)


def _is_wide(output):
    if picture_in(output):
        return False
    text = "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
    return "text/html" in output.get("data", {}) or max(map(len, text.split("\n"))) > PRINTED


def _break(pieces, end):
    """Return what it costs to break before the piece ``end``."""
    if end == len(pieces):
        return 0
    before, after = pieces[end - 1], pieces[end]
    if before.heading or after.text and STAYS.match(after.cell.source) or before.cell.source.rstrip().endswith(":"):
        return NEVER
    if before.text and not after.text:
        return LEAD
    if not before.text:
        if after.cell.id.endswith("-explain") or not before.outputs:
            return REMARK
        return SEEN * bool(before.pictures)
    if after.first or after.predict:
        return 0
    return INSIDE + EXPLANATION * before.cell.id.endswith("-explain")


def _slide(pieces, folded=frozenset(), beside=False):
    cells, clicks, answered = [], [], False
    for piece in pieces:
        click = bool(cells) and (bool(piece.outputs) or piece.text and answered)
        goes_on = piece.text and cells and cells[-1].cell_type == "markdown" and cells[-1].id == piece.cell.id
        if goes_on and not piece.heading and not (TITLE.match(cells[-1].source) and beside):
            cells[-1] = _cell(cells[-1], f"{cells[-1].source}\n\n{piece.cell.source}")
            continue
        answered = answered or bool(piece.outputs)
        cells.append(piece.cell)
        clicks.append(click)
    return Slide(*_merge(cells, clicks, folded), folded, beside)


def draws(cell):
    """Return whether the cell shows a picture."""
    return any(map(picture_in, cell.get("outputs", ())))


def _joined(codes):
    """Return the code cells, those that only prepare the next one joined to it."""
    return [code for code, after in itertools.zip_longest(codes, codes[1:]) if after is None or code.outputs]


def _merge(cells, clicks, folded):
    """Put code that only prepares the next cell into that cell: folded, they are one line."""
    kept, chosen, waiting = [], [], ""
    for k, cell in enumerate(cells):
        after = cells[k + 1] if k + 1 < len(cells) else None
        if cell.id in folded and not cell.outputs and after and (after.id in folded or draws(after)):
            waiting += f"{cell.source}\n\n\n"
            continue
        kept.append(_cell(cell, waiting + cell.source) if waiting else cell)
        chosen.append(clicks[k])
        waiting = ""
    return kept, chosen

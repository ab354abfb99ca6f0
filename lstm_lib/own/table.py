"""Text files as they come: decode them, and cut a CSV file into columns of cells. Errors name the file and the line.

A line is counted as a text editor counts it: the first is 1, a header and empty lines count too.
"""

import csv
import io
import itertools
import re
from pathlib import Path
from statistics import mode
from typing import NamedTuple

from lstm_lib.own.cell import is_missing, parts, style_of
from lstm_lib.own.refusing import expect, refusal, shown

DELIMITERS = "\x1f\t;|, "  # on a tie the earlier wins: a comma may be a decimal comma; \x1f occurs in no line
YEAR = re.compile(r"(19|20)\d\d")
NOT_TEXT = {
    "an Excel or zip file": b"PK\x03\x04",
    "a gzip file": b"\x1f\x8b",
    "a PDF file": b"%PDF",
    "an old Excel or Word file": b"\xd0\xcf\x11\xe0",
    "a picture": (b"\x89PNG", b"\xff\xd8\xff"),
}
ENCODINGS = "save the file as UTF-8, or pass encoding=: 'gbk' for Chinese Windows, 'cp1252' for Western Windows"
EXPORT = "if the commas are decimal commas, export the file with semicolons between the cells"
DECIMAL_COMMAS = "if the commas are decimal commas, pass decimal=','"


class Table(NamedTuple):
    """The cells of a CSV ``file``: ``columns`` of equal length, their ``names``, and the line of each row in ``lines``.

    Without a header the names are "column 0", "column 1" and so on. ``above``: the lines of a title that were left out.
    """

    file: str
    names: list
    lines: list
    columns: list
    delimiter: str
    above: list

    def place(self, row=None, column=None):
        """Return the words for a place in the file, which errors begin with: "my.csv, line 3, column 'x'"."""
        line = "" if row is None else f", line {self.lines[row]}"
        return self.file + line + ("" if column is None else f", column {self.names[column]!r}")


def decode(path, encoding=None):
    """Return the text in the file ``path``; ValueError that names the file if there is none, or says what it is.

    ``encoding`` None: UTF-8, or UTF-16 with its mark. The others can't be told apart for sure, so none is tried.
    """
    path = Path(path)
    expect(not path.is_dir(), path.name, "a file", "a directory")
    expect(path.is_file(), path.name, f"a file in {path.parent.resolve()}", "none of this name")
    content = path.read_bytes()
    for kind, starts in NOT_TEXT.items():
        expect(not content.startswith(starts), path.name, "plain text", kind, "export it as CSV or text first")
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    came = "a binary file or UTF-16"
    expect(utf16 or encoding or b"\0" not in content, path.name, "plain text", came, "save it as UTF-8 text")
    used = encoding or ("utf-16" if utf16 else "utf-8-sig")  # without the byte order mark that Excel writes
    try:
        return content.decode(used).removeprefix("\ufeff")
    except (LookupError, TypeError):
        raise refusal("encoding", "the name of an encoding, such as 'gbk'", repr(encoding)) from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line, came = content.count(b"\n", 0, start) + 1, f"the byte {content[start]:#04x}"
        raise refusal(f"{path.name}, line {line}", used.upper().removesuffix("-SIG"), came, ENCODINGS) from None


def read_table(path, decimal, delimiter=None, encoding=None):
    """Read the CSV file ``path`` and return its Table; ``delimiter`` is found out if None.

    A first row with a word where numbers follow is a header. Skipped are lines at the top that begin with # or sep=, or
    have few cells (a title), a delimiter at the end of the lines, and empty lines, unless the file has one column:
    there they are empty cells.
    Raises ValueError that names the file, and the line of a row with too many or too few cells.
    """
    one = isinstance(delimiter, str) and len(delimiter) == 1 and delimiter not in '"\r\n'
    expect(delimiter is None or one, "delimiter", "one character", repr(delimiter))
    file, text = Path(path).name, decode(path, encoding)
    try:
        if delimiter is None:
            start = "".join(itertools.islice(io.StringIO(text, newline=""), 200))
            delimiter = max(DELIMITERS, key=lambda one: _fitting_rows(start, one, decimal))
        numbered = _rows(text, delimiter)
    except csv.Error as error:
        raise refusal(file, "rows of cells", f"{error}; is a quote never closed?") from None
    while numbered and not any(cell.strip() for cell in numbered[-1][1]):
        numbered.pop()  # spreadsheets leave rows of nothing but delimiters at the end
    expect(numbered, file, "rows of numbers", "an empty file")
    width = mode(len(cells) for _, cells in numbered if cells)
    above = []
    ends = [k for k, (_, cells) in enumerate(numbered[:-1]) if not cells and len(numbered[k + 1][1]) == width]
    if ends and any(cells and len(cells) != width for _, cells in numbered[: ends[0]]):  # a block, then an empty line
        above, numbered = [line for line, cells in numbered[: ends[0]] if cells], numbered[ends[0] :]
    if width > 1 and all(cells[width - 1 :] in ([], [""]) for _, cells in numbered):
        width -= 1  # a delimiter at the end of the lines
    numbered = [(line, cells or [""]) for line, cells in numbered if cells or width == 1]
    numbered = [(n, cells if any(cells[width:]) else cells[:width]) for n, cells in numbered]  # blank cells at an end
    while len(numbered[0][1]) < max(width - 1, 2) <= width and not any(map(parts, numbered[0][1])):
        above.append(numbered.pop(0)[0])
    for line, cells in numbered:
        _check_width(f"{file}, line {line}", cells, width, delimiter, decimal)
    lines, rows = [line for line, _ in numbered], [[cell.strip() for cell in cells] for _, cells in numbered]
    names = [f"column {k}" for k in range(width)]
    if _has_header(rows):
        names = [cell or name for cell, name in zip(rows.pop(0), names, strict=True)]
        lines.pop(0)
    return Table(file, names, lines, list(zip(*rows, strict=True)), delimiter, above)


def _rows(text, delimiter):
    """Return pairs (line number, cells); a row with a quoted cell over two lines has the number of its last line."""
    lines = list(io.StringIO(text, newline=""))
    above = itertools.takewhile(lambda line: not line.strip() or line.startswith(("#", "sep=")), lines)  # sep=; Excel
    skipped = len(list(above))
    lines = [line.strip(" ") if delimiter == " " else line for line in lines[skipped:]]
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return [(skipped + reader.line_num, row) for row in reader]


def _fitting_rows(text, delimiter, decimal):
    """Return how many rows have the commonest width if ``delimiter`` cuts them; 0 if that is one, or in doubt."""
    rows = [cells for _, cells in _rows(text, delimiter) if cells]
    width = mode(map(len, rows)) if rows else 1
    fitting = sum(len(cells) == width for cells in rows)
    both = delimiter == decimal == "," and '"' not in text
    sure = fitting == len(rows) if delimiter == " " else not both
    return fitting if width > 1 and sure else 0


def _check_width(place, cells, width, delimiter, decimal):
    """Refuse a row that is not ``width`` cells wide, or that a quote has swallowed others into."""
    swallowed = [row for cell in cells for row in cell.splitlines()[1:] if row.count(delimiter) >= max(width - 1, 1)]
    expect(not swallowed, place, "a closing quote before it", "one cell that holds rows")
    if len(cells) != width:
        hint = "a cell that holds the delimiter needs quotes"
        if len(cells) < width:
            hint = "add what is missing, or take the line out if it is no part of the table"
        if delimiter == "," and decimal == ".":
            hint += f"; {DECIMAL_COMMAS if width <= 2 else EXPORT}"
        came = f"{len(cells)}: {shown(delimiter.join(cells))}, delimiter {delimiter!r}"
        raise refusal(place, f"{width} cells as in most lines", came, hint)


def _has_header(rows):
    """Say whether the first row holds names: years over other numbers, or a word over numbers."""
    first, *below = rows
    counts = [str(k) for k in range(len(first))]  # the names that pandas gives
    if len(first) > 1 and below and first in (["", *counts[:-1]], counts):
        return first[0] == "" or below[0][0] != "1"
    years = [k for k, cell in enumerate(first) if YEAR.fullmatch(cell)]
    if years and not any(parts(cell) for k, cell in enumerate(first) if k not in years):
        return len(below) > 0 and not any(YEAR.fullmatch(row[k]) for row in below for k in years)
    styles = [style_of(column, ".") for column in zip(*below, strict=True)] if below else []
    above = [(parts(cell), style.unit) for cell, style in zip(first, styles, strict=False) if style]
    numbers = any(found and (found[0], found[3]) == unit for found, unit in above)  # "1 h" over 20.5 is a name
    return not numbers and not all(is_missing(cell) for cell, style in zip(first, styles, strict=False) if style)

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

from lstm_lib.own.cell import is_missing, looks_numeric, mostly_numbers
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
DECIMAL_COMMAS = "if the commas are decimal commas, pass decimal=','"


class Table(NamedTuple):
    """The cells of a CSV ``file``: ``columns`` of equal length, their ``names``, and the line of each row in ``lines``.

    Without a header the names are "column 0", "column 1" and so on.
    """

    file: str
    names: list
    lines: list
    columns: list
    delimiter: str

    def place(self, row=None, column=None):
        """Return the words for a place in the file, which errors begin with: "my.csv, line 3, column 'x'"."""
        line = "" if row is None else f", line {self.lines[row]}"
        return self.file + line + ("" if column is None else f", column {self.names[column]!r}")


def decode(path):
    """Return the text in the UTF-8 file ``path``; ValueError that names the file if there is none, or what it is."""
    path = Path(path)
    expect(not path.is_dir(), path.name, "a file", "a directory")
    expect(path.is_file(), path.name, f"a file in {path.parent.resolve()}", "none of this name")
    content = path.read_bytes()
    for kind, starts in NOT_TEXT.items():
        expect(not content.startswith(starts), path.name, "plain text", kind, "export it as CSV or text first")
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    came = "a binary file or UTF-16"
    expect(utf16 or b"\0" not in content, path.name, "plain text", came, "save it as UTF-8 text")
    try:
        return content.decode("utf-8-sig")  # without the byte order mark that Excel writes
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        came = "UTF-16" if utf16 else f"the byte {content[error.start]:#04x}"
        raise refusal(f"{path.name}, line {line}", "UTF-8", came, "save the file as UTF-8") from None


def read_table(path, decimal, delimiter=None):
    """Read the CSV file ``path`` and return its Table; ``delimiter`` is found out if None.

    A first row with a word where numbers follow is a header. Skipped are lines at the top that begin with # or sep=, a
    delimiter at the end of the lines, and empty lines, unless the file has one column: there they are empty cells.
    Raises ValueError that names the file, and the line of a row with too many or too few cells.
    """
    one = isinstance(delimiter, str) and len(delimiter) == 1 and delimiter not in '"\r\n'
    expect(delimiter is None or one, "delimiter", "one character", repr(delimiter))
    file, text = Path(path).name, decode(path)
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
    if width > 1 and all(cells[width - 1 :] in ([], [""]) for _, cells in numbered):
        width -= 1  # a delimiter at the end of the lines
    numbered = [(line, cells or [""]) for line, cells in numbered if cells or width == 1]
    numbered = [(n, cells if any(cells[width:]) else cells[:width]) for n, cells in numbered]  # blank cells at an end
    for line, cells in numbered:
        _check_width(f"{file}, line {line}", cells, width, delimiter, decimal)
    lines, rows = [line for line, _ in numbered], [[cell.strip() for cell in cells] for _, cells in numbered]
    names = [f"column {k}" for k in range(width)]
    if _has_header(rows):
        names = [cell or name for cell, name in zip(rows.pop(0), names, strict=True)]
        lines.pop(0)
    return Table(file, names, lines, list(zip(*rows, strict=True)), delimiter)


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
    sure = fitting == len(rows) if delimiter == " " else not delimiter == decimal == ","
    return fitting if width > 1 and sure else 0


def _check_width(place, cells, width, delimiter, decimal):
    """Refuse a row that is not ``width`` cells wide, or that a quote has swallowed others into."""
    swallowed = [row for cell in cells for row in cell.splitlines()[1:] if row.count(delimiter) >= max(width - 1, 1)]
    expect(not swallowed, place, "a closing quote before it", "one cell that holds rows")
    if len(cells) != width:
        hint = "a cell that holds the delimiter needs quotes"
        if len(cells) < width:
            hint = "add what is missing, or take the line out if it is no part of the table"
        if delimiter == "," and width <= 2 and decimal == ".":
            hint += f"; {DECIMAL_COMMAS}"
        came = f"{len(cells)}: {shown(delimiter.join(cells))}, delimiter {delimiter!r}"
        raise refusal(place, f"{width} cells as in most lines", came, hint)


def _has_header(rows):
    """Say whether the first row holds names: years over other numbers, or a word over numbers."""
    first, *below = rows
    years = [k for k, cell in enumerate(first) if YEAR.fullmatch(cell)]
    if years and not any(looks_numeric(cell) for k, cell in enumerate(first) if k not in years):
        return len(below) > 0 and not any(YEAR.fullmatch(row[k]) for row in below for k in years)
    above = [cell for k, cell in enumerate(first) if mostly_numbers([row[k] for row in below])]
    return not any(map(looks_numeric, above)) and not all(map(is_missing, above))

"""Text files as they come: decode them, and cut a CSV file into rows of cells. Errors name the file and the line.

A line is counted as a text editor counts it: the first is 1, a header and empty lines count too.
"""

import csv
import io
import itertools
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

DELIMITERS = ("\t", ";", "|", ",", " ")  # on a tie the earlier wins: a comma may be a decimal comma
NONE = "\x1f"  # occurs in no line, so each line is one cell
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?\d{1,3}([ .,'_\u2019\u00a0\u202f]\d{3})+([.,]\d+)?")  # 1,234.5 and its relatives
YEAR = re.compile(r"(19|20)\d\d")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
NOT_TEXT = (
    (b"PK\x03\x04", "an Excel or zip file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"%PDF", "a PDF file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


class Table(NamedTuple):
    """The cells of a CSV file: ``rows`` of equal width, the line of each in ``lines``, the ``names`` of the columns.

    Without a header the names are "column 0", "column 1" and so on.
    """

    names: list
    lines: list
    rows: list
    delimiter: str


def decode(path):
    """Return the text in the UTF-8 file ``path``; ValueError that names the file if there is none, or what it is."""
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path.name}: expected a file, got a directory")
    if not path.is_file():
        raise ValueError(f"{path.name}: expected a file in {path.parent.resolve()}, got none of this name")
    content = path.read_bytes()
    for start, kind in NOT_TEXT:
        if content.startswith(start):
            raise ValueError(f"{path.name}: expected plain text, got {kind}; export it as CSV or text first")
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in content and not utf16:
        raise ValueError(f"{path.name}: expected plain text, got a binary file or UTF-16; save it as UTF-8 text")
    try:
        text = content.decode("utf-8-sig")  # without the byte order mark that Excel writes
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        came = "UTF-16" if utf16 else f"the byte {content[error.start]:#04x}"
        raise ValueError(f"{path.name}, line {line}: expected UTF-8, got {came}; save the file as UTF-8") from None
    return text


def read_table(path, decimal, delimiter=None):
    """Read the CSV file ``path`` and return its Table; ``delimiter`` is found out if None.

    A first row with a word where numbers follow is a header. Lines at the top that begin with # or sep= are skipped,
    and a delimiter at the end of the lines. Empty lines are skipped too, unless the file has one column only: there an
    empty line is an empty cell.
    Raises ValueError that names the file, and the line of a row with too many or too few cells.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ValueError(f"delimiter: expected one character, got {delimiter!r}")
    file, text = Path(path).name, decode(path)
    try:
        delimiter = _found_delimiter(text, decimal) if delimiter is None else delimiter
        numbered = _rows(text, delimiter)
    except csv.Error as error:
        raise ValueError(f"{file}: expected rows of cells, got {error}; is a quote never closed?") from None
    while numbered and not any(cell.strip() for cell in numbered[-1][1]):
        numbered.pop()  # spreadsheets leave rows of nothing but delimiters at the end
    if not numbered:
        raise ValueError(f"{file}: expected rows of numbers, got an empty file")
    width = _commonest_width(numbered)
    if width > 1 and not any(cells[width - 1 :] != [""] for _, cells in numbered if len(cells) >= width):
        numbered = [(line, cells[: width - 1]) for line, cells in numbered]  # a delimiter at the end of the lines
        width -= 1
    numbered = [(line, cells or [""]) for line, cells in numbered if cells or width == 1]
    numbered = [(n, cells if any(cells[width:]) else cells[:width]) for n, cells in numbered]  # blank cells at an end
    for line, cells in numbered:
        if any(row.count(delimiter) >= max(width - 1, 1) for cell in cells for row in cell.splitlines()[1:]):
            raise ValueError(f"{file}, line {line}: expected a closing quote before it, got one cell that holds rows")
        if len(cells) != width:
            hint = "; a cell that holds the delimiter needs quotes"
            if len(cells) < width:
                hint = "; add what is missing, or take the line out if it is no part of the table"
            if delimiter == "," and width <= 2 and decimal == ".":
                hint += "; if the commas are decimal commas, pass decimal=','"
            came = f"{len(cells)}: {shown(delimiter.join(cells))}, delimiter {delimiter!r}"
            raise ValueError(f"{file}, line {line}: expected {width} cells as in most lines, got {came}{hint}")
    names = [f"column {k}" for k in range(width)]
    if _has_header([cells for _, cells in numbered]):
        _, header = numbered.pop(0)
        names = [cell.strip() or name for cell, name in zip(header, names, strict=True)]
    lines, rows = ([pair[part] for pair in numbered] for part in (0, 1))
    return Table(names, lines, rows, delimiter)


def is_missing(cell):
    """Say whether ``cell`` stands for a missing value."""
    return cell.strip().lower() in MISSING


def looks_numeric(cell):
    """Say whether ``cell`` is meant as a number, even one with another decimal sign or with thousands separators."""
    cell = plain(cell)
    return any(p.fullmatch(c) for p, c in ((NUMBER, cell.replace(",", ".")), (GROUPED, cell), (INFINITE, cell)))


def mostly_numbers(cells):
    """Say whether more than half of the ``cells`` look numeric, those for missing values left out."""
    cells = [cell for cell in cells if not is_missing(cell)]
    return sum(map(looks_numeric, cells)) > len(cells) / 2


def plain(cell):
    """Return ``cell`` without blanks around it, and with a hyphen for the minus sign of typesetters."""
    return cell.strip().replace("\u2212", "-")


def shown(cell):
    """Return ``cell`` in quotes, shortened."""
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")


def _rows(text, delimiter):
    """Return pairs (line number, cells); a row with a quoted cell over two lines has the number of its last line."""
    lines = list(io.StringIO(text, newline=""))
    comments = sum(1 for _ in itertools.takewhile(_above_the_table, lines))
    lines[:comments] = ["\n"] * comments
    if delimiter == " ":
        lines = [line.strip(" ") for line in lines]
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return [(reader.line_num, row) for row in reader][comments:]


def _above_the_table(line):
    return not line.strip() or line.startswith(("#", "sep="))  # sep=; is a line for Excel


def _found_delimiter(text, decimal):
    """Return the delimiter that cuts the most of the first lines into the same number of cells, at least two."""
    start, best, most = "".join(itertools.islice(io.StringIO(text, newline=""), 200)), NONE, 0
    for delimiter in DELIMITERS:
        rows = [row for row in _rows(start, delimiter) if row[1]]
        width = _commonest_width(rows) if rows else 1
        fitting = sum(len(cells) == width for _, cells in rows)
        sure = fitting == len(rows) if delimiter == " " else not (delimiter == decimal == ",")
        if width > 1 and sure and fitting > most:
            best, most = delimiter, fitting
    return best


def _commonest_width(rows):
    return Counter(len(cells) for _, cells in rows if cells).most_common(1)[0][0]


def _has_header(rows):
    later = [mostly_numbers([row[k] for row in rows[1:]]) for k in range(len(rows[0]))]
    years = [cell for cell in rows[0] if YEAR.fullmatch(cell.strip())]
    if years and all(YEAR.fullmatch(cell.strip()) or not looks_numeric(cell) for cell in rows[0]):  # years as names
        under = [row[k] for row in rows[1:] for k, cell in enumerate(rows[0]) if cell in years]
        return len(rows) > 1 and not any(YEAR.fullmatch(cell.strip()) for cell in under)
    words = [not looks_numeric(cell) and not is_missing(cell) for cell in rows[0]]
    data = [looks_numeric(cell) and number for cell, number in zip(rows[0], later, strict=True)]
    return not any(data) and any(word and number for word, number in zip(words, later, strict=True))

"""Your own files: a series of numbers from a CSV file, or a text. What is wrong with a file is said by line."""

import itertools
import math
import re
from pathlib import Path
from typing import NamedTuple

import torch

from lstm_lib.own.dates import are_dates, first_fall, first_stranger, readings
from lstm_lib.own.table import GROUPED, INFINITE, NUMBER, decode, is_missing, mostly_numbers, plain, read_table, shown

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # 1.250 in Germany, and one and a quarter elsewhere
TOTALS = {"total", "totals", "grand total", "sum", "mean", "average", "summe", "gesamt", "insgesamt", "mittelwert"}
TOTALS |= {"total général", "somme", "moyenne", "合计", "总计", "小计", "平均"}


class OwnSeries(NamedTuple):
    """A column of a file: ``values`` (N,) float64, the ``name`` of the column, and where the values come from.

    ``labels``: for each value the cell of the first column, or its line number if the first column is the one read.
    ``filled``: the lines whose missing value was replaced.
    """

    values: torch.Tensor
    name: str
    labels: list
    filled: list


def read_series(path, column=None, *, decimal=None, delimiter=None, missing="refuse"):
    """Read one column of numbers from the CSV file ``path`` and return it as an OwnSeries, in the order of the file.

    ``column`` is a name from the header or a position from 0; None: the only column of numbers. ``decimal`` is "." or
    ","; None: a point, and a column of numbers like 1.250 is refused. ``delimiter`` is found out if None.
    ``missing``: "refuse", or "previous" to repeat the value before.
    The rows count as equally far apart in time. Raises ValueError that names the file, the line, what came and what
    was expected.
    """
    if decimal not in (None, ".", ","):
        raise ValueError(f"decimal: expected '.' or ',', got {decimal!r}")
    if missing not in ("refuse", "previous"):
        raise ValueError(f"missing: expected 'refuse' or 'previous', got {missing!r}")
    sign = decimal or "."
    file, table = Path(path).name, read_table(path, sign, delimiter)
    k = _chosen(file, table, column, sign)
    if decimal is None:
        _check_points(file, table, k)
    numbers = [_number(file, table, row, k, sign) for row in range(len(table.rows))]
    values, filled = _without_gaps(file, table, k, numbers, missing)
    labels = [str(line) if k == 0 else cells[0].strip() for line, cells in zip(table.lines, table.rows, strict=True)]
    _check_rows(file, table, k, labels)
    if len(set(values)) < 2:
        raise ValueError(f"{file}, column {table.names[k]!r}: expected values that change, got {_few(values)}")
    return OwnSeries(torch.tensor(values, dtype=torch.float64), table.names[k], labels, filled)


def read_text(path):
    """Return the text in the UTF-8 file ``path``, with every line end turned into a newline.

    Raises ValueError that names the file if it is missing, empty, a directory, no text or not UTF-8.
    """
    text = "\n".join(decode(path).splitlines())
    if not text.strip():
        raise ValueError(f"{Path(path).name}: expected a text, got an empty file")
    return text


def _chosen(file, table, column, decimal):
    """Return the position of the column to read."""
    width = len(table.names)
    if column is not None:
        if isinstance(column, str) and table.names.count(column) == 1:
            return table.names.index(column)
        if isinstance(column, int) and not isinstance(column, bool) and 0 <= column < width:
            return column
        raise ValueError(
            f"{file}: expected column to be one of {_few(table.names)} or 0 to {width - 1}, got {column!r}"
            f"{'; that name stands twice, pass the position' * (column in table.names)}"
        )
    numeric = [k for k in range(width) if mostly_numbers([row[k] for row in table.rows])]
    if len(numeric) == 1:
        _check_counter(file, table, numeric[0])
        return numeric[0]
    if not numeric:
        last = ", ".join(f"{name!r}: {shown(cell)}" for name, cell in zip(table.names, table.rows[-1], strict=True))
        raise ValueError(
            f"{file}, line {table.lines[-1]}: expected a column of numbers, got none ({last}); "
            "take units and signs such as % out of the cells"
        )
    comma = table.delimiter == "," and decimal == "." and not any("." in row[k] for row in table.rows for k in numeric)
    doubt = comma and table.names == ["column 0", "column 1"]  # 3,5 in each line
    hint = (
        "; if the commas are decimal commas, pass decimal=','; if they separate thousands, remove them" if doubt else ""
    )
    names = [table.names[k] for k in numeric]
    names = _few(names if len(set(names)) == len(names) else numeric)
    raise ValueError(f"{file}: expected one column of numbers, got {len(numeric)}; pass column=, one of {names}{hint}")


def _check_counter(file, table, k):
    """Refuse the only column of numbers if it just counts the rows, and another one holds numbers with units."""
    cells = [plain(row[k]) for row in table.rows]
    if len(cells) < 4 or not all(NUMBER.fullmatch(cell) for cell in cells):
        return
    steps = {round(float(b) - float(a), 9) for a, b in itertools.pairwise(cells)}
    if len(steps) != 1:
        return
    for j, name in enumerate(table.names):
        others = [row[j] for row in table.rows if not is_missing(row[j])]
        digits = sum(any(c.isdigit() for c in cell) for cell in others)
        if j != k and digits > len(cells) / 2 and not are_dates(readings(others)):
            came = f"{table.names[k]!r}, which counts the rows, and {name!r} with {shown(others[0])}"
            hint = "take units and signs such as % out of the cells, or pass column="
            raise ValueError(f"{file}: expected a column of numbers, got {came}; {hint}")


def _check_points(file, table, k):
    """Refuse a column whose points may all separate thousands."""
    pointed = [row for row, cells in enumerate(table.rows) if "." in cells[k] and not is_missing(cells[k])]
    if pointed and all(THOUSANDS.fullmatch(table.rows[row][k].strip()) for row in pointed):
        raise ValueError(
            f"{file}, line {table.lines[pointed[0]]}, column {table.names[k]!r}: expected a number without doubt, got "
            f"{shown(table.rows[pointed[0]][k])}; if the point is a decimal point, pass decimal='.'; "
            "if it separates thousands, remove it"
        )


def _number(file, table, row, k, decimal):
    """Return the number in a cell, None if it is missing."""
    cell = plain(table.rows[row][k])
    if is_missing(cell):
        return None
    text = cell if decimal == "." else cell.replace(".", "?").replace(",", ".")
    if NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    where = f"{file}, line {table.lines[row]}, column {table.names[k]!r}"
    if INFINITE.fullmatch(cell) or NUMBER.fullmatch(text):
        raise ValueError(f"{where}: expected a finite number, got {shown(cell)}")
    hint = "; correct the cell, or leave it empty"
    if decimal == "." and NUMBER.fullmatch(cell.replace(",", ".")):
        hint = "; if the comma is a decimal comma, pass decimal=','; if it separates thousands, remove it"
    elif decimal == "," and NUMBER.fullmatch(cell):
        hint = "; with decimal=',' the point can't be the decimal sign; if it separates thousands, remove it"
    elif GROUPED.fullmatch(cell):
        hint = "; remove the thousands separators"
    raise ValueError(f"{where}: expected a number, got {shown(cell)}{hint}")


def _without_gaps(file, table, k, numbers, missing):
    """Return the numbers with the missing ones replaced, and the lines of these."""
    gaps = [line for line, number in zip(table.lines, numbers, strict=True) if number is None]
    where = f"{file}, column {table.names[k]!r}"
    if gaps and missing == "refuse":
        raise ValueError(
            f"{where}: expected a number in every line, got none in line {_few(gaps)}; "
            "fill them in, or pass missing='previous' to repeat the value before"
        )
    if numbers[:1] == [None]:
        raise ValueError(f"{where}, line {table.lines[0]}: expected a number to begin with, got a missing value")
    values = []
    for number in numbers:
        values.append(values[-1] if number is None else number)
    return values, gaps


def _check_rows(file, table, k, labels):
    """Refuse a row that is a sum of others, dates that are not all alike, and rows that don't begin with the oldest."""
    lines = table.lines
    for line, label in zip(lines, labels, strict=True):
        if k != 0 and label.strip(" :.").casefold() in TOTALS:
            came = f"{shown(label)}; take out a line that is no part of the series"
            raise ValueError(f"{file}, line {line}: expected a row of the series, got {came}")
    found = readings(labels)
    stranger = first_stranger(found) if are_dates(found) else None
    if stranger is not None:
        came = f"{shown(labels[stranger])}; write all dates alike, and take out a line that is no part of the series"
        raise ValueError(f"{file}, line {lines[stranger]}: expected a date written as in most lines, got {came}")
    column = None if are_dates(found) else _column_of_dates(table, k)
    falls = [("dates", *pair) for pair in ((labels, found), column) if pair and are_dates(pair[1])]
    falls = [(what, cells, first_fall(dates)) for what, cells, dates in falls]
    if k != 0 and _falls_throughout(labels):
        falls.append(("rows", labels, 1))
    for what, cells, row in falls:
        if row is not None:
            came = f"{cells[row]!r} after {cells[row - 1]!r}; sort the file, or keep one series if it holds several"
            where = f"{file}, line {lines[row]}"
            raise ValueError(f"{where}: expected {what} that rise, oldest first, got {came}")


def _column_of_dates(table, k):
    """Return the first column of dates, as its cells and their readings; not the first one and not ``k``."""
    for j in range(1, len(table.names)):
        cells = [row[j].strip() for row in table.rows]
        found = readings(cells) if j != k else []
        if are_dates(found) and first_stranger(found) is None:
            return cells, found
    return None


def _falls_throughout(labels):
    """Say whether the labels are numbers, years for instance, each smaller than the one above."""
    if len(labels) < 3 or not all(NUMBER.fullmatch(label) for label in labels):
        return False
    numbers = list(map(float, labels))
    return all(b < a for a, b in itertools.pairwise(numbers))


def _few(items):
    shortened = ", ".join(map(repr, items[:5]))
    return shortened if len(items) <= 5 else f"{shortened} and {len(items) - 5} more"

"""Your own files: a series of numbers from a CSV file, or a text. What is wrong with a file is said by line."""

import math
import re
from pathlib import Path
from typing import NamedTuple

import torch

from lstm_lib.csv_table import GROUPED, INFINITE, NUMBER, decode, is_missing, looks_numeric, read_table, shown

DATES = (  # year first, day first, month first
    re.compile(r"(?P<year>\d{4})[-/](?P<month>\d\d?)([-/](?P<day>\d\d?))?(?P<time>.*)"),
    re.compile(r"(?P<day>\d\d?)[./-](?P<month>\d\d?)[./-](?P<year>\d{4})(?P<time>)"),
    re.compile(r"(?P<month>\d\d?)[/-](?P<day>\d\d?)[/-](?P<year>\d{4})(?P<time>)"),
)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # 1.250 in Germany, and one and a quarter elsewhere


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
    _check_dates(file, table.lines, labels)
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
    numeric = [k for k in range(width) if _share_of_numbers(table, k) > 0.5]
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        last = ", ".join(f"{name!r}: {shown(cell)}" for name, cell in zip(table.names, table.rows[-1], strict=True))
        raise ValueError(
            f"{file}, line {table.lines[-1]}: expected a column of numbers, got none ({last}); "
            "take units and signs such as % out of the cells"
        )
    comma = table.delimiter == "," and decimal == "." and not any("." in row[k] for row in table.rows for k in numeric)
    hint = "; if the commas are decimal commas, pass decimal=','" if comma else ""
    names = [table.names[k] for k in numeric]
    names = _few(names if len(set(names)) == len(names) else numeric)
    raise ValueError(f"{file}: expected one column of numbers, got {len(numeric)}; pass column=, one of {names}{hint}")


def _share_of_numbers(table, k):
    cells = [row[k] for row in table.rows if not is_missing(row[k])]
    return sum(map(looks_numeric, cells)) / len(cells) if cells else 0.0


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
    cell = table.rows[row][k].strip()
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


def _date(form, label):
    """Return (year, month, day, time) by one of DATES, None if ``label`` is no such date."""
    found = form.match(label)
    if not found or not (1 <= int(found["month"]) <= 12 and 1 <= int(found["day"] or 1) <= 31):
        return None
    time = re.sub(r"\d+", lambda digits: digits[0].zfill(2), found["time"])
    return int(found["year"]), int(found["month"]), int(found["day"] or 1), time


def _check_dates(file, lines, labels):
    """If most labels are dates, refuse a label that is none of the same form, and dates that fall."""
    readings = [[_date(form, label) for label in labels] for form in DATES]
    if sum(dates != (None, None, None) for dates in zip(*readings, strict=True)) <= len(labels) / 2:
        return
    best = min(readings, key=lambda dates: dates.count(None))  # on a tie the earlier form
    if None in best:
        k = best.index(None)
        came = f"{shown(labels[k])}; write all dates alike, and take out a line that is no part of the series"
        raise ValueError(f"{file}, line {lines[k]}: expected a date written as in most lines, got {came}")
    falls = [next((k for k in range(1, len(d)) if d[k] < d[k - 1]), None) for d in readings if None not in d]
    if None not in falls:
        came = f"{labels[falls[0]]!r} after {labels[falls[0] - 1]!r}"
        raise ValueError(
            f"{file}, line {lines[falls[0]]}: expected dates that rise, oldest first, got {came}; sort the file"
        )


def _few(items):
    shortened = ", ".join(map(repr, items[:5]))
    return shortened if len(items) <= 5 else f"{shortened} and {len(items) - 5} more"

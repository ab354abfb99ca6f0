"""Your own files: a series of numbers from a CSV file, or a text. What is wrong with a file is said by line."""

import itertools
import re
from pathlib import Path
from typing import NamedTuple

import torch

from lstm_lib.own.cell import IN_DOUBT, NUMBER, is_missing, mostly_numbers, number, plain
from lstm_lib.own.dates import dates_in, first_fall
from lstm_lib.own.refusing import expect, few, refusal, shown
from lstm_lib.own.table import DECIMAL_COMMAS, decode, read_table

TOTALS = {"total", "totals", "grand total", "sum", "mean", "average", "summe", "gesamt", "insgesamt", "mittelwert"}
TOTALS |= {"total général", "somme", "moyenne", "合计", "总计", "小计", "平均"}
UNITS = "take units and signs such as % out of the cells"


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
    The rows count as equally far apart in time. Raises ValueError that says where, what came and what was expected.
    """
    expect(decimal in (None, ".", ","), "decimal", "'.' or ','", repr(decimal))
    expect(missing in ("refuse", "previous"), "missing", "'refuse' or 'previous'", repr(missing))
    sign = decimal or "."
    table = read_table(path, sign, delimiter)
    k = _chosen(table, sign) if column is None else _named(table, column)
    if decimal is None:
        _check_points(table, k)
    numbers = [number(cell, sign, table.place(row, k)) for row, cell in enumerate(table.columns[k])]
    if column is None:
        _check_counter(table, k, numbers)
    filled = [line for line, value in zip(table.lines, numbers, strict=True) if value is None]
    place, hint = table.place(column=k), "fill them in, or pass missing='previous' to repeat the value before"
    gaps = f"none in line {few(filled)}"
    expect(missing == "previous" or not filled, place, "a number in every line", gaps, hint)
    expect(numbers[0] is not None, f"{place}, line {table.lines[0]}", "a number to begin with", "a missing value")
    values = list(itertools.accumulate(numbers, lambda before, value: before if value is None else value))
    labels = list(map(str, table.lines)) if k == 0 else list(table.columns[0])
    _check_rows(table, k, labels)
    expect(len(set(values)) > 1, place, "values that change", few(values))
    return OwnSeries(torch.tensor(values, dtype=torch.float64), table.names[k], labels, filled)


def read_text(path):
    """Return the text in the UTF-8 file ``path``, with every line end turned into a newline.

    Raises ValueError that names the file if it is missing, empty, a directory, no text or not UTF-8.
    """
    text = "\n".join(decode(path).splitlines())
    expect(text.strip(), Path(path).name, "a text", "an empty file")
    return text


def _named(table, column):
    """Return the position of the column that the caller asks for, by name or position."""
    names = table.names
    if isinstance(column, str) and names.count(column) == 1:
        return names.index(column)
    if type(column) is int and 0 <= column < len(names):  # True is no position
        return column
    hint = "that name stands twice, pass the position" if column in names else ""
    raise refusal(table.file, f"column to be one of {few(names)} or 0 to {len(names) - 1}", repr(column), hint)


def _chosen(table, decimal):
    """Return the position of the only column of numbers."""
    numeric = [k for k, cells in enumerate(table.columns) if mostly_numbers(cells)]
    if len(numeric) == 1:
        return numeric[0]
    last = [f"{name!r}: {shown(cells[-1])}" for name, cells in zip(table.names, table.columns, strict=True)]
    expect(numeric, table.place(-1), "a column of numbers", f"none ({', '.join(last)})", UNITS)
    names = [table.names[k] for k in numeric]
    hint = f"pass column=, one of {few(names if len(set(names)) == len(names) else numeric)}"
    points = any("." in cell for k in numeric for cell in table.columns[k])
    if table.names == ["column 0", "column 1"] and table.delimiter == "," and decimal == "." and not points:
        hint += f"; {DECIMAL_COMMAS}; if they separate thousands, remove them"  # 3,5 in each line
    raise refusal(table.file, "one column of numbers", len(numeric), hint)


def _check_counter(table, k, numbers):
    """Refuse the only column of numbers if it just counts the rows, and another one holds numbers with units."""
    if len(numbers) < 4 or None in numbers or len({round(b - a, 9) for a, b in itertools.pairwise(numbers)}) > 1:
        return
    for j, name in enumerate(table.names):
        others = [cell for cell in table.columns[j] if not is_missing(cell)]
        with_digits = sum(bool(re.search(r"\d", cell)) for cell in others)
        if j != k and with_digits > len(numbers) / 2 and not dates_in(others):
            came = f"{table.names[k]!r}, which counts the rows, and {name!r} with {shown(others[0])}"
            raise refusal(table.file, "a column of numbers", came, f"{UNITS}, or pass column=")


def _check_points(table, k):
    """Refuse a column whose points may all separate thousands."""
    pointed = [row for row, cell in enumerate(table.columns[k]) if "." in cell and not is_missing(cell)]
    cells = [plain(table.columns[k][row]) for row in pointed]
    if cells and all(map(IN_DOUBT.fullmatch, cells)):
        hint = "if the point is a decimal point, pass decimal='.'; if it separates thousands, remove it"
        raise refusal(table.place(pointed[0], k), "a number without doubt", shown(cells[0]), hint)


def _check_rows(table, k, labels):
    """Refuse a row that is a sum of others, dates that are not all alike, and rows that don't begin with the oldest."""
    out = "take out a line that is no part of the series"
    for row, label in enumerate(labels):
        if label.strip(" :.").casefold() in TOTALS:
            raise refusal(table.place(row), "a row of the series", shown(label), out)
    cells, dates = labels, dates_in(labels)
    if None in dates:
        row, hint = dates.index(None), f"write all dates alike, and {out}"
        raise refusal(table.place(row), "a date written as in most lines", shown(labels[row]), hint)
    others = (cells for j, cells in enumerate(table.columns) if j not in (0, k))
    while not dates and (cells := next(others, None)):
        dates = [] if None in (found := dates_in(cells)) else found
    what, row = "dates", first_fall(dates)
    if row is None and len(labels) >= 3 and all(map(NUMBER.fullmatch, labels)):  # years, for instance
        years = list(map(float, labels))
        what, cells, row = "rows", labels, 1 if years == sorted(set(years), reverse=True) else None
    if row is not None:
        came, hint = f"{cells[row]!r} after {cells[row - 1]!r}", "sort the file, or keep one series if it holds several"
        raise refusal(table.place(row), f"{what} that rise, oldest first", came, hint)

"""Your own files: a series of numbers from a CSV file, or a text. What is wrong with a file is said by line."""

import math
import re
from pathlib import Path
from typing import NamedTuple

import torch

from lstm_lib.csv_table import GROUPED, INFINITE, NUMBER, decode, is_missing, looks_numeric, read_table, shown

DATE = re.compile(r"\d{4}[-/]\d\d")


class OwnSeries(NamedTuple):
    """A column of a file: ``values`` (N,) float64, the ``name`` of the column, and where the values come from.

    ``labels``: for each value the cell of the first column, or its line number if the first column is the one read.
    ``filled``: the lines whose missing value was replaced.
    """

    values: torch.Tensor
    name: str
    labels: list
    filled: list


def read_series(path, column=None, *, decimal=".", delimiter=None, missing="refuse"):
    """Read one column of numbers from the CSV file ``path`` and return it as an OwnSeries, in the order of the file.

    ``column`` is a name from the header or a position from 0; None: the only column of numbers. ``decimal`` is "." or
    ",". ``delimiter`` is found out if None. ``missing``: "refuse", or "previous" to repeat the value before.
    The rows count as equally far apart in time. Raises ValueError that names the file, the line, what came and what
    was expected.
    """
    if decimal not in (".", ","):
        raise ValueError(f"decimal: expected '.' or ',', got {decimal!r}")
    if missing not in ("refuse", "previous"):
        raise ValueError(f"missing: expected 'refuse' or 'previous', got {missing!r}")
    file, table = Path(path).name, read_table(path, decimal, delimiter)
    k = _chosen(file, table, column, decimal)
    numbers = [_number(file, table, row, k, decimal) for row in range(len(table.rows))]
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
        )
    numeric = [k for k in range(width) if _share_of_numbers(table, k) > 0.5]
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        first = ", ".join(f"{name!r}: {shown(cell)}" for name, cell in zip(table.names, table.rows[0], strict=True))
        raise ValueError(f"{file}, line {table.lines[0]}: expected a column of numbers, got none ({first})")
    comma = table.delimiter == "," and decimal == "." and not any("." in row[k] for row in table.rows for k in numeric)
    hint = "; if the commas are decimal commas, pass decimal=','" if comma else ""
    names = _few([table.names[k] for k in numeric])
    raise ValueError(f"{file}: expected one column of numbers, got {len(numeric)}; pass column=, one of {names}{hint}")


def _share_of_numbers(table, k):
    cells = [row[k] for row in table.rows if not is_missing(row[k])]
    return sum(map(looks_numeric, cells)) / len(cells) if cells else 0.0


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
    hint = ""
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


def _check_dates(file, lines, labels):
    if all(DATE.match(label) for label in labels):
        for k in range(1, len(labels)):
            if labels[k] < labels[k - 1]:
                came = f"{labels[k]!r} after {labels[k - 1]!r}"
                raise ValueError(
                    f"{file}, line {lines[k]}: expected dates that rise, oldest first, got {came}; sort the file"
                )


def _few(items):
    shortened = ", ".join(map(repr, items[:5]))
    return shortened if len(items) <= 5 else f"{shortened} and {len(items) - 5} more"

"""Your own files: a series of numbers from a CSV file, or a text. What is wrong with a file is said by line."""

import itertools
import re
from numbers import Real
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from lstm_lib.own.cell import decimal_in, is_missing, number, parts, style_of
from lstm_lib.own.dates import readings
from lstm_lib.own.given import as_table
from lstm_lib.own.refusing import expect, few, refusal, shown
from lstm_lib.own.rows import check_totals, in_order, keep, of_item, once, turned, when
from lstm_lib.own.table import DECIMAL_COMMAS, decode, read_table
from lstm_lib.own.understood import understood

CHOICES = {"decimal": (None, ".", ","), "missing": ("refuse", "previous"), "doubled": ("refuse", "first")}
CHOICES["order"] = (None, "oldest first", "newest first")
FAR = 5  # a number is far away if it lies as many times the range of the others beyond them


class OwnSeries(NamedTuple):
    """A column of a file: ``values`` (N,) float64, the ``name`` of the column, and where the values come from.

    ``inputs`` (N, K): the same rows of other columns, if they were asked for.
    ``labels``: for each value its date, or else its cell in the first column, or its line number.
    ``filled``: the lines whose missing value was replaced. ``understood``: in one line, how the file was read.
    """

    values: torch.Tensor
    name: str
    labels: list
    filled: list
    understood: str
    inputs: torch.Tensor


def read_series(source, column=None, *, inputs=(), order=None, dates=None, item=None, decimal=None, delimiter=None,
                encoding=None, missing="refuse", absent=None, doubled="refuse"):  # fmt: skip
    """Read one column of numbers, print in one line how it was understood, and return it as an OwnSeries, oldest first.

    ``source``: the path of a CSV file, a NumPy array, a pandas Series or a column of a DataFrame, or a list.
    ``column``: a name from the header or a position from 0; None: the only column of numbers. ``inputs``: such names or
    positions of more columns, to forecast from.
    ``order``: "oldest first" or "newest first"; None: as the dates say. ``dates``: the column that says when, or
    several that say it together. ``item``: a cell, or several, of the rows to read, where a file holds several series.
    ``decimal``: "." or ","; ``delimiter``, ``encoding``: None: found out, and refused in doubt.
    ``missing``: "refuse", or "previous" to repeat the value before. ``absent``: a number, or several, that stands for a
    missing value; () if none does. ``doubled``: "refuse" two rows of one time, or keep the "first".
    The rows count as equally far apart in time. Raises ValueError that says where, what came and what was expected.
    """
    given = {"decimal": decimal, "missing": missing, "doubled": doubled, "order": order}
    for name, value in given.items():
        expect(value in CHOICES[name], name, " or ".join(map(repr, CHOICES[name])), repr(value))
    file = isinstance(source, str | Path)
    whole = read_table(source, decimal or ".", delimiter, encoding) if file else None
    whole, decimal = (whole, decimal) if file else as_table(source, decimal)
    table = turned(whole, item)
    k = None if file and table is whole else 1
    if item is not None and table is whole:
        table = of_item(table, item)
    k = (k or _chosen(table)) if column is None else _named(table, column)
    several = [k, *(_named(table, name, "inputs") for name in _list(inputs))]
    check_totals(table)
    named = tuple(_named(table, name, "dates") for name in _list(dates))
    at = when(table, k, named, order)
    kept = once(table, at, k, doubled)
    left_out = len(table.lines) - len(kept)
    if left_out:
        table = keep(table, kept)
        at = when(table, k, at.columns, order)
    rows = in_order(table, at, order)
    styles = [_style(table, j, decimal) for j in several]
    columns = [_numbers(table, j, style, absent) for j, style in zip(several, styles, strict=True)]
    columns, rows, filled = _filled(table, several, columns, rows, missing)
    labels = at.cells if at.reading else table.columns[0] if k else list(map(str, table.lines))
    labels = [labels[row] for row in rows]
    words = understood(table, several, styles, at, rows, labels, filled, left_out)
    print(words)
    values, *others = torch.tensor(columns, dtype=torch.float64)
    inputs = torch.stack(others, dim=1) if others else values.new_zeros(len(values), 0)
    return OwnSeries(values, table.names[k], labels, filled, words, inputs)


def read_text(path, encoding=None):
    """Return the text in the file ``path``, UTF-8 unless ``encoding`` says it, with every line end turned to a newline.

    Raises ValueError that names the file if it is missing, empty, a directory, no text or in another encoding.
    """
    text = "\n".join(decode(path, encoding).splitlines())
    expect(text.strip(), Path(path).name, "a text", "an empty file")
    return text


def _named(table, column, argument="column"):
    """Return the position of the column that an ``argument`` of the caller asks for, by name or position."""
    names = table.names
    if isinstance(column, str) and names.count(column) == 1:
        return names.index(column)
    if isinstance(column, int | np.integer) and not isinstance(column, bool) and 0 <= column < len(names):
        return int(column)
    known = isinstance(column, str | int | float | np.integer)  # others may fill the screen
    hint = "" if known else "pass a name or a position, several in a list"
    hint = "that name stands twice, pass the position" if known and column in names else hint
    came = repr(column) if known else type(column).__name__
    raise refusal(table.file, f"{argument} to be one of {few(names)} or 0 to {len(names) - 1}", came, hint)


def _chosen(table):
    """Return the position of the only column of numbers, but for dates and a count of the rows without a name."""
    numeric = [k for k, cells in enumerate(table.columns) if style_of(cells)]
    if len(numeric) > 1:
        dated = {k for k in numeric if _dates_in_digits(table.columns[k])}
        counts = {0} if table.names[0] == "column 0" and table.names[1] != "column 1" and _counts(table) else set()
        numeric = [k for k in numeric if k not in dated | counts] or numeric
    if len(numeric) == 1:
        return numeric[0]
    last = [f"{name!r}: {shown(cells[-1])}" for name, cells in zip(table.names, table.columns, strict=True)]
    expect(numeric, table.place(-1), "a column of numbers", f"none ({', '.join(last)})")
    names = [table.names[k] for k in numeric]
    hint = f"pass column=, one of {few(names if len(set(names)) == len(names) else numeric)}"
    points = any("." in cell for k in numeric for cell in table.columns[k])
    if table.names == ["column 0", "column 1"] and table.delimiter == "," and not points:
        hint += f"; {DECIMAL_COMMAS}; if they separate thousands, remove them"  # 3,5 in each line
    raise refusal(table.file, "one column of numbers", len(numeric), hint)


def _dates_in_digits(cells):
    """Say whether a column of whole numbers holds dates: 20240131, 202401, or years in order."""
    found = readings(list(cells)) if all(map(str.isdigit, cells)) else []
    return any(reading.unit != "year" or reading.direction != "mixed" for reading in found)


def _counts(table):
    steps = {int(b) - int(a) for a, b in itertools.pairwise(table.columns[0]) if (a + b).isdigit()}
    return steps in ({1}, {-1})


def _style(table, k, decimal):
    """Return the Style of column ``k``; refuse one that contradicts itself, or has no numbers."""
    style, cells = style_of(table.columns[k], decimal), table.columns[k]
    row = next((row for row, cell in enumerate(cells) if not is_missing(cell) and not parts(cell)), 0)
    expect(style, table.place(row, k), "a number", shown(cells[row]), "pass column= to read another one")
    if style.decimal == "?":
        shows = {decimal_in(found[2]): cell for cell in cells if (found := parts(cell))}
        came, hint = f"{shows['.']!r} and {shows[',']!r}", "pass decimal=, and correct the others"
        raise refusal(table.place(column=k), "one decimal sign", came, hint)
    return style


def _numbers(table, k, style, absent):
    """Return the numbers in column ``k``, None for a missing value; refuse one that looks as if it stood for one."""
    numbers = [number(cell, style, table.place(row, k)) for row, cell in enumerate(table.columns[k])]
    standing_for_none = list(absent) if isinstance(absent, set) else _list(absent)
    for value in standing_for_none:
        fits = isinstance(value, Real) and not isinstance(value, bool)
        expect(fits, "absent", "numbers", repr(value), error=TypeError)
    if absent is not None:
        return [None if value in standing_for_none else value for value in numbers]
    present = sorted({value for value in numbers if value is not None})
    for strange, others in ((present[:1], present[1:]), (present[-1:], present[:-1])):
        if len(others) > 2:
            beyond, spread = min(abs(strange[0] - other) for other in (others[0], others[-1])), others[-1] - others[0]
            below = strange[0] < 0 and (others[0] >= 0 and strange[0] % 1 == 0 or strange[0] % 100 == 0)
            made_up = below or re.fullmatch(r"-?9{2,}(\.9*)?|32767|1e\+?\d\d", f"{strange[0]:.12g}")
            came = f"{strange[0]:g}, the others lie from {others[0]:g} to {others[-1]:g}"
            hint = f"if it stands for a missing value, pass absent={strange[0]:.12g}; if it is one, pass absent=()"
            expect(not made_up or beyond < FAR * spread, table.place(column=k), "values of one kind", came, hint)
    return numbers


def _filled(table, several, columns, rows, missing):
    """Return the columns without a gap, their rows, and the lines that were filled; a gap at the start is left out."""
    hint = "fill them in, or pass missing='previous' to repeat the value before"
    for k, numbers in zip(several, columns, strict=True):
        gaps = f"none in line {few([table.lines[row] for row in rows if numbers[row] is None])}"
        complete = missing == "previous" or None not in numbers
        expect(complete, table.place(column=k), "a number in every line", gaps, hint)
    first = max(next((n for n, row in enumerate(rows) if numbers[row] is not None), len(rows)) for numbers in columns)
    rows, found = rows[first:], []
    for k, numbers in zip(several, columns, strict=True):
        values = itertools.accumulate((numbers[row] for row in rows), lambda old, new: old if new is None else new)
        found.append(list(values))
        expect(len(set(found[-1])) > 1, table.place(column=k), "values that change", few(found[-1]))
    filled = [table.lines[row] for row in rows if any(numbers[row] is None for numbers in columns)]
    return found, rows, filled


def _list(value):
    """Return ``value`` as a list: of one, unless it is a tuple or list; None: an empty one. A set has no order."""
    return list(value) if isinstance(value, tuple | list) else [] if value is None else [value]

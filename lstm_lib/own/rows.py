"""Which rows of a table make one series, and in which order: found out where that is sure, asked where it is not."""

import itertools
import re
from collections import defaultdict
from typing import NamedTuple

from lstm_lib.own.cell import parts
from lstm_lib.own.dates import CLOCK, Reading, clocks_put_back, counted, first_other, is_season, readings
from lstm_lib.own.refusing import expect, few, refusal, shown

TOTALS = {"total", "totals", "grand total", "sum", "mean", "average", "summe", "gesamt", "insgesamt", "mittelwert"}
TOTALS |= {"total général", "somme", "moyenne", "合计", "总计", "小计", "平均"}
YEARS = re.compile(r"(year|yr|jahr|année|annee|año|ano|anno|年|年份)", re.IGNORECASE)
OUT = "take out a line that is no part of the series"
ALIKE = f"write all dates alike, and {OUT}"
RIGHT = "correct it, or pass order='oldest first' if the rows are in order"
TURN = "pass order='newest first' to turn the series round, or sort the file"
SORT = "sort the file, pass dates= if another column says when, or order='oldest first' if the rows are in order"
SAY = "pass order='oldest first' or order='newest first', or dates= if another column says when"
TWICE = "take one out, pass doubled='first' to keep the first of each, or dates=(...) if several columns say when"


class When(NamedTuple):
    """What says when each row was: the ``columns``, what stands in them row by row, and one Reading of it or None.

    ``back``: the rows where the clocks were put back.
    """

    columns: tuple
    cells: list
    reading: Reading | None
    back: list = []

    @property
    def direction(self):
        """Return that of the reading; None without one, and if it says the same of all rows."""
        still = self.reading is None or len(set(map(str, self.reading.numbers))) == 1 < len(self.cells)
        return None if still else self.reading.direction

    def tied(self):
        """Say whether two rows have the same time."""
        known = [number for number in self.reading.numbers if number is not None] if self.reading else []
        return len(set(known)) < len(known)


def keep(table, rows):
    """Return the ``table`` with some of its ``rows``, in that order."""
    columns = [[cells[row] for row in rows] for cells in table.columns]
    return table._replace(lines=[table.lines[row] for row in rows], columns=columns)


def of_item(table, item):
    """Return the ``table`` with the rows in which the ``item`` stands in a cell, or each of several."""
    for word in _words(item):
        columns = [j for j, cells in enumerate(table.columns) if word in cells]
        expect(columns, "item", f"a cell of {table.file}", repr(word), "the whole cell, as it stands in the file")
        names = few([table.names[j] for j in columns])
        expect(len(columns) == 1, "item", "a cell of one column", f"{word!r}, which stands in {names}")
        table = keep(table, [row for row, cell in enumerate(table.columns[columns[0]]) if cell == word])
    return table


def _words(item):
    """Return the ``item``, a cell or several, as a list; raise TypeError if it is no text."""
    words = [] if item is None else list(item) if isinstance(item, tuple | list) else [item]
    for word in words:
        expect(isinstance(word, str), "item", "a cell as text", repr(word), f"pass {str(word)!r}", error=TypeError)
    return words


def turned(table, item):
    """Return a ``table`` whose header holds dates with a row of it as a column, by its ``item``; others as they are."""
    dated = [j for j, name in enumerate(table.names) if readings([name])]
    known = readings([table.names[j] for j in dated]) if len(dated) > 2 else []
    if all(reading.direction == "mixed" for reading in known):
        return table
    shapes = {re.sub(r"\d", "0", table.names[j]) for j in dated}
    others = [name for j, name in enumerate(table.names) if j not in dated and re.sub(r"\d", "0", name) in shapes]
    expect(not others, table.file, "dates that exist as names of columns", few(others))
    if item is None and len(table.lines) > 1:
        labels = [cells[0] for j, cells in enumerate(table.columns) if j not in dated]
        came = f"dates as names of columns, such as {table.names[dated[0]]!r}"
        hint = f"pass item=, a cell of the row to read{f', such as {labels[0]!r}' if labels else ''}"
        raise refusal(table.file, "dates in a column", came, hint)
    row = table if item is None else of_item(table, item)
    expect(len(row.lines) == 1, "item", "a cell of one row", f"one of {len(row.lines)}", "pass several cells of it")
    columns = [[row.names[j] for j in dated], [row.columns[j][0] for j in dated]]
    name = " ".join(_words(item) or ["value"])
    return row._replace(names=["date", name], lines=row.lines * len(dated), columns=columns)


def when(table, k, dates=(), order=None):
    """Return the When of a ``table`` whose values stand in column ``k``; ``dates``: the columns that the caller names.

    What the caller says about the ``order`` settles how dates are read in doubt. Raises ValueError where the columns
    contradict each other or seem to be dates in a form that isn't known.
    """
    if dates:
        at = _when(table, dates, order, named=True)
        if not at.reading and not order:
            raise _unknown(table, dates[0], at.cells, "pass order= if the rows are in order")
        return at
    known = [at for j in range(len(table.names)) if j != k and (at := _when(table, (j,), order)).reading]
    if known and known[0].tied():  # days, and the time of day beside them
        clocks = [j for j, cells in enumerate(table.columns) if all(map(CLOCK.fullmatch, cells))]
        known = [at for j in clocks if (at := _when(table, (*known[0].columns, j), order)).reading] or known
    ways = {at.direction for at in known} - {"mixed", None}
    if len(ways) > 1:
        names = few([table.names[at.columns[0]] for at in known])
        raise refusal(table.file, "dates that rise", f"some that rise and some that fall in {names}", "pass dates=")
    known.sort(key=lambda at: (at.direction in ("mixed", None), at.tied()))
    return known[0] if known else _counted(table, k, order)


def _unknown(table, column, cells, hint):
    """Return the refusal of ``cells`` that are no dates in one form; where the form changes it names the line."""
    row = first_other(cells)
    if row is None:
        return refusal(table.place(column=column), "dates in a form that is known", few(cells[:2]), hint)
    came = f"{shown(cells[row])} after {shown(cells[row - 1])}"
    return refusal(table.place(row, column), "dates in one form", came, f"write all dates alike, or {hint}")


def _when(table, columns, order, named=False):
    """Return the When of the ``columns`` by the Reading that has a direction, if one has.

    ``named`` by the caller: then years may stand in any order, and numbers will do that count somehow.
    """
    rows = list(zip(*(table.columns[j] for j in columns), strict=True))
    digits = all(cell.isdigit() for row in rows for cell in row)
    named = named or YEARS.fullmatch(table.names[columns[0]])
    for joint in ("-", " ") if digits else (" ",):
        cells = [joint.join(row) for row in rows]
        found = [clocks_put_back(reading) for reading in readings(cells)]
        if found:
            break
    found = [pair for pair in found if named or pair[0].unit != "year" or pair[0].direction != "mixed"]  # near 2000
    if named and digits and not found:
        found = [(Reading("row", [tuple(map(int, row)) for row in rows]), [])]
    # 2000/01 is a season, though 2011/12 might be a month; in two columns 2024 and 13 may be a week
    months = found and None in found[0][0].numbers and found[0][0].unit == "month"
    if months and (len(columns) > 1 or all(map(is_season, cells))):
        found = [(reading, []) for reading in counted(cells)][:1] or found
    ways = {reading.direction for reading, _ in found} - {"mixed"}
    if len(ways) > 1 and len(set(cells)) > 1 and order is None:
        came = f"{cells[0]!r} and {cells[-1]!r}, which rise or fall by how one reads them"
        place = f"{table.file}, column {table.names[columns[0]]!r}"
        raise refusal(place, "dates that can be read in one way", came, SAY)
    wanted = "fall" if order == "newest first" else "rise"
    found.sort(key=lambda pair: (pair[0].direction != wanted, pair[0].direction == "mixed"))
    return When(columns, cells, *(found[0] if found else (None,)))


def _counted(table, k, order):
    """Return the When of a table without dates: numbers in its first column, or labels, that count; or nothing."""
    for j, column in enumerate(table.columns):
        cells = list(column)
        plain = all(re.fullmatch(r"[+-]?\d+\.?\d*", cell) for cell in cells)
        if j == k or plain and j > 0:
            continue
        found = [Reading("row", [float(cell) for cell in cells])] if plain else counted(cells)
        found = [reading for reading in found if len(set(reading.numbers)) == len(cells)]
        ways = {reading.direction for reading in found} - {"mixed"}
        unread = [i for i, others in enumerate(table.columns) if i not in (j, k) and _may_say_when(others)]
        if len(ways) == 1 and not (plain and unread) and (len(cells) > 2 or not plain):
            return When((j,), cells, next(reading for reading in found if reading.direction in ways))
        unread = unread if len(ways) == 1 else [j] * _may_say_when(cells)
        if unread and order is None:
            raise _unknown(table, unread[0], table.columns[unread[0]], SAY)
    return When((), [], None)


def _may_say_when(cells):
    """Say whether text ``cells`` may be dates in a form that isn't known: digits in most, hardly two alike."""
    digits = sum(bool(re.search(r"\d", cell)) and not parts(cell) for cell in cells)
    return digits > len(cells) / 2 and len(set(cells)) > 0.9 * len(cells)


def check_totals(table):
    """Refuse a row that is a sum of others; where the word stands in several rows it is an item like others."""
    for cells in table.columns:
        rows = [row for row, label in enumerate(cells) if label.strip(" :.").casefold() in TOTALS]
        if len(rows) == 1:
            raise refusal(table.place(rows[0]), "a row of the series", shown(cells[rows[0]]), OUT)


def once(table, at, k, doubled):
    """Return the rows to keep: all, or with ``doubled`` "first" the first of each time; refuse others of a time."""
    rows = range(len(table.lines))
    if not at.tied():
        return list(rows)
    first = {}  # time -> row; an unread one is a time of its own
    for row, number in enumerate(at.reading.numbers):
        number = ("unread", row) if number is None else number
        if first.setdefault(number, row) != row and doubled != "first":
            came = f"{at.cells[row]!r} as in line {table.lines[first[number]]}"
            raise refusal(table.place(row), "a time of its own for each row", came, _several(table, at, k) or TWICE)
    return sorted(first.values())


def _several(table, at, k):
    """Return the hint for a table of several series: the columns that tell them apart, and an item of them."""
    groups = defaultdict(list)
    for row, number in enumerate(at.reading.numbers):
        groups[number].append(row)
    others = [
        j for j, cells in enumerate(table.columns) if j not in (k, *at.columns) and 1 < len(set(cells)) < len(cells)
    ]
    for j in others:
        cells = table.columns[j]
        if all(cell.isdigit() for cell in cells) and all(_rises(cells, rows) for rows in groups.values()):
            names = tuple(table.names[i] for i in (*at.columns, j))
            return f"pass dates={names} if these say together when, or item={cells[0]!r} to keep one series of several"
    for several in (*((j,) for j in others), *itertools.combinations(others, 2)):
        apart = [[tuple(table.columns[j][row] for j in several) for row in rows] for rows in groups.values()]
        if all(len(set(keys)) == len(keys) for keys in apart):
            items = tuple(table.columns[j][0] for j in several)
            names = few([table.names[j] for j in several])
            item = items[0] if len(items) == 1 else items
            return f"pass item= to keep one series, such as item={item!r} of column {names}"
    return ""


def _rises(cells, rows):
    return all(int(cells[a]) < int(cells[b]) for a, b in itertools.pairwise(rows))


def in_order(table, at, order):
    """Return the rows from the oldest on; ValueError where they don't rise and ``order`` doesn't settle it."""
    rows, numbers = list(range(len(table.lines))), at.reading.numbers if at.reading else []
    if order is None and None in numbers:
        row = numbers.index(None)
        others = [cell for cell, number in zip(at.cells, numbers, strict=True) if number is not None]
        alike = re.sub(r"\d", "0", at.cells[row]) in {re.sub(r"\d", "0", cell) for cell in others}  # 30 February
        expected, hint = ("a date that exists", RIGHT) if alike else ("a date written as in most lines", ALIKE)
        raise refusal(table.place(row), expected, shown(at.cells[row]), hint)
    falls = [row for row, (a, b) in enumerate(itertools.pairwise(numbers), 1) if None not in (a, b) and b < a]
    if order is None and falls:
        came = f"{at.cells[falls[0]]!r} after {at.cells[falls[0] - 1]!r}"
        hint = TURN if at.direction == "fall" else SORT
        raise refusal(table.place(falls[0]), "rows that rise, oldest first", came, hint)
    if order == "newest first":
        came = f"{order!r}, where {at.cells[:2]} don't fall"
        expect(at.direction in ("fall", None), "order", "None or 'oldest first'", came)
        return rows[::-1]
    return rows

"""How a file was read, in one line: what a learner checks it by."""

import itertools

from lstm_lib.own.refusing import few


def understood(table, several, styles, at, rows, labels, filled, left_out):
    """Return in one line what was read and how."""
    lines = [table.lines[row] for row in rows]
    names = ", ".join(repr(table.names[k]) for k in several)
    words = f"{table.file}, column{'s' * (len(several) > 1)} {names}: {len(rows)} values"
    words += f", line {lines[0]} to {lines[-1]}"
    if at.reading and at.reading.unit != "row":
        words += f", {labels[0]} to {labels[-1]}, {_pace(at.reading, rows, table.lines)}"
    else:
        words += f", {labels[0]} to {labels[-1]}" if at.reading else ", no dates found: in the order of the file"
    notes = [(rows[0] > rows[-1], "turned round, oldest first")]
    notes += [(True, note) for note in _written([table.names[k] for k in several], styles)]
    notes += [(at.back, f"clocks put back in line {few([table.lines[row] for row in at.back])}")]
    notes += [(left_out, f"{_rows(left_out)} of a time that came before left out")]
    early = len(table.lines) - len(rows)
    notes += [(early, f"{_rows(early)} before the first value left out")]
    notes += [(filled, f"{len(filled)} filled with the value before")]
    notes += [(table.above, f"line {few(table.above)} left out as a title")]
    return "; ".join([words, *(note for shows, note in notes if shows)])


def _written(names, styles):
    """Return notes on how the columns of these ``names`` write their numbers, each with the columns if not all do."""
    notes = {}
    for name, style in zip(names, styles, strict=True):
        said = [(style.decimal == ",", "with decimal commas"), (any(style.unit), f"without {''.join(style.unit)!r}")]
        said += [(style.factors, "K, M, B are factors")]
        for note in (note for shows, note in said if shows):
            notes.setdefault(note, []).append(name)
    return [note if len(where) == len(names) else f"{note} in {few(where)}" for note, where in notes.items()]


def _pace(reading, rows, lines):
    """Return how far apart the rows are: "every 1 day", and the longest step if it is another."""
    numbers = [reading.numbers[row] for row in rows]
    if None in numbers:
        return "which I can't all read"
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    usual, longest = sorted(steps)[len(steps) // 2], max(steps)
    if min(steps) < 0:
        return "which don't rise"
    after = f", {_amount(longest, reading.unit)} after line {lines[rows[steps.index(longest)]]}"
    mostly = "" if max(steps) - min(steps) < 1e-6 else "mostly "
    return f"{mostly}{_amount(usual, reading.unit)} apart{after if longest > 1.5 * usual else ''}"


def _rows(count):
    return f"{count} row{'s' * (count != 1)}"


def _amount(number, unit):
    sizes = {"day": 1, "hour": 1 / 24, "minute": 1 / 1440, "second": 1 / 86400} if unit == "day" else {unit: 1}
    name, size = next(((name, size) for name, size in sizes.items() if number >= size * 0.999), list(sizes.items())[-1])
    count = round(number / size, 3)
    return f"{count:g} {name}{'s' * (count != 1)}"

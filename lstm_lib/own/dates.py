"""Dates as people write them in tables: what do the cells of a column say about time, and do they rise?

A library that guesses each cell by itself, as dateutil and pandas do, reads 1/2/2024 and 13/2/2024 as January and
February: here a form must fit the whole column, and what stays open is asked.
"""

import datetime
import itertools
import re
from typing import NamedTuple

# the first letters of the twelve months in English, French, German, Italian and Spanish
MONTHS = "jan ene gen,feb fév fev,mar mär mrz,apr avr abr,may mai mag,jun juin giu,jul juil lug,aug aoû aou ago"
MONTHS += ",sep set,oct okt ott,nov,dec déc dez dic"
MONTHS = {start: k for k, starts in enumerate(MONTHS.split(","), 1) for start in starts.split()}
WEEKDAYS = ["mon tue wed thu fri sat sun", "mo di mi do fr sa so", "lun mar mer jeu ven sam dim"]
WEEKDAYS = [days.split() for days in (*WEEKDAYS, "一 二 三 四 五 六 日")]
DAY, MONTH, YEAR, SHORT = r"(?P<day>\d\d?)", r"(?P<month>\d\d?)", r"(?P<year>\d{4})", r"(?P<year>\d{4}|\d\d)"
NAME, CENTURY = r"(?P<name>[^\W\d_]{3,})\.?", r"(?P<year>(?:1[5-9]|20)\d\d)"
WEEKDAY, TIME = r"(?:[^\W\d_]{2,}\.?,?\s+)?", r"(?P<time>(?:[ T,(].*)?)"
FORMS = {  # of units of time, the forms in which people write them
    "day": (
        rf"{WEEKDAY}{YEAR}(?:[-/]|\. ?){MONTH}(?:[-/]|\. ?){DAY}\.?{TIME}",
        rf"{WEEKDAY}{DAY}[./-] ?{MONTH}[./-] ?{SHORT}{TIME}",
        rf"{WEEKDAY}{MONTH}[/-]{DAY}[/-]{SHORT}{TIME}",
        rf"(?P<year>\d\d)-(?P<month>\d\d)-(?P<day>\d\d){TIME}",
        rf"{CENTURY}(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<unix>1\d{9}(?:\d{3})?)",
        rf"{YEAR}年{MONTH}月{DAY}[日号]?(?P<time>.*)",
        rf"{WEEKDAY}{DAY}[ .-]*(?:de )?{NAME}[ ,-]*(?:de )?{SHORT}{TIME}",
        rf"{WEEKDAY}{NAME} *{DAY}(?:st|nd|rd|th)?,? +{YEAR}{TIME}",
        rf"{YEAR}[ -]{NAME}[ -]{DAY}{TIME}",
        rf"{DAY}[ .-]+{NAME}",
    ),
    "month": (
        rf"{YEAR}[-/.]{MONTH}",
        rf"{MONTH}[./-]{YEAR}",
        rf"{MONTH}[/-](?P<year>\d\d)",
        rf"{CENTURY}(?P<month>\d\d)",
        rf"{YEAR} ?M{MONTH}",
        rf"{YEAR}年{MONTH}月",
        rf"{NAME}[ '-]*{SHORT}",
        rf"{SHORT}[ -]*{NAME}",
    ),
    "quarter": (rf"{SHORT}[ -/]?Q(?P<part>[1-4])", rf"Q(?P<part>[1-4])[ '/-]*{SHORT}", rf"(?P<part>[1-4])Q ?{SHORT}"),
    "week": (rf"{YEAR}[ -]?(?:W|KW ?)(?P<part>\d\d?)", rf"{CENTURY}(?P<part>[0-5]\d)"),
    "year": (rf"X?{CENTURY}(?:年| \[YR\d{{4}}\])?",),
}
FORMS = [(unit, re.compile(form, re.IGNORECASE)) for unit, forms in FORMS.items() for form in forms]
CLOCK = re.compile(r"(上午|下午)?\d\d?[:.h]\d\d([:.]\d\d([.,]\d+)?)?( ?[ap]\.? ?m\.?)?", re.IGNORECASE)
HOUR = 1 / 24


class Reading(NamedTuple):
    """A way to read a column: for each cell a number that counts its ``unit``, None for a cell of another form."""

    unit: str
    numbers: list

    @property
    def direction(self):
        """Say whether the numbers "rise" or "fall", equal ones between; "mixed" for neither, or a cell unread."""
        pairs = list(itertools.pairwise(self.numbers))
        if None in self.numbers or not pairs:
            return "mixed"
        if all(a <= b for a, b in pairs):
            return "rise"
        return "fall" if all(a >= b for a, b in pairs) else "mixed"


def readings(cells):
    """Return the Readings that fit the ``cells`` best, none if most cells are no dates or several are not."""
    some = cells[:: max(1, len(cells) // 200)]
    hits = [sum(_number(unit, form, cell) is not None for cell in some) for unit, form in FORMS]
    likely = [pair for pair, hit in zip(FORMS, hits, strict=True) if hit > len(some) / 2]
    found = [Reading(unit, [_number(unit, form, cell) for cell in cells]) for unit, form in likely]
    fewest = min((reading.numbers.count(None) for reading in found), default=0)
    if fewest > max(1, len(cells) // 5):
        return []
    return [reading for reading in found if reading.numbers.count(None) == fewest]


def first_other(cells):
    """Return the row where the form changes: the first that no form reads which reads all before; None without one."""
    fitting = FORMS
    for row, cell in enumerate(cells):
        fitting = [(unit, form) for unit, form in fitting if _number(unit, form, cell) is not None]
        if not fitting:
            return row or None  # of the first cell no form is known
    return None


def is_season(cell):
    """Say whether ``cell`` is a season, 1999/00, and not a month."""
    season = re.fullmatch(r"(?:\d\d)?(\d\d)[-/](\d\d?)", cell)
    return season is not None and int(season[2]) == (int(season[1]) + 1) % 100


def counted(cells):
    """Return the Readings of cells such as "Week 3", "2019/20", weekdays, or plain numbers; none if they say nothing.

    The words around the numbers are the same in all. Of several numbers in a cell the first may count most or least.
    """
    for cycle in (list(MONTHS), *WEEKDAYS):
        places = [_month(cell) if "jan" in cycle else _place(cell, cycle) for cell in cells]
        if None not in places:
            step = {(b - a) % (12 if "jan" in cycle else 7) for a, b in itertools.pairwise(places)}
            if step in ({1}, {11 if "jan" in cycle else 6}):
                return [Reading("row", [k if step == {1} else -k for k in range(len(cells))])]
    days = [sum(_number("day", form, cell) is not None for cell in cells) for unit, form in FORMS if unit == "day"]
    if max(days) > len(cells) / 2 or len({re.sub(r"\d+", "0", cell) for cell in cells}) > 1:
        return []  # 2024-02-29, 2024-02-30 and 2024-02-31 rise, but don't count anything
    numbers = [tuple(map(int, re.findall(r"\d+", cell))) for cell in cells]
    found = [Reading("row", numbers), Reading("row", [parts[::-1] for parts in numbers])]
    return [reading for reading in found if numbers[0] and reading.direction != "mixed"]


def clocks_put_back(reading):
    """Return ``reading`` with an hour added after each time the clocks were put back, and the rows where they were.

    There a stamp comes an hour too early for the usual step, once in half a year.
    """
    if reading.unit == "day" and None not in reading.numbers and reading.numbers[0] > reading.numbers[-1]:
        turned, rows = clocks_put_back(Reading(reading.unit, reading.numbers[::-1]))
        return Reading(reading.unit, turned.numbers[::-1]), [len(turned.numbers) - row for row in rows]
    numbers = reading.numbers
    if reading.unit != "day" or None in numbers or len(numbers) < 4:
        return reading, []
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    usual = sorted(steps)[len(steps) // 2]
    rows = [k for k, step in enumerate(steps, 1) if step <= 0]
    back = all(abs(steps[k - 1] + HOUR - usual) < 1e-6 for k in rows) and 0 < usual <= HOUR + 1e-6
    if not rows or not back or any(numbers[b] - numbers[a] < 180 for a, b in itertools.pairwise(rows)):
        return reading, []
    later = itertools.accumulate(HOUR * (k in rows) for k in range(len(numbers)))
    return Reading("day", [number + hours for number, hours in zip(numbers, later, strict=True)]), rows


def _place(cell, cycle):
    return next((k for k, start in enumerate(cycle) if cell.lower().removeprefix("星期").startswith(start)), None)


def _month(word):
    """Return the number of the month that ``word`` names, None for another word."""
    word = word.lower()
    return next((MONTHS[word[:size]] for size in (4, 3) if word[:size] in MONTHS and not re.search(r"\d", word)), None)


def _number(unit, form, cell):
    match = form.fullmatch(cell)
    if not match:
        return None
    part = {name: text for name, text in match.groupdict().items() if text}
    if "unix" in part:  # seconds since 1970, or thousandths
        return float(part["unix"][:10] + "." + part["unix"][10:]) / 86400
    month = _month(part["name"]) if "name" in part else int(part.get("month", 1))
    year, time = int(part.get("year", 2000)), _time(part.get("time", ""))
    if len(part.get("year", "2000")) == 2:
        year += 1900 if year >= 69 else 2000  # as C and Python do
    try:
        first = datetime.date(year, month, int(part.get("day", 1))).toordinal()
        week = datetime.date.fromisocalendar(year, int(part["part"]), 1).toordinal() / 7 if unit == "week" else 0
    except (TypeError, ValueError):  # no such day, no such month, a word that names none
        return None
    quarter = 4 * year + int(part.get("part", 0))
    counts = {"day": first + (time or 0), "month": 12 * year + month, "quarter": quarter, "week": week, "year": year}
    return None if time is None else counts[unit]


def _time(text):
    """Return the time of day in ``text`` as a part of a day, without its time zone; None if there is no such time."""
    zone = re.search(r"\d(?:Z|([+-])(\d\d):?(\d\d))\s*$", text)
    if zone:
        text = text[: zone.start() + 1]
    numbers = [float(number) for number in re.findall(r"\d+", text)[:3]]
    half = re.search(r"(?<![a-z])([ap])\.? ?m\b|([上下])午", text, re.IGNORECASE)
    if numbers and half:
        numbers[0] = numbers[0] % 12 + 12 * (half[0][:1].lower() in "p下")
    hours, minutes, seconds = (numbers + [0, 0, 0])[:3]
    parts = re.search(r"\d\D\d\d\D\d\d[.,](\d+)", text)  # of a second
    seconds += float(f"0.{parts[1]}") if parts else 0
    if hours > 24 or minutes > 59 or seconds > 60:
        return None
    away = int(f"{zone[1]}1") * (int(zone[2]) + int(zone[3]) / 60) if zone and zone[1] else 0
    return (hours - away + minutes / 60 + seconds / 3600) / 24

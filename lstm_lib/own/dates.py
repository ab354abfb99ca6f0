"""Dates as people write them in tables: do the cells of a column hold dates, and do these rise?"""

import re

TIME = r"(?P<time>([ T,].*)?)"
YEAR = r"(?P<year>\d{4}|\d\d)"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAME = rf"(?P<name>{'|'.join(MONTHS)})[a-z]*\.?"
FORMS = (  # of cells for which several fit the earlier wins, unless only a later one fits them all
    r"(?P<year>\d{4})[-/](?P<month>\d\d?)([-/](?P<day>\d\d?))?(?P<time>(\D.*)?)",
    r"(?P<day>\d\d?)[./-](?P<month>\d\d?)[./-]" + YEAR + TIME,
    r"(?P<month>\d\d?)[/-](?P<day>\d\d?)[/-]" + YEAR + TIME,
    r"(?P<year>\d{4})\.(?P<month>\d\d?)\.(?P<day>\d\d?)\.?" + TIME,
    r"(?P<year>\d\d)-(?P<month>\d\d)-(?P<day>\d\d)" + TIME,
    r"(?P<month>\d\d?)[./-](?P<year>\d{4})",
    r"(?P<year>\d{4})[ -]?[QMW](?P<part>\d\d?)",
    rf"(?P<day>\d\d?)[ .-]*{NAME}[ -]*{YEAR}" + TIME,
    rf"{NAME} *(?P<day>\d\d?), *(?P<year>\d{{4}})" + TIME,
    rf"{NAME}[ -]*(?P<year>\d{{4}})",
)
FORMS = tuple(re.compile(form, re.IGNORECASE) for form in FORMS)


def readings(cells):
    """Return, for each of the FORMS, what each of the ``cells`` is by it: (year, month, day, time), or None."""
    return [[_date(form, cell.strip()) for cell in cells] for form in FORMS]


def are_dates(found):
    """Say whether most cells are dates, by what :func:`readings` has found. A few others among them may be mistakes."""
    cells = list(zip(*found, strict=True))
    others = sum(not any(by_form) for by_form in cells)
    return len(cells) > 0 and others < len(cells) / 2 and others <= max(1, len(cells) // 5)


def first_stranger(found):
    """Return the place of the first cell that is not written like most; None if one form fits all."""
    best = min(found, key=lambda dates: dates.count(None))
    return best.index(None) if None in best else None


def first_fall(found):
    """Return the place of the first date that lies before the one above it; None if some form makes all dates rise."""
    falls = [
        next((k for k in range(1, len(dates)) if dates[k] < dates[k - 1]), None) for dates in found if None not in dates
    ]
    return None if None in falls or not falls else falls[0]


def _date(form, cell):
    match = form.fullmatch(cell)
    if not match:
        return None
    part = {name: text for name, text in match.groupdict().items() if text}
    month = MONTHS.index(part["name"].lower()) + 1 if "name" in part else int(part.get("month", 1))
    day, year = int(part.get("day", 1)), int(part["year"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if len(part["year"]) == 2:
        year += 1900 if year >= 69 else 2000  # as C and Python do
    return year, month, int(part.get("part", day)), _time(part.get("time", ""))


def _time(text):
    """Return the numbers of a time of day; none with a time zone: when clocks are put back such times fall."""
    if re.search(r"\d(Z|[+-]\d\d:?\d\d)\s*$", text):
        return ()
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    half = re.search(r"(?<![a-z])([ap])\.?m\b", text, re.IGNORECASE)
    if numbers and half:
        numbers[0] = numbers[0] % 12 + 12 * (half[1].lower() == "p")
    return tuple(numbers)

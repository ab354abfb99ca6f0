"""Dates as people write them in tables: do the cells of a column hold dates, and do these rise?"""

import itertools
import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY, MONTH, YEAR, SHORT = r"(?P<day>\d\d?)", r"(?P<month>\d\d?)", r"(?P<year>\d{4})", r"(?P<year>\d{4}|\d\d)"
NAME = rf"(?P<name>{'|'.join(MONTHS)})[a-z]*\.?"
TIME = r"(?P<time>([ T,].*)?)"
FORMS = (  # of cells for which several fit the earlier wins, unless only a later one fits them all
    rf"{YEAR}[-/]{MONTH}([-/]{DAY})?(?P<time>(\D.*)?)",
    rf"{DAY}[./-]{MONTH}[./-]{SHORT}{TIME}",
    rf"{MONTH}[/-]{DAY}[/-]{SHORT}{TIME}",
    rf"{YEAR}\.{MONTH}\.{DAY}\.?{TIME}",
    rf"(?P<year>\d\d)-(?P<month>\d\d)-(?P<day>\d\d){TIME}",
    rf"{MONTH}[./-]{YEAR}",
    rf"{YEAR}[ -]?[QMW](?P<part>\d\d?)",
    rf"{DAY}[ .-]*{NAME}[ -]*{SHORT}{TIME}",
    rf"{NAME} *{DAY}, *{YEAR}{TIME}",
    rf"{NAME}[ -]*{YEAR}",
)
FORMS = tuple(re.compile(form, re.IGNORECASE) for form in FORMS)


def dates_in(cells):
    """Return the date in each of the ``cells``, (year, month, day, time), by the one of the FORMS that fits them best.

    None stands for a cell that is written in another way, maybe by mistake. An empty list if most cells are no dates.
    """
    found = [[_date(form, cell) for cell in cells] for form in FORMS]
    others = sum(not any(by_form) for by_form in zip(*found, strict=True))
    if others >= len(cells) / 2 or others > max(1, len(cells) // 5):
        return []
    return min(found, key=lambda dates: (dates.count(None), first_fall(dates) is not None))


def first_fall(dates):
    """Return the place of the first date that lies before the one above it; None if there is none or not all are."""
    pairs = enumerate(itertools.pairwise(dates), start=1)
    return None if None in dates else next((k for k, (above, date) in pairs if date < above), None)


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

"""What the cells of a column mean: numbers in one style, missing values, or neither. They come without blanks around.

A library that reads numbers takes one style for the whole file, or guesses each cell: here the cells of a column decide
together what its points and commas are, and what stays open is asked.
"""

import math
import re
import unicodedata
from collections import Counter
from typing import NamedTuple

from lstm_lib.own.refusing import expect, refusal, shown

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "--", "?", ".", "#n/a", "#na", "<na>"}
GROUPED = r"[1-9]\d{0,2}(?P<by>[ .,'_\u2019\u00a0\u202f])\d{3}(?:(?P=by)\d{3})*(?:(?!(?P=by))[.,]\d+)?"  # 1,234.5
INDIAN = r"[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?"  # 1,23,456.5
PLAIN = r"(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?"  # with an exponent behind it no sign separates thousands
NUMBER = re.compile(rf"(?:{GROUPED}|{INDIAN}|{PLAIN})(?![.,\d]|e[+-]?\d)", re.IGNORECASE)
IN_DOUBT = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # 1.250 in Germany is 1,250 elsewhere
OTHER = {".": ",", ",": "."}
LARGE = {"K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9}  # where a column has several of them: 950K, 1.2M
INFINITE = {"inf", "infinity"}
CORRECT = "correct the cell, or leave it empty"
DOUBT = "if the sign in it is a decimal sign, pass decimal={0!r}; if it separates thousands, pass decimal={1!r}"


class Style(NamedTuple):
    """How a column writes numbers: the ``decimal`` sign, the ``unit`` (before, behind) in each cell, what K and M mean.

    The decimal sign is "" if it stays in doubt, "?" if cells contradict each other.
    """

    decimal: str
    unit: tuple
    factors: dict


def is_missing(cell):
    """Say whether ``cell`` stands for a missing value."""
    return cell.lower() in MISSING


def parts(cell):
    """Return (unit before, sign, digits with points and commas, unit behind) of a number, or None.

    The unit before is a currency, the one behind a sign or a word of at most eight letters: $5, 9.8 %, 3 kg, 101.2K.
    """
    cell = cell.replace("\u2212", "-")  # the minus sign of typesetters
    sign = cell[:1] if cell[:1] in ("+", "-") else ""
    rest = cell[len(sign) :]
    if rest.lower() in INFINITE:
        return "", sign, rest, ""
    size = next((k for k, letter in enumerate(rest) if letter.isdigit() or letter in ".,"), 0)
    money = "".join("$" if unicodedata.category(letter) == "Sc" else letter for letter in rest[:size])
    known = not money or re.fullmatch(r"[A-Z]{3} +|[A-Z]{0,3}\$ *", money)
    match = NUMBER.match(rest, size) if known else None
    behind = rest[match.end() :].strip() if match else ""
    wrong = match is None or len(behind) > 8 or re.search(r"[\d.,:;+#-]", behind)
    return None if wrong else (rest[:size].strip(), sign, match[0], behind)


def style_of(cells, decimal=None):
    """Return the Style of a column's ``cells``; None if most of them are no numbers, or if their units differ.

    The decimal sign is ``decimal``, or what the cells show without doubt.
    """
    present = [cell for cell in cells if not is_missing(cell)]
    found = [one for one in map(parts, present) if one]
    units = Counter((before, behind) for before, _, _, behind in found)
    unit, most = units.most_common(1)[0] if units else (None, 0)
    large = len(units) > 1 and all(before == unit[0] and behind in {*LARGE, ""} for before, behind in units)
    if (len(found) if large else most) <= len(present) / 2:
        return None
    bodies = [body for _, _, body, _ in found]
    signs = set(map(decimal_in, bodies)) - {""}
    doubt = any(map(IN_DOUBT.fullmatch, bodies))
    sign = "?" if len(signs) > 1 else next(iter(signs), "" if doubt else ".")
    return Style(decimal or sign, unit, LARGE if large else {})


def number(cell, style, place):
    """Return the number in ``cell``, None if it is missing; ValueError that names the ``place`` for anything else."""
    if is_missing(cell):
        return None
    before, sign, body, behind = parts(cell) or refuse(place, "a number", cell, CORRECT)
    fits = behind in {*style.factors, ""} if style.factors else (before, behind) == style.unit
    expected = f"a number with {''.join(style.unit)!r}" if any(style.unit) else "a number"
    expect(fits, place, expected, shown(cell), CORRECT)
    if not style.decimal and IN_DOUBT.fullmatch(body):
        refuse(place, "a number without doubt", cell, DOUBT.format(*(".,", ",.")["," in body]))
    decimal = style.decimal or "."
    whole, point, after = body.partition(decimal)
    grouped = re.fullmatch(GROUPED, whole)
    if grouped and grouped["by"] != decimal:
        whole = whole.replace(grouped["by"], "")
    elif decimal == "." and re.fullmatch(INDIAN, whole):
        whole = whole.replace(",", "")
    text = f"{sign}{whole}{point}{after}"
    if OTHER[decimal] in text or not re.fullmatch(rf"[+-]?({PLAIN}|inf(inity)?)", text, re.IGNORECASE):
        refuse(place, f"a number with the decimal sign {decimal!r}", cell, CORRECT)
    value = float(text.replace(decimal, "."))
    expect(math.isfinite(value), place, "a finite number", shown(cell))
    return value * style.factors.get(behind, 1)


def refuse(place, expected, cell, hint):
    """Raise ValueError about a ``cell``."""
    raise refusal(place, expected, shown(cell), hint)


def decimal_in(body):
    """Return the decimal sign that a number shows without doubt, "" if it shows none."""
    signs = [letter for letter in body if letter in ".,"]
    if not signs or IN_DOUBT.fullmatch(body):
        return ""
    if len(set(signs)) == 2:
        return signs[-1]
    return signs[0] if len(signs) == 1 else OTHER[signs[0]]  # 1.234.567

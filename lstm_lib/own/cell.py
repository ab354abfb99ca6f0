"""What a cell of a file means: a number, a missing value, or neither. Cells come without blanks around them."""

import itertools
import math
import re

from lstm_lib.own.refusing import expect, refusal, shown

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?)", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}([ .,'_\u2019\u00a0\u202f]\d{3})+([.,]\d+)?")  # 1,234.5 and its relatives
MINUS = str.maketrans("\u2212", "-")  # the sign of typesetters


def is_missing(cell):
    """Say whether ``cell`` stands for a missing value."""
    return cell.lower() in MISSING


def looks_numeric(cell):
    """Say whether ``cell`` is meant as a number, even one with another decimal sign or with thousands separators."""
    cell = cell.translate(MINUS)
    return bool(NUMBER.fullmatch(cell.replace(",", ".")) or GROUPED.fullmatch(cell))


def mostly_numbers(cells):
    """Say whether more than half of the ``cells`` look numeric, those for missing values left out."""
    cells = [cell for cell in cells if not is_missing(cell)]
    return sum(map(looks_numeric, cells)) > len(cells) / 2


def is_in_doubt(cell):
    """Say whether the point may separate thousands: 1.250 in Germany, and one and a quarter elsewhere. Not in 0.250."""
    cell = cell.translate(MINUS)
    return bool(NUMBER.fullmatch(cell) and GROUPED.fullmatch(cell)) and not cell.lstrip("+-").startswith("0")


def number(cell, decimal, place):
    """Return the number in ``cell``, None if it is missing; ValueError that names the ``place`` for anything else."""
    if is_missing(cell):
        return None
    cell = cell.translate(MINUS)
    text = cell if decimal == "." else cell.replace(".", "?").replace(",", ".")
    if NUMBER.fullmatch(text):
        expect(math.isfinite(float(text)), place, "a finite number", shown(cell))
        return float(text)
    hint = "correct the cell, or leave it empty"
    if decimal == "." and NUMBER.fullmatch(cell.replace(",", ".")):
        hint = "if the comma is a decimal comma, pass decimal=','; if it separates thousands, remove it"
    elif decimal == "," and NUMBER.fullmatch(cell):
        hint = "with decimal=',' the point can't be the decimal sign; if it separates thousands, remove it"
    elif GROUPED.fullmatch(cell):
        hint = "remove the thousands separators"
    raise refusal(place, "a number", shown(cell), hint)


def differences(cells):
    """Return by how much each number in ``cells`` lies above the one before; an empty list if some are no numbers."""
    cells = [cell.translate(MINUS) for cell in cells]
    numbers = map(float, cells if all(map(NUMBER.fullmatch, cells)) else [])
    return [b - a for a, b in itertools.pairwise(numbers)]

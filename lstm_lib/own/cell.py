"""What a cell of a file means: a number, a missing value, or neither. Cells come without blanks around them."""

import math
import re

from lstm_lib.own.refusing import expect, refusal, shown

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?)", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}([ .,'_\u2019\u00a0\u202f]\d{3})+([.,]\d+)?")  # 1,234.5 and its relatives
IN_DOUBT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")  # 1.250 in Germany, and one and a quarter elsewhere


def plain(cell):
    """Return ``cell`` with a hyphen for the minus sign of typesetters."""
    return cell.replace("\u2212", "-")


def is_missing(cell):
    """Say whether ``cell`` stands for a missing value."""
    return cell.lower() in MISSING


def looks_numeric(cell):
    """Say whether ``cell`` is meant as a number, even one with another decimal sign or with thousands separators."""
    cell = plain(cell)
    return bool(NUMBER.fullmatch(cell.replace(",", ".")) or GROUPED.fullmatch(cell))


def mostly_numbers(cells):
    """Say whether more than half of the ``cells`` look numeric, those for missing values left out."""
    cells = [cell for cell in cells if not is_missing(cell)]
    return sum(map(looks_numeric, cells)) > len(cells) / 2


def number(cell, decimal, place):
    """Return the number in ``cell``, None if it is missing; ValueError that names the ``place`` for anything else."""
    if is_missing(cell):
        return None
    cell = plain(cell)
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

"""TEACHING.md: what a plan lets learners run does without the sections that it leaves out."""

import re

import nbformat
import pytest

from lstm_lib import order
from tests.tools.hygiene import NOTEBOOKS

GUIDE = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
SECTION = r"§(\d+)(?:–(\d+))?"
PLACES = re.compile(rf"`(\d\d)`(?: |, )?((?:{SECTION}(?:, | and )?)+)")


def plans():
    """Return [(notebook, its sections that a plan shows)] for each plan whose learners run whole sections."""
    found = []
    for plan in GUIDE.split("\n## ")[1:]:
        shown = {}
        if plan.startswith(("3 hours", "4 weeks")):
            for row in re.findall(r"^\| (?:\d+–\d+ \| ([^|]*)|\*\*\d\.\d\*\*([^|]*)) \|", plan, re.M):
                for number, sections, *_ in PLACES.findall("".join(row).split("(")[0]):
                    for first, last in re.findall(SECTION, sections):
                        shown.setdefault(number, set()).update(range(int(first), int(last or first) + 1))
        found += shown.items()
    return found


def section_of(path):
    """Return cell id -> number of the section that it stands in, 0 before the first one."""
    found, now = {}, 0
    for cell in nbformat.read(path, as_version=4).cells:
        headings = re.findall(r"^## (?:(\d+) · )?", cell.source, re.M) if cell.cell_type == "markdown" else []
        now = int(headings[-1] or 99) if headings else now
        found[cell.id] = now
    return found


def lacking(number, shown):
    """Return (cell, name, the section that makes it) for what the ``shown`` sections use and none of them has made."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    section, cells = section_of(path), order.makers(path)
    there = [cell for cell in cells if section[cell] in shown | {0}]
    found, made = [], set()
    for cell in there:
        source, maker, inside = cells[cell]
        needed, makes, own = order.names_of(source)
        for name in needed:  # it grows: a function needs names of its own
            needed += [more for more in {**inside, **own}.get(name, ()) if more not in needed]
        found += [
            (cell, name, section[maker[name]]) for name in needed if name in maker and name not in {*made, *makes}
        ]
        made |= {*makes}
    return found


def test_both_plans_are_read():
    assert {"00", "01", "02", "04", "05", "07"} < {number for number, _ in plans()} and len(plans()) == 12
    assert ("07", {1, 2, 4}) in plans() and ("02", {1, 2, 3, 4, 5, 6, 7}) in plans()
    assert "cell_gradients" in {name for _, name, _ in lacking("06", {1, 3})}


@pytest.mark.parametrize(("number", "shown"), plans())
def test_what_a_plan_shows_does_without_what_it_leaves_out(number, shown):
    assert lacking(number, shown) == []

"""TEACHING.md: what a plan lets learners run does without the sections that it leaves out."""

import contextlib
import io
import re
from types import SimpleNamespace

import nbformat
import pytest

from lstm_lib import order
from tests.publish.notes import plan_rows
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
            for row in plan_rows(plan):
                for number, sections, *_ in PLACES.findall(" ".join(row[:2]).split("(")[0]):
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
    """Return what the watch over the order says to somebody who runs only the ``shown`` sections of a notebook."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    section, said = section_of(path), io.StringIO()
    shell = SimpleNamespace(user_ns={}, events=SimpleNamespace(register=lambda *_: None), transform_cell=str)
    watch = order.Watch(shell)
    with contextlib.chdir(NOTEBOOKS), contextlib.redirect_stdout(said):
        for cell, (source, *_) in order.makers(path).items():
            if section[cell] in shown | {0}:
                watch.before(SimpleNamespace(cell_id=cell, raw_cell=source))
                shell.user_ns |= dict.fromkeys(order.names_of(source)[1])
    return said.getvalue()


def test_both_plans_are_read():
    assert {"00", "01", "02", "04", "05", "07"} < {number for number, _ in plans()} and len(plans()) == 12
    assert ("07", {1, 2, 4}) in plans() and ("02", {1, 2, 3, 4, 5, 6, 7}) in plans()
    assert "Not made yet: `cell_gradients`" in lacking("06", {1, 3})


@pytest.mark.parametrize(("number", "shown"), plans())
def test_what_a_plan_shows_does_without_what_it_leaves_out(number, shown):
    assert lacking(number, shown) == ""

"""The parts of the project that must agree: pins, Binder, README, licence."""

import base64
import os
import re
import subprocess
import tomllib
from pathlib import Path

import nbformat

from tests.tools.folding import picture_in

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUIREMENTS, FOR_BINDER = ((folder / "requirements.txt").read_text(encoding="utf-8") for folder in (ROOT, BINDER))
TESTED, PINNED = (dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", text, re.M)) for text in (REQUIREMENTS, FOR_BINDER))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_binder_installs_the_tested_set_and_not_the_package_itself():
    assert PINNED.items() <= TESTED.items()
    assert {re.match(r"[a-z0-9-]+", d)[0] for d in PROJECT["dependencies"]} <= PINNED.keys()
    assert not re.search(r"^-[er]\b", FOR_BINDER, re.M)


def test_the_index_of_cpu_builds_is_named_for_binder_only():
    assert "--extra-index-url" in FOR_BINDER
    assert "index-url" not in REQUIREMENTS


def test_dependencies_have_lower_bounds_only_and_what_is_tested_is_above_them():
    assert all(re.fullmatch(r"[a-z0-9-]+>=[\d.]+", d) for d in PROJECT["dependencies"])
    for name, lowest in (dependency.split(">=") for dependency in PROJECT["dependencies"]):
        if name in TESTED:
            assert [int(n) for n in TESTED[name].split(".")] >= [int(n) for n in lowest.split(".")]


def test_binder_start_can_be_run_and_hands_over():
    text = (BINDER / "start").read_text(encoding="utf-8")
    assert os.access(BINDER / "start", os.X_OK)
    assert text.startswith("#!")
    assert 'exec "$@"' in text


def test_binder_python_is_one_the_package_allows():
    version = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text())
    assert int(version[1]) >= int(PROJECT["requires-python"].removeprefix(">=3."))


def test_the_readme_names_every_notebook_and_both_commands():
    for name in ("make lab", "make test", *(f"notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb"))):
        assert name in README


def test_the_picture_in_the_readme_is_the_one_in_the_course():
    cells = nbformat.read(ROOT / "notebooks" / "04_cell_state_and_hidden_state.ipynb", as_version=4).cells
    (drawn,) = next(cell for cell in cells if cell.id == "picture-draw").outputs
    assert base64.b64decode(picture_in(drawn)[3]) == (ROOT / "lstm_lib" / "data" / "cell.png").read_bytes()
    assert "lstm_lib/data/cell.png" in README


def test_nothing_else_lies_at_the_top():
    allowed = {"notebooks", "lstm_lib", "requirements.txt", "README.md", "tests", "binder"}
    allowed |= {"pyproject.toml", "Makefile", "LICENSE", ".gitignore", ".ci"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    assert {name.split("/")[0] for name in listed.stdout.splitlines()} <= allowed

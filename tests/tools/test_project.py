"""The parts of the project that must agree: pins, Binder, README, licence."""

import base64
import os
import re
import subprocess
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"


def _pins(path):
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", path.read_text(), re.M))


def test_binder_installs_the_tested_set_and_not_the_package_itself():
    tested, binder = _pins(ROOT / "requirements.txt"), _pins(BINDER / "requirements.txt")
    assert binder.items() <= tested.items()
    needed = {re.match(r"[a-z0-9-]+", d)[0] for d in _project()["dependencies"]}
    assert needed <= binder.keys()
    assert not re.search(r"^-[er]\b", (BINDER / "requirements.txt").read_text(), re.M)


def test_the_index_of_cpu_builds_is_named_for_binder_only():
    assert "--extra-index-url" in (BINDER / "requirements.txt").read_text()
    assert "index-url" not in (ROOT / "requirements.txt").read_text()


def test_dependencies_have_lower_bounds_only():
    assert all(re.fullmatch(r"[a-z0-9-]+>=[\d.]+", d) for d in _project()["dependencies"])
    lower = {re.match(r"[a-z0-9-]+", d)[0]: d.split(">=")[1] for d in _project()["dependencies"]}
    for name, version in _pins(ROOT / "requirements.txt").items():
        if name in lower:
            assert tuple(map(int, version.split("."))) >= tuple(map(int, lower[name].split(".")))


def test_binder_start_can_be_run_and_hands_over():
    start = BINDER / "start"
    assert os.access(start, os.X_OK)
    assert start.read_text().startswith("#!")
    assert 'exec "$@"' in start.read_text()


def test_binder_python_is_one_the_package_allows():
    version = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text())
    assert int(version[1]) >= int(_project()["requires-python"].removeprefix(">=3."))


def test_the_readme_names_every_notebook_and_both_commands():
    text = (ROOT / "README.md").read_text()
    assert "make lab" in text
    assert "make test" in text
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in text


def test_the_picture_in_the_readme_is_the_one_in_the_course():
    cells = nbformat.read(ROOT / "notebooks" / "04_cell_state_and_hidden_state.ipynb", as_version=4).cells
    (drawn,) = next(cell for cell in cells if cell.id == "picture-draw").outputs
    assert base64.b64decode(drawn.data["image/png"]) == (ROOT / "lstm_lib" / "data" / "cell.png").read_bytes()
    assert "lstm_lib/data/cell.png" in (ROOT / "README.md").read_text()


def test_nothing_else_lies_at_the_top():
    allowed = {"notebooks", "lstm_lib", "requirements.txt", "README.md", "tests", "binder"}
    allowed |= {"pyproject.toml", "Makefile", "LICENSE", ".gitignore", ".ci"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    assert {name.split("/")[0] for name in listed.stdout.splitlines()} <= allowed


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

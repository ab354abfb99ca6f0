"""The parts of the project that must agree: pins, Binder, README, licence, and the last line of make test."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import pytest
from IPython.core.formatters import DisplayFormatter

from lstm_lib.explorers import vanishing
from tests import conftest
from tests.tools import debian, matrix

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUIREMENTS, FOR_BINDER = ((folder / "requirements.txt").read_text(encoding="utf-8") for folder in (ROOT, BINDER))
TESTED, PINNED = (dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", text, re.M)) for text in (REQUIREMENTS, FOR_BINDER))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LAB = PROJECT["optional-dependencies"]["lab"]


def test_the_package_asks_for_what_it_imports_and_no_more():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "lstm_lib").rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    imported = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"lstm_lib"}
    imported = {{"PIL": "pillow", "IPython": "ipython"}.get(name, name) for name in imported}
    # tqdm draws its bar with ipywidgets, and traitlets come with those
    assert {d.split(">=")[0] for d in PROJECT["dependencies"]} == imported - {"traitlets"} | {"ipywidgets"}


def test_binder_installs_the_tested_set_and_not_the_package_itself():
    assert PINNED.items() <= TESTED.items()
    assert {re.match(r"[a-z0-9-]+", d)[0] for d in PROJECT["dependencies"] + LAB} <= PINNED.keys()
    assert not re.search(r"^-[er]\b", FOR_BINDER, re.M)


def test_the_index_of_cpu_builds_is_named_for_binder_only():
    assert "--extra-index-url" in FOR_BINDER
    assert "index-url" not in REQUIREMENTS


def test_dependencies_have_lower_bounds_only_and_what_is_tested_is_above_them():
    assert all(re.fullmatch(r"[a-z0-9-]+>=[\d.]+", d) for d in PROJECT["dependencies"] + LAB)
    for name, lowest in (dependency.split(">=") for dependency in PROJECT["dependencies"] + LAB):
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


def test_the_pictures_in_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]{40,}\]\((lstm_lib/[^)]+)\)", README)
    assert pictures and all((ROOT / path).is_file() for path in pictures)


def test_nothing_else_lies_at_the_top():
    allowed = {"notebooks", "lstm_lib", "requirements.txt", "README.md", "tests", "binder"}
    allowed |= {"pyproject.toml", "Makefile", "LICENSE", ".gitignore", ".ci"}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    assert {name.split("/")[0] for name in listed.stdout.splitlines()} <= allowed


def test_the_pythons_are_the_same_everywhere():
    minors = [int(name.removeprefix("python3.")) for name in matrix.PYTHONS]
    assert PROJECT["requires-python"] == f">=3.{minors[0]}"
    assert PROJECT["classifiers"] == [f"Programming Language :: Python :: 3.{minor}" for minor in minors]
    assert f"3.{minors[0]} to 3.{minors[-1]}" in (ROOT / "tests" / "tools" / "setup.py").read_text(encoding="utf-8")
    assert f"Python 3.{minors[0]} to 3.{minors[-1]}" in README


def test_rows_of_the_matrix_with_environments_of_their_own():
    assert {"ipywidgets==8.1", "jupyterlab==4.2", "torch==2.8"} < set(matrix.wanted("lowest"))
    assert not any("jupyterlab" in pin for pin in matrix.wanted("colab"))
    assert "ipywidgets==7.7.1" in matrix.wanted("colab")
    assert "ipywidgets>=8.1" in matrix.wanted("newest")
    assert set(matrix.wanted("python3.13")) == {f"{name}=={version}" for name, version in TESTED.items()}
    assert matrix.wanted("usual") == []
    assert "anywidget==" + TESTED["anywidget"] in matrix.wanted("debian")


def test_a_python_that_is_not_here_or_does_not_start_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert matrix.missing("python3.13") == "no python3.13 here"
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert matrix.missing("python3.13") == "the python3.13 here does not start"


def test_what_debian_lacks_is_not_among_its_packages():
    packages = {name.removeprefix("python3-") for name in debian.PACKAGES}
    names = {name.split(">=")[0] for name in PROJECT["dependencies"] + LAB}
    assert {{"pillow": "pil"}.get(name, name) for name in names} <= packages | set(debian.LACKING)
    assert not packages & set(debian.LACKING)


def test_where_debian_cannot_be_built_the_row_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert matrix.missing("debian") == "no mmdebstrap here (on Debian: apt install mmdebstrap)"
    for tool in ("mmdebstrap", "unshare", "chroot"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    assert matrix.missing("debian") == "only root can change into another Debian"


def test_an_explorer_keeps_its_still_under_ipywidgets_7(monkeypatch):
    # there a widget has this method, and IPython asks for it before anything else
    monkeypatch.setattr(ipywidgets.Widget, "_ipython_display_", lambda self: None, raising=False)
    data, _ = DisplayFormatter().format(vanishing())
    assert "data:image/png" in data["text/html"]


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_make_test_ends_with_what_did_not_run(tmp_path, monkeypatch):
    skipped = [
        SimpleNamespace(longrepr=("x.py", 1, f"Skipped: {why}")) for why in ("no Chromium", "no Chromium", "no B")
    ]
    monkeypatch.setenv("NOT_RUN", str(tmp_path / "noted"))
    conftest.pytest_terminal_summary(SimpleNamespace(stats={"skipped": skipped}))
    assert (tmp_path / "noted").read_text().split("\n") == ["no Chromium", "no Chromium", "no B", ""]

    def last_line(noted):
        for name, body in {"ruff": "", "pytest": noted}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
            (tmp_path / name).chmod(0o755)
        command = ["make", "test", "PYTHON=true", f"BIN={tmp_path}", f"NOT_RUN={tmp_path / 'not-run'}"]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True).stdout.splitlines()[-1]

    assert last_line(f'[ "$1" = --nbval ] || cat {tmp_path}/noted >> "$NOT_RUN"') == (
        "Not run here: 2 x no B; 4 x no Chromium; nor make slow, an hour or more"
    )
    assert last_line("") == "All of make test ran here. Not in it: make slow, an hour or more."

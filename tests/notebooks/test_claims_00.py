"""Notebook 00: its map agrees with the notebooks, its environment check finds what is wrong, its taste holds."""

import re
import sys
import tomllib

import nbformat
import pytest

from tests.tools.hygiene import NOTEBOOKS, run_cells

STEM = "00_start_here"
TEXT = "\n".join(c.source for c in nbformat.read(NOTEBOOKS / f"{STEM}.ipynb", as_version=4).cells)


def test_the_map_names_every_notebook_with_its_title_and_its_minutes():
    rows = re.findall(r"^\| \[(\d · [^|]*)\]\(([^)]*)\) \|.*\| (\d+) \|$", TEXT, re.M)
    minutes = {name: int(number) for _, name, number in rows}
    assert len(rows) == 9
    for path in NOTEBOOKS.glob("0[1-9]*.ipynb"):
        opening = nbformat.read(path, as_version=4).cells[0].source
        title = next(title for title, name, _ in rows if name == path.name)
        assert opening.startswith(f"# {title}")
        assert f"**Time:** {minutes[path.name]} minutes" in opening


def _verdict(capsys, monkeypatch, versions=None, python=None):
    names = run_cells(STEM, "environment-code")
    found = {"torch": "2.13.0+cpu", "matplotlib": "3.8.0", "ipywidgets": "8.1.9", "jupyterlab": "4.2.0"}
    found |= {
        "jupyterlab_widgets": "3.0.17",
        "anywidget": "0.11.0",
        "numpy": "2.4.6",
        "pillow": "13.0.0",
        "tqdm": "4.70",
    } | (versions or {})
    names |= {"found": found.get, "find_spec": lambda name: True}
    if python:
        monkeypatch.setattr(sys, "version_info", python)
    capsys.readouterr()
    run_cells(STEM, "environment-needed", "environment-run", names=names)
    return capsys.readouterr().out.split("\n", 2)[2].strip()


def test_a_good_environment_is_called_good(capsys, monkeypatch):
    assert _verdict(capsys, monkeypatch) == "All good."
    assert run_cells(STEM, "environment-code")["found"]("no-such-package-at-all") == "missing"


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("torch", "1.13.1"),
        ("ipywidgets", "7.6"),
        ("jupyterlab_widgets", "missing"),
        ("anywidget", "missing"),
        ("tqdm", "missing"),
    ],
)
def test_what_is_old_or_missing_is_named_with_a_remedy(name, has, capsys, monkeypatch):
    verdict = _verdict(capsys, monkeypatch, {name: has})
    assert verdict.startswith(f"Missing or too old: {name}.\nThe course's .venv: type make setup")
    assert re.search(rf'%pip install "{name}>=\d+\.\d+" in a cell', verdict)


def test_what_is_needed_is_what_the_project_declares():
    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least = dict(bound.split(">=") for bound in project["optional-dependencies"]["lab"] + project["dependencies"])
    names = run_cells(STEM, "environment-code") | {"find_spec": lambda name: True}
    run_cells(STEM, "environment-needed", names=names)
    needed = {name: "{}.{}".format(*numbers) for name, numbers in names["needed"].items()}
    assert needed.pop("jupyterlab_widgets") == "3.0"  # comes with ipywidgets
    assert needed == {name: least[name] for name in needed}


def test_a_kernel_without_the_library_is_named_and_jupyterlab_is_not_needed(capsys, monkeypatch):
    names = run_cells(STEM, "environment-code")
    for gone, said in (("lstm_lib", "lstm_lib is missing. Close"), ("jupyterlab", "All good.")):
        names["find_spec"] = lambda name, gone=gone: None if name == gone else True
        capsys.readouterr()
        run_cells(STEM, "environment-needed", "environment-run", names=names)
        assert said in capsys.readouterr().out


def test_an_old_python_is_named(capsys, monkeypatch):
    assert "Python 3.11 or newer" in _verdict(capsys, monkeypatch, python=(3, 10, 9))


@pytest.mark.slow
def test_the_lstm_solves_the_taste_from_most_starts_and_the_rnn_from_none():
    names = run_cells(STEM, "taste-task", "taste-run")
    assert sum(names["learn"]("lstm_chrono", 0.01, seed)[1] >= 0.95 for seed in range(100, 110)) >= 8
    assert max(names["learn"]("rnn", 0.003, seed)[1] for seed in range(100, 110)) < 0.6

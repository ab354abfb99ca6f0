"""Cells out of order: the names of a cell are read right, the reader is told what to run first, and no result lies."""

import re
from types import SimpleNamespace

import nbformat
import pytest

from lstm_lib import order
from tests.tools.hygiene import IGNORED_OUTPUTS, NOTEBOOKS
from tests.tools.kernel import kernel


@pytest.mark.parametrize(
    ("source", "loads", "makes"),
    [
        ("y = f(x)", ["f", "x"], ["y"]),
        ("x = 1\ny = x", [], ["x", "y"]),
        ("rows |= {k: v[k] for k in keys}", ["rows", "keys", "v"], ["rows"]),
        ("import a.b as c\nfrom d import e", [], ["c", "e"]),
        ("for k in range(n):\n    print(k)", ["range", "n", "print"], ["k"]),
        ("def f(a):\n    return a + b\n", [], ["f"]),
        ("def f(a):\n    return a + b\nr = [f(k) for k in c]", ["f", "c"], ["f", "r"]),
        ("class A(B):\n    def f(self):\n        return c\n", ["B"], ["A"]),
        ("g = lambda a: a + b", ["b"], ["g"]),
        ("with open(p) as f:\n    x, *y = f", ["open", "p"], ["f", "x", "y"]),
        ("x =", [], []),
        ("%%time", [], []),
    ],
)
def test_what_a_cell_loads_and_makes(source, loads, makes):
    found = order.names_of(source)
    assert set(found[0]) == set(loads)
    assert set(found[1]) == set(makes)


def test_what_the_functions_of_a_cell_load():
    source = "def f():\n    return [b for _ in c]\nclass A:\n    def m(self):\n        return d\nf()"
    loads, _, inside = order.names_of(source)
    assert loads == ["f"]
    assert set(inside["f"]) == {"b", "c"}
    assert "d" in inside["A"]


CELLS = {
    "first": "x = 1",
    "double": "def double():\n    return x + x",
    "use": "print(double())",
    "second": "x = 10",
    "use-again": "print(x, double())",
    "count": "x = x + 1",
}


class Shell(SimpleNamespace):
    """As much of IPython as a Watch needs; ``run`` runs a cell of CELLS, by its id, or another ``source``."""

    def __init__(self):
        hooks = {}
        super().__init__(user_ns={}, hooks=hooks, events=SimpleNamespace(register=hooks.__setitem__))

    @staticmethod
    def transform_cell(source):
        return source

    def run(self, cell_id, source=None):
        info = SimpleNamespace(cell_id=cell_id, raw_cell=source or CELLS[cell_id])
        self.hooks["pre_run_cell"](info)
        try:
            exec(info.raw_cell, self.user_ns)
        except NameError as error:
            print(error)
        self.hooks["post_run_cell"](SimpleNamespace(info=info))


def _write(path, sources):
    cells = [nbformat.v4.new_code_cell(source, id=cell_id) for cell_id, source in sources.items()]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs cells of CELLS and returns what was printed."""
    monkeypatch.chdir(tmp_path)
    _write(tmp_path / "toy.ipynb", CELLS)
    (tmp_path / "broken.ipynb").write_text('{"cells": [{"cell_type": "code", "id": "first"', encoding="utf-8")
    shell = Shell()
    order.load_ipython_extension(shell)
    order.load_ipython_extension(shell)

    def printed(*cell_ids):
        for cell_id in cell_ids:
            capsys.readouterr()
            shell.run(*([cell_id] if isinstance(cell_id, str) else cell_id))
        return capsys.readouterr().out

    return printed


def test_in_order_and_again_in_order_nothing_is_said(run):
    for _ in range(2):
        assert [run(cell_id) for cell_id in CELLS] == ["", "", "2\n", "", "10 20\n", ""]


def test_a_name_that_no_cell_has_made_is_told_before_python_complains(run):
    assert re.match(r"Not made yet: `double`, `x`\nRun the cells above first(.|\n)*name 'double' is not", run("use"))
    assert run("double", "use").startswith("Not made yet: `x`\n")  # a name that a function needs


def test_a_name_that_a_later_cell_has_changed_is_told(run):
    assert run("first", "double", "second", "use").startswith("Changed by another cell: `x`\n")
    assert run("first", "use") == "2\n"
    assert run("use-again").startswith("Changed by another cell: `x`\n")


def test_a_cell_may_be_run_again_and_edited(run):
    assert run("first", ("first", "x = 3"), "double", "use", "use") == "6\n"
    assert run("second", "count", "count") == ""


def test_a_cell_of_the_learners_own_that_changes_a_name_is_told_later(run):
    assert run("first", "double", ("my-own-id", "x = 7")) == ""
    assert run("use").startswith("Changed by another cell: `x`")
    assert run((None, "y = 5")) == ""


def test_every_notebook_is_understood():
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = order.makers(path)
        assert cells, path
        for source, *_ in cells.values():
            compile(source, "cell", "exec")


def _words(text):
    return "".join(text.split())


def _stored(cell):
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return _words("".join(texts))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_twice_and_backwards_each_cell_gives_its_result_or_says_what_to_run_first(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    cells = [cell for cell in cells if (path.stem, cell.id) not in IGNORED_OUTPUTS]
    with kernel(NOTEBOOKS) as one:
        for cell in cells:
            for time in ("once", "again"):
                assert _words(one.run(cell.source, cell.id)) == _stored(cell), (cell.id, time)
        for cell in reversed(cells):
            said = one.run(cell.source, cell.id)
            told = "Not made yet: " in said or "Changed by another cell: " in said
            assert told or _words(said) == _stored(cell), (cell.id, said)


def test_a_kernel_tells_it_from_the_first_import_of_the_library_on(tmp_path):
    sources = {"setup": "import lstm_lib", "make": "value = 6", "show": "print(7 * value)"}
    _write(tmp_path / "toy.ipynb", sources)
    with kernel(tmp_path) as one:
        assert one.run(sources["setup"], "setup") == ""
        assert one.run(sources["show"], "show").startswith("Not made yet: `value`\nRun the cells above first.")
        assert one.run(sources["make"], "make") == ""
        assert one.run(sources["show"], "show") == "42\n"

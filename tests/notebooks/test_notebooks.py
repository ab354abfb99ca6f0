"""The notebooks as files: readable ids, counts, kernel, size, tags, alt text. Their outputs are nbval's business."""

import base64
import copy
import json
import re

import nbformat
import pytest

from lstm_lib.explorers.base import STILLS
from tests.tools.folding import COLLAPSED, WIDGET_VIEW, fold, main_path, picture_in
from tests.tools.hygiene import IGNORED_OUTPUTS, NOTEBOOKS, normalise, problems

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
FIGURES = NOTEBOOKS / "01_vanishing_gradients.ipynb"  # a notebook in which each rule can be broken


def test_there_are_notebooks():
    assert PATHS


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_notebook_is_clean(path):
    assert problems(path) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_normalising_again_changes_nothing(path):
    notebook = nbformat.read(path, as_version=4)
    assert normalise(copy.deepcopy(notebook)) == notebook


def test_answers_to_predictions_are_folded_and_so_is_code_that_draws():
    new = nbformat.v4
    live = new.new_output("display_data", {WIDGET_VIEW: {}})
    text = new.new_output("stream", text="0.03")
    cells = [new.new_markdown_cell("**Predict:** how much?"), new.new_code_cell("x = 1", id="make")]
    cells += [new.new_code_cell("x", id="answer", outputs=[text]), new.new_code_cell("x", id="it-draw", outputs=[text])]
    cells += [new.new_code_cell("x", id="explorer", outputs=[live]), new.new_markdown_cell("So much.")]
    cells += [new.new_code_cell("x", id="more", outputs=[text])]
    notebook = new.new_notebook(cells=cells)
    fold(notebook)
    folded = {cell.id: set(cell.metadata.get("jupyter", ())) for cell in notebook.cells if cell.cell_type == "code"}
    both = {"outputs_hidden", "source_hidden"}
    assert folded == {"make": set(), "answer": {"outputs_hidden"}, "it-draw": both, "explorer": set(), "more": set()}


def test_a_section_that_goes_deeper_is_folded():
    sources = ("## 1 · One", "### Going deeper: more", "It goes deeper.", "### The next")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in sources])
    fold(notebook)
    assert [cell.metadata.get(COLLAPSED, False) for cell in notebook.cells] == [False, True, False, False]


def test_words_of_the_main_path_leave_out_folds_exercises_and_sources():
    sources = (
        "# A title",
        "## 1 · One\nhere",
        "### Going deeper: x\nno",
        "no",
        "### Two\nhere <details>no\nno</details>",
    )
    sources += ("## 2 · Exercises\nno", "### A first\nno", "## Summary\nhere", "## Sources\nno")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in sources])
    assert main_path(notebook) == 3 + 5 + 3 + 3


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_an_explorer_stands_in_the_notebook_as_its_picture_is_now(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if name := output.get("metadata", {}).get("text/html", {}).get("explorer"):
                still = base64.b64encode((STILLS / f"{name}.png").read_bytes()).decode()
                assert still in output["data"]["text/html"], f"{name}: make refresh NAMES={path.stem}"


@pytest.mark.parametrize("path", PATHS[:7], ids=lambda p: p.stem)
def test_the_main_path_is_short(path):
    words = main_path(nbformat.read(path, as_version=4))
    assert words <= 2500, "words on the main path: fold depth, in <details> or under 'Going deeper', or write shorter"


def test_every_ignored_output_still_exists():
    cells = {(p.stem, c.id) for p in PATHS for c in nbformat.read(p, as_version=4).cells if c.metadata.get("tags")}
    assert cells >= IGNORED_OUTPUTS


# how to break each rule, in a notebook's first code cell with outputs or its first figure
WAYS = {
    "count": "first.execution_count = None",
    "tag": "first.metadata['tags'] = ['nbval-skip']",
    "ignored": "first.metadata['tags'] = ['nbval-ignore-output']",
    "id": "first.id = 'af9a0c1b'",
    "twice": "notebook.cells[1].id = first.id",
    "widgets": "notebook.metadata['widgets'] = {}",
    "version": "notebook.metadata['language_info']['version'] = '3.11.7'",
    "alt": "figure.data['text/html'] = re.sub('alt=\"[^\"]*\"', 'alt=\"\"', figure.data['text/html'])",
    "png": "figure.data['image/png'] = picture_in(figure)[3]",
    "summary": "del figure.data['text/plain']",
    "long": "first.source += '\\nx = 1' * 15",
    "wide": "first.source += '\\nx = ' + '1 + ' * 30 + '1'",
    "prose": "first.source += '\\n# this comment goes on and on and belongs in the text of the notebook'",
    "colour": "first.source += '\\ncolor = \"#D55E00\"'",
    "size": "first.outputs[0] = nbformat.v4.new_output('stream', text='x' * 600_000)",
}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
@pytest.mark.parametrize("how", WAYS)
def test_each_rule_finds_its_offender(how, tmp_path):
    notebook = nbformat.read(FIGURES, as_version=4)
    first = next(c for c in notebook.cells if c.cell_type == "code" and c.outputs)
    figure = next(o for c in notebook.cells for o in c.get("outputs", ()) if picture_in(o))
    exec(
        WAYS[how],
        {
            "nbformat": nbformat,
            "re": re,
            "picture_in": picture_in,
            "notebook": notebook,
            "first": first,
            "figure": figure,
        },
    )
    path = tmp_path / FIGURES.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert problems(path)

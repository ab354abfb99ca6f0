"""The slides: where each cell goes, and that every notebook says so."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.publish.slide_rule import SCREEN, assign, height, screens, slide_types
from tests.tools.hygiene import NOTEBOOKS

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
PARAGRAPH = "Words that say something. " * 18  # five lines


def text(source, cell_id="words"):
    return new_markdown_cell(source, id=cell_id)


def code(lines=3, printed=0, picture=None, cell_id="run", source=None):
    outputs = [new_output("stream", text="1\n" * printed)] if printed else []
    if picture:
        image = '<img alt="A line." width="{}" height="{}" src="data:image/png;base64,AA==">'.format(*picture)
        outputs.append(new_output("display_data", {"text/html": image, "text/plain": "line"}))
    return new_code_cell(source or "\n".join(["x = 1"] * lines), id=cell_id, outputs=outputs)


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_a_notebook_carries_exactly_what_the_rule_gives(path):
    notebook = nbformat.read(path, as_version=4)
    again = copy.deepcopy(notebook)
    assign(again)
    assert [c.metadata for c in again.cells] == [c.metadata for c in notebook.cells]
    kinds = [c.metadata.get("slideshow", {}).get("slide_type") for c in notebook.cells]
    assert kinds[0] == "slide"
    assert {"slide", "subslide", "fragment"} <= set(kinds)


BEGIN, BEFORE_FIGURE = text(f"# A\n\n{PARAGRAPH}"), "Look at the left half."
LONG, FIGURE, CHECK = code(lines=15, printed=5), code(picture=(768, 300)), code(cell_id="gates-explorer-check")
PLACES = {
    "sections start slides and sub-sections sub-slides": (
        [text("# A"), text("Words."), text("## B"), text("### C"), text("#hashtag")],
        ["slide", "-", "slide", "subslide", "-"],
    ),
    "the answer and what is said about it come with a click": (
        [text("# A\n\n**Predict:** what comes?"), code(printed=3), text("It was 1."), code()],
        ["slide", "fragment", "fragment", "-"],
    ),
    "what doesn't fit goes on a sub-slide": ([BEGIN, LONG, text(PARAGRAPH)], ["slide", "subslide", "fragment"]),
    "so does a long remark": ([BEGIN, LONG, text(f"{PARAGRAPH}\n\n{PARAGRAPH}")], ["slide", "subslide", "subslide"]),
    "text alone stops before it is a wall": ([BEGIN, text(PARAGRAPH)], ["slide", "subslide"]),
    "a short lead goes with its figure": ([BEGIN, text(BEFORE_FIGURE), FIGURE], ["slide", "subslide", "fragment"]),
    "but a remark stays with its output": (
        [BEGIN, code(printed=1), text(BEFORE_FIGURE, "run-explain"), FIGURE],
        ["slide", "fragment", "fragment", "subslide"],
    ),
    "set-up, sources, solutions and checks of explorers are left out": (
        [code(cell_id="setup"), text("# A"), code(cell_id="exercises-setup"), code(cell_id="exercise-x-solution")]
        + [text("The same in numbers."), CHECK, text("## Sources", "sources")],
        ["skip", "slide", *["skip"] * 5],
    ),
    "an explorer right before its check is shown": (
        [text("# A"), code(picture=(691, 300)), CHECK, text("### B")],
        ["slide", "fragment", "skip", "subslide"],
    ),
    "a heading before a check is shown": ([text("# A"), text("### B"), CHECK], ["slide", "subslide", "skip"]),
}


@pytest.mark.parametrize(("cells", "kinds"), PLACES.values(), ids=PLACES)
def test_where_each_cell_goes(cells, kinds):
    assert slide_types(cells) == kinds


def test_the_rule_is_written_as_jupyter_does_and_replaces_what_stood_there():
    notebook = new_notebook(cells=[text("# A"), text("Words.", "more")])
    notebook.cells[1].metadata = nbformat.from_dict({"tags": ["t"], "slideshow": {"slide_type": "notes"}})
    assign(notebook)
    assert [dict(c.metadata) for c in notebook.cells] == [{"slideshow": {"slide_type": "slide"}}, {"tags": ["t"]}]


def test_heights_count_what_a_reader_sees():
    hint = "<details><summary>Hint</summary>\n\n" + PARAGRAPH * 3 + "\n\n</details>"
    assert height(text(hint)) < 2
    assert height(text("[word](https://example.org/" + "x" * 300 + ")")) == height(text("word"))
    assert height(text("字" * 90)) > height(text("w" * 90))
    assert height(code(lines=15, picture=(768, 300))) == height(code(lines=3, picture=(768, 300)))
    assert height(code(picture=(768, 900))) < SCREEN
    rows = "| a | b |\n|---|---|\n"
    assert height(text(rows + "| x | y |")) < height(text(rows + f"| x | {PARAGRAPH} |"))


def test_a_text_larger_than_the_screen_is_cut_between_paragraphs_and_nothing_gets_lost():
    table = "| a | b |\n|---|---|\n" + "| x | y |\n" * 12
    source = f"## A\n\n{table}\n{PARAGRAPH}\n\n```\none\n\ntwo\n```\n\n<details><summary>H</summary>\n\nx\n\n</details>"
    pieces = screens(f"{source}\n\n{PARAGRAPH}\n\n{PARAGRAPH}")
    assert len(pieces) == 2
    assert "\n\n".join(pieces).split() == f"{source}\n\n{PARAGRAPH}\n\n{PARAGRAPH}".split()
    assert pieces[0].startswith(f"## A\n\n{table.strip()}")
    assert all(p.count("```") in (0, 2) and p.count("<details>") == p.count("</details>") for p in pieces)
    assert screens(PARAGRAPH) == [PARAGRAPH.strip()]


def test_what_a_page_folds_as_going_deeper_is_left_out_of_the_talk():
    cells = [
        text("# A"),
        code(),
        text("### Going deeper: more"),
        code(),
        text("#### A part of it"),
        text("## B"),
        code(),
    ]
    assert [kind == "skip" for kind in slide_types(cells)] == [False, False, True, True, True, False, False]

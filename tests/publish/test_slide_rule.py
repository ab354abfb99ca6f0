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
        about = {"image/png": {"alt": "A line.", "width": picture[0], "height": picture[1]}}
        outputs.append(new_output("display_data", {"image/png": "", "text/plain": "line"}, metadata=about))
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


def test_sections_start_slides_and_sub_sections_sub_slides():
    cells = [text("# A"), text("Words."), text("## B"), text("### C"), text("#hashtag")]
    assert slide_types(cells) == ["slide", "-", "slide", "subslide", "-"]


def test_the_answer_and_what_is_said_about_it_come_with_a_click():
    cells = [text("# A\n\n**Predict:** what comes?"), code(printed=3), text("It was 1."), code()]
    assert slide_types(cells) == ["slide", "fragment", "fragment", "-"]


def test_what_does_not_fit_goes_on_a_sub_slide():
    cells = [text(f"# A\n\n{PARAGRAPH}"), code(lines=15, printed=5), text(PARAGRAPH)]
    assert slide_types(cells) == ["slide", "subslide", "fragment"]
    assert slide_types([*cells[:2], text(f"{PARAGRAPH}\n\n{PARAGRAPH}")]) == ["slide", "subslide", "subslide"]


def test_text_alone_stops_before_it_is_a_wall():
    assert slide_types([text(f"# A\n\n{PARAGRAPH}"), text(PARAGRAPH)]) == ["slide", "subslide"]


def test_a_short_lead_goes_with_its_figure_but_a_remark_stays_with_its_output():
    start, lead, figure = text(f"# A\n\n{PARAGRAPH}"), "Look at the left half.", code(picture=(768, 300))
    assert slide_types([start, text(lead), figure]) == ["slide", "subslide", "fragment"]
    cells = [start, code(printed=1), text(lead, "run-explain"), figure]
    assert slide_types(cells) == ["slide", "fragment", "fragment", "subslide"]


def test_set_up_sources_solutions_and_checks_of_explorers_are_left_out():
    cells = [code(cell_id="setup"), text("# A"), code(cell_id="exercises-setup"), code(cell_id="exercise-x-solution")]
    cells += [text("The next cell moves each control."), code(source="explorer.check()"), text("## Sources", "sources")]
    assert slide_types(cells) == ["skip", "slide", *["skip"] * 5]


def test_an_explorer_right_before_its_check_and_a_heading_before_it_are_shown():
    cells = [text("# A"), code(picture=(691, 300)), code(source="explorer.check()"), text("### B")]
    assert slide_types(cells) == ["slide", "fragment", "skip", "subslide"]
    assert slide_types([text("# A"), text("### B"), code(source="explorer.check()")]) == ["slide", "subslide", "skip"]


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

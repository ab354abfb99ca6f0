"""How decks are set: what belongs together stands together, nothing gets lost, and nothing stands without words."""

import itertools

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.publish import publish
from tests.publish.layout import layout
from tests.publish.notes import lecture
from tests.publish.test_slide_rule import PARAGRAPH, code, text
from tests.tools.folding import picture_in
from tests.tools.hygiene import NOTEBOOKS

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
LINE, LONG = "Look here.", "x = 1\n" * 11
WIDE, HIGH, LIVE = (768, 300), (768, 620), {"text/html": {"explorer": "gates"}}


def part(source, cell_id="words"):
    return text(source, cell_id)


def picture(size=WIDE, cell_id="draw"):
    return code(picture=size, cell_id=cell_id)


def table(rows, cell_id="run", lines=3):
    output = nbformat.v4.new_output("display_data", {"text/html": "<table>", "text/plain": "1\n" * rows})
    return new_code_cell("x = 1\n" * lines, id=cell_id, outputs=[output])


def ids(slides):
    return [[cell.id for cell in slide.cells] for slide in slides]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_every_word_and_every_picture_of_a_talk_stands_in_its_deck_once_and_in_order(path):
    cells = nbformat.read(path, as_version=4).cells
    kept = [c for c in cells if c.metadata.get("slideshow", {}).get("slide_type") != "skip"]
    shown = [cell for slide in layout(cells) for cell in slide.cells]
    for kind in ("markdown", "code"):
        words = [" ".join(c.source for c in some if c.cell_type == kind).split() for some in (kept, shown)]
        rest = iter(words[0])  # imports alone are left out
        assert all(word in rest for word in words[1])
        assert kind == "code" or words[0] == words[1]
    assert [o for c in kept for o in c.get("outputs", ())] == [o for c in shown for o in c.get("outputs", ())]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_on_a_slide_of_the_course_stands_text_and_one_picture_or_table_at_most(path):
    for k, slide in enumerate(layout(nbformat.read(path, as_version=4).cells)):
        texts = [cell.source for cell in slide.cells if cell.cell_type == "markdown"]
        assert texts, k + 1
        assert (
            any(line and not line.startswith("#") for line in "\n".join(texts).split("\n")) or len(slide.cells) > 1
        ), k + 1
        outputs = [o for cell in slide.cells for o in cell.get("outputs", ())]
        assert sum(picture_in(o) is not None for o in outputs) <= 1, k + 1


def test_no_slide_of_the_lecture_is_empty_but_for_its_title():
    guide = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
    for slide in layout(lecture(guide, publish.load(NOTEBOOKS, publish.WORDS))[1]):
        assert len(slide.cells) > 1 or "\n" in slide.cells[0].source or slide.cells[0].get("outputs")


def test_a_picture_stays_with_the_text_that_leads_to_it_and_with_what_is_said_about_it():
    cells = [part("# A"), part(LINE, "lead"), picture(), part(LINE, "draw-explain")]
    slides = layout(cells)
    assert [[cell.id for cell in slide.cells] for slide in slides] == [["words", "lead", "draw", "draw-explain"]]
    assert slides[0].clicks == [False, False, True, True] and not slides[0].beside


def test_text_that_is_too_long_to_stand_above_its_picture_stands_beside_it():
    slides = layout([part("# A"), part(PARAGRAPH, "lead"), picture(HIGH), part(LINE, "draw-explain")])
    assert ids(slides) == [["words", "lead", "draw", "draw-explain"]] and slides[0].beside
    explorer = picture(HIGH)
    explorer.outputs[0].metadata = nbformat.from_dict(LIVE)
    assert not any(slide.beside for slide in layout([part("# A"), part(PARAGRAPH, "lead"), explorer]))


def test_code_is_folded_where_only_so_its_answer_stands_with_the_question():
    question = part(f"# A\n\n{PARAGRAPH}\n\n**Predict:** what?", "question")
    for lines, folded in ((3, set()), (15, {"run"})):
        (slide,) = layout([question, table(6, lines=lines)])
        assert slide.folded == folded


def test_code_that_prepares_other_code_is_folded_with_it_to_one_line():
    cells = [part(f"# A\n\n{PARAGRAPH}"), new_code_cell(LONG + "a = 2", id="one"), table(8, lines=12)]
    (slide,) = layout(cells)
    assert ids([slide]) == [["words", "run"]] and "a = 2" in slide.cells[1].source and slide.clicks == [False, True]


def test_a_text_is_cut_before_its_question_rather_than_the_question_from_its_answer():
    cells = [part("# A"), part(LINE, "lead"), table(12), part(f"{PARAGRAPH}\n\n**Predict:** more?", "next")]
    slides = layout([*cells, table(12, "again")])
    assert ids(slides) == [["words", "lead", "run", "next"], ["next", "again"]] or ids(slides)[-1][-2:] == [
        "next",
        "again",
    ]
    assert slides[-1].cells[0].source.startswith(("**Predict", "Words"))


def test_a_heading_in_the_middle_of_a_text_starts_a_slide_and_stays_with_what_follows():
    slides = layout([part(f"## A\n\n{LINE}\n\n### B\n\n{LINE}"), code(printed=1)])
    assert [slide.cells[0].source for slide in slides] == [f"## A\n\n{LINE}", f"### B\n\n{LINE}"]
    slides = layout([part("## A"), part("### B"), part("A table:\n\n| a |\n|---|\n" + "| b |\n" * 30)])
    assert len(slides) == 1


def test_imports_and_remarks_to_the_reader_of_code_are_left_out_and_what_the_notebook_leaves_out():
    left_out = [
        code(source="import torch", cell_id="setup-b"),
        code(source="# solution(1)"),
        code(source="%pwd", cell_id="pwd"),
    ]
    aside = part(LINE, "aside")
    aside.metadata["slideshow"] = {"slide_type": "skip"}
    shown = itertools.chain.from_iterable(ids(layout([part("# A"), part(LINE, "b"), *left_out, aside])))
    assert list(shown) == ["words", "b", "pwd"]


def test_a_line_of_prints_is_no_column():
    wide = picture(HIGH)
    wide.outputs.insert(0, nbformat.v4.new_output("stream", text="1" * 120))
    assert not any(slide.beside for slide in layout([part("# A"), part(PARAGRAPH, "lead"), wide]))
    assert new_markdown_cell("x").cell_type == "markdown"

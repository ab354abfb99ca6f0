"""The pages and the decks: nothing from elsewhere, nothing lost on the way, links that lead somewhere."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.publish import publish, sample_course, sheet
from tests.publish.layout import layout
from tests.publish.notes import lecture, notes
from tests.tools.folding import picture_in
from tests.tools.hygiene import NOTEBOOKS

MAKERS = {"site": publish.site, "slides": publish.slides}
ABOUT = ("alt", "width", "height")
FETCHES = r"""\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket|<(iframe|object|embed|link rel="style)"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """What both makers make of the tiny course and of the real one: (course, maker) -> {file name: text}."""
    sources = {"tiny": sample_course.write(tmp_path_factory.mktemp("tiny")), "real": NOTEBOOKS}
    return {
        (name, kind): _texts(maker(source, tmp_path_factory.mktemp(f"{name}-{kind}")))
        for name, source in sources.items()
        for kind, maker in MAKERS.items()
    }


def _texts(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


class Page(HTMLParser):
    """What a page refers to, and what can be referred to."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.links, self.ids, self.images = re.findall(r"url\(([^)]*)\)|@import", text), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        self.ids += [about["id"]] if "id" in about else []
        self.loads += [about[key] for key in ("src", "srcset", "data", "poster") if key in about]
        self.links += [about["action"]] if "action" in about else []
        self.images += [about] if tag == "img" else []
        if "href" in about:
            (self.links if tag == "a" else self.loads).append(about["href"])


def test_every_notebook_gets_a_page_and_a_deck_and_there_is_a_map(course, kind):
    assert set(course["tiny", kind]) == {"index.html", "1_first.html", "2_second.html"}
    more = {"index.html", *(["lecture.html"] if kind == "slides" else [])}
    assert set(course["real", kind]) == more | {f"{p.stem}.html" for p in NOTEBOOKS.glob("*.ipynb")}


def test_nothing_is_loaded_from_anywhere(course, kind):
    for name in ("tiny", "real"):
        for text in course[name, kind].values():
            assert [load[:60] for load in Page(text).loads if not load.startswith("data:")] == []
            assert not re.search(FETCHES, text)


def test_links_lead_to_pages_and_headings_that_exist(course, kind):
    for name in ("tiny", "real"):
        pages = {file: Page(text) for file, text in course[name, kind].items()}
        for file, page in pages.items():
            assert len(page.ids) == len(set(page.ids))
            for link in page.links:
                if not link.startswith(("https://", "http://")):
                    target, _, anchor = unquote(link).partition("#")
                    assert target in pages or not target or target == file.replace(".html", ".ipynb"), (file, link)
                    assert not anchor or anchor in pages[target or file].ids, (file, link)


def test_a_page_leads_to_its_neighbours_and_the_map_and_the_map_to_all(course):
    pages = {file: Page(text).links for file, text in course["tiny", "site"].items()}
    assert {"index.html", "2_second.html", "2_second.html#Twice", "#A-Section"} <= set(pages["1_first.html"])
    assert {"index.html", "1_first.html", "#Twice", "#Twice-2"} <= set(pages["2_second.html"])
    assert pages["index.html"][1:] == ["1_first.html", "2_second.html"]  # after the one to Binder
    assert pages["1_first.html"].count("2_second.html") == 2  # in the contents and below


def test_every_picture_keeps_its_alternative_text_and_its_shape(course):
    for path in NOTEBOOKS.glob("*.ipynb"):
        outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", ())]
        pictures = [found[:3] for output in outputs if (found := picture_in(output))]
        shown = Page(course["real", "site"][f"{path.stem}.html"]).images
        assert [[i[k] for k in ABOUT] for i in shown] == [list(map(str, picture)) for picture in pictures]


def test_a_picture_without_alternative_text_is_refused(tmp_path):
    with pytest.raises(ValueError, match="alternative text"):
        publish.site(sample_course.write(tmp_path, alt=""), tmp_path / "out")


@pytest.mark.parametrize(
    "markup",
    [
        "<title>1 · First notebook",
        "a file and",  # a link to a file that isn't published, as text
        "<figcaption><code>top 1.0</code> <code>end 0.2</code>",
        *("<munderover><mo>∏</mo>", f'alttext="{sample_course.FORMULA}"', "<mo>&lt;</mo>", "font/woff"),
        '<p class="predict"><strong>Predict:</strong>',
        "<td><code>a</code></td>",
        "ValueError: &lt;no&gt;",
        '<div class="scroll" tabindex="0"><table><tr><td>frame',
    ],
)
def test_what_a_reader_needs_survives(course, kind, markup):
    assert markup in course["tiny", kind]["1_first.html"]


def test_an_explorer_comes_alive_over_a_still_picture_that_says_so_and_a_hint_stays_folded(course, kind):
    text = course["tiny", kind]["1_first.html"]
    assert text.count(publish.WORDS["still"]) == 1
    assert len(re.findall(r'<div id="explorer-\d+"><figure', text)) == 1 and "el.replaceChildren()" in text
    assert "model_id" not in text
    assert re.search(r"<summary>Hint 1</summary>\s*<p>Try <em>this</em>.</p>\s*</details>", text)


def test_the_map_shows_what_stands_at_the_top_of_each_notebook(course, kind):
    text = course["real", kind]["index.html"]
    assert f"<title>{publish.WORDS['course']}</title>" in text
    for path in NOTEBOOKS.glob("*.ipynb"):
        title = nbformat.read(path, as_version=4).cells[0].source.split("\n")[0].removeprefix("# ").replace("`", "")
        assert title in publish.as_text(text)


def test_no_formula_is_left_as_source_and_a_page_without_one_has_no_font(course, kind):
    assert "font/woff" not in course["tiny", kind]["2_second.html"]
    for page in course["real", kind].values():
        page = re.sub(r'alttext="[^"]*"|<pre.*?</pre>|<style.*?</style>|<script.*?</script>', "", page, flags=re.S)
        assert not re.search(r"\$\$|\\(frac|odot|partial|sum|top|tilde)\b", page)


def test_a_deck_is_set_as_its_layout_says(tmp_path, course):
    cells = nbformat.read(sample_course.write(tmp_path) / "1_first.ipynb", as_version=4).cells
    shown = layout(cells)
    deck = course["tiny", "slides"]["1_first.html"].partition("<main>")[2].partition("</main>")[0]
    assert deck.count("<section ") == len(shown) > 2
    assert deck.count('<div class="step') == sum(sum(slide.clicks) for slide in shown) > 0
    assert '<section data-title="A · Section">' in deck
    assert "import" not in deck  # the set-up cell
    assert "import" in course["tiny", "site"]["1_first.html"].partition("<main")[2]


def test_a_slide_sets_text_beside_a_picture(course):
    for text in (text for (name, kind), texts in course.items() if kind == "slides" for text in texts.values()):
        for slide in re.findall(r'<section [^>]*class="beside".*?</section>', text, re.S):
            rows = int(re.search(r"--rows: (\d+)", slide)[1])
            assert len(re.findall(r'<div class="[^"]*\bright\b', slide)) == 1
            assert (
                len(re.findall(r"<div(?: class=\"[^\"]*\b(?:step|head|right)\b[^\"]*\")?><div class=\"cell", slide))
                == rows + 1
            )
            assert slide.count("<figure>") == 1
    assert 'class="beside"' in course["real", "slides"]["lecture.html"]


def test_a_deck_shows_the_figure_and_folds_its_code_and_of_an_explorer_there_is_no_code(course):
    folded = f"<details><summary>{publish.WORDS['code']}</summary>"
    assert course["tiny", "slides"]["1_first.html"].count(folded) == 1
    assert folded not in course["tiny", "site"]["1_first.html"]
    assert ">explorer</span>" not in course["tiny", "slides"]["1_first.html"]


def test_a_page_folds_what_jupyterlab_folds(course):
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        page = course["real", "site"][f"{path.stem}.html"]
        for word, key in (("code", "source_hidden"), ("answer", "outputs_hidden")):
            hidden = sum(cell.metadata.get("jupyter", {}).get(key, False) for cell in cells)
            assert page.count(f"<summary>{publish.WORDS[word]}</summary>") == hidden


def test_language_and_words_can_be_replaced(tmp_path, kind):
    words = {name: f"«{name}» & more" for name in publish.WORDS} | {"lang": "zh"}
    for text in _texts(MAKERS[kind](sample_course.write(tmp_path), tmp_path / "out", words)).values():
        assert '<html lang="zh">' in text
        assert "» & more" not in text  # & is written as &amp;
        for name, word in publish.WORDS.items():
            assert name in ("code", "predict", "lang", "slide") or word not in text


def test_pages_of_notebooks_that_are_gone_are_removed_and_nothing_else(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "0_old.html").write_text("old")
    (out / "notes.txt").write_text("mine")
    publish.site(sample_course.write(tmp_path), out)
    stays = {"notes.txt", "1_first.ipynb", "2_second.ipynb"}  # the last two to download
    assert {p.name for p in out.iterdir()} == {"index.html", "1_first.html", "2_second.html"} | stays


def _write(folder, source):
    nbformat.write(new_notebook(cells=[new_markdown_cell(source)]), folder / "1_x.ipynb")


def test_a_folder_without_notebooks_or_a_notebook_without_title_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected notebooks"):
        publish.site(tmp_path, tmp_path / "out")
    _write(tmp_path, "Words.")
    with pytest.raises(ValueError, match="1_x.ipynb: expected .* title"):
        publish.slides(tmp_path, tmp_path / "out")


def test_a_picture_beside_the_notebook_is_taken_in_and_another_refused(tmp_path):
    (tmp_path / "dot.png").write_bytes(base64.b64decode(sample_course.png()))
    _write(tmp_path, "# A\n\n![A dot.](dot.png)")
    text = _texts(publish.site(tmp_path, tmp_path / "out"))["1_x.html"]
    assert f'<img src="data:image/png;base64,{sample_course.png()}" alt="A dot.">' in text
    _write(tmp_path, "# A\n\n![x](https://example.org/x.png)")
    with pytest.raises(ValueError, match="beside the notebook"):
        publish.site(tmp_path, tmp_path / "out")


def test_notes_are_the_questions_of_the_guide_by_section():
    plan = """| minutes | what | stop and ask | what they say |
|---|---|---|---|
| 0–5 | `01` §2–3; the explorer of §5 | How much? | "Half." |
| **2.1** `03` | 90 | `03` §3: Still? `03` §5: Can it? | "No", \\|x\\| too. |
| 5–9 | break | | |"""
    assert notes(plan) == {
        ("01", "2"): [("How much?", '"Half."')],
        ("03", "3"): [("Still?", '"No", \\|x\\| too.')],
        ("03", "5"): [("Can it?", '"No", \\|x\\| too.')],
    }


def test_the_lecture_is_the_cells_that_its_plan_names(course):
    deck = course["real", "slides"]["lecture.html"]
    guide = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
    title, cells = lecture(guide, publish.load(NOTEBOOKS, publish.WORDS))
    assert title == "90 minutes: one lecture" and f"<title>{title}</title>" in deck
    shown = [cell for cell in cells if cell.cell_type == "code"]
    assert 20 <= len(shown) <= 25
    assert deck.count("data:image/png") + deck.count("<table") >= 15
    assert "lecture.html" not in course["real", "site"]["index.html"]
    with pytest.raises(ValueError, match="expected the id of a cell of the notebook before it, got 'gone'"):
        lecture(guide.replace("`taste-run`", "`gone`"), publish.load(NOTEBOOKS, publish.WORDS))


LECTURE = """
## An hour

| minutes | what | cells to show | stop and ask | what they say |
|---|---|---|---|---|
| 0–9 | a start | `01` `run` `draw` | How much? | "Half." |
| 9–12 | exit questions: 2 and 1 of the exam | `01` `sheet` | | |

## Exam

1. *First
   one?* Yes.
2. *Second?* No.
"""


def test_a_part_of_the_lecture_has_the_title_of_its_section_its_question_and_the_text_that_leads_to_its_cells():
    texts = {"a": "## 3 · Half\n\nWe try.", "run": None, "draw": None, "sheet": "## On one page"}
    make = {True: new_code_cell, False: new_markdown_cell}
    book = publish.Book("01_x", [make[t is None](t or "x = 1", id=i) for i, t in texts.items()], "", "")
    title, cells = lecture(LECTURE, [book])
    assert title == "An hour"
    shown = ["## Half\n\n**How much?**", "We try.", "x = 1", "x = 1"]  # the heading and the lead once
    assert [c.source for c in cells] == [*shown, "## Exit questions\n\n**Second?**\n\n**First one?**", "## On one page"]
    assert [c.metadata.get("note") for c in cells if "note" in c.metadata] == [
        '**0–9**\n\n"Half."',
        "**9–12**\n\nNo.\n\nYes.",
    ]


def test_the_command_line_names_what_it_makes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "BUILD", tmp_path)
    monkeypatch.setattr(publish, "NOTEBOOKS", sample_course.write(tmp_path))
    publish.main(["site", "slides"])
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert Path(tmp_path, "slides", "index.html").exists()
    with pytest.raises(SystemExit):
        publish.main(["posters"])


def test_the_sheet_to_print_is_that_of_the_notebook_and_one_page():
    printed = sheet.SHEET.read_bytes()
    assert sheet.mark(sheet.source()).encode() in printed, "make sheet"
    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]
    assert sheet.mark("another") != sheet.mark(sheet.source())

"""The pages and the decks: nothing from elsewhere, nothing lost on the way, links that lead somewhere."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from tests.publish import publish, sample_course
from tests.tools.hygiene import NOTEBOOKS

MAKERS = {"site": publish.site, "slides": publish.slides}
FETCHES = r"""\bimport\(|\bfetch\(|XMLHttpRequest|WebSocket|<(iframe|object|embed|link rel="style)"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """What both makers make of the tiny course and of the real one: (course, maker) -> {file name: text}."""
    sources = {"tiny": sample_course.write(tmp_path_factory.mktemp("tiny")), "real": NOTEBOOKS}
    made = {}
    for name, source in sources.items():
        for kind, maker in MAKERS.items():
            out = maker(source, tmp_path_factory.mktemp(f"{name}-{kind}"))
            made[name, kind] = {p.name: p.read_text(encoding="utf-8") for p in out.iterdir()}
    return made


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
        attributes = dict(attributes)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.loads += [v for k, v in attributes.items() if k in ("src", "srcset", "data", "poster", "action")]
        if tag == "img":
            self.images.append(attributes)
        if "href" in attributes:
            (self.links if tag == "a" else self.loads).append(attributes["href"])


def test_every_notebook_gets_a_page_and_a_deck_and_there_is_a_map(course, kind):
    assert set(course["tiny", kind]) == {"index.html", "1_first.html", "2_second.html"}
    assert set(course["real", kind]) == {"index.html"} | {f"{p.stem}.html" for p in NOTEBOOKS.glob("*.ipynb")}


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
                    assert target in pages or not target, (file, link)
                    assert not anchor or anchor in pages[target or file].ids, (file, link)


def test_a_page_leads_to_its_neighbours_and_the_map_and_the_map_to_all(course):
    pages = {file: Page(text).links for file, text in course["tiny", "site"].items()}
    assert {"index.html", "2_second.html", "2_second.html#Twice", "#A-·-Section"} <= set(pages["1_first.html"])
    assert {"index.html", "1_first.html", "#Twice", "#Twice-2"} <= set(pages["2_second.html"])
    assert pages["index.html"] == ["1_first.html", "2_second.html"]


def test_a_link_to_a_file_that_is_not_published_stays_as_text(course, kind):
    assert "a file and" in course["tiny", kind]["1_first.html"]


def test_every_picture_keeps_its_alternative_text_and_its_shape(course):
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        pictures = [o.metadata["image/png"] for c in cells for o in c.outputs if "image/png" in o.get("data", {})]
        shown = Page(course["real", "site"][f"{path.stem}.html"]).images
        assert [i["alt"] for i in shown] == [p["alt"] for p in pictures]
        assert [(i["width"], i["height"]) for i in shown] == [(str(p["width"]), str(p["height"])) for p in pictures]


def test_a_picture_without_alternative_text_is_refused(tmp_path):
    with pytest.raises(ValueError, match="alternative text"):
        publish.site(sample_course.write(tmp_path, alt=""), tmp_path / "out")


def test_an_explorer_is_a_still_picture_with_its_numbers_and_a_line_that_says_so(course, kind):
    text = course["tiny", kind]["1_first.html"]
    assert text.count(publish.WORDS["still"]) == 1
    assert "<figcaption><code>top 1.0</code> <code>end 0.2</code>" in text
    assert "model_id" not in text


def test_the_map_shows_what_stands_at_the_top_of_each_notebook(course):
    text = course["real", "site"]["index.html"]
    for path in NOTEBOOKS.glob("*.ipynb"):
        title = nbformat.read(path, as_version=4).cells[0].source.split("\n")[0].removeprefix("# ").replace("`", "")
        assert title in publish.as_text(text)


def test_formulas_become_mathml_with_a_font_and_none_is_left_as_source(course, kind):
    text = course["tiny", kind]["1_first.html"]
    assert "<munderover><mo>∏</mo>" in text
    assert f'alttext="{sample_course.FORMULA}"' in text
    assert "<mo>&lt;</mo>" in text
    assert "font/woff" in text
    assert "font/woff" not in course["tiny", kind]["2_second.html"]
    for page in course["real", kind].values():
        page = re.sub(r'alttext="[^"]*"|<pre.*?</pre>|<style.*?</style>|<script.*?</script>', "", page, flags=re.S)
        assert not re.search(r"\$\$|\\(frac|odot|partial|sum|top|tilde)\b", page)


def test_text_tables_hints_and_errors_survive(course, kind):
    text = course["tiny", kind]["1_first.html"]
    assert '<p class="predict"><strong>Predict:</strong>' in text
    assert re.search(r"<summary>Hint 1</summary>\s*<p>Try <em>this</em>.</p>\s*</details>", text)
    assert "<td><code>a</code></td>" in text
    assert "ValueError: &lt;no&gt;" in text
    assert '<div class="scroll" tabindex="0"><table><tr><td>frame' in text


def test_a_deck_follows_the_slide_types(tmp_path, course):
    cells = nbformat.read(sample_course.write(tmp_path) / "1_first.ipynb", as_version=4).cells
    kinds = [c.metadata.get("slideshow", {}).get("slide_type") for c in cells]
    deck = course["tiny", "slides"]["1_first.html"].partition("<main>")[2].partition("</main>")[0]
    assert deck.count("<section ") == kinds.count("slide") + kinds.count("subslide") > 2
    assert deck.count('<div class="step">') == kinds.count("fragment") > 0
    assert '<section data-title="A · Section">' in deck
    assert "import" not in deck  # the set-up cell
    assert "import" in course["tiny", "site"]["1_first.html"].partition("<main")[2]


def test_a_deck_shows_the_figure_and_folds_its_code(course):
    folded = f"<details><summary>{publish.WORDS['code']}</summary>"
    assert course["tiny", "slides"]["1_first.html"].count(folded) == 2
    assert folded not in course["tiny", "site"]["1_first.html"]


def test_language_and_words_can_be_replaced(tmp_path, kind):
    words = {name: f"«{name}» & more" for name in publish.WORDS} | {"lang": "zh"}
    out = MAKERS[kind](sample_course.write(tmp_path), tmp_path / "out", words)
    for path in out.iterdir():
        text = path.read_text(encoding="utf-8")
        assert '<html lang="zh">' in text
        assert "» & more" not in text  # & is written as &amp;
        for name, word in publish.WORDS.items():
            assert name in ("code", "predict", "lang", "slide") or word not in text


def test_titles_name_the_notebook(course, kind):
    assert "<title>1 · First notebook" in course["tiny", kind]["1_first.html"]
    assert f"<title>{publish.WORDS['course']}</title>" in course["tiny", kind]["index.html"]


def test_pages_of_notebooks_that_are_gone_are_removed_and_nothing_else(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "0_old.html").write_text("old")
    (out / "notes.txt").write_text("mine")
    publish.site(sample_course.write(tmp_path), out)
    assert {p.name for p in out.iterdir()} == {"index.html", "1_first.html", "2_second.html", "notes.txt"}


def test_a_folder_without_notebooks_or_a_notebook_without_title_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected notebooks"):
        publish.site(tmp_path, tmp_path / "out")
    nbformat.write(new_notebook(cells=[new_markdown_cell("Words.")]), tmp_path / "1_x.ipynb")
    with pytest.raises(ValueError, match="1_x.ipynb: expected .* title"):
        publish.slides(tmp_path, tmp_path / "out")


def test_a_picture_beside_the_notebook_is_taken_in_and_another_refused(tmp_path):
    (tmp_path / "dot.png").write_bytes(base64.b64decode(sample_course.png()))
    for source, good in (("![A dot.](dot.png)", True), ("![x](https://example.org/x.png)", False)):
        nbformat.write(new_notebook(cells=[new_markdown_cell(f"# A\n\n{source}")]), tmp_path / "1_x.ipynb")
        if good:
            text = (publish.site(tmp_path, tmp_path / "out") / "1_x.html").read_text(encoding="utf-8")
            assert f'<img src="data:image/png;base64,{sample_course.png()}" alt="A dot.">' in text
        else:
            with pytest.raises(ValueError, match="beside the notebook"):
                publish.site(tmp_path, tmp_path / "out")


def test_the_command_line_names_what_it_makes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(publish, "BUILD", tmp_path)
    monkeypatch.setattr(publish, "NOTEBOOKS", sample_course.write(tmp_path))
    publish.main(["site", "slides"])
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert Path(tmp_path, "slides", "index.html").exists()
    with pytest.raises(SystemExit):
        publish.main(["posters"])

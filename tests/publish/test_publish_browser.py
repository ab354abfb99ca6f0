"""Pages and decks in Chromium, from disk and without a network: nothing missing, nothing cut off, keys turn over."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import browser
from tests.publish import publish
from tests.tools.hygiene import NOTEBOOKS

pytestmark = browser.marks()
STEMS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
DESKTOP, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
BROKEN = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
# parts that stick out of the page at its right side and can't be scrolled to
STICKING = """[...document.querySelectorAll('body *')]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1 && part.checkVisibility())
    .filter(part => !part.closest('pre, .scroll, .formula, .skip')).map(part => part.outerHTML.slice(0, 80))"""
EMPTY_FORMULAS = """[...document.querySelectorAll('math')]
    .filter(math => math.checkVisibility() && !math.closest('details:not([open])'))
    .filter(math => !math.getBoundingClientRect().width)
    .map(math => math.getAttribute('alttext'))"""
# how far the text of a slide goes on below or beside what is shown
HIDDEN = """[slides[at].scrollHeight - slides[at].clientHeight, slides[at].scrollWidth - slides[at].clientWidth]"""

# an explorer draws itself when it is shown, and the text then makes room for it
SETTLED = """async k => {
    go(k, true);
    let frames = slides[k].querySelector('.xp') ? 4 : 0;
    for (; frames; frames -= 1) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture(scope="module")
def offline():
    """Chromium without a network: a page; ``page.wrong`` lists errors, and whatever it asked for beyond the disk."""
    with browser.chromium(**DESKTOP) as context:
        context.set_offline(True)
        page = context.new_page()
        page.wrong = []
        page.on("console", lambda message: page.wrong.append(message.text))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("requestfailed", lambda request: page.wrong.append(f"failed: {request.url[:80]}"))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or page.wrong.append(r.url))
        yield page


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    makers = (publish.site, publish.slides)
    return {maker.__name__: maker(NOTEBOOKS, tmp_path_factory.mktemp("made")) for maker in makers}


@pytest.fixture(params=["index", *STEMS])
def stem(request):
    return request.param


def test_a_page_is_whole_without_a_network_on_desktop_and_phone(stem, offline, made):
    offline.wrong.clear()
    for size in (DESKTOP, PHONE):
        offline.set_viewport_size(size)
        offline.goto((made["site"] / f"{stem}.html").as_uri())
        assert offline.evaluate(BROKEN) == 0
        assert offline.evaluate(OVERFLOW) <= 0
        assert offline.evaluate(STICKING) == []
        assert offline.evaluate(EMPTY_FORMULAS) == []
    assert offline.wrong == []


def test_a_deck_is_whole_without_a_network_and_every_slide_fits(stem, offline, made):
    offline.wrong.clear()
    offline.set_viewport_size(DESKTOP)
    offline.goto((made["slides"] / f"{stem}.html").as_uri())
    assert offline.evaluate(BROKEN) == 0
    for size in (DESKTOP, PHONE) if stem != "index" else ():
        offline.set_viewport_size(size)
        for k in range(offline.evaluate("slides.length")):
            offline.evaluate(SETTLED, k)
            below, beside = offline.evaluate(HIDDEN)
            assert beside == 0, (k + 1, size)
            if size == DESKTOP:  # a phone scrolls
                assert below == 0, k + 1
                assert offline.evaluate(STICKING) == [], k + 1
    assert offline.evaluate(OVERFLOW) <= 0
    assert offline.wrong == []


def test_axe_finds_nothing_to_complain_of(stem, offline, made):
    offline.set_viewport_size(DESKTOP)
    places = [("site", "light")]
    if stem in ("index", *STEMS[3:5]):  # the others have the same colours and the same text
        places += [("site", "dark"), ("slides", "light")]
    for kind, scheme in places:
        offline.emulate_media(color_scheme=scheme)
        offline.goto((made[kind] / f"{stem}.html").as_uri())
        offline.wait_for_timeout(100)
        found = Axe().run(offline).response["violations"]
        offline.emulate_media(color_scheme="light")
        assert [(v["id"], [node["html"][:90] for node in v["nodes"][:3]]) for v in found] == [], (kind, scheme)


def test_the_search_finds_a_section_and_a_page_asks_it(offline, made):
    offline.goto((made["site"] / f"{STEMS[1]}.html").as_uri())
    offline.get_by_role("searchbox").fill("peephole")
    offline.keyboard.press("Enter")
    offline.wait_for_url("**/index.html?q=peephole")
    hits = offline.locator("#found a")
    assert hits.count() > 0
    hits.first.click()
    assert "peephole" in offline.locator("main").inner_text().lower()
    offline.goto((made["site"] / "index.html").as_uri() + "?q=no-such-word")
    assert offline.locator("#count").inner_text() == f"{publish.WORDS['found']} 0"


def test_code_can_be_copied_and_the_contents_say_where_one_is(offline, made):
    offline.set_viewport_size(DESKTOP)
    offline.context.grant_permissions(["clipboard-read", "clipboard-write"])
    offline.goto((made["site"] / f"{STEMS[5]}.html").as_uri())
    code = offline.locator(".highlight").first
    code.hover()
    code.locator("button").click()
    offline.get_by_text(publish.WORDS["copied"]).wait_for()
    assert offline.evaluate("navigator.clipboard.readText()").strip() == code.locator("pre").inner_text().strip()
    assert offline.locator("[aria-current]").inner_text().startswith("5 ·")
    offline.locator("main h2").nth(2).scroll_into_view_if_needed()
    offline.wait_for_timeout(200)
    assert offline.locator("[data-read]").count() == 1


@pytest.fixture
def deck(offline, made):
    """The deck of the first notebook with a result that comes with a click, on its first page."""
    offline.set_viewport_size(DESKTOP)
    offline.goto("about:blank")
    offline.goto((made["slides"] / f"{STEMS[-1]}.html").as_uri())
    return offline


def test_keys_go_through_the_deck_step_by_step_and_back(deck):
    total, clicks = deck.evaluate("slides.length"), deck.evaluate("document.querySelectorAll('.step').length")
    end = [total - 1, deck.evaluate("slides.at(-1).querySelectorAll('.step').length")]
    for _ in range(total - 1 + clicks):
        assert deck.evaluate("[at, step]") != end
        deck.keyboard.press("ArrowRight")
    assert deck.evaluate("[at, step]") == end
    assert deck.locator("#number").inner_text() == f"{total} / {total}"
    assert deck.url.endswith(f"#{total}")
    for _ in range(total - 1 + clicks):
        deck.keyboard.press("PageUp")
    assert deck.evaluate("[at, step]") == [0, 0]
    deck.keyboard.press("End")
    deck.keyboard.press("Home")
    assert deck.evaluate("at") == 0
    deck.locator("#on").click()
    assert deck.evaluate("at + step") == 1


def test_o_opens_an_overview_and_n_the_questions_of_the_guide(offline, made):
    offline.set_viewport_size(DESKTOP)
    offline.goto((made["slides"] / f"{STEMS[4]}.html").as_uri())
    overview = offline.locator("#overview")
    assert not overview.is_visible()
    offline.keyboard.press("o")
    overview.get_by_text("3 · Which state carries the memory?").locator("a").first.click()
    assert not overview.is_visible() and "3 ·" in offline.locator("section.on h2").inner_text()
    note = offline.locator("section.on .note")
    assert not note.is_visible()
    offline.keyboard.press("n")
    assert "Which wipe loses the first value?" in note.inner_text()
    offline.keyboard.press("n")
    assert not note.is_visible()


def test_what_comes_with_a_click_is_hidden_until_then(deck):
    with_step = deck.evaluate("slides.findIndex(slide => slide.querySelector('.step'))")
    deck.evaluate("k => go(k)", with_step)
    result = deck.locator("section.on .step").first
    assert not result.is_visible()
    deck.keyboard.press("Space")
    assert result.is_visible()
    deck.keyboard.press("ArrowLeft")
    assert not result.is_visible()


def test_an_address_opens_a_deck_at_a_slide_or_a_heading(deck):
    address = deck.url.partition("#")[0]
    deck.goto("about:blank")
    deck.goto(f"{address}#3")
    assert deck.evaluate("at") == 2
    heading = deck.evaluate("document.querySelectorAll('h2')[1].id")
    deck.evaluate("name => location.hash = name", heading)
    deck.wait_for_function("at > 2")
    assert deck.locator("section.on h2").get_attribute("id") == heading


def test_unfolded_code_and_a_large_answer_can_be_reached(deck):
    deck.evaluate("go(slides.findIndex(slide => slide.querySelector('figure')), true)")
    deck.locator("section.on summary").first.click()
    deck.wait_for_timeout(100)
    assert deck.locator("section.on details pre").first.is_visible()
    assert deck.evaluate("getComputedStyle(slides[at]).overflowY") == "auto"


def test_a_printed_deck_has_a_page_for_every_slide_at_least(deck):
    pages = len(re.findall(rb"/Type\s*/Page\b", deck.pdf(prefer_css_page_size=True)))
    total = deck.evaluate("slides.length")
    assert total <= pages <= 1.2 * total


def test_hints_unfold_and_links_in_the_contents_lead_down_the_page(offline, made, tmp_path):
    cells = ["# 1 · A", "<details><summary>Hint</summary>\n\nTry this.\n\n</details>", "word\n\n" * 60, "## Far down"]
    cells = [nbformat.v4.new_markdown_cell(source) for source in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "1_a.ipynb")
    offline.set_viewport_size(DESKTOP)
    offline.goto((publish.site(tmp_path, tmp_path / "out") / "1_a.html").as_uri())
    hint = offline.get_by_text("Try this.")
    assert not hint.is_visible()
    offline.locator("summary", has_text="Hint").click()
    assert hint.is_visible()
    offline.locator(".toc a", has_text="Far down").click()
    assert offline.locator("h2").bounding_box()["y"] < DESKTOP["height"]

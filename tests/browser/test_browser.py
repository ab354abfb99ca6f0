"""Every notebook in a real JupyterLab and Chromium: it runs, nothing goes wrong, its explorers follow the keys."""

import base64
import contextlib
import inspect
import io
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser import browser
from tests.library import test_explorer
from tests.tools.hygiene import NOTEBOOKS
from tests.tools.kernel import memory_mb

pytestmark = browser.marks()
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
TOY = "toy.ipynb"
# the heights that an explorer's place in the page takes, frame by frame, until stopped
WATCH = """output => {
    const seen = window.seen = {heights: [], stop: false};
    const look = () => {
        const height = output.getBoundingClientRect().height;
        if (!seen.heights.includes(height)) seen.heights.push(height);
        if (!seen.stop) requestAnimationFrame(look);
    };
    look();
}"""
RUN_ONE = """async id => {
    const cells = window.jupyterapp.shell.currentWidget.content;
    cells.activeCellIndex = cells.widgets.findIndex(cell => cell.model.id === id);
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
FOLDED = "id => window.jupyterapp.shell.currentWidget.content.widgets.find(c => c.model.id === id).outputHidden"
MOST_MB = 700  # for one kernel; make bench-notebooks prints what each takes, about 400
HEIGHTS = "() => { window.seen.stop = true; return window.seen.heights }"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A folder for the notebooks; beside it one for the temporary files of their kernels."""
    root = tmp_path_factory.mktemp("browser") / "course"
    for folder in (root, root.with_name("temp")):
        folder.mkdir()
    return root


@pytest.fixture(scope="module")
def course(root):
    """JupyterLab on a copy of the notebooks, and Chromium beside it: (Playwright context, address, token)."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, root)
    imports = "import ipywidgets as widgets\nimport numpy as np\nfrom lstm_lib.explorers import Explorer"
    fails = "lambda numbers, gain: numbers if gain < 1.9 else 1 / 0"
    browser.write(root / TOY, imports, inspect.getsource(test_explorer.toy), f"toy(change={fails}, alt='A sine.')")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with browser.chromium() as context, browser.lab(root, TMPDIR=str(root.with_name("temp"))) as address_and_token:
        yield context, *address_and_token


def _files(root):
    """Every file of the course and of its kernels, but for JupyterLab's checkpoints and the empty cache of torch."""
    paths = root.parent.rglob("*")
    return {p for p in paths if ".ipynb_checkpoints" not in p.parts and not p.name.startswith("torchinductor_")}


@pytest.fixture(params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def name(request):
    return request.param


def test_a_notebook_runs_and_its_explorers_follow_the_arrow_keys(name, course, root):
    files = _files(root)
    with browser.running(*course, name) as page, contextlib.ExitStack() as at_the_end:
        # also of a page on which something went wrong
        at_the_end.callback(page.screenshot, path=SCREENSHOTS / f"{Path(name).stem}.png")
        assert browser.problems(page) == []
        kernel = browser.kernel_process(page)
        assert kernel is None or memory_mb(kernel) < MOST_MB
        explorers = page.locator(browser.EXPLORER)
        promised = browser.explorers_promised(page)
        if promised:
            explorers.nth(promised - 1).wait_for()
        assert explorers.count() == promised
        for k in range(promised):
            explorer = explorers.nth(k)
            explorer.scroll_into_view_if_needed()
            before = browser.pixels(explorer)
            explorer.locator(".noUi-handle").first.focus()
            page.keyboard.press("ArrowRight")
            browser.pixels(explorer, other_than=before)
            number = f"-{k + 1}" if promised > 1 else ""
            explorer.screenshot(path=SCREENSHOTS / f"{Path(name).stem}-explorer{number}.png")
        assert page.strangers == []
    end = time.monotonic() + 20
    while time.monotonic() < end and ((kernel and kernel.exists()) or _files(root) != files):
        time.sleep(0.2)
    assert kernel is None or not kernel.exists()
    assert _files(root) == files


def test_a_cell_that_is_run_too_early_says_what_to_run_first(course):
    with browser.running(*course, "04_cell_state_and_hidden_state.ipynb", run=False) as page:
        page.evaluate(RUN_ONE, "wipe-run")
        shown = next(cell["outputs"] for cell in page.evaluate(browser.CELLS) if cell["id"] == "wipe-run")
        assert "Not made yet: `wipe_c`" in "".join(shown[0]["text"])
        assert "Run All Above Selected Cell" in "".join(shown[0]["text"])
        assert shown[1]["ename"] == "NameError"


def test_the_answer_to_a_prediction_opens_when_its_cell_is_run(course):
    with browser.running(*course, "05_lstm_cell_from_scratch.ipynb", run=False) as page:
        page.wait_for_function(FOLDED, arg="first-step-run")
        for cell in ("setup", "first-step-run"):
            page.evaluate(RUN_ONE, cell)
        assert not page.evaluate(FOLDED, "first-step-run")


@pytest.fixture(scope="module")
def toy(course):
    with browser.running(*course, TOY) as page:
        assert browser.problems(page) == []
        explorer = page.locator(browser.EXPLORER)
        browser.pixels(explorer)
        yield page, explorer


def _hold(page, key, times, pause_ms):
    for _ in range(times):  # down again and again without up is what a held key sends
        page.keyboard.down(key)
        page.wait_for_timeout(pause_ms)
    page.keyboard.up(key)


@contextlib.contextmanager
def _filmed(page, image):
    """Collect, for each frame that Chromium shows, how many pixels of the picture aren't white."""
    box, ink, session = image.bounding_box(), [], page.context.new_cdp_session(page)
    area = [round(box["x"]), round(box["y"]), round(box["x"] + box["width"]), round(box["y"] + box["height"])]

    def look(frame):
        shown = Image.open(io.BytesIO(base64.b64decode(frame["data"]))).convert("L").crop(area)
        ink.append(int((np.asarray(shown) < 250).sum()))
        session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    session.on("Page.screencastFrame", look)
    session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
    yield ink
    session.send("Page.stopScreencast")
    session.detach()


def _same_pixels(address, explorer):
    shown = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("RGB")
    return np.array_equal(shown, Image.open(io.BytesIO(explorer.picture)).convert("RGB"))


@pytest.fixture(params=[33, 3], ids=["as a keyboard repeats", "ten times faster"])
def pause_ms(request):
    return request.param


def test_after_a_held_key_the_last_value_wins_at_once_without_flicker(toy, pause_ms):
    page, explorer = toy
    explorer.locator(".noUi-handle").focus()
    page.keyboard.press("Home")
    explorer.get_by_text("top 0.000").wait_for()
    explorer.evaluate(WATCH)
    with _filmed(page, explorer.locator("img")) as ink:
        _hold(page, "ArrowRight", 40, pause_ms)
    explorer.get_by_text("top 0.800").wait_for(timeout=1000)  # a backlog would take longer
    page.wait_for_timeout(300)
    here = test_explorer.toy()
    here.controls["gain"].value = 0.8
    assert explorer.get_by_text("top 0.800").count() == 1
    assert _same_pixels(browser.pixels(explorer), here)
    assert len(page.evaluate(HEIGHTS)) == 1
    assert len(ink) > 3
    assert min(ink) > 0.9 * max(ink)


def test_an_error_stands_in_the_page_in_red_and_leaves_the_height_alone(toy):
    page, explorer = toy
    explorer.evaluate(WATCH)
    explorer.locator(".noUi-handle").focus()
    page.keyboard.press("End")
    message = explorer.get_by_text("ZeroDivisionError: division by zero")
    message.wait_for()
    assert message.evaluate("element => getComputedStyle(element).color") == "rgb(176, 0, 32)"
    page.keyboard.press("Home")
    explorer.get_by_text("top 0.000").wait_for()
    assert message.count() == 0
    assert len(page.evaluate(HEIGHTS)) == 1


def test_the_picture_has_words_for_screen_readers_and_shrinks_with_the_page(toy):
    page, explorer = toy
    words = explorer.get_by_text("A sine.").bounding_box()
    assert (words["width"], words["height"]) == (1, 1)
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(300)
    box = explorer.locator("img").bounding_box()
    page.set_viewport_size({"width": 1400, "height": 1100})
    assert box["width"] < 600
    assert abs(box["width"] / box["height"] - 691 / 345) < 0.02

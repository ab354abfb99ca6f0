"""Every notebook in a real JupyterLab and Chromium: it runs, nothing goes wrong, its explorers follow the keys."""

import contextlib
import shutil
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import browser
from tests.tools.hygiene import NOTEBOOKS
from tests.tools.kernel import memory_mb

pytestmark = browser.marks()
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
TOY = "toy.ipynb"
RUN_ONE = """async id => {
    const cells = window.jupyterapp.shell.currentWidget.content;
    cells.activeCellIndex = cells.widgets.findIndex(cell => cell.model.id === id);
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
FOLDED = "id => window.jupyterapp.shell.currentWidget.content.widgets.find(c => c.model.id === id).outputHidden"
WHOLE = ("00_start_here.ipynb", "01_vanishing_gradients.ipynb")  # Run All here as well; of all others: make slow
MOST_MB = 700  # for one kernel; make bench-notebooks prints what each takes, about 400
STATE = """() => {
    const book = window.jupyterapp.shell.currentWidget.content;
    return [book.widgets.length, book.activeCellIndex];
}"""
RUN_LAST = """async source => {
    const book = window.jupyterapp.shell.currentWidget.content;
    book.activeCellIndex = book.widgets.length - 1;
    book.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


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
    browser.write(root / TOY, "from lstm_lib.explorers import gates\n\nexplorer = gates()\nexplorer", "1")
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


def test_explorers_follow_the_arrow_keys_and_outputs_have_names(name, course, root):
    _look(name, course, root, whole=name in WHOLE)


@pytest.mark.slow
def test_a_notebook_runs_whole(name, course, root):
    if name not in WHOLE:
        _look(name, course, root, whole=True)


def _look(name, course, root, whole):
    """Run a notebook, ``whole`` or its explorers only (nbval runs the rest), and look at its outputs and explorers."""
    files = _files(root)
    with browser.running(*course, name, run=whole) as page, contextlib.ExitStack() as at_the_end:
        # also of a page on which something went wrong
        at_the_end.callback(page.screenshot, path=SCREENSHOTS / f"{Path(name).stem}.png")
        for cell in () if whole else browser.explorer_cells(page):
            page.evaluate(RUN_ONE, cell)
        assert browser.problems(page) == []
        kernel = browser.kernel_process(page)
        assert kernel is None or memory_mb(kernel) < MOST_MB
        explorers, promised = page.locator(browser.EXPLORER), browser.explorers_promised(page)
        for k, text in enumerate(promised):
            explorer = explorers.nth(k)
            explorer.locator(".picture > svg").wait_for()
            explorer.scroll_into_view_if_needed()
            readout, fields = explorer.locator(".readout"), explorer.locator("input, select")
            assert " ".join(readout.inner_text().split()) == " ".join(text.split())  # the defaults, also after Run All
            fields.last.focus()
            before = explorer.locator(".picture").inner_html()
            for key in ("ArrowDown", "ArrowUp"):  # at an end of a slider one of the two goes nowhere
                page.keyboard.press(key)
                if explorer.locator(".picture").inner_html() != before:
                    break
            assert explorer.locator(".picture").inner_html() != before
            number = f"-{k + 1}" if len(promised) > 1 else ""
            explorer.screenshot(path=SCREENSHOTS / f"{Path(name).stem}-explorer{number}.png")
        assert explorers.count() == len(promised)
        found = Axe().run(page, context=".jp-OutputArea-output").response["violations"]
        assert [(v["id"], [node["html"][:90] for node in v["nodes"][:3]]) for v in found] == []
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
        page.locator(".picture > svg").wait_for()
        yield page


def _run(page, source):
    """Run ``source`` in the last cell of the page and return what it prints."""
    page.evaluate(RUN_LAST, source)
    return "".join(page.evaluate(browser.CELLS)[-1]["outputs"][0]["text"]).strip()


def test_python_hears_where_the_controls_stand_and_moves_them(toy):
    toy.get_by_label("o", exact=True).focus()
    toy.keyboard.press("ArrowLeft")
    readout = toy.locator(".readout").inner_text().replace("\n", "   ")
    assert "h 0.753" in readout
    assert _run(toy, "print(explorer.at(**explorer.values))") == readout
    _run(toy, "explorer.values = {'pulses': 5}; print('moved')")
    toy.get_by_text("largest |C| 2.99").wait_for()
    assert toy.locator("[name=pulses] option:checked").inner_text() == "every 5 steps"
    toy.get_by_role("button", name="reset").click()
    toy.get_by_text("largest |C| 1.75").wait_for()


def test_keys_on_a_control_leave_the_notebook_alone(toy):
    toy.locator(".picture").focus()  # makes its cell the active one
    before = toy.evaluate(STATE)
    for field in (toy.get_by_label("i at a pulse"), toy.get_by_label("pulses", exact=True), toy.locator(".picture")):
        for key in ("ArrowDown", "a", "b", "x", "ArrowUp"):
            field.focus()
            toy.keyboard.press(key)
    assert toy.evaluate(STATE) == before


def test_an_explorer_fits_beside_its_controls_and_follows_the_dark_theme(toy):
    look = "() => getComputedStyle(document.querySelector('.xp')).backgroundColor"
    toy.set_viewport_size({"width": 1366, "height": 768})
    toy.wait_for_timeout(300)
    controls, picture = (toy.locator(f".xp .{part}").bounding_box() for part in ("controls", "picture"))
    assert controls["y"] == pytest.approx(picture["y"], abs=8) and picture["x"] > controls["x"] + 200
    assert toy.locator(".xp").bounding_box()["height"] < 480
    light = toy.evaluate(look)
    toy.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    toy.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    toy.wait_for_timeout(300)
    toy.screenshot(path=SCREENSHOTS / "explorer-dark.png")
    assert toy.evaluate(look) != light

"""The explorers in Chromium: the page says what Python says; keys, pointer, reset, play, themes, widths, no network."""

import json
import re

import numpy as np
import pytest
import torch

from lstm_lib import explorers, gradients
from lstm_lib.cells import forget_bias_, from_torch
from lstm_lib.experiments import load_results, rerun, two_items_model
from lstm_lib.explorers.exploding import descend
from lstm_lib.explorers.vanishing import INPUT_STD, LONGEST, UNITS, WARM_UP
from lstm_lib.tasks import long_and_short
from tests.browser import browser
from tests.publish.stills import page as html_page
from tests.tools.settings import random_settings

pytestmark = browser.marks()
SETTINGS = 300
COMPUTE = """async ([source, data, words, settings, keep]) => {
    const module = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
    const ready = module.prepare ? module.prepare(data) : data;
    const plain = (key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
    return settings.map(values => {
        const frame = module.compute(values, ready);
        return [module.readout(frame, words), keep ? JSON.parse(JSON.stringify(frame, plain)) : frame.numbers];
    });
}"""
# short names with rules of their own in the classic notebook's style sheet, Bootstrap 3; kit.css answers that for .row
CLASSIC = "badge caret center close collapse container end fade hidden hide label lead mark media output panel progress"
CLASSIC += " prompt pulse radio reverse show small start stretch table toolbar tooltip well"
# all that the picture shows: its lines and words, and the pixels of its maps
DRAWN = """() => document.querySelector('.picture > svg').outerHTML +
    [...document.querySelectorAll('.picture canvas')].map(n => n.toDataURL()).join()"""


@pytest.fixture(scope="module")
def context():
    with browser.chromium(1366, 768) as context:
        context.set_offline(True)
        yield context


@pytest.fixture(scope="module")
def blank(context):
    page = context.new_page()
    yield page
    page.close()


def computed(blank, explorer, settings, keep=False):
    data = json.loads(json.dumps(explorer.data))  # as the page gets it: keys are strings
    return blank.evaluate(COMPUTE, [explorer._esm, data, explorer.words, settings, keep])


@pytest.fixture(params=explorers.__all__, scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def explorer(name):
    return getattr(explorers, name)()


@pytest.fixture(scope="module")
def opened(context, explorer, tmp_path_factory):
    """The explorer in a page that is opened from the disk and may ask nobody."""
    page, path = context.new_page(), tmp_path_factory.mktemp("page") / "page.html"
    page.asked, page.wrong = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda message: page.wrong.append(message.text))
    path.write_text(html_page(explorer.html()), encoding="utf-8")
    page.goto(path.as_uri())
    try:
        page.locator(".picture > svg").wait_for(timeout=10_000)
    except browser.TimeoutError:
        pytest.fail(f"{explorer.name}: no picture in the page; it says {page.wrong or 'nothing'}")
    page.wait_for_timeout(700)  # then it would have read its numbers aloud
    page.said_at_first = page.locator("[aria-live]").text_content()
    yield page
    page.close()


@pytest.fixture
def shown(opened):
    """The page with its explorer as it was at first."""
    yield opened
    opened.set_viewport_size({"width": 1366, "height": 768})
    opened.emulate_media(color_scheme="light")
    opened.mouse.move(0, 0)
    opened.get_by_role("button", name="reset").click()


def test_the_page_says_what_python_says(blank, explorer):
    settings = random_settings(explorer, SETTINGS)
    for values, (text, numbers) in zip(settings, computed(blank, explorer, settings), strict=True):
        mine = explorer.numbers(**values)
        assert text == explorer.at(**values), values
        for key, number in numbers.items():
            if not isinstance(mine.get(key, ""), str) and number is not None:
                assert number == pytest.approx(mine[key], rel=1e-9, abs=1e-12), (values, key)


def _frame(blank, name, **settings):
    explorer = getattr(explorers, name)()
    return computed(blank, explorer, [{**explorer.defaults, **settings}], keep=True)[0][1]


def test_the_line_and_the_map_of_vanishing_are_the_gradient_of_the_library(blank):
    generator = torch.Generator().manual_seed(0)
    w = 1.2 * gradients.recurrent_matrix("orthogonal", UNITS, 1.0, generator)
    inputs = INPUT_STD * torch.randn(WARM_UP + LONGEST, UNITS, dtype=torch.float64, generator=generator)
    states = gradients.run_rnn(w, inputs[: WARM_UP + 60], "relu")[WARM_UP:]
    wanted = gradients.backpropagate(w, states, "relu").flip(0)  # (61, UNITS)
    frame = _frame(blank, "vanishing", gain=1.2, steps=60, activation="relu")
    np.testing.assert_allclose(frame["norms"], wanted.norm(dim=1), rtol=1e-9)
    np.testing.assert_allclose(np.reshape(frame["gradients"], (61, UNITS)), wanted, rtol=1e-9, atol=1e-18)


def test_the_path_of_exploding_is_that_of_python(blank):
    path, losses, norms = descend(5.2, -2.8, 10**0.25)
    frame = _frame(blank, "exploding", gain=5.2, threshold=10**0.25, at=37)
    np.testing.assert_allclose([[p["w"], p["b"]] for p in frame["path"]], path, atol=1e-9)
    np.testing.assert_allclose([p["loss"] for p in frame["path"]], losses, rtol=1e-7)
    np.testing.assert_allclose([p["norm"] for p in frame["path"]], norms, rtol=1e-6)


@pytest.mark.parametrize(("hold_gates", "line"), [(False, "full"), (True, "along")])
def test_the_lines_of_forgetting_are_autograds(blank, hold_gates, line):
    torch.manual_seed(3)
    x = torch.randn(1, 100, 4, dtype=torch.float64)
    torch.nn.RNN(4, 36, dtype=torch.float64)
    lstm = forget_bias_(from_torch(torch.nn.LSTM(4, 16, dtype=torch.float64)), 3.0)
    lstm.cell.W_x.bias.detach()[16:32] = -1.0
    lstm.cell.W_h.bias.detach()[16:32] = 0.0
    wanted = gradients.cell_gradients(lstm, x[:, :70], hold_gates)[0].norm(dim=1).flip(0)
    frame = _frame(blank, "forgetting", forget=3.0, write=-1.0, steps=70)
    np.testing.assert_allclose(frame["lines"][line], wanted, rtol=1e-9)
    np.testing.assert_allclose([step["c"] for step in frame["trace"]], lstm.trace(x[:, :70]).c[0].detach(), rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "act"), [("wipe_h", lambda h, c: (0 * h, c)), ("swap_c", lambda h, c: (h, c.roll(1, dims=0)))]
)
def test_the_maps_of_wiping_are_the_run_that_the_reader_asks_for(blank, change, act):
    torch.set_default_dtype(torch.float64)
    x, y = long_and_short(20).held_out(8)
    torch.set_default_dtype(torch.float32)
    weights = next(run["weights"] for run in load_results("states") if run["reads_h"] and run["seed"] == 4)
    model = two_items_model(weights)
    trace = rerun(from_torch(model.lstm), x[[7, 0]], {7: act})
    frame = _frame(blank, "wiping", seed=4, sequence=8, change=change, at=7)
    for state, wanted in (("c", trace.c), ("h", trace.h)):
        np.testing.assert_allclose([step[state] for step in frame["trace"]], wanted[0].detach(), atol=1e-12)
    np.testing.assert_allclose(frame["answer"], model.fc(trace.h[0, -1]).detach(), atol=1e-12)
    assert frame["marked"] == [7, 7] and frame["y"] == y[7].tolist() and frame["other"] == y[0].tolist()


def test_an_explorer_lives_without_a_network_and_without_a_word_of_complaint(shown):
    readout = shown.locator(".readout")
    before = readout.inner_text(), shown.evaluate(DRAWN)
    for field in shown.locator("input, select").all():
        field.focus()
        for key in ("ArrowDown", "ArrowUp"):  # at an end one of the two goes nowhere
            shown.keyboard.press(key)
            if shown.evaluate(DRAWN) != before[1]:
                break
        assert shown.evaluate(DRAWN) != before[1], field.get_attribute("name")
        shown.get_by_role("button", name="reset").click()
        assert (readout.inner_text(), shown.evaluate(DRAWN)) == before
    shown.wait_for_timeout(700)
    assert shown.locator("[aria-live]").text_content() == readout.text_content()
    assert shown.said_at_first == ""
    assert shown.asked == [shown.url] and shown.wrong == []


def test_every_control_has_a_name_and_says_its_value_in_words(shown, explorer):
    for control in explorer.controls:
        field = shown.get_by_label(control["label"], exact=True).and_(shown.locator("input, select"))
        assert field.count() == 1
        if field.evaluate("n => n.type") == "range":
            assert field.get_attribute("aria-valuetext") == field.locator("xpath=..").locator(".value").inner_text()
        assert field.get_attribute("data-lm-suppress-shortcuts") == "true"
    assert shown.locator(".picture").get_attribute("aria-label").startswith(explorer.words["alt"])


def test_no_class_has_another_meaning_in_the_classic_notebook(shown):
    classes = shown.evaluate("[...document.querySelectorAll('.xp *')].flatMap(n => [...n.classList])")
    assert set(classes).isdisjoint(CLASSIC.split())


def test_pointer_and_keys_ask_the_picture_for_values(shown, name):
    tip, place = shown.locator(".tip"), shown.locator(".frame, .front, .bar").first.bounding_box()
    shown.mouse.move(place["x"] + place["width"] * 0.5, place["y"] + place["height"] * 0.5)
    assert re.search(r"\d", tip.inner_text())
    shown.mouse.move(0, 0)
    assert tip.is_hidden()
    shown.locator(".picture").focus()
    along, across = [], []
    for key in ("ArrowRight",) * 3 + ("End", "ArrowLeft", "Home"):
        shown.keyboard.press(key)
        along.append(tip.inner_text())
    for _ in range(40):  # through all rows and panels
        shown.keyboard.press("ArrowDown")
        across.append(tip.inner_text())
    texts = set(along + across)
    assert "undefined" not in "".join(texts) and "NaN" not in "".join(texts)
    if name not in ("step", "shapes"):  # these have rows or blocks only
        assert len(set(along[:3])) == 3 and along[3] != along[4]
    assert len(set(across)) > 2 or name in ("gates", "memory", "opening")  # which say all at once
    shown.keyboard.press("Escape")
    assert tip.is_hidden() and shown.wrong == []


def test_nothing_is_cut_at_any_width(shown):
    outside = """() => {
        const svg = document.querySelector('.picture > svg').getBoundingClientRect();
        const words = [...document.querySelectorAll('.picture > svg text')].map(n => [n, n.getBoundingClientRect()]);
        const wide = ([, b]) => b.left < svg.left - 1 || b.right > svg.right + 1;
        const high = ([, b]) => b.top < svg.top - 1 || b.bottom > svg.bottom + 1;
        return words.filter(word => wide(word) || high(word)).map(([n]) => n.textContent);
    }"""
    for width in (320, 390, 640, 800, 1366):
        shown.set_viewport_size({"width": width, "height": 768})
        shown.wait_for_timeout(100)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.evaluate(outside) == [], width
    assert shown.locator(".xp").bounding_box()["height"] < 480  # beside its controls, at 1366


def test_colours_follow_the_theme(shown):
    look = "() => getComputedStyle(document.querySelector('.xp')).backgroundColor"
    shown.emulate_media(color_scheme="light")
    light = shown.evaluate(look)
    shown.emulate_media(color_scheme="dark")
    assert light == "rgb(255, 255, 255)" and shown.evaluate(look) == "rgb(17, 17, 17)"
    shown.evaluate("document.body.dataset.jpThemeLight = 'true'")
    assert shown.evaluate(look) == light
    shown.evaluate("delete document.body.dataset.jpThemeLight")


@pytest.fixture
def played(context, tmp_path):
    page, path = context.new_page(), tmp_path / "page.html"
    path.write_text(html_page(explorers.opening().html()), encoding="utf-8")
    yield page, path.as_uri()
    page.close()


def test_play_moves_time_on_and_pauses(played):
    page, address = played
    page.goto(address)
    slider, button = page.get_by_label("update", exact=True), page.locator(".play")
    button.click()
    page.wait_for_function("() => +document.querySelector('[name=at]').value >= 75")
    assert button.inner_text() == "pause"
    button.click()
    stands = slider.input_value()
    page.wait_for_timeout(200)
    assert slider.input_value() == stands and button.inner_text() == "play"
    assert f"update {stands}:" in page.locator(".readout").inner_text()


def test_reset_stops_play(played):
    page, address = played
    page.goto(address)
    page.locator(".play").click()
    page.get_by_role("button", name="reset").click()
    page.wait_for_timeout(300)
    assert page.get_by_label("update", exact=True).input_value() == "3000"
    assert page.locator(".play").inner_text() == "play"


def test_two_explorers_of_one_kind_on_a_page_keep_apart(context, tmp_path):
    page, path = context.new_page(), tmp_path / "page.html"
    path.write_text(html_page(explorers.gates().html() + explorers.gates().html()), encoding="utf-8")
    page.goto(path.as_uri())
    first, second = (page.locator(".readout").nth(k) for k in (0, 1))
    before = second.inner_text()
    page.get_by_label("o", exact=True).first.focus()
    page.keyboard.press("ArrowLeft")
    assert first.inner_text() != before and second.inner_text() == before
    page.close()


def test_where_less_motion_is_asked_for_a_press_is_one_step(played):
    page, address = played
    page.emulate_media(reduced_motion="reduce")
    page.goto(address)
    button = page.get_by_role("button", name="one step: update")
    for wanted in ("0", "25"):
        button.click()
        page.wait_for_timeout(150)
        assert page.get_by_label("update", exact=True).input_value() == wanted

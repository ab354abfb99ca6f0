"""The explorer class on a toy, every explorer of the course under random settings, and what forgetting() draws."""

import base64
import io
import math
import random
import sys

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from PIL import Image

from lstm_lib import explorers
from lstm_lib.experiments import default_dtype
from lstm_lib.explorers import Explorer, forgetting
from lstm_lib.gradients import cell_gradients

RANDOM_SETTINGS = 100
VIEW = "application/vnd.jupyter.widget-view+json"


def toy(change=None, readout="top {top:.3f}, it is {size}", **options):
    """A sine whose height and colour follow a slider and a choice; the picture ignores the check box."""
    x = np.linspace(0, 1, 100)

    def make(fig):
        left, right = fig.subplots(1, 2)
        left.set(xlim=(0, 1), ylim=(-2, 2), xlabel="time", ylabel="height")
        (line,) = left.plot(x, 0 * x, label="sine")
        left.legend(loc="upper right")
        return {"line": line, "map": right.imshow(np.zeros((20, 40)), vmin=-1, vmax=1, aspect="auto")}

    def update(artists, gain, color, dead=False):
        y = gain * np.sin(6 * x)
        artists["line"].set(ydata=y, color=color)
        artists["map"].set_data(np.outer(np.linspace(-1, 1, 20), y[:40]))
        numbers = {"top": gain, "size": "high" if gain > 1 else "low"}
        return change(numbers, gain) if change else numbers

    controls = {
        "gain": widgets.FloatSlider(value=1, min=0, max=2, step=0.02, description="gain"),
        "color": widgets.ToggleButtons(options=[("blue", "#0072B2"), ("black", "#000000")], description="colour"),
        "dead": widgets.Checkbox(description="nothing"),
    }
    return Explorer(make, update, controls, readout, **options)


def _array(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _page(explorer):
    return explorer.children[-2].value  # the readout as the page shows it


def test_the_first_frame_is_there_at_once():
    explorer = toy()
    assert explorer.picture.startswith(b"\x89PNG")
    assert _array(explorer.picture).shape == (345, 691, 3)
    assert _array(explorer.picture).std() > 0
    assert explorer.text() == "top 1.000, it is low"
    assert explorer.text() in _page(explorer)


def test_the_picture_and_the_readout_follow_a_control_at_once():
    explorer = toy()
    before = explorer.picture
    explorer.controls["gain"].value = 1.5
    assert explorer.picture != before
    assert explorer.values == {"top": 1.5, "size": "high"}
    assert "top 1.500, it is high" in _page(explorer)
    for gain in (0.3, 2.0, 0.0, 1.0):
        explorer.controls["gain"].value = gain
    assert explorer.picture == before  # the way there leaves no trace


def test_a_picture_drawn_on_the_kept_background_is_the_one_drawn_from_scratch():
    moved = toy()
    moved.controls["gain"].value = 1.5
    scratch = moved.canvas
    for artist in scratch.figure.findobj():
        artist.set_animated(False)
    scratch.draw()
    difference = np.abs(np.asarray(scratch.buffer_rgba())[..., :3].astype(int) - _array(moved.picture))
    assert np.mean(difference.max(axis=-1) > 8) < 0.001  # the legend's see-through background


def test_nothing_changes_its_size_whatever_is_shown():
    explorer = toy(change=lambda numbers, gain: {**numbers, "size": "very " * int(40 * gain)})
    sizes = set()
    for gain in (0.0, 0.5, 2.0):
        explorer.controls["gain"].value = gain
        style = _page(explorer).split('style="')[1].split(";")[0]
        sizes.add((_array(explorer.picture).shape, style))
    assert len(sizes) == 1
    image = explorer.children[-1]
    assert (int(image.width), int(image.height)) == (691, 345)


def _fails_above_one(numbers, gain):
    if gain > 1:
        raise ArithmeticError("no <such> gain")
    return numbers


def test_an_exception_reaches_the_caller_and_the_page_and_the_next_move_clears_it():
    explorer = toy(change=_fails_above_one)
    before = explorer.picture
    with pytest.raises(ArithmeticError, match="no <such> gain"):
        explorer.controls["gain"].value = 1.5
    assert "ArithmeticError: no &lt;such&gt; gain" in _page(explorer)
    assert "#B00020" in _page(explorer)
    assert explorer.picture == before
    explorer.controls["gain"].value = 0.5
    assert "Error" not in _page(explorer)
    assert explorer.picture != before


def test_the_page_gets_the_widget_a_still_picture_and_text():
    explorer = toy(alt="A sine.")
    data, metadata = explorer._repr_mimebundle_()
    assert data[VIEW]["model_id"] == explorer.model_id
    assert data["text/plain"] == "Explorer: top 1.000, it is low"
    still = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert still.mode == "P"
    assert np.abs(np.asarray(still.convert("RGB")).astype(int) - _array(explorer.picture)).mean() < 3
    assert metadata["image/png"]["alt"] == "A sine."


def test_check_moves_every_control_prints_and_puts_everything_back(capsys):
    explorer = toy()
    del explorer.controls["dead"]
    explorer.controls["gain"].value = 0.5
    before = explorer.picture
    explorer.check()
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "gain = 0: top 0.000, it is low",
        "gain = 2: top 2.000, it is high",
        "colour = blue: top 0.500, it is low",
        "colour = black: top 0.500, it is low",
    ]
    assert explorer.picture == before
    assert explorer.controls["gain"].value == 0.5


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (None, AssertionError, "control 'dead': the picture stays the same wherever it is moved"),
        (_fails_above_one, ArithmeticError, "no <such> gain"),
    ],
)
def test_check_tells_what_is_wrong_and_puts_everything_back(change, error, words):
    explorer = toy(change=change)
    with pytest.raises(error, match=words):
        explorer.check()
    assert [control.value for control in explorer.controls.values()] == [1.0, "#0072B2", False]
    assert explorer.text() == "top 1.000, it is low"


def _line(fig):
    ax = fig.subplots()
    ax.set(ylim=(0, 60))
    return {"line": ax.plot([0, 1], [0, 0])}  # a list of artists


@pytest.mark.parametrize(
    ("control", "places"),
    [
        (widgets.FloatLogSlider(value=1, min=-2, max=1), ["0.01", "10"]),
        (widgets.SelectionSlider(options=[10, 20, 50]), ["10", "20", "50"]),
        (widgets.Dropdown(options={"one": 1, "two": 2}), ["one", "two"]),
        (widgets.Checkbox(), ["False", "True"]),
    ],
)
def test_check_knows_the_ends_of_every_kind_of_control(control, places, capsys):
    Explorer(_line, lambda artists, x: artists["line"][0].set_ydata([0, x]) or {}, {"x": control}, "").check()
    assert [line.split(" = ")[1].split(":")[0] for line in capsys.readouterr().out.splitlines()] == places


def test_minus_zero_is_shown_as_zero_and_other_numbers_as_they_are():
    show = "{a:.2f} {b:.2f} {c:.0f} {d:.1e} {e}"
    numbers = {"a": -0.001, "b": -0.01, "c": -0.2, "d": np.float64(-0.5), "e": np.int64(-3)}
    assert toy(change=lambda *_: numbers, readout=show).text() == "0.00 -0.01 0 -5.0e-01 -3"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda *_: None, TypeError, "update: expected a dict of name -> number, got NoneType"),
        (lambda *_: {"top": 1}, ValueError, r"update: the readout needs \['size', 'top'\], got only \['top'\]"),
        (lambda *_: {"top": math.nan, "size": ""}, ValueError, "update: 'top': expected a finite number, .* got nan"),
        (lambda *_: {"top": [1], "size": ""}, TypeError, "update: 'top': expected a number or a word, got list"),
    ],
)
def test_a_wrong_result_of_update_is_named(change, error, words):
    with pytest.raises(error, match=words):
        toy(change=change)


@pytest.mark.parametrize(
    ("make", "controls", "words"),
    [
        (lambda fig: None, {"x": widgets.FloatSlider()}, "make: expected a dict"),
        (lambda fig: {"line": "red"}, {"x": widgets.FloatSlider()}, "make: 'line': expected an artist or a list .*str"),
        (_line, {"x": 3}, r"controls\['x'\]: expected a widget with a value, got int"),
        (_line, {}, "controls: expected a dict .* with at least one entry"),
        (_line, {"x": widgets.Text()}, "control 'x': check.. moves sliders, choices and check boxes, got Text"),
    ],
)
def test_a_wrong_make_or_control_is_named(make, controls, words):
    with pytest.raises(TypeError, match=words):
        Explorer(make, lambda artists, x: {}, controls, "").check()


def _random_value(control, rng):
    if control.has_trait("index"):
        return "index", rng.randrange(len(control.options))
    if isinstance(control.value, bool):
        return "value", rng.random() < 0.5
    if control.has_trait("base"):
        return "value", control.base ** rng.uniform(control.min, control.max)
    steps = rng.randint(0, round((control.max - control.min) / control.step))
    return "value", min(control.min + steps * control.step, control.max)


@pytest.mark.parametrize("name", explorers.__all__)
def test_an_explorer_of_the_course_passes_its_check_and_draws_random_settings(name, capsys):
    explorer, rng, pictures = getattr(explorers, name)(), random.Random(0), set()
    assert isinstance(explorer, Explorer)
    explorer.check()
    assert "nan" not in capsys.readouterr().out
    for _ in range(RANDOM_SETTINGS):
        control = rng.choice(list(explorer.controls.values()))
        setattr(control, *_random_value(control, rng))
        pictures.add(explorer.picture)
        assert all(isinstance(n, str) or math.isfinite(n) for n in explorer.values.values())
        assert explorer.text()
    assert _array(min(pictures, key=len)).std() > 0
    assert len(pictures) > 10


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_forgetting_shows_the_same_network_under_every_default_dtype(dtype):
    wanted = forgetting().text()
    with default_dtype(dtype):
        assert forgetting().text() == wanted


def test_forgetting_leaves_the_random_numbers_of_the_notebook_alone():
    before = torch.get_rng_state()
    forgetting()
    assert torch.equal(torch.get_rng_state(), before)


def test_forgetting_sets_the_two_biases_and_its_lines_are_autograds(monkeypatch):
    room, seen = sys.modules["lstm_lib.explorers.forgetting"], {}
    by_hand = room.backpropagate
    monkeypatch.setattr(room, "backpropagate", lambda lstm, trace: seen.update(lstm=lstm) or by_hand(lstm, trace))
    explorer = forgetting()
    explorer.controls["forget"].value = 3.0
    explorer.controls["write"].value = -1.0
    bias = seen["lstm"].cell.W_x.bias + seen["lstm"].cell.W_h.bias
    assert torch.all(bias[:16] == 3) and torch.all(bias[16:32] == -1)
    torch.manual_seed(3)
    x = torch.randn(1, 100, 4, dtype=torch.float64)
    for name, hold_gates in (("full", False), ("along", True)):
        lengths = cell_gradients(seen["lstm"], x, hold_gates)[0].norm(dim=1).flip(0)
        drawn = torch.tensor(explorer._artists[name].get_ydata())
        assert torch.allclose(drawn, lengths, rtol=1e-10)

"""The explorers' Python side: the readout for any settings, what the page gets, and that each word has its place."""

import base64
import io
import json
import math
import re

import numpy as np
import pytest
import torch
from PIL import Image

from lstm_lib import explorers, plots
from lstm_lib.experiments import GRID_KINDS, default_dtype
from lstm_lib.explorers import Explorer, forgetting
from lstm_lib.explorers.base import COMMON, PAGE, STILLS, choice, module, said, slider, style
from tests.publish.stills import LIST, made_of
from tests.tools.folding import picture_in
from tests.tools.settings import random_settings

RANDOM_SETTINGS = 100
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(params=explorers.__all__)
def name(request):
    return request.param


@pytest.fixture
def explorer(name):
    return getattr(explorers, name)()


@pytest.fixture
def gates():
    return explorers.gates()


def test_the_readout_is_there_for_any_settings_and_is_finite(explorer):
    assert isinstance(explorer, Explorer)
    texts = set()
    for settings in random_settings(explorer, RANDOM_SETTINGS):
        numbers = explorer.numbers(**settings)
        assert all(isinstance(n, str) or math.isfinite(n) for n in numbers.values())
        texts.add(explorer.at(**settings))
    assert len(texts) > 10


def test_asking_for_other_settings_moves_nothing_in_the_page(gates):
    before, shown = dict(gates.values), gates.at()
    assert gates.at(f=1.0, pulses=30) != shown
    assert gates.values == before and gates.at() == shown


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"gain": 1}, TypeError, "gain: expected one of the controls f, i, candidate, o, pulses, opens"),
        ({"i": 1.5}, ValueError, "i: expected 0 to 1 in steps of 0.05, got 1.5"),
        ({"opens": 2.5}, ValueError, "opens: expected 1 to 30 in steps of 1, got 2.5"),
        ({"i": "1"}, ValueError, "i: expected a number, got '1'"),
        ({"i": math.nan}, ValueError, "i: expected a number, got nan"),
        ({"i": True}, ValueError, "i: expected a number, got True"),
        ({"pulses": 7}, ValueError, r"pulses: expected one of \[30, 10, 5\], got 7"),
    ],
)
def test_wrong_settings_are_named(gates, settings, error, words):
    with pytest.raises(error, match=words):
        gates.at(**settings)


def test_python_may_set_some_of_the_values_and_only_good_ones(gates):
    gates.values = {"pulses": 5, "opens": np.int64(3)}
    assert gates.values == {**gates.defaults, "pulses": 5, "opens": 3}
    assert gates.at() == explorers.gates().at()  # the defaults are as they were
    for wrong in ({"pulses": 7}, {"o": "x"}):
        with pytest.raises(ValueError, match="expected"):
            gates.values = wrong
    with pytest.raises(TypeError, match="typo: expected one of the controls"):
        gates.values = {"typo": 1}
    assert gates.values["pulses"] == 5


def test_the_page_gets_the_view_a_still_picture_and_text(explorer, name):
    data, metadata = explorer._repr_mimebundle_()
    assert data[VIEW]["model_id"] == explorer.model_id
    assert data["text/plain"] == f"Explorer: {explorer.at()}"
    alt, width, _, png = picture_in({"data": data})
    still = Image.open(io.BytesIO(base64.b64decode(png)))
    assert still.width == 2 * width and np.asarray(still.convert("RGB")).std() > 0
    assert alt == explorer.words["alt"] and metadata["text/html"]["explorer"] == name


def test_no_still_picture_is_older_than_its_explorer():
    now = {name: made_of(getattr(explorers, name)()) for name in explorers.__all__}
    assert json.loads(LIST.read_text()) == now, "run `make stills`"
    assert sorted(path.stem for path in STILLS.glob("*.png")) == sorted(now)


def test_a_module_holds_all_it_needs_and_every_module_is_used():
    files, used = {path.name for path in PAGE.glob("*.js")}, {"kit.js", "draw.js", "lstm.js"}
    assert {f"{name}.js" for name in explorers.__all__} | used == files, "page/*.js, or __all__ of the explorers"
    for name in explorers.__all__:
        text = module(name)
        assert not re.search(r"^import ", text, re.M) and text.count("export default") == 1
        defined = re.findall(r"^(?:export )?(?:function|const) (\w+)", text, re.M)
        assert not [word for word in set(defined) if defined.count(word) > 1]


def test_each_word_has_its_place_and_each_place_its_word(explorer, name):
    own, kit = ((PAGE / file).read_text(encoding="utf-8") for file in (f"{name}.js", "kit.js"))
    assert set(re.findall(r"\bwords\.(\w+)", own + kit)) <= explorer.words.keys()
    python = (PAGE.parent / f"{name}.py").read_text(encoding="utf-8").split("\n}\n", 1)[1]  # after WORDS
    for word in explorer.words.keys() - COMMON.keys():
        used = rf"words\.{word}\b|words\[\"{word}\"\]|[\"'`( ]{word}[\"'`,:)\]]"  # or in a list of names
        assert word in GRID_KINDS or re.search(used, own + kit + python), word


def test_a_thing_has_the_same_colour_in_explorers_and_figures():
    light = dict(re.findall(r"--(\w+): light-dark\((#\w+),", style()))
    for thing, look in {**plots.STYLE, **plots.NETWORKS}.items():
        thing = "lstm_1997" if thing == "1997" else thing
        assert light.get(thing, look["color"]) == look["color"], thing
    assert plots.STYLE.keys() | set(GRID_KINDS) - {"1997"} <= light.keys()


def test_controls_stand_on_a_value_that_they_can_take(explorer):
    explorer.at(**explorer.defaults)  # raises if not


def test_minus_zero_is_shown_as_zero_and_words_as_they_are():
    numbers = {"a": -0.001, "b": -0.01, "c": -0.2, "d": -0.5, "e": -3, "f": "never"}
    assert said("{a:.2f} {b:.2f} {c:.0f} {d:.1e} {e} {f:.2f}", numbers) == "0.00 -0.01 0 -5.0e-01 -3 never"


def test_html_holds_the_explorer_and_can_not_be_left_by_a_word():
    words = {"title": "</script><b>", "alt": "A.", "readout": "{x}"}
    made = Explorer("gates", [slider("x", "x", 0, 0, 1, 1), choice("y", "y", 1, [("one", 1)])], words, {}, dict)
    assert made.html().count("</script>") == 1
    assert "import" not in re.sub(r"//.*", "", made.html()).replace("important", "")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_forgetting_shows_the_same_network_under_every_default_dtype(dtype):
    wanted = forgetting().at()
    with default_dtype(dtype):
        assert forgetting().at() == wanted


def test_forgetting_leaves_the_random_numbers_of_the_notebook_alone():
    before = torch.get_rng_state()
    forgetting()
    assert torch.equal(torch.get_rng_state(), before)

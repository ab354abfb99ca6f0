"""What was saved comes back to the last bit, and a file of another kind is refused in words."""

import os
import pickle

import numpy as np
import pytest
import torch

from lstm_lib.own import CharacterModel, bits, load, save, split_in_time, train_forecaster

SERIES = torch.sin(torch.arange(200).double() / 4)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_forecaster_comes_back_to_the_last_bit(relative, dtype, tmp_path):
    split = split_in_time(100 + torch.randn(200, dtype=dtype), 12, 3)
    forecaster = train_forecaster(split, hidden=5, updates=10, relative=relative, label=None)
    save(forecaster, tmp_path / "model.pt")
    loaded = load(tmp_path / "model.pt")
    assert torch.equal(loaded.predict(split.test.x), forecaster.predict(split.test.x))
    assert (loaded.window, loaded.horizons, loaded.relative) == (12, (3,), relative)
    assert (loaded.curve, loaded.settings) == (forecaster.curve, forecaster.settings)
    assert torch.equal(loaded.misses, forecaster.misses)


@pytest.mark.filterwarnings("ignore")  # of torch's own tools
def test_a_compiled_model_is_saved_as_the_one_inside(tmp_path):
    split = split_in_time(torch.randn(200), 12, 3)
    forecaster = train_forecaster(split, hidden=5, updates=5, label=None)
    before = forecaster.on(split)
    forecaster.model = torch.compile(forecaster.model)
    save(forecaster, tmp_path / "model.pt")
    assert torch.equal(load(tmp_path / "model.pt").on(split), before)


def test_a_character_model_comes_back_to_the_last_bit(tmp_path):
    model = CharacterModel("abc\n\ufffd", 7).double()
    save(model, tmp_path / "model.pt")
    loaded = load(str(tmp_path / "model.pt"))
    symbols = torch.randint(0, 5, (100,))
    assert bits(loaded, symbols) == bits(model, symbols)
    assert loaded.alphabet == model.alphabet


@pytest.mark.parametrize("content", [b"hello", b"", pickle.dumps({"extra": 1}, protocol=2), None])
def test_another_file_is_refused_in_words(content, tmp_path):
    path = tmp_path / "odd.pt"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match=r"odd.pt: expected a file written by save\(\), got something else"):
        load(path)


@pytest.mark.parametrize("thing", [torch.ones(3), {"extra": {}}, torch.nn.Linear(1, 1)])
def test_another_thing_that_torch_saved_is_refused_in_words(thing, tmp_path):
    torch.save(thing, tmp_path / "odd.pt")
    with pytest.raises(ValueError, match=r"odd.pt: expected a file written by save\(\), got something else"):
        load(tmp_path / "odd.pt")


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_file_made_by_others_runs_no_code(tmp_path):
    torch.save({"extra": Trap(str(tmp_path / "sprung"))}, tmp_path / "odd.pt")
    with pytest.raises(ValueError, match=r"odd.pt: expected a file written by save\(\)"):
        load(tmp_path / "odd.pt")
    assert not (tmp_path / "sprung").exists()


def test_what_can_not_be_saved_or_is_not_there_is_named(tmp_path):
    with pytest.raises(TypeError, match="trained: expected a Forecaster or a CharacterModel, got Linear"):
        save(torch.nn.Linear(1, 1), tmp_path / "model.pt")
    for path in (tmp_path, tmp_path / "no" / "model.pt"):
        with pytest.raises(ValueError, match="^path: expected the name of a file in a folder that exists"):
            save(CharacterModel("ab", 2), path)
    with pytest.raises(ValueError, match="gone.pt: expected a file in .*, got none of this name"):
        load(tmp_path / "gone.pt")
    with pytest.raises(TypeError, match="^path: expected the name of a file, got NoneType"):
        save(CharacterModel("ab", 2), None)
    with pytest.raises(TypeError, match="^path: expected the name of a file, got NoneType"):
        load(None)


def test_numbers_of_numpy_come_back_too(tmp_path):
    split = split_in_time(SERIES, 8, 2)
    numbers = {"rate": np.float64(0.01), "seed": np.int64(1), "hidden": np.int64(3), "updates": np.int64(3)}
    one = train_forecaster(split, **numbers, label=None)
    save(one, tmp_path / "one.pt")
    assert load(tmp_path / "one.pt").settings == one.settings
    save(train_forecaster(split, "seasonal", period=np.int64(4), label=None), tmp_path / "back.pt")
    assert load(tmp_path / "back.pt").settings["period"] == 4


def test_a_bit_that_fell_over_is_noticed_and_a_device_that_is_not_there_is_named(tmp_path):
    one = train_forecaster(split_in_time(SERIES, 8, 2), hidden=3, updates=3, label=None)
    save(one, tmp_path / "one.pt")
    with pytest.raises(ValueError, match="^device: expected one that this machine has, got 'nowhere'"):
        load(tmp_path / "one.pt", "nowhere")
    content = bytearray((tmp_path / "one.pt").read_bytes())
    content[content.find(one.model.lstm.weight_hh_l0.detach().numpy().tobytes()) + 7] ^= 0x40
    (tmp_path / "one.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"one.pt: expected a file written by save\(\), .*damaged"):
        load(tmp_path / "one.pt")

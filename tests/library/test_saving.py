"""What was saved comes back to the last bit, and a file of another kind is refused in words."""

import pickle

import pytest
import torch

from lstm_lib.own import CharacterModel, bits, load, save, split_in_time, train_forecaster


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_forecaster_comes_back_to_the_last_bit(relative, dtype, tmp_path):
    split = split_in_time(100 + torch.randn(200, dtype=dtype), 12, 3)
    forecaster = train_forecaster(split, hidden=5, updates=10, relative=relative, label=None)
    save(forecaster, tmp_path / "model.pt")
    loaded = load(tmp_path / "model.pt")
    assert torch.equal(loaded.predict(split.test.x), forecaster.predict(split.test.x))
    assert (loaded.window, loaded.horizon, loaded.relative) == (12, 3, relative)
    assert loaded.curve == []


def test_a_character_model_comes_back_to_the_last_bit(tmp_path):
    model = CharacterModel("abc\n\ufffd", 7).double()
    save(model, tmp_path / "model.pt")
    loaded = load(str(tmp_path / "model.pt"))
    symbols = torch.randint(0, 5, (100,))
    assert bits(loaded, symbols) == bits(model, symbols)
    assert loaded.alphabet == model.alphabet


def test_nothing_but_the_two_is_saved(tmp_path):
    with pytest.raises(TypeError, match="trained: expected a Forecaster or a CharacterModel, got Linear"):
        save(torch.nn.Linear(1, 1), tmp_path / "model.pt")


@pytest.mark.parametrize("kind", ["text", "empty", "pickle", "tensor", "dict", "model", "directory"])
def test_another_file_is_refused_in_words(kind, tmp_path):
    path = tmp_path / "odd.pt"
    if kind == "directory":
        path.mkdir()
    elif kind in ("text", "empty"):
        path.write_text("hello" if kind == "text" else "")
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"extra": 1}, protocol=2))
    else:
        things = {"tensor": torch.ones(3), "dict": {"extra": {}}, "model": torch.nn.Linear(1, 1)}
        torch.save(things[kind], path)
    with pytest.raises(ValueError, match=r"odd.pt: expected a file written by save\(\), got something else"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="gone.pt: expected a file in .*, got none of this name"):
        load(tmp_path / "gone.pt")


def test_a_path_that_no_file_can_have_is_named(tmp_path):
    model = CharacterModel("ab", 2)
    for path in (tmp_path, tmp_path / "no" / "model.pt"):
        with pytest.raises(ValueError, match="^path: expected the name of a file in a folder that exists"):
            save(model, path)

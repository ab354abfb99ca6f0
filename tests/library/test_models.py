"""The two models: shapes, the state_dict contract, the last step, saving and loading, equal size, bad input."""

import pytest
import torch
from torch import nn

from lstm_lib.cells import from_torch
from lstm_lib.models import LSTMModel, RNNModel, count_parameters, rnn_like

BOTH = [LSTMModel, RNNModel]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("sizes", [(5, 7, 10, 20, 2, 1), (1, 1, 1, 1, 1, 3), (2, 9, 3, 4, 3, 2)])
def test_shapes(kind, sizes):
    B, T, D, H, layers, out = sizes
    assert kind(D, H, layers, out)(torch.randn(B, T, D)).shape == (B, out)


def test_state_dict_keys_are_the_contract():
    keys = [f"lstm.{kind}_{part}_l{k}" for k in (0, 1) for kind in ("weight", "bias") for part in ("ih", "hh")]
    assert list(LSTMModel(10, 20, 2, 1).state_dict()) == [*keys, "fc.weight", "fc.bias"]
    assert "rnn.weight_hh_l1" in RNNModel(10, 20, 2, 1).state_dict()


def test_the_answer_is_read_off_the_last_step_of_the_top_layer():
    model, x = LSTMModel(3, 4, 1, 2).double(), torch.randn(5, 6, 3, dtype=torch.double)
    out, _ = from_torch(model.lstm)(x)
    assert torch.allclose(model(x), model.fc(out[:, -1]), atol=1e-12)


@pytest.mark.parametrize("kind", BOTH)
def test_same_as_torch_without_a_state(kind):
    model, x = kind(3, 4, 2, 1), torch.randn(5, 6, 3)
    layer = model.lstm if kind is LSTMModel else model.rnn
    assert torch.equal(model(x), model.fc(layer(x)[0][:, -1]))


@pytest.mark.parametrize("kind", BOTH)
def test_saved_and_loaded_gives_identical_outputs(kind, tmp_path):
    model, x = kind(3, 4, 2, 1), torch.randn(5, 6, 3)
    torch.save(model.state_dict(), tmp_path / "model.pt")
    copy = kind(3, 4, 2, 1)
    copy.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert torch.equal(copy(x), model(x))


@pytest.mark.parametrize(("D", "H", "out"), [(1, 32, 10), (2, 8, 1), (1, 1, 1), (6, 16, 4)])
def test_rnn_like_is_the_smallest_that_is_large_enough(D, H, out):
    lstm = LSTMModel(D, H, 1, out)
    rnn = rnn_like(lstm)
    assert count_parameters(rnn) >= count_parameters(lstm)
    if rnn.hidden_size > 1:
        assert count_parameters(RNNModel(D, rnn.hidden_size - 1, 1, out)) < count_parameters(lstm)


def test_count_parameters_counts_what_learns():
    model = nn.Linear(3, 4)
    model.bias.requires_grad_(False)
    assert count_parameters(model) == 12


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (torch.zeros(2, 3), ValueError, r"x: expected shape \(B, T, 3\), got \(2, 3\)"),
        (torch.zeros(2, 5, 4), ValueError, r"x: expected shape \(B, T, 3\), got \(2, 5, 4\)"),
        (torch.zeros(2, 0, 3), ValueError, "every size at least 1"),
        (torch.zeros(2, 5, 3).int(), TypeError, "x: expected a float tensor, got dtype torch.int32"),
        (torch.zeros(2, 5, 3).double(), TypeError, "x: expected dtype torch.float32"),
        (torch.zeros(2, 5, 3, device="meta"), ValueError, "x: expected device cpu"),
    ],
)
def test_bad_input_is_named(kind, x, error, message):
    with pytest.raises(error, match=message):
        kind(3, 4, 1, 1)(x)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("position", range(4))
def test_bad_sizes_are_named(kind, position):
    sizes = [3, 4, 1, 1]
    sizes[position] = 0
    name = ("input_size", "hidden_size", "num_layers", "output_size")[position]
    with pytest.raises(ValueError, match=f"{name}: expected a whole number of at least 1, got 0"):
        kind(*sizes)


def test_rnn_like_names_what_it_cannot_match():
    with pytest.raises(TypeError, match="expected an LSTMModel, got RNNModel"):
        rnn_like(RNNModel(1, 2, 1, 1))
    with pytest.raises(ValueError, match="expected num_layers=1, got 2"):
        rnn_like(LSTMModel(1, 2, 2, 1))

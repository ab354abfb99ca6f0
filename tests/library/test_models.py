"""The two models: shapes, the state_dict contract, the last step, saving and loading, equal size, bad input."""

import pytest
import torch
from torch import nn

from lstm_lib.cells import from_torch
from lstm_lib.models import LSTMModel, RNNModel, count_parameters, rnn_like

BOTH = [LSTMModel, RNNModel]


def test_state_dict_keys_are_the_contract():
    keys = [f"lstm.{kind}_{part}_l{k}" for k in (0, 1) for kind in ("weight", "bias") for part in ("ih", "hh")]
    assert list(LSTMModel(10, 20, 2, 1).state_dict()) == [*keys, "fc.weight", "fc.bias"]
    assert "rnn.weight_hh_l1" in RNNModel(10, 20, 2, 1).state_dict()


def test_the_answer_is_read_off_the_last_step_of_the_top_layer():
    model, x = LSTMModel(3, 4, 1, 2).double(), torch.randn(5, 6, 3, dtype=torch.double)
    out, _ = from_torch(model.lstm)(x)
    assert torch.allclose(model(x), model.fc(out[:, -1]), atol=1e-12)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("sizes", [(5, 7, 10, 20, 2, 1), (1, 1, 1, 1, 1, 3), (2, 9, 3, 4, 3, 2)])
def test_shape_and_same_as_torch_without_a_state(kind, sizes):
    B, T, D, H, layers, out = sizes
    model, x = kind(D, H, layers, out), torch.randn(B, T, D)
    layer = model.lstm if kind is LSTMModel else model.rnn
    assert model(x).shape == (B, out)
    assert torch.equal(model(x), model.fc(layer(x)[0][:, -1]))


@pytest.mark.parametrize("kind", BOTH)
def test_saved_and_loaded_gives_identical_outputs(kind, tmp_path):
    model, x = kind(3, 4, 2, 1), torch.randn(5, 6, 3)
    torch.save(model.state_dict(), tmp_path / "model.pt")
    copy = kind(3, 4, 2, 1)
    copy.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    assert torch.equal(copy(x), model(x))


@pytest.mark.filterwarnings("ignore")  # of torch's own tools
@pytest.mark.parametrize("kind", BOTH)
def test_traced_and_exported_models_take_other_batches(kind):
    model, x = kind(3, 4, 2, 1).eval(), torch.randn(5, 6, 3)
    traced = torch.jit.trace(model, x, check_trace=False)
    exported = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim.DYNAMIC},)).module()
    for other, shapes in ((traced, [(1, 6, 3), (7, 2, 3)]), (exported, [(2, 6, 3), (7, 6, 3)])):
        for shape in shapes:
            y = torch.randn(shape)
            assert torch.allclose(other(y), model(y), atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_a_quantised_model_answers_nearly_the_same():
    model, x = LSTMModel(3, 16, 1, 1).eval(), torch.randn(5, 6, 3)
    small = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, torch.qint8)
    assert 0 < (small(x) - model(x)).abs().max() < 0.02
    with pytest.raises(ValueError, match="x: expected shape"):
        small(x[:, :, :2])


def test_count_parameters_counts_what_learns():
    model = nn.Linear(3, 4)
    model.bias.requires_grad_(False)
    assert count_parameters(model) == 12


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", ["input_size", "hidden_size", "num_layers", "output_size"])
def test_bad_sizes_are_named(kind, name):
    sizes = {"input_size": 3, "hidden_size": 4, "num_layers": 1, "output_size": 1, name: 0}
    with pytest.raises(ValueError, match=f"{name}: expected a whole number of at least 1, got 0"):
        kind(**sizes)


def test_rnn_like_names_what_it_cannot_match():
    with pytest.raises(TypeError, match="expected an LSTMModel, got RNNModel"):
        rnn_like(RNNModel(1, 2, 1, 1))
    with pytest.raises(ValueError, match="expected num_layers=1, got 2"):
        rnn_like(LSTMModel(1, 2, 2, 1))

"""Nothing in the library makes a tensor on another device than its input: tried on "meta", which every machine has.

A tensor there has a shape and no numbers, so what looks at numbers is left out. With a GPU a training runs on it too.
"""

import pytest
import torch
from torch import nn

from lstm_lib.bptt import HandLSTM
from lstm_lib.cells import LSTM, LSTMCell, chrono_, forget_bias_, from_torch, to_torch
from lstm_lib.models import LSTMModel, RNNModel
from lstm_lib.own import bits, load, sample, save, split_in_time, split_text, train_characters, train_forecaster
from lstm_lib.training import fit
from lstm_lib.variants import CoupledCell, GRUCell, MinLSTM, PeepholeCell, SLSTMCell, open_gate_

B, T, D, H = 2, 5, 3, 4


@pytest.fixture(autouse=True)
def numbers_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)


def meta(*shape):
    return torch.empty(shape, device="meta")


@pytest.mark.parametrize("kind", [LSTMModel, RNNModel])
def test_models_stay_on_the_device(kind):
    model = kind(D, H, 2, 1).to("meta")
    loss = model(meta(B, T, D)).square().mean()
    loss.backward()
    assert {p.grad.device.type for p in model.parameters()} == {loss.device.type} == {"meta"}
    with pytest.raises(ValueError, match="x: expected device meta as for the weights, got cpu"):
        model(torch.zeros(B, T, D))


@pytest.mark.parametrize("kind", [LSTM, HandLSTM, MinLSTM])
def test_layers_stay_on_the_device(kind):
    out = kind(D, H).to("meta")(meta(B, T, D))
    out = out[0] if isinstance(out, tuple) else out
    assert (out.device.type, tuple(out.shape)) == ("meta", (B, T, H))
    if kind is LSTM:
        assert {part.device.type for part in kind(D, H).to("meta").trace(meta(B, T, D))} == {"meta"}


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeCell, CoupledCell, GRUCell, SLSTMCell])
def test_cells_stay_on_the_device(kind):
    cell = kind(D, H).to("meta")
    state = meta(B, H) if kind is GRUCell else (meta(B, H), meta(B, H))
    state = cell.start(B) if kind is SLSTMCell else state
    h = cell(meta(B, D), state)
    h = h[0] if isinstance(h, tuple) else h
    assert (h.device.type, tuple(h.shape)) == ("meta", (B, H))


def test_weights_are_copied_and_biases_set_where_they_are():
    twin = to_torch(LSTM(D, H).to("meta"))
    assert {p.device.type for p in from_torch(twin).parameters()} == {"meta"}
    for change in (lambda m: forget_bias_(m, 1.0), lambda m: chrono_(m, 30), lambda m: open_gate_(m, "i")):
        assert {p.device.type for p in change(LSTMModel(D, H, 1, 1).to("meta")).parameters()} == {"meta"}


no_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@no_gpu
def test_a_training_runs_on_cuda():
    model, x = LSTMModel(D, H, 1, 1).cuda(), torch.randn(B, T, D, device="cuda")
    optimizer = torch.optim.Adam(model.parameters())
    history = fit(model, [(x, x[:, -1, :1])], nn.functional.mse_loss, optimizer, 3, label=None)
    assert len(history.loss) == 3


@no_gpu
def test_forecasters_and_texts_run_on_cuda(tmp_path):
    series = torch.sin(torch.arange(200.0, dtype=torch.float64) / 4).cuda()
    for kind in ("linear", "lstm_bias1"):
        one = train_forecaster(split_in_time(series, 10, 1), kind, updates=5, label=None)
        assert one.forecast(series).device.type == "cuda"
        save(one, tmp_path / "one.pt")
        assert load(tmp_path / "one.pt", device="cuda").forecast(series).device.type == "cuda"
    symbols = split_text("to be or not to be, that is the question. " * 40)
    model, _ = train_characters(symbols, hidden=8, updates=5, label=None)
    assert bits(model.cuda(), symbols.test) > 0 and len(sample(model, "to", 10)) == 12

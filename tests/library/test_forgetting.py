"""The explorer of notebook 06 draws what autograd says, whatever the default dtype of the notebook is."""

import sys

import pytest
import torch

from lstm_lib.explorers import forgetting
from lstm_lib.gradients import cell_gradients


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_the_same_network_under_every_default_dtype(dtype):
    before, wanted = torch.get_default_dtype(), forgetting().text()
    try:
        torch.set_default_dtype(dtype)
        assert forgetting().text() == wanted
    finally:
        torch.set_default_dtype(before)


def test_it_leaves_the_random_numbers_of_the_notebook_alone():
    torch.manual_seed(0)
    forgetting()
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))


def test_the_sliders_set_the_two_biases_and_the_lines_are_autograds(monkeypatch):
    room, seen = sys.modules["lstm_lib.explorers.forgetting"], {}
    by_hand = room.backpropagate
    monkeypatch.setattr(room, "backpropagate", lambda lstm, trace: seen.update(lstm=lstm) or by_hand(lstm, trace))
    explorer = forgetting()
    explorer.controls["forget"].value = 3.0
    explorer.controls["write"].value = -1.0
    cell = seen["lstm"].cell
    assert torch.all(cell.W_x.bias[:16] + cell.W_h.bias[:16] == 3)
    assert torch.all(cell.W_x.bias[16:32] + cell.W_h.bias[16:32] == -1)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        x = torch.randn(1, 100, 4, dtype=torch.float64)
    for name, hold_gates in (("full", False), ("along", True)):
        lengths = cell_gradients(seen["lstm"], x, hold_gates)[0].norm(dim=1).flip(0)
        drawn = torch.tensor(explorer._artists[name].get_ydata())
        assert torch.allclose(drawn, lengths, rtol=1e-10)

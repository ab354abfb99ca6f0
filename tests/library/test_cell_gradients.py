"""The gradient through an LSTM: along the cell state it is the product of the forget gates; by hand equals autograd."""

import pytest
import torch
from torch import nn

from lstm_lib.cells import LSTM, forget_bias_
from lstm_lib.explorers.forgetting import backpropagate
from lstm_lib.gradients import cell_gradients, forget_products

F64 = torch.float64


def _lstm(bias=None, seed=0, hidden=6):
    torch.manual_seed(seed)
    lstm = LSTM(3, hidden).to(F64)
    return lstm if bias is None else forget_bias_(lstm, bias)


def _x(seed=0, batch=2, steps=30):
    return torch.randn(batch, steps, 3, dtype=F64, generator=torch.Generator().manual_seed(seed))


def test_forget_products_are_what_is_left_of_each_step():
    f = torch.tensor([[[0.5, 1.0], [0.1, 2.0], [0.2, 3.0]]])
    assert torch.allclose(forget_products(f), torch.tensor([[[0.01, 6.0], [0.02, 6.0], [0.2, 3.0], [1.0, 1.0]]]))


@pytest.mark.parametrize("bias", [-1.0, 0.0, 2.0, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_with_held_gates_the_gradient_is_the_product_of_the_forget_gates(bias, seed):
    lstm, x = _lstm(bias, seed), _x(seed)
    products = forget_products(lstm.trace(x).f) / 6**0.5
    assert torch.allclose(cell_gradients(lstm, x, hold_gates=True), products, rtol=1e-12, atol=0)


def test_without_recurrent_weights_there_is_only_one_road():
    lstm, x = _lstm(), _x()
    assert not torch.allclose(cell_gradients(lstm, x), cell_gradients(lstm, x, hold_gates=True), rtol=0.1, atol=0)
    nn.init.zeros_(lstm.cell.W_h.weight)
    assert torch.allclose(cell_gradients(lstm, x), cell_gradients(lstm, x, hold_gates=True), rtol=1e-12, atol=0)


def test_a_shut_input_gate_closes_the_second_road():
    lstm, x = _lstm(3.0), _x()
    lstm.cell.W_x.bias.detach()[6:12] = -20
    both, along = cell_gradients(lstm, x), cell_gradients(lstm, x, hold_gates=True)
    assert torch.allclose(both, along, rtol=1e-5, atol=0)


def test_the_gradient_is_what_a_small_push_of_the_first_cell_state_does():
    lstm, x = _lstm(2.0), _x(batch=1)
    gradient = cell_gradients(lstm, x)[0, 0]
    h, push = torch.zeros(1, 6, dtype=F64), 1e-5 * torch.eye(6, dtype=F64)
    with torch.no_grad():
        for unit in range(6):
            up, down = (lstm(x, (h, sign * push[unit : unit + 1]))[1][1].sum() / 6**0.5 for sign in (1, -1))
            assert ((up - down) / 2e-5).item() == pytest.approx(gradient[unit].item(), rel=1e-6)


@pytest.mark.parametrize("bias", [None, 0.0, 3.0, 100.0])
@pytest.mark.parametrize(("batch", "steps"), [(1, 1), (1, 40), (3, 20)])
def test_by_hand_equals_autograd(bias, batch, steps):
    lstm, x = _lstm(bias), _x(batch=batch, steps=steps)
    by_hand = backpropagate(lstm, lstm.trace(x))
    assert by_hand.shape == (batch, steps + 1, 6)
    assert torch.allclose(by_hand, cell_gradients(lstm, x), rtol=1e-10, atol=1e-300)
    assert not by_hand.requires_grad


def test_wrong_arguments_are_named():
    lstm, x = _lstm(), _x()
    with pytest.raises(TypeError, match="lstm: expected lstm_lib's LSTM, got LSTM; from_torch"):
        cell_gradients(nn.LSTM(3, 6), x)
    with pytest.raises(ValueError, match=r"x: expected shape \(B, T, 3\), got \(2, 30, 2\)"):
        cell_gradients(lstm, x[:, :, :2])
    with pytest.raises(TypeError, match="x: expected dtype torch.float64"):
        cell_gradients(lstm, x.float())
    with pytest.raises(ValueError, match=r"f: expected shape \(B, T, H\), got \(30, 6\)"):
        forget_products(lstm.trace(x).f[0])

"""The gradient through time: autograd, chain rule and Jacobians agree, and the slopes are what the theory says.

Through an LSTM: along the cell state it is the product of the forget gates, and by hand it is what autograd says.
"""

import math

import pytest
import torch
from torch import nn

from lstm_lib import gradients as g
from lstm_lib.cells import LSTM, forget_bias_

F64 = torch.float64
EYE, ONES = torch.eye(3), torch.ones(5, 3)


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


def _setting(kind="orthogonal", gain=0.9, size=8, steps=12, seed=0, batch=()):
    generator = _generator(seed)
    w = g.recurrent_matrix(kind, size, gain, generator)
    return w, 0.3 * torch.randn(steps, *batch, size, dtype=F64, generator=generator)


def test_an_orthogonal_matrix_stretches_every_vector_by_the_gain():
    w = g.recurrent_matrix("orthogonal", 16, 1.3, _generator())
    assert torch.allclose(w.T @ w, 1.3**2 * torch.eye(16, dtype=F64))
    assert g.spectral_radius(w) == pytest.approx(1.3)
    assert g.largest_singular_value(w) == pytest.approx(1.3)


def test_a_gaussian_matrix_has_the_gain_as_its_radius_and_stretches_more():
    w = g.recurrent_matrix("gaussian", 400, 0.9, _generator())
    assert g.spectral_radius(w) == pytest.approx(0.9, rel=0.1)
    assert g.largest_singular_value(w) == pytest.approx(1.8, rel=0.1)


def test_radius_and_singular_value_differ_for_a_shear():
    shear = torch.tensor([[0.5, 10.0], [0.0, -0.7]])
    assert g.spectral_radius(shear) == pytest.approx(0.7)
    assert g.largest_singular_value(shear) > 10


@pytest.mark.parametrize("batch", [(), (3,)])
def test_a_tanh_rnn_equals_torch(batch):
    w, inputs = _setting(batch=batch)
    rnn = nn.RNN(8, 8, bias=False).double()
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(w)
        rnn.weight_ih_l0.copy_(torch.eye(8))
    assert torch.allclose(g.run_rnn(w, inputs)[1:], rnn(inputs)[0])


@pytest.mark.parametrize("activation", g.ACTIVATIONS)
@pytest.mark.parametrize("batch", [(), (3,)])
def test_the_chain_rule_equals_autograd(activation, batch):
    w, inputs = _setting("gaussian", 1.2, batch=batch)
    start = torch.rand(*batch, 8, dtype=F64)
    direction = torch.randn(8, dtype=F64)
    by_autograd = g.state_gradients(w, inputs, activation, start, direction)
    by_hand = g.backpropagate(w, g.run_rnn(w, inputs, activation, start), activation, direction)
    assert by_autograd.shape == (13, *batch, 8)
    assert torch.allclose(by_hand, by_autograd, rtol=1e-12)
    assert torch.equal(g.gradient_norms(w, inputs, activation, start, direction), by_autograd.norm(dim=-1))
    strided = inputs.transpose(0, -1).contiguous().transpose(0, -1).requires_grad_()
    assert torch.allclose(g.state_gradients(w, strided, activation, start, direction), by_autograd, rtol=1e-12)


def test_the_gradient_is_what_a_small_push_of_the_state_does():
    w, inputs = _setting()
    first = g.state_gradients(w, inputs)[0]
    push = 1e-6 * torch.eye(8, dtype=F64)[2]
    up, down = (g.run_rnn(w, inputs, start=s)[-1].sum() / math.sqrt(8) for s in (push, -push))
    assert ((up - down) / 2e-6).item() == pytest.approx(first[2].item(), rel=1e-6)


@pytest.mark.parametrize("activation", g.ACTIVATIONS)
def test_the_product_of_jacobians_is_autograds_jacobian(activation):
    w, inputs = _setting("gaussian", 1.2)
    states = g.run_rnn(w, inputs, activation)

    def rest(h):
        return g.run_rnn(w, inputs[4:10], activation, h)[-1]

    expected = torch.autograd.functional.jacobian(rest, states[4])
    assert torch.allclose(g.jacobian_product(w, states, activation, 4, 10), expected)
    assert torch.equal(g.jacobian_product(w, states, activation, 4, 4), torch.eye(8, dtype=F64))


def test_the_jacobian_carries_the_gradient_back():
    w, inputs = _setting()
    gradients = g.state_gradients(w, inputs)
    carried = g.jacobian_product(w, g.run_rnn(w, inputs)).T @ gradients[-1]
    assert torch.allclose(carried, gradients[0])
    assert gradients[-1].norm().item() == pytest.approx(1)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1, 1.5])
def test_a_linear_orthogonal_rnn_has_the_log_of_its_radius_as_slope(gain):
    w, inputs = _setting(gain=gain, size=32, steps=100)
    line = g.log_line(g.gradient_norms(w, inputs, "linear"))
    assert line.slope == pytest.approx(math.log(gain), abs=1e-6)
    assert line.r2 == pytest.approx(1)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1, 1.5])
def test_the_predictor_meets_a_tanh_rnn_where_the_naive_one_does_not(gain):
    slopes, predicted, naive = [], [], []
    for seed in range(3):
        w, inputs = _setting(gain=gain, size=64, steps=200, seed=seed)
        inputs /= 3  # small inputs: std 0.1
        start = g.run_rnn(w, inputs[:100])[-1]
        states = g.run_rnn(w, inputs[100:], start=start)
        slopes.append(g.log_line(g.gradient_norms(w, inputs[100:], start=start)).slope)
        predicted.append(g.predicted_slope(w, states))
        naive.append(g.naive_slope(w, states))
        assert naive[-1] <= math.log(g.spectral_radius(w))
    measured = sum(slopes) / 3
    assert sum(predicted) / 3 == pytest.approx(measured, abs=0.012)
    if gain > 1:
        assert sum(naive) / 3 < measured - 0.02


def test_the_predictor_of_a_linear_rnn_is_the_log_of_the_gain_and_tanh_only_lowers_it():
    w, inputs = _setting(gain=0.8)
    assert g.predicted_slope(w, g.run_rnn(w, inputs, "linear"), "linear") == pytest.approx(math.log(0.8))
    assert g.predicted_slope(w, g.run_rnn(w, inputs)) < math.log(0.8)


@pytest.mark.parametrize("slope", [-0.3, 0.5])
@pytest.mark.parametrize("points", [8, 50])
def test_the_line_through_an_exact_exponential_is_its_slope(slope, points):
    distance = torch.arange(points, dtype=F64)
    assert g.log_line((slope * distance).exp().flip(0)) == pytest.approx((slope, 1.0), abs=1e-9)


def test_the_line_says_how_straight_it_is():
    distance = torch.arange(50, dtype=F64)
    crooked = (-0.3 * distance + 2 * distance.sin()).exp().flip(0)
    assert g.log_line(crooked).r2 < 0.99
    assert g.log_line(torch.ones(10, dtype=F64)) == (0.0, 1.0)


def test_the_line_leaves_out_the_steps_next_to_the_loss():
    norms = (-0.3 * torch.arange(50, dtype=F64)).exp()
    norms[:5] = 1.0
    assert g.log_line(norms.flip(0), skip=5).slope == pytest.approx(-0.3)
    assert g.log_line(norms.flip(0), skip=0).slope != pytest.approx(-0.3, abs=1e-3)


def _lstm(bias=None, seed=0):
    torch.manual_seed(seed)
    lstm = LSTM(3, 6).to(F64)
    return lstm if bias is None else forget_bias_(lstm, bias)


def _x(seed=0, batch=2, steps=30):
    return torch.randn(batch, steps, 3, dtype=F64, generator=torch.Generator().manual_seed(seed))


def test_forget_products_are_what_is_left_of_each_step():
    f = torch.tensor([[[0.5, 1.0], [0.1, 2.0], [0.2, 3.0]]])
    assert torch.allclose(g.forget_products(f), torch.tensor([[[0.01, 6.0], [0.02, 6.0], [0.2, 3.0], [1.0, 1.0]]]))


@pytest.mark.parametrize("bias", [-1.0, 0.0, 2.0, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_with_held_gates_the_gradient_is_the_product_of_the_forget_gates(bias, seed):
    lstm, x = _lstm(bias, seed), _x(seed)
    products = g.forget_products(lstm.trace(x).f) / 6**0.5
    assert torch.allclose(g.cell_gradients(lstm, x, hold_gates=True), products, rtol=1e-12, atol=0)


def test_without_recurrent_weights_there_is_only_one_road():
    lstm, x = _lstm(), _x()
    assert not torch.allclose(g.cell_gradients(lstm, x), g.cell_gradients(lstm, x, hold_gates=True), rtol=0.1, atol=0)
    nn.init.zeros_(lstm.cell.W_h.weight)
    assert torch.allclose(g.cell_gradients(lstm, x), g.cell_gradients(lstm, x, hold_gates=True), rtol=1e-12, atol=0)


def test_a_shut_input_gate_closes_the_second_road():
    lstm, x = _lstm(3.0), _x()
    lstm.cell.W_x.bias.detach()[6:12] = -20
    both, along = g.cell_gradients(lstm, x), g.cell_gradients(lstm, x, hold_gates=True)
    assert torch.allclose(both, along, rtol=1e-5, atol=0)


def test_the_gradient_is_what_a_small_push_of_the_first_cell_state_does():
    lstm, x = _lstm(2.0), _x(batch=1)
    gradient = g.cell_gradients(lstm, x)[0, 0]
    h, push = torch.zeros(1, 6, dtype=F64), 1e-5 * torch.eye(6, dtype=F64)
    with torch.no_grad():
        for unit in range(6):
            up, down = (lstm(x, (h, sign * push[unit : unit + 1]))[1][1].sum() / 6**0.5 for sign in (1, -1))
            assert ((up - down) / 2e-5).item() == pytest.approx(gradient[unit].item(), rel=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_and_inf_are_named(bad):
    w, inputs = _setting()
    inputs[-1, -1] = bad
    for function in (g.run_rnn, g.state_gradients, g.gradient_norms):
        with pytest.raises(ValueError, match=rf"^inputs: .* got {bad} at index \[11, 7\]"):
            function(w, inputs)
    for function in (g.spectral_radius, g.largest_singular_value):
        with pytest.raises(ValueError, match="^w: expected finite numbers"):
            function(torch.full((2, 2), bad))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: g.recurrent_matrix("uniform", 4), ValueError, "kind: expected one of 'orthogonal', 'gaussian'"),
        (lambda: g.recurrent_matrix("gaussian", 4, gain=0), ValueError, "gain: expected a positive number, got 0"),
        (lambda: g.recurrent_matrix("gaussian", 2.5), TypeError, "size: expected a whole number"),
        (lambda: g.run_rnn(torch.ones(3, 4), ONES), ValueError, "w: expected shape"),
        (lambda: g.run_rnn(EYE, torch.ones(3)), ValueError, "inputs: expected a tensor of shape"),
        (lambda: g.run_rnn(EYE, torch.ones(5, 4)), ValueError, "inputs: expected shape"),
        (lambda: g.run_rnn(EYE, ONES.double()), TypeError, "inputs: expected dtype"),
        (lambda: g.run_rnn(EYE, ONES, "gelu"), ValueError, "activation: expected one of"),
        (lambda: g.run_rnn(EYE, ONES, start=torch.ones(2)), ValueError, "start: expected shape"),
        (lambda: g.gradient_norms(EYE, ONES, direction=torch.ones(2)), ValueError, "direction: expected shape"),
        (lambda: g.gradient_norms(EYE, [1, 2]), ValueError, "inputs: expected a tensor of shape"),
        (lambda: g.backpropagate(EYE, torch.ones(5, 4)), ValueError, "states: expected shape"),
        (lambda: g.activation_slopes(ONES, "gelu"), ValueError, "activation: expected one of"),
        (lambda: g.jacobian_product(EYE, ONES, start=3, end=2), ValueError, "start, end"),
        (lambda: g.jacobian_product(EYE, ONES, end=5), ValueError, "start, end"),
        (lambda: g.spectral_radius(torch.ones(2, 3)), ValueError, "w: expected shape"),
        (lambda: g.largest_singular_value([[1.0]]), TypeError, "w: expected a float tensor"),
        (lambda: g.log_line(torch.tensor([1.0, 0.0] * 9)), ValueError, "norms: expected positive finite numbers"),
        (lambda: g.log_line(torch.tensor([1.0, math.inf] * 9)), ValueError, "norms: expected positive finite numbers"),
        (lambda: g.log_line(torch.ones(6)), ValueError, "skip: expected 0 to 4 for 6 norms"),
        (lambda: g.predicted_slope(EYE, torch.ones(5, 4)), ValueError, "states: expected shape"),
        (lambda: g.naive_slope(EYE, 3), ValueError, r"states: expected a tensor of shape \(T\+1, ..., 3\), got int"),
        (lambda: g.cell_gradients(nn.LSTM(3, 6), 0), TypeError, "lstm: expected lstm_lib's LSTM, got LSTM; from_torch"),
        (lambda: g.cell_gradients(_lstm(), ONES), ValueError, r"x: expected shape \(B, T, 3\), got \(5, 3\)"),
        (lambda: g.cell_gradients(_lstm(), _x().float()), TypeError, "x: expected dtype torch.float64"),
        (lambda: g.forget_products(ONES), ValueError, r"f: expected shape \(B, T, H\), got \(5, 3\)"),
    ],
)
def test_a_wrong_argument_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

"""The solutions against something else that knows the answer: torch, or the library."""

import math

import pytest
import torch
from torch import nn

from lstm_lib import gradients
from lstm_lib.cells import GATES, LSTM, ONNX_GATES, from_torch, reorder_gates
from lstm_lib.exercises import solutions
from lstm_lib.experiments import at_and_off, rerun, start_, write_sizes
from lstm_lib.models import LSTMModel, rnn_like
from lstm_lib.variants import CoupledCell, MinLSTM


@pytest.fixture(autouse=True)
def doubles():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(before)


def test_steps_left_is_the_first_step_below_a_thousandth():
    norms = gradients.gradient_norms(0.9 * torch.eye(3), torch.zeros(70, 3), "linear").flip(0)
    steps = solutions.steps_left()
    assert norms[steps] < 0.001 < norms[steps - 1]


def test_slope_of_step_is_the_predicted_slope():
    w = gradients.recurrent_matrix("orthogonal", 32, 1.3)
    states = gradients.run_rnn(w, torch.randn(1, 32))
    assert solutions.slope_of_step(1.3, states[1]).item() == pytest.approx(gradients.predicted_slope(w, states))


def test_gradient_by_step_follows_the_chain_rule():
    rnn, x = nn.RNN(3, 6), torch.randn(9, 3)
    states = torch.cat([torch.zeros(1, 6), rnn(x)[0]]).detach()
    w, u = rnn.weight_hh_l0.detach(), rnn.weight_ih_l0.detach()
    at_states = gradients.backpropagate(w, states, direction=torch.ones(6))[1:]
    by_hand = (at_states * (1 - states[1:] ** 2)) @ u  # (T, D)
    torch.testing.assert_close(solutions.gradient_by_step(rnn, x), by_hand.norm(dim=1))


@pytest.mark.parametrize("threshold", [0.1, 1e6])
def test_clip_by_norm_is_torch_clipping(threshold):
    tensors = [nn.Parameter(torch.randn(3, 2)), nn.Parameter(torch.randn(4))]
    for tensor in tensors:
        tensor.grad = torch.randn_like(tensor)
    clipped = solutions.clip_by_norm([tensor.grad.clone() for tensor in tensors], threshold)
    nn.utils.clip_grad_norm_(tensors, threshold)
    for tensor, mine in zip(tensors, clipped, strict=True):
        torch.testing.assert_close(mine, tensor.grad, rtol=1e-4, atol=1e-12)  # torch adds 1e-6 to the norm


def test_clipped_entry_is_what_clipping_makes_of_it():
    _, second = solutions.clip_by_norm([torch.tensor(6.0), torch.tensor(8.0)], 5.0)
    assert solutions.clipped_entry() == pytest.approx(second.item())


def test_training_step_steps_by_the_threshold():
    model = nn.Linear(3, 1)
    before = torch.cat([p.detach().flatten() for p in model.parameters()])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    solutions.training_step(model, optimizer, 100 * torch.randn(8, 3), torch.randn(8, 1), 0.2)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert (after - before).norm().item() == pytest.approx(0.5 * 0.2, rel=1e-4)


def test_bias_for_half_leaves_half_after_50_steps():
    assert torch.sigmoid(torch.tensor(solutions.bias_for_half())).item() ** 50 == pytest.approx(0.5)


def test_write_size_is_the_one_of_the_library():
    model, x = rnn_like(LSTMModel(2, 4, 1, 1)), torch.randn(5, 6, 2)
    cell = nn.RNNCell(2, model.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): weight for name, weight in model.rnn.state_dict().items()})
    h = torch.cat([torch.zeros(5, 1, model.hidden_size), model.rnn(x)[0]], dim=1).unbind(1)
    found = torch.stack([solutions.write_size(cell, x[:, t], h[t]) for t in range(6)], dim=1)
    torch.testing.assert_close(found.detach(), write_sizes(model, x), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("sizes", [(6, 16, 4), (4, 10, 2), (1, 4, 26), (50, 30, 7)])
def test_rnn_units_is_the_size_of_the_librarys_rnn(sizes):
    inputs, hidden, outputs = sizes
    assert solutions.rnn_units(*sizes) == rnn_like(LSTMModel(inputs, hidden, 1, outputs)).hidden_size


def test_level_of_c_is_where_the_pulses_lead():
    c, f = 0.0, 0.5 ** (1 / 20)
    for step in range(1001):
        c = f * c + (step % 10 == 0)
    assert solutions.level_of_c() == pytest.approx(c)


def test_half_lives_leave_what_the_gates_leave():
    f = 0.9 + 0.1 * torch.rand(50, 6)  # a share that is far from 0 is left
    torch.testing.assert_close(0.5 ** (50 / solutions.half_lives(f)), f.prod(dim=0))
    assert solutions.half_lives(torch.full((4000, 2), 0.5)).tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("k", [1, 4, 7])
def test_exchange_c_is_the_librarys_run_with_a_change(k):
    lstm, x = nn.LSTM(2, 5, batch_first=True), torch.randn(4, 8, 2)
    trace = rerun(from_torch(lstm), x, {k: lambda h, c: (h, c.roll(1, dims=0))})
    torch.testing.assert_close(solutions.exchange_c(lstm, x, k), trace.h[:, -1])


def test_lstm_parameters_is_what_torch_counts():
    assert solutions.lstm_parameters() == sum(p.numel() for p in nn.LSTM(6, 10).parameters())


@pytest.mark.parametrize("shape", [(8, 3), (20,)])
def test_from_onnx_is_the_librarys_map(shape):
    rows = torch.randn(shape)
    assert torch.equal(solutions.from_onnx(rows), reorder_gates(rows, ONNX_GATES, GATES))


def test_lstm_step_is_torch_cell():
    cell, x, h, c = nn.LSTMCell(3, 5), torch.randn(4, 3), torch.randn(4, 5), torch.randn(4, 5)
    torch.testing.assert_close(solutions.lstm_step(cell, x, h, c), cell(x, (h, c)))


def test_memory_steps_belongs_to_the_gate_that_the_loop_makes():
    lstm = nn.LSTM(3, 4)
    for name, p in lstm.named_parameters():
        p.data.zero_()
        if "bias" in name:
            p.data[4:8].fill_(1.0)
    f = from_torch(lstm).trace(torch.randn(1, 1, 3)).f[0, 0, 0].item()
    assert f == pytest.approx(1 - 1 / solutions.memory_steps())


def test_start_long_is_the_start_of_the_notebook():
    model = LSTMModel(3, 4, 1, 1)
    before = {name: weight.detach().clone() for name, weight in model.lstm.named_parameters()}
    solutions.start_long(model.lstm, 100)
    after = {name: weight.detach().clone() for name, weight in model.lstm.named_parameters()}
    model.lstm.load_state_dict(before)
    for name, weight in start_(model, "log_input", 100).lstm.named_parameters():
        torch.testing.assert_close(after[name], weight.detach())


def test_start_long_reaches_all_layers_and_directions():
    lstm = solutions.start_long(nn.LSTM(2, 3, num_layers=2, bidirectional=True), 20)
    for k in ("l0", "l0_reverse", "l1", "l1_reverse"):
        i, f = (lstm.get_parameter(f"bias_ih_{k}") + lstm.get_parameter(f"bias_hh_{k}")).chunk(4)[:2]
        assert i.tolist() == pytest.approx([-2.0] * 3)
        assert f.tolist() == pytest.approx([math.log(19)] * 3)


def test_coupled_back_is_autograds_gradient():
    cell, sums, c_prev, dc = CoupledCell(15, 5), torch.randn(4, 15), torch.randn(4, 5), torch.randn(4, 5)
    for name, parameter in cell.named_parameters():
        parameter.data = torch.eye(15) if name == "W_x.weight" else torch.zeros_like(parameter)
    inputs = (sums.requires_grad_(), c_prev.requires_grad_())
    f, _, candidate, _, c, _ = cell.step(sums, torch.zeros(4, 5), c_prev)
    da, dc_prev = torch.autograd.grad(c, inputs, dc)
    theirs = (da[:, :5], da[:, 5:10], dc_prev)
    torch.testing.assert_close(solutions.coupled_back(dc, f.detach(), candidate.detach(), c_prev.detach()), theirs)


def test_numbers_in_h_n_is_what_torch_returns():
    lstm = nn.LSTM(10, 20, num_layers=3, bidirectional=True, batch_first=True)
    _, (h_n, _) = lstm(torch.randn(5, 7, 10))
    assert solutions.numbers_in_h_n() == h_n.numel()


def test_scale_makes_the_training_part_standard_and_keeps_the_ruler():
    train, test = 3 + 5 * torch.randn(100), torch.randn(20)
    scaled, scaled_test = solutions.scale(train, test)
    assert scaled.mean().item() == pytest.approx(0, abs=1e-12)
    assert scaled.std().item() == pytest.approx(1)
    ruler = (train[1] - train[0]) / (scaled[1] - scaled[0])
    assert math.isclose(((test[1] - test[0]) / (scaled_test[1] - scaled_test[0])).item(), ruler.item())


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_summary_of_is_each_sequence_run_alone(layers):
    lstm, x, lengths = nn.LSTM(3, 4, layers, batch_first=True, bidirectional=True), torch.randn(4, 6, 3), [5, 1, 6, 2]
    for row, length in enumerate(lengths):
        out, _ = lstm(x[row : row + 1, :length])
        alone = torch.cat([out[0, -1, :4], out[0, 0, 4:]])
        torch.testing.assert_close(solutions.summary_of(lstm, x, lengths)[row], alone)


def test_min_half_life_is_what_minlstm_keeps():
    lstm = MinLSTM(1, 1)
    lstm.W_x.bias.data = torch.tensor([3.0, -1.0, 0.0])
    keep, _ = lstm.keep_and_write(torch.zeros(1, 1, 1))
    assert keep.item() ** solutions.min_half_life() == pytest.approx(0.5)


def test_write_ratio_is_the_one_of_the_library():
    i, candidate, mark = torch.rand(9, 20), torch.randn(9, 20), torch.rand(9, 20) < 0.3
    at, off = at_and_off((i * candidate).abs(), mark)
    assert solutions.write_ratio(i, candidate, mark).item() == pytest.approx(at / off)


@pytest.mark.parametrize("gate", ["f", "i", "o"])
def test_freeze_gate_is_the_librarys_run_with_a_given_gate(gate):
    lstm, x = LSTM(2, 4), 3 * torch.randn(5, 7, 2)
    frozen = getattr(lstm.trace(x), gate).mean(dim=(0, 1)).expand(5, 7, 4)
    torch.testing.assert_close(solutions.freeze_gate(lstm, x, gate), rerun(lstm, x, gates={gate: frozen}).h[:, -1])


def test_the_examples_in_the_notebooks_are_right():
    assert f"{solutions.slope_of_step(2.0, torch.tensor([0.0, 0.5])):.3f}" == "0.570"
    clipped = solutions.clip_by_norm([torch.tensor([6.0]), torch.tensor([8.0])], 5)
    torch.testing.assert_close(clipped, [torch.tensor([3.0]), torch.tensor([4.0])])
    assert solutions.rnn_units(6, 16, 4) == 35
    assert solutions.from_onnx(torch.arange(8)).tolist() == [4, 5, 0, 1, 6, 7, 2, 3]
    assert solutions.half_lives(torch.tensor([[0.5, 0.25], [1.0, 0.25]])).tolist() == pytest.approx([2.0, 0.5])
    one, half, zero = torch.ones(1, 1), torch.full((1, 1), 0.5), torch.zeros(1, 1)
    assert [v.item() for v in solutions.coupled_back(one, half, zero, one)] == [0.25, 0.5, 0.5]
    i, candidate = torch.tensor([[0.9, 0.1, 0.8, 0.1]]), torch.tensor([[0.5, -0.5, -0.5, 0.5]])
    ratio = solutions.write_ratio(i, candidate, torch.tensor([[True, False, True, False]]))
    assert ratio.item() == pytest.approx(8.0)

"""The solutions against something else that knows the answer: torch, or the library."""

import copy
import math
from operator import truediv
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from lstm_lib.cells import GATES, ONNX_GATES, from_torch, reorder_gates
from lstm_lib.exercises import EXERCISES
from lstm_lib.experiments import at_and_off, rerun, start_
from lstm_lib.gradients import backpropagate, gradient_norms, predicted_slope
from lstm_lib.models import LSTMModel, rnn_like
from lstm_lib.variants import CoupledCell, MinLSTM

solutions = SimpleNamespace(**{name: exercise.solution for name, exercise in EXERCISES.items()})


@pytest.fixture(autouse=True)
def doubles():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def _by_the_chain_rule(rnn, x):
    states = torch.cat([torch.zeros(1, rnn.hidden_size), rnn(x)[0]]).detach()
    w, u = rnn.weight_hh_l0.detach(), rnn.weight_ih_l0.detach()
    at_states = backpropagate(w, states, direction=torch.ones(rnn.hidden_size))[1:]
    return ((at_states * (1 - states[1:] ** 2)) @ u).norm(dim=1)  # of (T, D)


def _memory_after_the_loop():
    lstm = nn.LSTM(3, 4)
    for name, p in lstm.named_parameters():
        p.data.zero_()
        if "bias" in name:
            p.data[4:8].fill_(1.0)
    return 1 / (1 - from_torch(lstm).trace(torch.randn(1, 1, 3)).f[0, 0, 0].item())


def _autograd_of_the_cell(dc, f, candidate, c_prev):
    units = f.shape[1]
    cell, sums = CoupledCell(3 * units, units), torch.cat([f.logit(), candidate.atanh(), f], dim=1)
    for name, parameter in cell.named_parameters():
        parameter.data = torch.eye(3 * units) if name == "W_x.weight" else torch.zeros_like(parameter)
    inputs = (sums.requires_grad_(), c_prev.clone().requires_grad_())
    da, dc_prev = torch.autograd.grad(cell.step(sums, torch.zeros_like(f), inputs[1])[4], inputs, dc)
    return (*da.chunk(3, dim=1)[:2], dc_prev)


def _each_sequence_alone(lstm, x, lengths):
    alone = [lstm(row[None, :length])[0][0] for row, length in zip(x, lengths, strict=True)]  # each (T, 2H)
    return torch.stack([torch.cat([out[-1, : lstm.hidden_size], out[0, lstm.hidden_size :]]) for out in alone])


def _half_life_of_minlstm():
    lstm = MinLSTM(1, 1)
    lstm.W_x.bias.data = torch.tensor([3.0, -1.0, 0.0])
    return math.log(0.5, lstm.keep_and_write(torch.zeros(1, 1, 1))[0].item())


def _run_with_a_given_gate(lstm, x, gate):
    trace = lstm.trace(x)
    return rerun(lstm, x, gates={gate: getattr(trace, gate).mean(dim=(0, 1)).expand_as(trace.h)}).h[:, -1]


REFERENCES = {
    "steps_left": lambda: int((gradient_norms(0.9 * torch.eye(3), torch.zeros(70, 3), "linear") > 0.001).sum()),
    "slope_of_step": lambda g, h: torch.tensor(predicted_slope(g * torch.eye(len(h)), torch.stack([h, h]))),
    "gradient_by_step": _by_the_chain_rule,
    "clipped_entry": lambda: solutions.clip_by_norm(torch.tensor([6.0, 8.0]), 5.0)[1].item(),
    "bias_for_half": lambda: torch.tensor(0.5 ** (1 / 50)).logit().item(),
    "rnn_units": lambda inputs, hidden, outputs: rnn_like(LSTMModel(inputs, hidden, 1, outputs)).hidden_size,
    "level_of_c": lambda: sum(0.5 ** (age / 20) for age in range(0, 1000, 10)),  # what is left of each pulse
    "exchange_c": lambda lstm, x, k: rerun(from_torch(lstm), x, {k: lambda h, c: (h, c.roll(-1, dims=0))}).h[:, -1],
    "lstm_parameters": lambda: sum(p.numel() for p in nn.LSTM(6, 10).parameters()),
    "from_onnx": lambda rows: reorder_gates(rows, ONNX_GATES, GATES, len(rows) // 4),
    "lstm_step": lambda cell, x, h, c: nn.LSTMCell.forward(cell, x, (h, c)),
    "memory_steps": _memory_after_the_loop,
    "coupled_back": _autograd_of_the_cell,
    "numbers_in_h_n": lambda: nn.LSTM(10, 20, 3, bidirectional=True)(torch.randn(7, 5, 10))[1][0].numel(),
    "summary_of": _each_sequence_alone,
    "min_half_life": _half_life_of_minlstm,
    "write_ratio": lambda i, candidate, mark: torch.tensor(truediv(*at_and_off((i * candidate).abs(), mark))),
    "freeze_gate": _run_with_a_given_gate,
}


def _more_cases():
    """Return cases that the exercises don't have: much input, the first step and the last but one, three layers."""
    lstm, deep = nn.LSTM(2, 5, batch_first=True), nn.LSTM(3, 4, 3, batch_first=True, bidirectional=True)
    exchanges = [(lstm, torch.randn(4, 8, 2), k) for k in (1, 7)]
    return {
        "rnn_units": [(50, 30, 7)],
        "exchange_c": exchanges,
        "summary_of": [(deep, torch.randn(4, 6, 3), [5, 1, 6, 2])],
    }


@pytest.mark.parametrize("name", REFERENCES)
def test_the_solution_is_what_torch_or_the_library_says(name):
    exercise = EXERCISES[name]
    for case in (exercise.cases() if exercise.cases else [()]) + _more_cases().get(name, []):
        torch.testing.assert_close(exercise.solution(*case), REFERENCES[name](*case))


@pytest.mark.parametrize("threshold", [0.1, 1e6])
def test_clip_by_norm_is_torch_clipping(threshold):
    tensors = [nn.Parameter(torch.randn(3, 2)), nn.Parameter(torch.randn(4))]
    for tensor in tensors:
        tensor.grad = torch.randn_like(tensor)
    clipped = solutions.clip_by_norm([tensor.grad.clone() for tensor in tensors], threshold)
    nn.utils.clip_grad_norm_(tensors, threshold)
    torch.testing.assert_close(clipped, [t.grad for t in tensors], rtol=1e-4, atol=1e-12)  # its norm is 1e-6 larger


def test_training_step_steps_by_the_threshold():
    model = nn.Linear(3, 1)
    before = torch.cat([p.detach().flatten() for p in model.parameters()])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    solutions.training_step(model, optimizer, 100 * torch.randn(8, 3), torch.randn(8, 1), 0.2)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert (after - before).norm().item() == pytest.approx(0.5 * 0.2, rel=1e-4)


def test_write_size_is_the_length_of_the_slope():
    cell, x, h = nn.RNNCell(2, 6), torch.randn(5, 2), torch.randn(5, 6).tanh()
    slope = (1 - cell(x, h).square()) * cell.weight_ih[:, 0]  # tanh' times the weight of the value
    torch.testing.assert_close(solutions.write_size(cell, x, h), slope.norm(dim=1), rtol=1e-4, atol=1e-6)


def test_half_lives_leave_what_the_gates_leave():
    f = 0.9 + 0.1 * torch.rand(50, 6)  # a share that is far from 0 is left
    torch.testing.assert_close(0.5 ** (50 / solutions.half_lives(f)), f.prod(dim=0))
    assert solutions.half_lives(torch.full((4000, 2), 0.5)).tolist() == pytest.approx([1.0, 1.0])


def test_start_long_is_the_start_of_the_notebook():
    model = LSTMModel(3, 4, 1, 1)
    expected = start_(copy.deepcopy(model), "log_input", 100).lstm.state_dict()
    torch.testing.assert_close(solutions.start_long(model.lstm, 100).state_dict(), expected)


def test_start_long_reaches_all_layers_and_directions():
    lstm = solutions.start_long(nn.LSTM(2, 3, num_layers=2, bidirectional=True), 20)
    for k in ("l0", "l0_reverse", "l1", "l1_reverse"):
        i, f = (lstm.get_parameter(f"bias_ih_{k}") + lstm.get_parameter(f"bias_hh_{k}")).chunk(4)[:2]
        assert i.tolist() == pytest.approx([-2.0] * 3)
        assert f.tolist() == pytest.approx([math.log(19)] * 3)


def test_scale_makes_the_training_part_standard_and_keeps_the_ruler():
    train, test = 3 + 5 * torch.randn(100), torch.randn(20)
    scaled, scaled_test = solutions.scale(train, test)
    assert scaled.mean().item() == pytest.approx(0, abs=1e-12)
    assert scaled.std().item() == pytest.approx(1)
    ruler = (train[1] - train[0]) / (scaled[1] - scaled[0])
    assert math.isclose(((test[1] - test[0]) / (scaled_test[1] - scaled_test[0])).item(), ruler.item())


def test_the_examples_in_the_notebooks_are_right():
    assert f"{solutions.slope_of_step(2.0, torch.tensor([0.0, 0.5])):.3f}" == "0.570"
    clipped = solutions.clip_by_norm([torch.tensor([6.0]), torch.tensor([8.0])], 5)
    torch.testing.assert_close(clipped, [torch.tensor([3.0]), torch.tensor([4.0])])
    assert solutions.rnn_units(6, 16, 4) == 35
    assert solutions.from_onnx(torch.arange(8)).tolist() == [4, 5, 0, 1, 6, 7, 2, 3]
    assert solutions.half_lives(torch.tensor([[0.5, 0.25], [1.0, 0.25]])).tolist() == pytest.approx([2.0, 0.5])
    one, half, zero = torch.ones(1, 1), torch.full((1, 1), 0.5), torch.zeros(1, 1)
    assert [v.item() for v in solutions.coupled_back(one, half, zero, one)] == [0.25, 0.5, 0.5]
    i, candidate = torch.tensor([[[0.9, 0.1, 0.8, 0.1]], [[0.5, -0.5, -0.5, 0.5]]])
    assert solutions.write_ratio(i, candidate, torch.tensor([[True, False] * 2])).item() == pytest.approx(8.0)

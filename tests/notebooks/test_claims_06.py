"""The claims of notebook 06 on seeds and sizes other than its own; the training claims are slow."""

import math

import nbformat
import pytest
import torch
from torch import nn

from lstm_lib.cells import LSTM, forget_bias_, from_torch
from lstm_lib.experiments import Trial, learn, load_results, start_
from lstm_lib.gradients import cell_gradients, gradient_norms
from lstm_lib.models import LSTMModel
from tests.tools.hygiene import NOTEBOOKS, run_cells

NOTEBOOK = "06_why_the_gradient_survives"
SEEDS, T = range(100, 110), 100


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)


def _x(seed, inputs=4):
    return torch.randn(1, T, inputs, generator=torch.Generator().manual_seed(seed))


def _left(start, hidden, hold_gates):
    """Return log10 of what is left of the gradient after T steps, one number for each of the seeds."""
    lengths = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        lstm = from_torch(start_(LSTMModel(4, hidden, 1, 1), start, T).lstm)
        lengths.append(cell_gradients(lstm, _x(seed), hold_gates)[0, 0].norm())
    return torch.stack(lengths).log10()


@pytest.mark.parametrize("hidden", [16, 32, 64])
def test_the_default_lstm_vanishes_about_as_fast_as_the_default_rnn(hidden):
    lstm, rnn = _left("default", hidden, hold_gates=False), []
    for seed in SEEDS:
        torch.manual_seed(seed)
        plain, x = nn.RNN(4, 2 * hidden), _x(seed)[0]
        u = (x @ plain.weight_ih_l0.T + plain.bias_ih_l0 + plain.bias_hh_l0).detach()
        rnn.append(gradient_norms(plain.weight_hh_l0.detach(), u)[0].log10())
    assert lstm.max() < -14
    assert torch.stack(rnn).max() < -14
    keeps = 10 ** (lstm.mean() / T), 10 ** (torch.stack(rnn).mean() / T)
    assert all(0.5 < share < 0.7 for share in keeps)


@pytest.mark.parametrize("hidden", [16, 32])
def test_what_the_biases_leave_of_the_gradient(hidden):
    assert _left("bias1", hidden, False).max() < -5
    assert _left("bias5", hidden, True).max() < 0  # along C it can only shrink
    assert (_left("bias5", hidden, False) > 0).sum() >= 7  # both roads together grow
    both, along = _left("chrono", hidden, False), _left("chrono", hidden, True)
    assert torch.all((both > -1.1) & (both < -0.4))
    assert torch.all((both - along).abs() < 0.15)


@pytest.mark.parametrize("hidden", [16, 64])
def test_the_carousel_of_1997_is_constant_with_the_cut_and_grows_without(hidden):
    for seed in SEEDS:
        torch.manual_seed(seed)
        lstm, x = forget_bias_(from_torch(nn.LSTM(4, hidden)), 100.0), _x(seed)
        cut = cell_gradients(lstm, x, hold_gates=True)
        assert torch.equal(cut, cut[:, -1:].expand_as(cut))
        assert cell_gradients(lstm, x)[0, 0].norm() > 1
        size = lstm.trace(x).c[0].abs().mean(dim=1)
        assert size[99] > 5 * size[9]


def test_chrono_begins_as_a_running_average_and_its_forget_part_alone_does_not():
    names = run_cells(NOTEBOOK, "setup", "biases-code", names={"D": 4, "H": 16, "T": T})
    for seed in SEEDS:
        lstm = names["started"]("chrono", seed)
        forget, write, *_ = (lstm.cell.W_x.bias + lstm.cell.W_h.bias).chunk(4)
        assert torch.allclose(forget.sigmoid() + write.sigmoid(), torch.ones(16), atol=1e-12)
        assert lstm.trace(_x(seed)).c.abs().max() < 1
        assert names["started"]("spread", seed).trace(_x(seed)).c.abs().max() > 4


def test_the_sheet_has_the_numbers_of_the_table_of_biases():
    cells = {c.id: c.source for c in nbformat.read(NOTEBOOKS / f"{NOTEBOOK}.ipynb", as_version=4).cells}
    rows = [line.strip("| ").split(" | ") for line in cells["sheet"].splitlines() if line.startswith("| 0.")]
    assert len(rows) == 5
    for f, bias, half_life, memory in (map(float, row) for row in rows):
        assert f == pytest.approx(1 - 1 / memory, abs=5e-4)
        assert bias == pytest.approx(math.log(memory - 1), abs=0.05)
        assert half_life == pytest.approx(math.log(0.5) / math.log(1 - 1 / memory), abs=0.05)


def test_truncation_in_time_takes_nothing_from_the_default_and_much_from_chrono():
    names = run_cells(NOTEBOOK, "setup", "biases-code", "truncated-code", names={"D": 4, "H": 16, "T": T})
    for start, low, high in (("default", 0, 1e-4), ("chrono", 0.25, 0.75)):
        for seed in SEEDS:
            lstm, x = names["started"](start, seed), torch.randn(8, T, 4)
            whole, rest = names["weight_gradient"](lstm, x), names["weight_gradient"](lstm, x, 25)
            assert low <= (whole - rest).norm() / whole.norm() < high


@pytest.mark.parametrize(("batch", "steps", "inputs", "hidden"), [(1, 1, 1, 1), (4, 7, 2, 9), (2, 60, 5, 3)])
def test_the_notebooks_backward_pass_is_right_at_other_sizes(batch, steps, inputs, hidden):
    names = run_cells(NOTEBOOK, "setup", "loop-code", "weights-code", "gradcheck-code")
    torch.manual_seed(0)
    lstm, x, push = LSTM(inputs, hidden), torch.randn(batch, steps, inputs), torch.randn(batch, steps, hidden)
    leaves = [x.requires_grad_(), *lstm.parameters()]
    ours = torch.autograd.grad((names["ByHand"].apply(*leaves) * push).sum(), leaves)
    theirs = torch.autograd.grad((lstm(x)[0] * push).sum(), leaves)
    for a, b in zip(ours, theirs, strict=True):
        assert torch.allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
def test_over_50_steps_the_starts_that_hold_a_symbol_are_those_with_an_open_forget_gate():
    rates = {run["kind"]: c["rate"] for run in load_results("grid") for c in run["cells"]
             if run["task"] == "first" and c["steps"] == 50}  # fmt: skip

    def solved(start):
        runs = learn(Trial("first", 50, start), [rates[start]] * len(SEEDS), SEEDS)
        return sum(run["updates"] is not None for run in runs)

    assert max(solved(start) for start in ("default", "bias1", "input")) <= 1
    assert min(solved(start) for start in ("log_input", "chrono", "1997")) >= 8


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "change", "rate"), [("log", "keep_f", 0.003), ("chrono", "keep_i", 0.03)])
def test_one_frozen_gate_is_no_obstacle_if_the_forget_gate_starts_near_1(kind, change, rate):
    runs = learn(Trial("first", 20, kind, change=change), [rate] * len(SEEDS), SEEDS)
    assert sum(run["updates"] is not None for run in runs) >= 8

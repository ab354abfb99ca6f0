"""The runs on memory tasks: write sizes mean what they say; the claims of notebook 03 hold on other seeds (slow)."""

import pytest
import torch

from lstm_lib.cells import from_torch
from lstm_lib.memory_runs import run_marked, run_memory, run_mixing, write_sizes
from lstm_lib.models import build

SEEDS = (100, 101, 102)


def test_write_size_of_an_lstm_is_the_slope_of_its_write():
    torch.manual_seed(0)
    model = build("lstm", 2, 3, 1).double()
    x = torch.randn(4, 5, 2, dtype=torch.double)
    sizes = write_sizes(model, x)
    assert sizes.shape == (4, 5)
    lstm, value = from_torch(model.lstm), x[:, 2].clone().requires_grad_()
    _, (h, c) = lstm(x[:, :2])
    _, (_, after) = lstm.cell(value, (h, c))
    slopes = torch.stack([torch.autograd.grad(after[:, k].sum(), value, retain_graph=True)[0][:, 0] for k in range(3)])
    assert torch.allclose(sizes[:, 2], slopes.norm(dim=0), atol=1e-5)


def test_write_size_of_an_rnn_is_zero_if_the_value_has_no_weight():
    model = build("rnn", 2, 3, 1).double()
    with torch.no_grad():
        model.rnn.weight_ih_l0[:, 0] = 0
    assert write_sizes(model, torch.randn(2, 4, 2, dtype=torch.double)).abs().max() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "kind", "rate", "steps", "solved"),
    [
        ("order", "rnn", 0.01, 20, True),
        ("order", "lstm", 0.01, 50, False),
        ("order", "lstm_bias1", 0.01, 100, False),
        ("order", "rnn_orthogonal", 0.003, 100, False),
        ("order", "lstm_chrono", 0.01, 100, True),
        ("first", "rnn_orthogonal", 0.01, 20, True),
        ("first", "lstm", 0.01, 20, False),
        ("agreement", "rnn_orthogonal", 0.003, 15, True),
    ],
)
def test_03_solved_or_not_on_other_seeds(task, kind, rate, steps, solved):
    count = sum(run_memory(task, kind, rate, steps, seed)["score"][-1] >= 0.95 for seed in SEEDS)
    assert count >= 2 if solved else count == 0


@pytest.mark.slow
def test_03_only_the_lstm_selects():
    for seed in SEEDS:
        rnn, lstm = run_marked("rnn_orthogonal", 0.01, seed), run_marked("lstm_chrono", 0.02, seed)
        assert rnn["at_mark"] / rnn["elsewhere"] < 1.5
        assert rnn["error"] > 0.9
        assert lstm["at_mark"] / lstm["elsewhere"] > 3
        assert lstm["error"] < 0.1


@pytest.mark.slow
def test_03_the_lstm_holds_both_items():
    for seed in SEEDS:
        both = run_mixing("lstm_chrono", 0.01, "both", seed)
        assert both["long"] < 0.1
        assert both["short"] < 0.1

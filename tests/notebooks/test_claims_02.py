"""The claims of notebook 02 about training, over ten starts other than the notebook's, by its own cells. Slow."""

import math

import pytest
import torch

from lstm_lib.explorers.exploding import descend
from lstm_lib.training import fit
from tests.tools.hygiene import run_cells

pytestmark = pytest.mark.slow
SEEDS = range(100, 110)
CELLS = ["setup", "line-run", "cliff-code", "cliff-walk-code", "cliff-many-code", "real-task", "real-model"]
CELLS += ["real-train", "ten-code", "vanishing-train"]


@pytest.fixture(scope="module")
def notebook():
    """Return the names that the notebook's cells define."""
    return run_cells("02_exploding_gradients", *CELLS)


def _endings(notebook, kind, gain, rate, clip, steps=100, length=50):
    """Return how the runs from SEEDS end: an error for each, inf if the loss was not finite."""
    ends = []
    for seed in SEEDS:
        model = notebook["Forecaster"](kind, gain, seed)
        _, how = notebook["train"](model, rate, clip, seed, steps, length)
        ends.append(notebook["error"](model, length) if how == "finite" else math.inf)
    return ends


def _learned(ends):
    return sum(end < 0.1 for end in ends)


def test_at_gain_1_clipping_rescues_the_relu_network_at_a_brave_rate_and_a_lower_rate_does_too(notebook):
    unclipped = _endings(notebook, "relu", 1.0, 0.6, None)
    assert _learned(unclipped) <= 1
    assert sum(end == math.inf for end in unclipped) >= 3
    assert _learned(_endings(notebook, "relu", 1.0, 0.6, 1.0)) >= 9
    assert _learned(_endings(notebook, "relu", 1.0, 0.02, None)) >= 9


def test_at_gain_1_9_only_clipping_does(notebook):
    for rate in (0.02, 0.00002):
        assert _learned(_endings(notebook, "relu", 1.9, rate, None)) == 0
    assert _learned(_endings(notebook, "relu", 1.9, 0.02, 1.0, steps=200)) >= 9


def test_the_tanh_network_gets_stuck_and_clipping_helps(notebook):
    unclipped, clipped = (_endings(notebook, "tanh", 2.0, 0.05, clip, 200, length=100) for clip in (None, 1.0))
    assert max(unclipped) < math.inf
    assert _learned(unclipped) <= 1
    assert sum(c < u for c, u in zip(clipped, unclipped, strict=True)) >= 9
    for seed in SEEDS:
        lowest = [
            min(notebook["train"](notebook["Forecaster"]("tanh", 2.0, seed), 0.05, clip, seed, 200, 100)[0].loss)
            for clip in (None, 1.0)
        ]
        assert lowest[1] < 0.06 < lowest[0]


@pytest.mark.parametrize("threshold", [0.0001, 0.001, 0.01, 0.1, 100.0])
def test_thresholds_in_a_wide_range_work_and_outside_none_does(notebook, threshold):
    learned = _learned(_endings(notebook, "relu", 1.0, 0.6, threshold))
    assert learned >= 9 if 0.01 <= threshold <= 1 else learned <= 1


@pytest.mark.parametrize(("threshold", "most", "least"), [(0.01, 1, 0), (0.1, 10, 9), (None, 10, 9)])
def test_at_a_tenth_of_the_rate_the_smallest_threshold_that_learns_is_ten_times_as_large(
    notebook, threshold, most, least
):
    assert least <= _learned(_endings(notebook, "relu", 1.0, 0.06, threshold)) <= most


@pytest.mark.parametrize("threshold", [0.0001, 1.0, None])
def test_adam_learns_at_any_threshold(notebook, threshold):
    ends = []
    for seed in SEEDS:
        model = notebook["Forecaster"]("relu", 1.0, seed)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
        fit(model, notebook["batches"](seed), notebook["mse"], optimizer, 100, clip=threshold, label=None)
        ends.append(notebook["error"](model))
    assert _learned(ends) >= 9


def test_a_stuck_relu_network_is_mostly_dead_and_a_clipped_one_is_not(notebook):
    stuck = []
    for seed in SEEDS:
        model = notebook["Forecaster"]("relu", 1.0, seed)
        if notebook["train"](model, 0.6, None, seed)[1] == "finite":
            stuck.append(notebook["dead_units"](model))
        clipped = notebook["Forecaster"]("relu", 1.0, seed)
        notebook["train"](clipped, 0.6, 1.0, seed)
        assert notebook["dead_units"](clipped) < 30
    assert stuck
    assert min(stuck) >= 30
    assert stuck.count(32) >= len(stuck) - 1


@pytest.mark.parametrize("clip", [None, 0.1])
def test_clipping_does_not_bring_back_the_first_of_50_symbols(notebook, clip):
    runs = [notebook["recall"](50, clip, seed) for seed in SEEDS]
    assert sum(score < 0.35 for score, _ in runs) >= 9
    assert sum(max(history.grad_norm) < 1 for _, history in runs) >= 9


def test_the_same_network_recalls_the_first_of_five(notebook):
    assert sum(notebook["recall"](5, None, seed)[0] > 0.9 for seed in SEEDS) >= 9


def test_at_the_cliff_clipping_decides(notebook):
    starts = torch.tensor([4.75, -2.8]) + 0.2 * torch.rand(200, 2, generator=torch.Generator().manual_seed(1)) - 0.1
    assert (notebook["descend_many"](starts, 1e9) < 0.02).sum() <= 20
    assert (notebook["descend_many"](starts, 1.0) < 0.02).sum() >= 180


@pytest.mark.parametrize("threshold", [0.01, 1.0, 1e4])
def test_the_explorer_walks_the_path_of_the_notebook(notebook, threshold):
    mine, _, _ = notebook["descend"]([4.6, -2.8], threshold, updates=60)
    fast, _, _ = descend(4.6, -2.8, threshold, updates=60)
    torch.testing.assert_close(mine, torch.tensor(fast, dtype=torch.float64), atol=1e-4, rtol=1e-4)

"""The claims of notebook 01 on seeds and sizes other than its own, by its own cells. The training is slow."""

import math

import pytest
import torch

from lstm_lib.gradients import (
    gradient_norms,
    largest_singular_value,
    log_line,
    predicted_slope,
    run_rnn,
    spectral_radius,
)
from tests.tools.hygiene import run_cells

STEM = "01_vanishing_gradients"
SEEDS = range(100, 110)


@pytest.mark.parametrize("size", [32, 128])
@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1, 1.5])
def test_slopes_follow_theory_at_other_sizes(size, gain):
    names = run_cells(STEM, "setup", "linear-code")
    names |= {"H": size, "T": 100}
    setting, rest = names["setting"], []
    for seed in SEEDS:
        slope = log_line(gradient_norms(*setting(gain, seed, activation="linear"))).slope
        assert slope == pytest.approx(math.log(gain), abs=5e-4)
        w, u, activation, start = setting(gain, seed)
        measured = log_line(gradient_norms(w, u, activation, start)).slope
        rest.append(measured - predicted_slope(w, run_rnn(w, u, activation, start)))
        bound = largest_singular_value(w) ** torch.arange(101)
        assert torch.all(gradient_norms(w, u, activation, start).flip(0) <= bound * (1 + 1e-9))
    assert abs(sum(rest)) / len(rest) < 0.006


def test_the_bound_holds_for_matrices_that_are_not_normal_and_the_border_case_adds():
    names = run_cells(STEM, "setup", "linear-code")
    names |= {"H": 32, "T": 60}
    for activation in ("tanh", "relu"):
        for seed in SEEDS:
            case = names["setting"](1.0, seed, activation=activation, kind="gaussian")
            bound = largest_singular_value(case[0]) ** torch.arange(61)
            assert bound[1] > 1.3 * spectral_radius(case[0])
            assert torch.all(gradient_norms(*case).flip(0) <= bound * (1 + 1e-9))
    border = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    norms = gradient_norms(border, torch.zeros(100, 2), "linear").flip(0)
    assert spectral_radius(border) == pytest.approx(1)
    assert norms[100] / norms[50] == pytest.approx(2, abs=0.05)


def test_the_balanced_network_grows_and_a_little_noise_ends_that():
    names = run_cells(STEM, "setup", "linear-code")
    names |= {"H": 64, "T": 100}
    run_cells(STEM, "conditions-code", "balanced-run", names=names)
    _, hold, _, start = names["balanced"]
    assert log_line(gradient_norms(*names["balanced"])).slope > 0.3
    for seed in SEEDS:
        noise = 0.001 * torch.randn(100, 2, generator=torch.Generator().manual_seed(seed))
        assert log_line(gradient_norms(names["pair"], hold[0] + noise, start=start)).slope < -1
        assert run_rnn(names["pair"], hold[0] + noise, start=start)[-1].abs().min() > 0.8


@pytest.mark.slow
def test_ten_other_networks_learn_the_bit_8_steps_back_and_guess_the_one_16_back():
    names = run_cells(STEM, "setup", "ten-rnns", "bits")
    torch.manual_seed(100)
    names["model"] = names["TenRNNs"]()
    run_cells(STEM, "train-run", names=names)
    right = names["accuracy"](names["model"])  # (10, 6): bits 1, 2, 4, 8, 16, 32
    assert torch.all(right[:, :4] > 0.95)
    assert torch.all((right[:, 4:] - 0.5).abs() < 0.06)

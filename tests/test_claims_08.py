"""The claims of notebook 08 about training, over ten starts other than the shipped ones. Slow: ``make slow``."""

from functools import cache
from statistics import median

import pytest

from lstm_lib.ablation_runs import run_inside, run_stream, run_without

pytestmark = pytest.mark.slow
SEEDS = range(100, 110)


@cache
def _inside(start, hidden):
    return [run_inside(start, hidden, seed) for seed in SEEDS]


@pytest.mark.parametrize(("start", "hidden"), [("lstm_chrono", 4), ("lstm_chrono", 8), ("lstm_bias1", 4)])
def test_the_memory_unit_selects_and_its_gates_are_no_switches(start, hidden):
    runs = _inside(start, hidden)
    assert sum(run["error"] < 0.05 for run in runs) >= 9
    assert sum(run["write"][0] >= 10 * run["write"][1] for run in runs) >= 9
    assert 0.35 < median(run["f"][0] for run in runs) < 0.65
    assert 0.65 < median(run["i"][0] for run in runs) < 0.9
    assert all(run["f"][1] > 0.9 for run in runs)
    assert all(run["i"][1] < 0.06 for run in runs)


def test_the_candidate_removes_what_the_forget_gate_leaves():
    echoes = [run["echo"] for run in _inside("lstm_chrono", 4)]
    assert all(abs(echo["before"] - 1) < 0.3 for echo in echoes)
    assert all(echo["after"] < 0.2 * echo["before"] for echo in echoes)
    assert all(0.15 < echo["gates"] / echo["before"] < 0.7 for echo in echoes)


def test_a_trained_network_relies_most_on_its_input_gate_and_least_on_its_output_gate():
    for run in _inside("lstm_chrono", 4):
        forced = run["forced"]
        assert forced["i"] > max(3, forced["f"])
        assert forced["f"] > max(0.1, forced["o"])
        assert forced["o"] < 1

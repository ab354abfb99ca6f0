"""The claims of notebook 08 about training, over ten starts other than the shipped ones. Slow: ``make slow``."""

from functools import cache
from statistics import median

import pytest

from lstm_lib.experiments import run_inside, run_stream, run_without

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
    assert sum(run["f"][1] > 0.9 and run["i"][1] < 0.06 for run in runs) >= 9


def test_the_candidate_removes_what_the_forget_gate_leaves():
    echoes = [run["echo"] for run in _inside("lstm_chrono", 4)]
    assert all(abs(echo["before"] - 1) < 0.3 for echo in echoes)
    assert all(echo["after"] < 0.2 * echo["before"] for echo in echoes)
    assert all(0.1 < echo["gates"] / echo["before"] < 0.7 for echo in echoes)


def test_a_trained_network_relies_most_on_its_input_gate_and_least_on_its_output_gate():
    forced = [run["forced"] for run in _inside("lstm_chrono", 4)]
    assert all(one["i"] > max(3, one["f"]) for one in forced)
    assert all(one["o"] < 1 for one in forced)
    assert sum(one["f"] > max(0.1, one["o"]) for one in forced) >= 7


# task, cell, start, rate: how many of ten solve it, at least and at most; the text gives 10, 9, 6, 3 or 0
SOLVED = [
    *[(task, "nothing", "chrono", 0.02, 9, 10) for task in ("order_20", "adding", "marked", "query")],
    ("order_100", "nothing", "chrono", 0.02, 5, 10),
    *[(task, "f", "chrono", 0.02, 8, 10) for task in ("order_20", "order_100", "adding", "marked", "query")],
    *[(task, "o", "chrono", 0.02, 8, 10) for task in ("order_20", "order_100", "adding", "marked", "query")],
    ("order_20", "i", "quiet", 0.003, 8, 10),
    ("order_100", "i", "chrono", 0.02, 0, 1),
    ("order_100", "i", "quiet", 0.003, 0, 6),
    ("adding", "i", "quiet", 0.003, 0, 1),
    ("marked", "i", "bias1", 0.02, 0, 2),
    ("query", "i", "quiet", 0.02, 8, 10),
]


@pytest.mark.parametrize(("task", "without", "start", "rate", "least", "most"), SOLVED)
def test_which_task_needs_which_gate(task, without, start, rate, least, most):
    scores = [run_without(task, without, start, rate, seed)["score"] for seed in SEEDS]
    solved = sum(s >= 0.95 if task.startswith("order") else s < 0.1 for s in scores)
    assert least <= solved <= most, scores


@pytest.mark.parametrize("wiped", [True, False])
def test_on_a_stream_c_grows_in_a_straight_line_without_a_forget_gate_and_stays_small_with_it(wiped):
    full, ablated = ([run_stream(without, wiped, seed) for seed in SEEDS] for without in ("nothing", "f"))
    assert sum(run["error"][-1] < 0.05 for run in full) >= 9
    assert all(run["c"][-1] < 20 for run in full)
    grown = [run["c"] for run in ablated if run["c"][-1] > 20]
    assert len(grown) >= 9
    for c in grown:
        assert c[-1] > 2 * max(run["c"][-1] for run in full)
        assert 0.35 < c[9] / c[-1] < 0.65, c
    worse = [run["error"][-1] for run in ablated]
    assert median(worse) > 3 * median(run["error"][-1] for run in full)
    if not wiped:
        assert sum(error > 0.5 for error in worse) >= 6


@pytest.mark.parametrize(("without", "least", "most"), [("i", 1, 7), ("o", 9, 10)])
def test_the_other_gates_on_a_stream(without, least, most):
    errors = [run_stream(without, False, seed)["error"][-1] for seed in SEEDS]
    assert least <= sum(error < 0.1 for error in errors) <= most, errors

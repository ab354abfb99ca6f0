"""The claims of notebook 03 on seeds that are not the shipped ones: who learns, who doesn't, and what changes that."""

import statistics

import pytest

from lstm_lib.experiments import Trial, learn, load_results
from lstm_lib.experiments.selection import counts

SEEDS = range(100, 110)
NEVER = 3000


def solved(trial, rate, cap=NEVER, **options):
    """Return how many of ten networks solve ``trial``, and the median of their updates."""
    updates = [run["updates"] for run in learn(trial, [rate] * len(SEEDS), SEEDS, cap=cap, **options)]
    return sum(n is not None for n in updates), statistics.median(n or 2 * NEVER for n in updates)


def test_a_result_says_of_each_length_what_was_solved_and_ends_where_nothing_was():
    for run in load_results("grid"):
        lengths, cells = run["lengths"], run["cells"]
        assert [cell["steps"] for cell in cells] == lengths[: len(cells)]
        assert all(any(cell["updates"]) for cell in cells[:-1])
        assert len(cells) == len(lengths) or not any(cells[-1]["updates"])
        assert all(len(cell["updates"]) == len(cell["share"]) == 10 for cell in cells)


def test_what_was_solved_on_validation_sequences_is_solved_on_others():
    for run in load_results("grid"):
        for cell in run["cells"]:
            for updates, test in zip(cell["updates"], cell["test"], strict=True):
                if updates and run["task"] in ("first", "order", "agreement"):
                    assert test > 0.9
                elif updates:
                    assert test < 0.1


@pytest.mark.slow
def test_over_20_steps_the_default_rnn_holds_a_symbol_and_the_default_lstm_is_far_slower():
    count, middle = solved(Trial("first", 20, "rnn"), 0.01)
    assert count >= 8 and middle <= 200
    assert solved(Trial("first", 20, "default"), 0.001)[1] > 1000
    for kind, rate in (("chrono", 0.03), ("1997", 0.1)):
        count, middle = solved(Trial("first", 100, kind), rate)
        assert count >= 9 and middle <= 300


@pytest.mark.slow
@pytest.mark.parametrize("change", [None, "cut"])
def test_near_examples_teach_the_default_lstm_50_steps_that_it_never_learns_without(change):
    assert solved(Trial("first", 50, "default", near=True, change=change), 0.03)[0] >= 9
    if change is None:
        assert solved(Trial("first", 50, "default"), 0.003)[0] == 0


@pytest.mark.slow
def test_without_near_marks_the_default_lstm_does_not_learn_to_add():
    assert solved(Trial("adding", 100, "default"), 0.03)[0] >= 8
    assert solved(Trial("adding", 100, "default", quiet=20), 0.03)[0] == 0


@pytest.mark.slow
def test_a_gradient_scaled_up_by_hand_is_enough_for_the_lstm():
    assert solved(Trial("first", 50, "default", change="flat"), 0.03)[0] >= 8
    assert solved(Trial("first", 20, "default", change="flat"), 0.1)[1] <= 300


@pytest.mark.slow
def test_in_adding_the_task_is_solved_soon_after_the_way_has_opened():
    runs = learn(Trial("adding", 50, "default"), [0.03] * 10, SEEDS, follow=True, cap=1000)
    for run in runs:
        if run["updates"]:
            opened = next(25 * k for k, look in enumerate(run["seen"]) if look["share"] > 1e-3)
            assert 0 <= run["updates"] - opened <= 150
    assert sum(run["updates"] is not None for run in runs) >= 8


@pytest.mark.slow
def test_an_rnn_learns_to_select_in_thousands_of_updates_and_an_lstm_in_hundreds():
    trial = Trial("marked", 10, "rnn_orthogonal")
    runs = learn(trial, [0.003] * 10, SEEDS, cap=10_000)
    done = [run for run in runs if run["updates"]]
    assert len(done) >= 7 and min(run["updates"] for run in done) > 2000
    found = [counts(run["model"], trial.make()) for run in done]
    assert min(f["last"] for f in found) > 0.7 and max(f["unmarked"] for f in found) < 0.1
    assert solved(Trial("marked", 10, "default"), 0.1)[1] <= 300

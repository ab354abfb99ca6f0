"""The claims of notebook 09 about training, over ten starts other than the notebook's, by its own cells. Slow."""

import math
import re

import pytest
import torch

from tests.tools.hygiene import run_cells

pytestmark = pytest.mark.slow
STEM, SEEDS = "09_your_own_sequence", range(100, 110)


@pytest.fixture(scope="module")
def cells():
    """Return a function that runs cells after the set-up ones and returns the names they define."""
    before = torch.get_default_dtype()
    yield lambda *ids: run_cells(STEM, "setup", "pipeline-import", *ids)
    torch.set_default_dtype(before)


@pytest.fixture(scope="module")
def trial(cells):
    """Return a function that runs cells of the checklist and returns what a trial gives for each of SEEDS."""
    names = cells("checklist-task", "checklist-train")

    def trial(name, *ids):
        run_cells(STEM, *ids, names=names)
        return [names[name](seed) for seed in SEEDS]

    return trial


def _between(values, low, high, least=10):
    assert sum(low <= value <= high for value in values) >= least, sorted(values)


def _halves(rows, before, after, least=10):
    """Check the bounds of the error before and after the change, in at least ``least`` of the rows."""
    _between([row[0] for row in rows], *before)
    _between([row[1] for row in rows], *after, least)


def test_on_sunspots_the_winner_depends_on_the_years(cells):
    names = cells("file-look", "file-read", "split-run")
    wins = []
    for end, rate in ((2184, 0.03), (2652, 0.01), (3120, 0.01)):
        split = names["split_in_time"](names["series"].values[:end], 48, 12)
        runs = [_errors(names, split, False, seed, rate) for seed in SEEDS]
        assert all(run["LSTM"] < 0.95 * run["persistence"] for run in runs)
        wins.append(sum(run["LSTM"] < run["linear"] for run in runs))
    assert wins[0] <= 5
    assert wins[1] >= 8
    assert wins[2] == 10


def test_differences_cure_a_trend_and_cost_on_sunspots(cells):
    names = cells("file-look", "file-read", "split-run", "ten-file")
    linear_ahead = 0
    for seed in SEEDS:
        names["office_file"](names["here"] / "other.csv", seed)
        series = names["read_series"](names["here"] / "other.csv", decimal=",", missing="previous")
        split = names["split_in_time"](series.values, 24, 3)
        plain, relative = (_errors(names, split, r, seed, rate, 200) for r, rate in ((False, 0.03), (True, 0.1)))
        assert plain["LSTM"] > 1.5 * plain["seasonal"]
        assert relative["validation"] < plain["validation"]  # so the right one of both is kept
        assert relative["LSTM"] < 12.5
        linear_ahead += relative["linear"] < relative["LSTM"]
    assert linear_ahead >= 7
    split = names["split_in_time"](names["series"].values, 48, 12)
    worse = 0
    for seed in SEEDS:
        plain, relative = (_errors(names, split, r, seed, rate) for r, rate in ((False, 0.01), (True, 0.03)))
        assert max(plain["validation"], relative["validation"]) < 33
        worse += plain["validation"] < relative["validation"]
    assert worse >= 7


def test_on_a_trend_the_states_stand_still_below_the_ceiling(cells):
    names = cells("ten-file")
    for seed in SEEDS:
        names["office_file"](names["here"] / "other.csv", seed)
        series = names["read_series"](names["here"] / "other.csv", decimal=",", missing="previous")
        parts = names["parts"] = names["split_in_time"](series.values, 24, 3)
        names["models"] = [names["train_forecaster"](parts, seed=seed, updates=200, label=None), None]
        run_cells(STEM, "trend-states-run", names=names)
        one, top = names["models"][0], names["top"]
        ceiling = (top * one.deviation[0] + one.mean[0]).item()
        assert one.predict(parts.validation.x).max() < 360 < ceiling
        assert names["spread"](parts.train) > 0.25 > 0.12 > names["spread"](parts.validation)


def test_on_the_river_the_rate_and_the_question_decide(cells):
    names = cells("inputs-run")
    days = names["days"]
    y, highest = days.validation.y, days.train.y.max()
    calm = (y <= highest).squeeze(1)
    assert (~calm).sum() == 4

    def errors(kind="lstm_bias1", seeds=SEEDS, **options):
        ones = [names["train_forecaster"](days, kind, seed=seed, label=None, **options) for seed in seeds]
        test = [names["rmse"](one.on(days), days.test.y) for one in ones]
        return test, [names["rmse"](one.on(days, "validation")[calm], y[calm]) for one in ones]

    (linear,), (linear_calm,) = errors("linear", SEEDS[:1])
    assert min(errors()[0]) > linear + 3
    test, without_flood = errors(rate=0.05)
    _between(test, linear - 3, linear + 5)
    assert max(without_flood) < linear_calm + 0.5
    _between(errors(rate=0.02, relative=True)[0], 20, linear - 1)


def _errors(names, split, relative, seed, rate, updates=400):
    options = {"updates": updates, "rate": rate, "relative": relative, "seed": seed, "label": None}
    forecaster = names["train_forecaster"](split, **options)
    guesses = names["forecasts"](forecaster, split, 12).items()
    return {name: names["rmse"](guess, split.test.y) for name, guess in guesses} | {
        "validation": forecaster.validation_error
    }


def test_the_lstm_beats_counting_and_most_but_not_all_learn_the_closing_tag(cells):
    names = cells("text-file", "text-baselines-run")
    best, right = min(names["counted"].values()), []
    for seed in SEEDS:
        options = {"hidden": 64, "updates": 600, "length": 24, "rate": 0.02, "seed": seed, "label": None}
        model, _ = names["train_characters"](names["symbols"], **options)
        assert names["bits"](model, names["symbols"].test) < best
        pairs = re.findall(r"<(.)>[^<]*</(.)>", names["sample"](model, "<", 3000))
        right.append(sum(a == b for a, b in pairs) / len(pairs))
    assert sum(share > 0.45 for share in right) >= 5


@pytest.mark.parametrize(
    ("name", "ids", "before", "after", "least"),
    [
        ("batch_trial", ("batch-run", "batch-trial"), (0.95, 1.05), (0, 0.01), 10),
        ("padding_trial", ("padding-code", "padding-run"), (0.4, 0.65), (0, 0.01), 10),
        ("clip_trial", ("clip-code", "clip-run"), (1, math.inf), (0.1, 0.4), 10),
        ("memory_trial", ("batch-run", "memory-run"), (0.9, 1.1), (0, 0.01), 8),
    ],
)
def test_one_change_cures_it(trial, name, ids, before, after, least):
    _halves(trial(name, *ids), before, after, least)


def test_scale(trial):
    rows = trial("scale_trial", "scale-run")
    _between([row["large"][1] for row in rows], 35, 50)
    _between([row["small"][1] for row in rows], 0.5, 1.2)
    _between([row["scaled"][1] for row in rows], 0.1, 0.25)
    assert max(row["small"][0] for row in rows) < 1e-6


def test_shape(trial):
    rows = [list(row.values()) for row in trial("shape_trial", "shape-code", "shape-run")]
    _halves([(wrong[0], right[0]) for wrong, right in rows], (0.9, 1.0), (0.1, 0.25))
    assert all(wrong[1] < 0.5 * right[1] for wrong, right in rows)


def test_rate(trial):
    rows = trial("rate_trial", "rate-run")
    for rate, low, high in ((0.0001, 0.85, 1.3), (0.01, 0.1, 0.25), (0.1, 0.1, 0.3), (10.0, 1.2, math.inf)):
        _between([row[rate] for row in rows], low, high)


def test_zero_grad(trial):
    _halves([(bad[-1], good[-1]) for bad, good in trial("zero_trial", "zero-run")], (0.85, 5), (0.1, 0.25))


def test_amount_of_data(trial):
    rows = trial("data_trial", "data-run")
    _halves([(few[1], many[1]) for few, many in rows], (0.75, 2), (0.2, 0.4))
    assert sum(few[0] < 0.6 for few, _ in rows) >= 8


def test_split(trial):
    rows = trial("leak_trial", "leak-run")
    _between([shuffled for shuffled, _ in rows], 0.4, 0.99)
    _between([in_time for _, in_time in rows], 1, 4, least=8)

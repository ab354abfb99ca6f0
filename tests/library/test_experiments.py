"""Experiments: the shipped results are whole and no older than their code; runs repeat and measure what they say."""

import math

import pytest
import torch

from lstm_lib.cells import TORCH_GATES, chrono_, from_torch
from lstm_lib.experiments import (
    EXPERIMENTS,
    STARTS,
    ablations,
    forecast_sunspots,
    load_results,
    run_digits,
    run_sunspots,
    runs,
    split_digits,
    stamp,
    start_,
    states,
    train,
)
from lstm_lib.experiments import __main__ as command
from lstm_lib.experiments.grid import run_line
from lstm_lib.models import LSTMModel, build, count_parameters
from lstm_lib.tasks import first_symbol

OTHER_SEEDS = (100, 101, 102)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_setting_ships_with_every_seed(name):
    _, settings, seeds = EXPERIMENTS[name]
    keys = [*settings[0], "seed"]
    shipped = [tuple(row[k] for k in keys) for row in load_results(name)]
    wanted = [(*s.values(), seed) for s in settings for seed in seeds]
    assert sorted(map(repr, shipped)) == sorted(map(repr, wanted))


def test_no_result_is_older_than_its_code():
    assert stamp.older(EXPERIMENTS) == {}, "make results NAMES=..., or CHECK=1 if the numbers should be as before"


ROOM = '''"""A room."""

from HOME.far import adding

TASKS = {"adding": adding}
TASKS |= {"more": adding}


def helper(x):
    """Return x."""
    return x  # as it is


def run(seed):
    return {"value": helper(TASKS)}


def other(seed):
    return helper(0)
'''


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("Return x.", "Return it.", False),
        ("  # as it is", "\n", False),
        ("return helper(0)", "return helper(1)", False),  # run() never names other()
        ("return x", "return x + 1", True),
        ('"more": adding', '"much more": adding', True),
        ('"value"', '"values"', True),
        ("import adding\n", "import temporal_order as adding\n", True),
    ],
)  # fmt: skip
def test_a_hash_changes_with_what_a_run_reaches_and_with_nothing_else(old, new, changed, tmp_path, monkeypatch):
    def parts(text):
        stamp._room.cache_clear()
        (tmp_path / "far.py").write_text("def adding():\n    return 1\n\n\ndef temporal_order():\n    return 2\n")
        (tmp_path / "room.py").write_text(text.replace("HOME", tmp_path.name))
        found = {}
        stamp._reach(f"{tmp_path.name}.room", "run", found)
        return found

    monkeypatch.setattr(stamp, "LIBRARY", tmp_path)
    before, after = parts(ROOM), parts(ROOM.replace(old, new))
    assert ROOM.count(old) == 1
    assert (before != after) == changed
    stamp._room.cache_clear()


def test_a_hash_reaches_the_cell_the_task_and_the_training():
    found = {}
    stamp._reach("lstm_lib.experiments.ablations", "run_stream", found)
    for name in (
        "cells.LSTMCell",
        "tasks.marked_value",
        "training.fit",
        "variants.open_gate_",
        "experiments.runs.train",
    ):
        assert f"lstm_lib.{name}" in found
    assert "lstm_lib.tasks.agreement" not in found


def test_an_unknown_experiment_is_named():
    with pytest.raises(ValueError, match="name: expected one of .*'digits'.*, got 'digit'"):
        load_results("digit")


@pytest.fixture
def short(monkeypatch):
    """Make every training three updates long."""

    def fit(model, batches, loss_fn, optimizer, updates, **options):
        return real(model, batches, loss_fn, optimizer, min(updates, 3), **options)

    real = runs.fit
    monkeypatch.setattr(runs, "fit", fit)


def test_every_run_on_a_task_repeats_and_leaves_the_default_dtype_alone(short):
    for room in (states, ablations):
        for experiment in room.EXPERIMENTS.values():
            setting = experiment.settings[-1]
            assert experiment.run(**setting, seed=5) == experiment.run(**setting, seed=5)
    assert torch.get_default_dtype() == torch.float32


def test_training_in_pieces_scores_after_each_and_draws_from_its_seed_only():
    def make():
        return build("lstm", 8, 4, 4)

    torch.manual_seed(1)
    model, scores = train(make, first_symbol(5), 0.01, 60, seed=3, every=20)
    torch.manual_seed(2)
    again, _ = train(make, first_symbol(5), 0.01, 60, seed=3, every=20)
    assert len(scores) == 3
    assert model.fc.weight.dtype == torch.float64
    assert torch.equal(model.fc.weight, again.fc.weight)
    assert train(make, first_symbol(5), 0.01, 3, seed=3, dtype=torch.float32)[1] == []


def test_competitors_have_at_least_as_many_parameters_as_the_lstm():
    kinds = ("lstm", "lstm_bias1", "rnn", "rnn_orthogonal")
    sizes = {kind: count_parameters(build(kind, 1, 32, 10)) for kind in kinds}
    assert sizes["lstm"] == sizes["lstm_bias1"] <= sizes["rnn"] == sizes["rnn_orthogonal"] < 1.05 * sizes["lstm"]
    shipped = {row["kind"]: row["parameters"] for row in load_results("digits")}
    assert sizes.items() <= shipped.items()


def test_the_three_parts_of_the_digits_are_disjoint_and_whole():
    parts = split_digits(seed=3)
    assert [len(x) for x, _ in parts] == [1197, 300, 300]
    assert torch.cat([y for _, y in parts]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not torch.equal(parts[0][1], split_digits(seed=4)[0][1])


def test_a_forecast_never_sees_the_test_part_and_comes_back_in_its_unit():
    x = 500 + 100 * torch.rand(80, 12, 1, dtype=torch.double)
    forecasts = []
    for x_test in (x[:3], torch.cat([x[:3], 1e6 + x[:3]])):
        torch.manual_seed(0)
        model = build("lstm", 1, 2, 1).double()
        forecasts.append(forecast_sunspots(model, x, x[:, -1], x_test, seed=0)[:3])
    assert torch.allclose(*forecasts)
    assert 400 < forecasts[0].mean() < 700


def _started(start, seed=0):
    torch.manual_seed(seed)
    return start_(LSTMModel(8, 16, 1, 4), start, longest=50)


def _biases(start):
    """Return the sums of the two biases: gate -> (H,)."""
    lstm = _started(start).lstm
    return dict(zip(TORCH_GATES, (lstm.bias_ih_l0 + lstm.bias_hh_l0).chunk(4), strict=True))


LOG = math.log(49)


@pytest.mark.parametrize(
    ("start", "forget", "write"),
    [("bias1", 1.0, None), ("bias3", 3.0, None), ("bias5", 5.0, None), ("log", LOG, None), ("input", None, -2.0),
     ("log_input", LOG, -2.0), ("log_small", LOG, None)],
)  # fmt: skip
def test_each_start_sets_the_biases_it_names_and_no_others(start, forget, write):
    biases, default = _biases(start), _biases("default")
    for gate, value in (("f", forget), ("i", write), ("candidate", None), ("o", None)):
        wanted = default[gate] if value is None else torch.full((16,), value)
        if (start, gate) != ("log_small", "candidate"):
            assert torch.allclose(biases[gate], wanted), gate


def test_chrono_is_the_librarys_and_spread_is_its_forget_part():
    torch.manual_seed(0)
    theirs, ours, spread = chrono_(LSTMModel(8, 16, 1, 4), 50).lstm, _biases("chrono"), _biases("spread")
    i, f = (theirs.bias_ih_l0 + theirs.bias_hh_l0).chunk(4)[:2]
    for mine, wanted in ((ours["f"], f), (ours["i"], i), (spread["f"], f), (spread["i"], _biases("default")["i"])):
        assert torch.equal(mine, wanted)


def test_small_writes_are_as_small_as_those_of_a_shut_input_gate():
    x, _ = first_symbol(50).held_out(20)
    sizes = {}
    for start in ("log", "log_small", "log_input"):
        traces = [from_torch(_started(start, seed).lstm).trace(x) for seed in range(5)]
        sizes[start] = torch.stack([(t.i * t.candidate).abs().mean() for t in traces]).mean().item()
    assert sizes["log_small"] == pytest.approx(sizes["log_input"], rel=0.2)
    assert sizes["log"] > 3 * sizes["log_small"]


def test_every_start_is_known_and_another_is_named():
    for start in STARTS:
        _started(start)
    with pytest.raises(ValueError, match="start: expected one of 'default', .*'chrono', got 'bias2'"):
        _started("bias2")


def test_the_command_writes_results_and_a_check_stamps_those_that_come_out_the_same(tmp_path, monkeypatch, capsys):
    trial = runs.Experiment(run_line, [{"task": "first", "kind": "rnn", "lengths": [2]}], range(2))
    for room in (command, runs, stamp):
        monkeypatch.setattr(room, "RESULTS", tmp_path)
    monkeypatch.setitem(EXPERIMENTS, "trial", trial)
    command.write("trial", command.results("trial", trial.seeds, processes=2))
    assert [run["seed"] for run in load_results("trial")] == [0, 1]
    assert stamp.older({"trial": trial}) == {}
    path = tmp_path / "trial.json"
    for spoilt, said in (('"code": "9', "as shipped"), ('"rate": 9', "DIFFERENT")):
        path.write_text(path.read_text().replace(spoilt.split("9")[0], spoilt).replace('"code": "', '"code": "9'))
        command.check("trial", processes=1)
        assert said in capsys.readouterr().out
        assert (stamp.older({"trial": trial}) == {}) == (said == "as shipped")


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_code_of_today_writes_what_is_shipped(name):
    run, settings, _ = EXPERIMENTS[name]
    shipped = next(row for row in load_results(name) if row["seed"] == 0 and settings[0].items() <= row.items())
    assert [*run(**settings[0], seed=0)] == [key for key in shipped if key not in (*settings[0], "seed")]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "low", "high"), [
    ("lstm_bias1", 0.92, 1.0), ("rnn", 0.75, 0.93), ("rnn_orthogonal", 0.91, 1.0), ("logistic", 0.94, 1.0),
])  # fmt: skip
def test_07_digits_on_other_seeds(kind, low, high):
    rates = {"lstm_bias1": 0.04, "rnn": 0.004, "rnn_orthogonal": 0.004, "logistic": 0.1}
    for seed in OTHER_SEEDS:
        assert low <= run_digits(kind, rates[kind], seed)["test"] <= high


@pytest.mark.slow
def test_07_sunspots_on_another_seed():
    errors = run_sunspots("lstm_bias1", 48, 0.03, before=False, seed=100)["rmse"]
    assert 23 < sum(errors) / 5 < 26

"""The shipped results are complete and come from this code; the models that compete are of equal size."""

import pytest
import torch

from lstm_lib.experiments import (
    EXPERIMENTS,
    SEEDS,
    accuracy,
    forecast_sunspots,
    load_results,
    run_digits,
    run_sunspots,
    split_digits,
)
from lstm_lib.models import build, count_parameters

KINDS = ("lstm", "lstm_bias1", "rnn", "rnn_orthogonal")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_setting_ships_with_every_seed(name):
    _, settings = EXPERIMENTS[name]
    keys = [*settings[0], "seed"]
    shipped = [tuple(row[k] for k in keys) for row in load_results(name)]
    assert sorted(shipped) == sorted((*s.values(), seed) for s in settings for seed in SEEDS)


def test_an_unknown_experiment_is_named():
    with pytest.raises(ValueError, match="name: expected one of .*'digits'.*, got 'digit'"):
        load_results("digit")


def test_competitors_have_at_least_as_many_parameters_as_the_lstm():
    sizes = {kind: count_parameters(build(kind, 1, 32, 10)) for kind in KINDS}
    assert sizes["lstm"] == sizes["lstm_bias1"] <= sizes["rnn"] == sizes["rnn_orthogonal"] < 1.05 * sizes["lstm"]
    shipped = {row["kind"]: row["parameters"] for row in load_results("digits")}
    assert sizes.items() <= shipped.items()


def test_the_initialisations_are_what_their_names_say():
    w = build("rnn_orthogonal", 1, 8, 1).rnn.weight_hh_l0
    assert torch.allclose(w @ w.T, torch.eye(len(w)), atol=1e-5)
    H = 8
    lstm = build("lstm_bias1", 1, H, 1).lstm
    assert torch.all((lstm.bias_ih_l0 + lstm.bias_hh_l0)[H : 2 * H] == 1)


def test_the_three_parts_of_the_digits_are_disjoint_and_whole():
    parts = split_digits(seed=3)
    assert [len(x) for x, _ in parts] == [1197, 300, 300]
    assert torch.cat([y for _, y in parts]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not torch.equal(parts[0][1], split_digits(seed=4)[0][1])


def test_accuracy():
    scores = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    assert accuracy(lambda x: scores, None, torch.tensor([0, 1, 1, 1])) == 0.5


def test_a_forecast_never_sees_the_test_part_and_comes_back_in_its_unit():
    x = 500 + 100 * torch.rand(80, 12, 1, dtype=torch.double)
    forecasts = []
    for x_test in (x[:3], torch.cat([x[:3], 1e6 + x[:3]])):
        torch.manual_seed(0)
        model = build("lstm", 1, 2, 1).double()
        forecasts.append(forecast_sunspots(model, x, x[:, -1], x_test, seed=0)[:3])
    assert torch.allclose(*forecasts)
    assert 400 < forecasts[0].mean() < 700


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_code_of_today_writes_what_is_shipped(name):
    run, settings = EXPERIMENTS[name]
    shipped = next(row for row in load_results(name) if row["seed"] == 0 and settings[0].items() <= row.items())
    assert [*run(**settings[0], seed=0)] == [key for key in shipped if key not in (*settings[0], "seed")]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "low", "high"), [
    ("lstm_bias1", 0.92, 1.0), ("rnn", 0.75, 0.93), ("rnn_orthogonal", 0.91, 1.0), ("logistic", 0.94, 1.0),
])  # fmt: skip
def test_07_digits_on_other_seeds(kind, low, high):
    rates = {"lstm_bias1": 0.04, "rnn": 0.004, "rnn_orthogonal": 0.004, "logistic": 0.1}
    for seed in (100, 101, 102):
        assert low <= run_digits(kind, rates[kind], seed)["test"] <= high


@pytest.mark.slow
def test_07_sunspots_on_another_seed():
    errors = run_sunspots("lstm_bias1", 48, seed=100)["rmse"]
    assert 23 < sum(errors) / 5 < 26

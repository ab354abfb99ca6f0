"""Runs with changed states: only what is asked for changes; probe and swing measure what they say; results repeat."""

import pytest
import torch

from lstm_lib.cells import GATES, LSTM
from lstm_lib.experiments import (
    ITEM_STEPS,
    hidden_and_shown,
    load_results,
    probe,
    rerun,
    run_query,
    run_symbols,
    run_two_items,
    swing,
    train,
    two_items,
    two_items_model,
)
from lstm_lib.experiments.states import Teller
from lstm_lib.tasks import long_and_short, query_only, relative_error


@pytest.fixture
def lstm():
    torch.manual_seed(0)
    return LSTM(2, 3).double().requires_grad_(False)


@pytest.fixture
def x():
    return torch.randn(4, 6, 2, dtype=torch.double, generator=torch.Generator().manual_seed(1))


def test_a_rerun_without_changes_is_the_trace(lstm, x):
    for mine, theirs in zip(rerun(lstm, x), lstm.trace(x), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("step", [1, 3, 6])
def test_a_change_comes_after_its_step_and_is_what_the_network_goes_on_with(lstm, x, step):
    before, after = lstm.trace(x), rerun(lstm, x, {step: lambda h, c: (h, 0 * c)})
    for old, new in zip(before, after, strict=True):
        assert torch.equal(old[:, : step - 1], new[:, : step - 1])
    assert torch.equal(after.h[:, step - 1], before.h[:, step - 1])
    assert torch.all(after.c[:, step - 1] == 0)
    if step < 6:
        state = (before.h[:, step - 1], torch.zeros(4, 3, dtype=torch.double))
        assert torch.allclose(after.h[:, step:], lstm(x[:, step:], state)[0])
        assert not torch.equal(after.c[:, step:], before.c[:, step:])


def test_h_wiped_at_every_step_is_an_output_gate_stuck_at_0(lstm, x):
    wiped = rerun(lstm, x, dict.fromkeys(range(1, 6), lambda h, c: (0 * h, c)))
    o = wiped.o.clone()
    o[:, :5] = 0
    stuck = rerun(lstm, x, gates={"o": o})
    assert torch.equal(wiped.c, stuck.c)
    assert torch.equal(wiped.h, stuck.h)


@pytest.mark.parametrize("gate", GATES)
def test_a_given_gate_takes_the_place_of_the_computed_one(lstm, x, gate):
    given = torch.full((4, 6, 3), 0.3, dtype=torch.double)
    trace = rerun(lstm, x, gates={gate: given})
    assert torch.equal(getattr(trace, gate), given)
    c_before = torch.cat([torch.zeros(4, 1, 3, dtype=torch.double), trace.c[:, :-1]], dim=1)
    assert torch.allclose(trace.c, trace.f * c_before + trace.i * trace.candidate)
    assert torch.allclose(trace.h, trace.o * trace.c.tanh())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"changes": {7: None}}, r"changes: expected steps from 1 to 6, got \[7\]"),
        ({"changes": {0: None}}, r"changes: expected steps from 1 to 6, got \[0\]"),
        ({"gates": {"g": None}}, r"gates: expected some of f, i, candidate, o, got \['g'\]"),
    ],
)
def test_bad_input_is_named(lstm, x, options, message):
    with pytest.raises(ValueError, match=message):
        rerun(lstm, x, **options)


def test_a_probe_is_judged_on_rows_it_was_not_fitted_to_and_blind_to_amplitude_without_noise():
    rng = torch.Generator().manual_seed(0)
    target = torch.rand(2000, dtype=torch.double, generator=rng)
    noise = torch.randn(2000, 3, dtype=torch.double, generator=rng)
    assert probe(noise, target) == pytest.approx(0, abs=0.02)
    many = torch.randn(40, 18, dtype=torch.double, generator=rng)
    assert probe(many, target[:40]) < 0  # 18 columns explain 20 rows, but not the other 20
    states = torch.stack([3 - target, noise[:, 0]], dim=1)
    for size in (1.0, 1e-3):
        assert probe(size * states, target) == pytest.approx(1)
    # of the variance target v = 1/12, noise n leaves v / (v + n^2)
    assert probe(states, target, noise=0.1) == pytest.approx((1 / 12) / (1 / 12 + 0.01), abs=0.02)
    assert probe(0.01 * states, target, noise=0.1) == pytest.approx(0, abs=0.03)


def test_the_swing_is_the_length_of_the_slopes():
    target = torch.linspace(-1, 1, 50, dtype=torch.double)
    states = torch.stack([3 * target + 5, -4 * target, torch.ones(50, dtype=torch.double)], dim=1)
    assert swing(states, target) == pytest.approx(5)


@pytest.mark.parametrize("reads_h", [True, False])
def test_shipped_networks_answer_and_only_those_that_read_h_have_weights_for_it(reads_h):
    x, y = (tensor.double() for tensor in long_and_short(ITEM_STEPS).held_out(200))
    learned = 0
    for run in load_results("states"):
        if run["reads_h"] == reads_h:
            model = two_items_model(run["weights"])
            assert (model.lstm.weight_hh_l0.abs().max() > 0) == reads_h
            with torch.no_grad():
                learned += relative_error(model(x)[:, 0], y[:, 0]) < 0.1
    assert learned == (10 if reads_h else 9)


def _three_updates(reads_h, seed):
    return train(lambda: two_items(reads_h), long_and_short(ITEM_STEPS), 0.02, 3, seed)[0]


def test_a_network_that_is_blind_to_h_stays_so_in_training():
    assert torch.all(_three_updates(False, 1).lstm.weight_hh_l0 == 0)
    assert torch.all(_three_updates(True, 1).lstm.weight_hh_l0 != 0)


def test_rounded_weights_make_the_same_network(monkeypatch):
    model = _three_updates(True, 2)
    monkeypatch.setattr("lstm_lib.experiments.states.train", lambda *_: (model, []))
    again = two_items_model(run_two_items(True, 2)["weights"])
    x = torch.randn(5, ITEM_STEPS, 2, dtype=torch.double)
    assert torch.allclose(model(x), again(x), atol=1e-3)


def test_states_of_a_teller_whose_gate_is_shut_hide_the_value():
    """A unit made by hand: it takes the value in at step 1, keeps it, and shows it when asked."""
    model = Teller(2, 1).double().requires_grad_(False)
    for weight in model.parameters():
        weight.zero_()
    lstm = model.lstm  # torch's order of the gates: i, f, candidate, o
    lstm.weight_ih_l0[2, 0], lstm.weight_ih_l0[3, 1] = 1.0, 12.0
    lstm.bias_ih_l0 += torch.tensor([10.0, 10.0, 0.0, -6.0])
    x = query_only(ITEM_STEPS).held_out(500)[0].double()
    found = hidden_and_shown(model, x)
    assert found["c_quiet"][0] > 0.5
    assert found["h_quiet"][0] < 0.01 < 0.4 < found["h_asked"][0]
    assert found["h_quiet"][1] > 0.95  # the trap: no noise, and the probe reads on
    assert found["h_quiet"][2] < 0.05
    assert found["c_quiet"][2] > 0.8
    assert found["o_quiet"] < 0.01 < 0.9 < found["o_asked"]


@pytest.mark.slow
def test_runs_repeat_the_shipped_results():
    shipped = [run for run in load_results("query") if run["penalty"] == 0.1][0]
    again = run_query(0.1, 0)
    assert again["h_quiet"] == pytest.approx(shipped["h_quiet"], abs=0.02)
    assert run_symbols(0)["both"] == pytest.approx(load_results("symbols")[0]["both"], abs=0.1)

"""The pipeline for series: nothing of the future gets in, baselines are what they say, training repeats itself."""

import math

import pytest
import torch

from lstm_lib.own import (
    KINDS,
    fed_back,
    forecasts,
    load,
    read_series,
    refit,
    rmse,
    save,
    split_in_time,
    train_forecaster,
)

torch.manual_seed(0)
SERIES = torch.sin(torch.arange(300).double() / 4) + 0.1 * torch.randn(300, dtype=torch.float64)


def _trained(series=SERIES, updates=60, window=12, horizon=3, **options):
    split = split_in_time(series, window, horizon)
    return split, train_forecaster(split, hidden=6, updates=updates, label=None, **options)


@pytest.mark.parametrize(("window", "horizon"), [(12, 1), (12, 3), (5, 8)])
def test_the_parts_are_windows_in_time_order(window, horizon):
    series = torch.arange(400.0, dtype=torch.float64)
    split = split_in_time(series, window, horizon)
    for part in split[:3]:
        assert part.x.shape == (len(part.places), window, 1)
        assert part.y[:, 0].tolist() == list(part.places)  # series[k] is k
        assert torch.equal(part.x[:, -1] + horizon, part.y)
    assert split.test.places[-1] == 399
    for early, late in ((split.train, split.validation), (split.validation, split.test)):
        assert early.y.max() == late.x[0, -1]  # the last value known when the first forecast is made
    assert len(split.validation.y) == len(split.test.y) - horizon + 1
    assert len(split.test.y) == int(0.15 * (400 - window - horizon + 1))


def test_what_comes_later_changes_no_earlier_forecast():
    split, one = _trained()
    other_future = SERIES.clone()
    other_future[split.test.places[0] + 9 :] += 100.0
    changed, two = _trained(other_future)
    assert torch.equal(split.train.x, changed.train.x)
    assert torch.equal(one.mean, two.mean) and torch.equal(one.deviation, two.deviation)
    assert torch.equal(one.predict(split.validation.x), two.predict(split.validation.x))
    early = 9 + 3  # forecasts made before the change, for up to 3 steps later
    for name, guess in forecasts(one, split, 25).items():
        assert torch.equal(guess[:early], forecasts(two, changed, 25)[name][:early])


def test_the_scale_is_that_of_the_training_part():
    split, forecaster = _trained()
    seen = forecaster.scale(split.train.x, split.train.x)
    assert seen.mean().item() == pytest.approx(0, abs=1e-12)
    assert seen.std().item() == pytest.approx(1)
    assert forecaster.mean.tolist() == pytest.approx([split.train.x.mean().item()])


@pytest.mark.parametrize("relative", [False, True])
def test_units_do_not_matter(relative):
    split, one = _trained(relative=relative)
    _, two = _trained(1000 * SERIES + 7, relative=relative)
    torch.testing.assert_close(two.predict(1000 * split.test.x + 7), 1000 * one.predict(split.test.x) + 7)


def test_a_relative_forecaster_follows_a_shift_exactly():
    split, forecaster = _trained(relative=True)
    torch.testing.assert_close(forecaster.predict(split.test.x + 50), forecaster.predict(split.test.x) + 50)


def test_the_baselines_are_what_they_say():
    split, forecaster = _trained(torch.arange(300).double() ** 1.5, horizon=3)
    guesses = forecasts(forecaster, split, period=2)
    places = torch.tensor(list(split.test.places))
    assert list(guesses) == ["mean", "persistence", "seasonal", "linear", "LSTM"]
    assert guesses["mean"].unique().item() == pytest.approx(split.train.y.mean().item())
    torch.testing.assert_close(guesses["persistence"][:, 0], split.series[places - 3, 0])
    torch.testing.assert_close(guesses["seasonal"][:, 0], split.series[places - 4, 0])  # 2 before is not known in time
    assert "seasonal" not in forecasts(forecaster, split)
    assert all(guess.shape == split.test.y.shape for guess in guesses.values())


def test_the_linear_baseline_finds_a_linear_rule():
    values = [1.0, 0.5, -0.3]
    for _ in range(297):
        values.append(1.6 * values[-1] - 0.999 * values[-2] + 0.2)
    split, forecaster = _trained(torch.tensor(values, dtype=torch.float64), horizon=1)
    assert rmse(forecasts(forecaster, split)["linear"], split.test.y) < 0.01


def test_training_learns_and_repeats_itself_and_leaves_the_random_state_alone():
    split, one = _trained(updates=200)
    state = torch.random.get_rng_state()
    _, two = _trained(updates=200)
    assert torch.equal(state, torch.random.get_rng_state())
    assert torch.equal(one.predict(split.test.x), two.predict(split.test.x))
    assert not torch.equal(one.predict(split.test.x), _trained(seed=1)[1].predict(split.test.x))
    errors = {name: rmse(guess, split.test.y) for name, guess in forecasts(one, split).items()}
    assert errors["LSTM"] < 0.4 * errors["persistence"]


def test_the_curve_is_in_the_unit_of_the_series_and_the_best_round_is_kept():
    split, forecaster = _trained(1000 * SERIES, updates=100)
    assert [done for done, _, _ in forecaster.curve] == list(range(5, 101, 5))
    best = min(error for _, _, error in forecaster.curve)
    assert rmse(forecaster.predict(split.validation.x), split.validation.y) == best == forecaster.validation_error
    assert 100 < forecaster.curve[0][1] < 2000


def test_it_forecasts_what_comes_after_the_last_value():
    split, forecaster = _trained(updates=200)
    assert torch.equal(forecaster.forecast(SERIES[:-3]), forecaster.predict(split.test.x[-1:])[0])
    assert abs(forecaster.forecast(SERIES).item() - math.sin(302 / 4)) < 0.4


def test_a_long_series_is_forecast_in_pieces():
    _, forecaster = _trained()
    x = torch.randn(2500, 12, 1, dtype=torch.float64)
    assert torch.equal(forecaster.predict(x)[2000:2010], forecaster.predict(x[2000:2010]))


def test_the_whole_pipeline_runs_on_strangers_files(tmp_path):
    numbers = [f"{100 + 10 * math.sin(k / 4):.2f}" for k in range(300)]
    commas = [n.replace(".", ",") for n in numbers]
    files = {
        "semicolons.csv": ("day;use\r\n" + "".join(f"{k};{n}\r\n" for k, n in enumerate(commas)), ("use", ",")),
        "tabs.tsv": ("".join(f"a{k}\t{n}\n" for k, n in enumerate(numbers)), (None, ".")),
        "plain.txt": ("\n".join(numbers), (None, ".")),
        "quoted.csv": ('"x"\n' + "".join(f'"{n}"\n' for n in commas), (None, ",")),
    }
    answers = []
    for name, (text, (column, decimal)) in files.items():
        (tmp_path / name).write_bytes(text.encode())
        split, forecaster = _trained(read_series(tmp_path / name, column, decimal=decimal).values, updates=20)
        answers.append(forecasts(forecaster, split, 25)["LSTM"])
    assert all(torch.equal(answer, answers[0]) for answer in answers)


def test_several_steps_and_several_inputs_have_their_places():
    rows = torch.stack([torch.arange(400.0), -torch.arange(400.0), torch.arange(400.0) ** 2], dim=1).double()
    split = split_in_time(rows, 10, (1, 4, 8))
    for part in split[:3]:
        assert part.x.shape[1:] == (10, 3)
        assert part.y.shape == (len(part.x), 3)
        assert torch.equal(part.y, part.x[:, -1, :1] + torch.tensor([1.0, 4, 8]))
        assert part.y[:, 2].tolist() == list(part.places)
        assert torch.equal(part.x[..., 1], -part.x[..., 0])
    assert split.train.y.max() == split.validation.x[0, -1, 0]
    one = train_forecaster(split, hidden=4, updates=5, label=None)
    assert one.predict(split.test.x).shape == split.test.y.shape
    assert one.forecast(rows).shape == (3,)
    with pytest.raises(ValueError, match="at least 10 rows of 3|expected shape"):
        one.forecast(rows[:, 0])


def test_an_input_that_knows_the_answer_is_used_and_without_it_nothing_is_learned():
    noise = torch.randn(500, dtype=torch.float64)
    rows = torch.stack([noise.roll(3), noise], dim=1)  # the input says what comes three steps later
    for series, low, high in ((rows, 0, 0.2), (rows[:, 0], 0.8, 1.5)):
        split = split_in_time(series, 5, 3)
        for kind in ("linear", "lstm_bias1"):
            one = train_forecaster(split, kind, rate=0.03, label=None)
            assert low < rmse(one.on(split), split.test.y) < high


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_refitted_and_is_the_same_after_it_was_saved(kind, tmp_path):
    split = split_in_time(SERIES, 12, range(1, 5))
    one = train_forecaster(split, kind, hidden=4, updates=20, period=25, label=None)
    save(one, tmp_path / "one.pt")
    two = load(tmp_path / "one.pt")
    assert torch.equal(one.on(split), two.on(split))
    assert torch.equal(one.forecast(SERIES), two.forecast(SERIES))
    assert (two.kind, two.curve, two.validation_error) == (kind, one.curve, one.validation_error)
    low, middle, high = one.interval(SERIES, 0.8)
    assert torch.equal(middle, one.forecast(SERIES))
    assert bool((low < middle).all()) and bool((middle < high).all())
    again = refit(two, split, label=None)
    assert again.validation_error == one.validation_error
    assert kind in ("persistence", "seasonal") or not torch.equal(again.forecast(SERIES), one.forecast(SERIES))


def test_an_interval_covers_what_it_says_on_new_noise_and_has_a_tail_on_each_side():
    noise = torch.randn(3000, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    split = split_in_time(noise, 5, (1, 2))
    for kind in ("mean", "linear", "lstm_bias1"):
        one = train_forecaster(split, kind, updates=40, label=None)
        for level in (0.5, 0.8, 0.95):
            inside = ((one.on(split) - split.test.y).abs() <= one.margin(level)).double().mean().item()
            assert abs(inside - level) < 0.06, (kind, level)


def test_training_goes_on_from_a_saved_forecaster_and_leaves_it_alone(tmp_path):
    split, one = _trained(updates=40)
    save(one, tmp_path / "one.pt")
    loaded = load(tmp_path / "one.pt")
    before = loaded.on(split)
    two = train_forecaster(split, start=loaded, updates=40, rate=0.003, label=None)
    assert torch.equal(loaded.on(split), before)
    assert [done for done, _, _ in two.curve] == [*range(2, 41, 2), *range(42, 81, 2)]
    assert two.validation_error < one.validation_error
    assert torch.equal(two.mean, one.mean)
    with pytest.raises(ValueError, match="start: expected one for this window"):
        train_forecaster(split_in_time(SERIES, 13, 3), start=loaded, label=None)


def test_a_refit_takes_the_updates_that_were_best_and_all_windows():
    split, one = _trained(updates=100)
    best = min(one.curve, key=lambda entry: entry[2])[0]
    again = refit(one, split, label=None)
    x = split.series.unfold(0, 12, 1)[: 300 - 12 - 2]
    assert again.mean.item() == pytest.approx(x.mean().item())
    assert again.settings == one.settings | {"refitted": True}
    assert one.settings["best"] == best <= 100
    assert not torch.equal(again.on(split), one.on(split))


def test_a_refit_of_the_linear_model_keeps_the_strength_that_validation_chose():
    noise = torch.randn(200, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    split = split_in_time(noise, 24, 1)  # where nothing can be learned, a strong penalty is best
    one = train_forecaster(split, "linear", label=None)
    again = refit(one, split, label=None)
    assert again.settings["strength"] == one.settings["strength"] >= 1000


def test_a_refit_goes_the_whole_way_of_a_forecaster_that_was_gone_on_with():
    split, one = _trained(updates=100)
    two = train_forecaster(split, start=one, updates=10, rate=0.001, label=None)
    assert two.settings["start"] == one.settings
    again, short = refit(two, split, label=None), refit(_trained(updates=10)[1], split, label=None)
    x, y, _ = split.train
    assert rmse(again.predict(x), y) < 1.2 * rmse(two.predict(x), y) < 0.8 * rmse(short.predict(x), y)


def test_going_on_ends_no_worse_than_its_start(tmp_path):
    split, one = _trained(updates=60)
    two = train_forecaster(split, start=one, updates=20, rate=3.0, label=None)
    assert min(error for _, _, error in two.curve[-20:]) > one.validation_error
    assert two.validation_error == one.validation_error
    assert two.settings["best"] == 0
    assert torch.equal(refit(two, split, label=None).on(split), refit(one, split, label=None).on(split))


def test_what_was_refitted_has_seen_the_later_parts_and_is_not_gone_on_with(tmp_path):
    split, one = _trained(updates=5)
    save(refit(one, split, label=None), tmp_path / "one.pt")
    with pytest.raises(ValueError, match="^start: .* got a refitted one; go on with the one before"):
        train_forecaster(split, start=load(tmp_path / "one.pt"), label=None)


def test_a_seasonal_start_keeps_its_period():
    split, one = _trained(kind="seasonal", period=24)
    two = train_forecaster(split, start=one, label=None)
    assert torch.equal(two.on(split), one.on(split))
    torch.testing.assert_close(refit(two, split, label=None).forecast(SERIES), one.forecast(SERIES))
    with pytest.raises(ValueError, match="^period: expected that of start, 24, or None, got 12"):
        train_forecaster(split, start=one, period=12, label=None)


@pytest.mark.parametrize("other", [(SERIES, 12, (1, 2)), (torch.stack([SERIES, SERIES], dim=1), 12, 3)])
def test_a_split_of_another_kind_is_refused_in_every_place(other):
    split, one = _trained(updates=1)
    other = split_in_time(*other)
    for call in (
        lambda: refit(one, other),
        lambda: train_forecaster(other, start=one),
        lambda: forecasts(one, other),
        lambda: one.on(other),
    ):
        with pytest.raises(ValueError, match=r"^(forecaster|start): expected one for .*, got one for"):
            call()


def test_feeding_back_gives_the_steps_one_by_one():
    split = split_in_time(SERIES, 12, 1)
    one = train_forecaster(split, hidden=6, updates=100, label=None)
    x = split.test.x[:5]
    steps = fed_back(one, x, 3)
    assert torch.equal(steps[:, :1], one.predict(x))
    second = one.predict(torch.cat([x[:, 1:], steps[:, :1, None]], dim=1))
    assert torch.equal(steps[:, 1:2], second)


def test_what_a_learner_has_in_hand_is_taken(capsys):
    array = SERIES.numpy()
    split = split_in_time(array, 12, 3)
    assert torch.equal(split.test.x, split_in_time(SERIES, 12, 3).test.x)
    assert torch.equal(split_in_time(read_series(array), 12, 3).test.x, split.test.x)
    one = train_forecaster(split, hidden=4, updates=5, label=None)
    assert torch.equal(one.forecast(array), one.forecast(SERIES))
    assert split_in_time(array.astype("int64"), 12, 3).series.dtype == torch.float64


def test_the_length_asked_for_is_enough():
    split_in_time(torch.randn(183), 24, 12)


SHORT = "series: expected about 183 values or more for window=24 and horizon=12, "
LONG = torch.zeros(100_001)
FLAT = torch.cat([torch.ones(250), torch.arange(50.0)]).double()
BAD_CALLS = [
    (lambda split, one: split_in_time(["one"], 1, 1), TypeError, "series: expected numbers, got list of <U3"),
    (lambda split, one: split_in_time(torch.ones(9, 2, 2), 1, 1), ValueError, r"series: expected shape \(N,\), got"),
    (
        lambda split, one: split_in_time(SERIES, 5, [3, 1]),
        ValueError,
        r"horizon: expected steps that rise, got",
    ),
    (lambda split, one: split_in_time(torch.arange(99), 1, 1), TypeError, "series: .* got dtype torch.int64"),
    (lambda split, one: split_in_time(torch.randn(40), 24, 12), ValueError, SHORT + "got 40"),
    (lambda split, one: split_in_time(torch.randn(170), 24, 12), ValueError, SHORT + "got 170"),
    (lambda split, one: split_in_time(SERIES, 0, 12), ValueError, "window: expected a whole number .* got 0"),
    (lambda split, one: split_in_time(SERIES, 24, 1.5), TypeError, "horizon: expected a whole number .* got 1.5"),
    (lambda split, one: split_in_time(SERIES.log(), 5, 1), ValueError, "series: expected finite numbers, got nan at "),
    (
        lambda split, one: split_in_time(LONG, 1000, 1),
        ValueError,
        "series: .* 20000 values for window=1000, got 100001",
    ),
    (lambda split, one: split_in_time(SERIES, 12, 3, share=0), ValueError, "share: expected a number between 0 and"),
    (lambda split, one: split_in_time(SERIES, 12, 3, share="x"), ValueError, "share: expected a number between 0 and"),
    (
        lambda split, one: _trained(FLAT),
        ValueError,
        "split: expected a training part in which every column changes, got only 1.0 in column 0",
    ),
    (lambda split, one: _trained(torch.stack([SERIES, FLAT], 1)), ValueError, "split: .* got only 1.0 in column 1"),
    (lambda split, one: _trained(1e160 * SERIES), ValueError, "split: expected numbers up to about 1e.100, got"),
    (lambda split, one: train_forecaster(split, hidden=0, label=None), ValueError, "hidden: expected"),
    (lambda split, one: train_forecaster(split, "gru", label=None), ValueError, "kind: expected one of 'mean', 'per"),
    (lambda split, one: train_forecaster(split, seed=1.5, label=None), TypeError, "seed: expected a whole number"),
    (lambda split, one: train_forecaster(split, seed=2**63, label=None), ValueError, "seed: expected a whole number"),
    (lambda split, one: refit(one, None), TypeError, "split: expected what split_in_time returns, got NoneType"),
    (lambda split, one: refit(None, split), TypeError, "forecaster: expected a Forecaster, got NoneType"),
    (lambda split, one: fed_back(None, SERIES, 3), TypeError, "forecaster: expected a Forecaster, got NoneType"),
    (lambda split, one: one.on(split, "tset"), ValueError, "part: expected one of 'train', 'validation', 'test', got"),
    (lambda split, one: one.on(SERIES), TypeError, "split: expected what split_in_time returns, got Tensor"),
    (lambda split, one: rmse([1.0], split.test.y), TypeError, "forecast: expected a tensor, got list"),
    (lambda split, one: one.interval(SERIES, 1.5), ValueError, "level: expected a share between 0 and 0.9"),
    (
        lambda split, one: fed_back(one, split.test.x, 3),
        ValueError,
        "forecaster: expected one for horizon=1 with",
    ),
    (lambda split, one: train_forecaster(split, rate=-1, label=None), ValueError, "rate: expected a positive number"),
    (lambda split, one: train_forecaster(split, rate="x", label=None), ValueError, "rate: expected a positive number"),
    (lambda split, one: train_forecaster(split, relative="no", label=None), TypeError, "relative: expected True or"),
    (lambda split, one: train_forecaster(SERIES, label=None), TypeError, "split: expected what split_in_time returns"),
    (lambda split, one: forecasts(one, SERIES), TypeError, "split: expected what split_in_time returns, got Tensor"),
    (lambda split, one: forecasts(one, split_in_time(SERIES, 12, 1)), ValueError, "forecaster: expected one for"),
    (lambda split, one: forecasts(one, split, 290), ValueError, "period: expected at most .* for this series, got 290"),
    (lambda split, one: rmse(split.test.y[:, 0], split.test.y), ValueError, "forecast: expected the shape of y"),
    (lambda split, one: one.forecast("x" * 20), TypeError, "series: expected numbers, got str"),
    (lambda split, one: one.forecast(SERIES.view(150, 2)), ValueError, "series: expected at least 12 rows of 1, got"),
    (lambda split, one: one.forecast(SERIES[:5]), ValueError, "series: expected at least 12 rows of 1, got 5 of 1"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS)
def test_a_bad_argument_is_named(call, error, message):
    split, forecaster = _trained(updates=1)
    with pytest.raises(error, match="^" + message):
        call(split, forecaster)

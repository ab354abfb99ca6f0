"""The pipeline for a series of your own: split it in time order, train on it, compare with baselines.

Shapes: M windows, T values in each, one feature. Windows and targets stay in the unit of the series; a Forecaster
scales them inside, by numbers from the training part only.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import nn

from lstm_lib.checks import float_tensor, part_share, positive_int
from lstm_lib.datasets import rolling_origin, windows
from lstm_lib.models import LSTMModel, build
from lstm_lib.own.early_stopping import fit_and_keep_the_best, shuffled
from lstm_lib.own.refusing import expect, expect_type

LEAST = 10  # windows in each part
HIGHEST = 1e100  # beyond about 1e150 a square is infinite
LARGEST = 20_000_000  # numbers in all windows together: 160 MB
STRENGTHS = (0.01, 0.1, 1, 10, 100, 1000, 10_000)  # of the ridge penalty


class Part(NamedTuple):
    """Windows ``x`` (M, T, 1), their targets ``y`` (M, 1), and the ``places`` of the targets in the series."""

    x: torch.Tensor
    y: torch.Tensor
    places: range


class Split(NamedTuple):
    """A ``series`` (N,) cut in time order into three Parts, for targets ``horizon`` steps after each window."""

    train: Part
    validation: Part
    test: Part
    series: torch.Tensor
    horizon: int


def split_in_time(series, window, horizon, share=0.15):
    """Cut ``series`` (N,) float64 into windows, and these into a Split: training, then validation, then test.

    Validation and test get ``share`` of the windows each. Between two parts lies a gap: no target of the earlier one
    is later than the last value that the first window of the later one has seen.
    Raises TypeError or ValueError that names the argument for a wrong type, a series too short, too long or not finite.
    """
    float_tensor("series", series, ("N",))
    window, horizon = positive_int("window", window), positive_int("horizon", horizon)
    part_share("share", share)
    count = len(series) - window - horizon + 1
    size = int(count * share)
    least = round((LEAST + horizon) / share) + window + horizon
    expected = f"about {least} values or more for window={window} and horizon={horizon}"
    hint = "take a shorter window or horizon, or find more data"
    expect(size >= LEAST + horizon, "series", expected, len(series), hint)
    most, hint = LARGEST // window, "cut it, thin it out (means of hours or days), or take a shorter window"
    expect(count <= most, "series", f"at most {most} values for window={window}", len(series), hint)
    x, y = windows(series, window, horizon)
    early, late = rolling_origin(count, folds=2, test_size=size, gap=horizon)
    first = window + horizon - 1  # the place of the first target
    parts = [
        Part(x[w.start : w.stop], y[w.start : w.stop], range(w.start + first, w.stop + first))
        for w in (early.train, range(early.test.start, late.train.stop), late.test)
    ]
    return Split(*parts, series, horizon)


@dataclass
class Forecaster:
    """A model and all it needs to forecast: the sizes it was trained for, and the scale of its training part.

    ``relative``: the model sees each window as differences from the window's last value, and forecasts the change.
    ``curve``: for each round of the training (updates done, RMSE on its batches, RMSE on the validation part).
    """

    model: LSTMModel
    window: int
    horizon: int
    mean: float
    deviation: float
    relative: bool
    curve: list = field(default_factory=list)

    @property
    def validation_error(self):
        """The RMSE on the validation part, the lowest of the curve: to choose by. The test part is for the end."""
        return min((error for _, _, error in self.curve), default=float("inf"))

    def scale(self, values, x):
        """Return ``values``, x (M, T, 1) or its targets (M, 1), as the model sees them."""
        last = x[:, -1:] if values.ndim == 3 else x[:, -1]
        return (values - self.mean - (last if self.relative else 0.0)) / self.deviation

    def predict(self, x):
        """Return the forecasts (M, 1) for the windows x (M, T, 1), both in the unit of the series."""
        float_tensor("x", x, ("M", self.window, 1), like=self.model.fc.weight)
        with torch.no_grad():
            answers = torch.cat([self.model(self.scale(part, part)) for part in x.split(1024)])
        return answers * self.deviation + self.mean + (x[:, -1] if self.relative else 0.0)

    def forecast(self, series):
        """Return the number that is forecast for ``horizon`` steps after the last value of ``series`` (N,).

        Raises TypeError or ValueError that names the argument for a wrong type or fewer than ``window`` values.
        """
        float_tensor("series", series, ("N",), like=self.model.fc.weight)
        expect(len(series) >= self.window, "series", f"at least {self.window} values", len(series))
        return self.predict(series[-self.window :][None, :, None]).item()


def train_forecaster(split, hidden=16, updates=400, rate=0.01, relative=False, seed=0, label="training"):
    """Train an LSTM on the training part of ``split`` and return the Forecaster as it was where validation was best.

    One layer of ``hidden`` units, forget bias 1, Adam from ``rate`` down to 0 by a cosine, batches of 64, clip 1.
    ``label`` stands beside the progress bar; None: no bar. A keyboard interrupt ends the training early.
    Raises ValueError for a training part that doesn't change or has huge numbers, and a ``rate`` that isn't positive.
    """
    expect_type("split", split, Split, "what split_in_time returns")
    expect(isinstance(relative, bool), "relative", "True or False", repr(relative), error=TypeError)
    positive_int("hidden", hidden)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build("lstm_bias1", 1, hidden, 1).to(split.series.dtype)
    forecaster = Forecaster(model, split.train.x.size(1), split.horizon, 0.0, 1.0, relative)
    seen = forecaster.scale(split.train.x, split.train.x)
    forecaster.mean, forecaster.deviation = seen.mean().item(), seen.std().item()
    only, largest = f"only {split.train.y[0].item()}", f"{split.train.x.abs().max().item():g}"
    expect(forecaster.deviation > 0, "split", "a training part that changes", only)
    expect(forecaster.deviation < HIGHEST, "split", f"numbers up to about {HIGHEST:g}", largest, "divide the series")
    x, y = (forecaster.scale(values, split.train.x) for values in (split.train.x, split.train.y))

    def miss():
        return rmse(forecaster.predict(split.validation.x), split.validation.y)

    batches = shuffled(x, y, 64, seed)
    curve = fit_and_keep_the_best(model, batches, nn.functional.mse_loss, miss, updates, rate, seed, label)
    forecaster.curve = [(done, loss**0.5 * forecaster.deviation, error) for done, loss, error in curve]
    return forecaster


def rmse(forecast, y):
    """Return the root of the mean squared error, in the unit of ``y``. Raises ValueError if the shapes differ."""
    # without a word (M,) and (M, 1) would give every pair of both
    expect(forecast.shape == y.shape, "forecast", f"the shape of y, {tuple(y.shape)}", tuple(forecast.shape))
    return (forecast - y).square().mean().sqrt().item()


def forecasts(forecaster, split, period=None):
    """Return what the ``forecaster`` and the baselines say about the test part: name -> forecasts (M, 1).

    "mean" of the training part; "persistence", the last value; "seasonal", the value one ``period`` before (the least
    multiple that is known in time; left out if None); "linear", a weighted sum of the window; and "LSTM".
    Raises ValueError for a period that reaches back beyond the start of the series, or a ``forecaster`` that was
    trained for another window or horizon than those of the ``split``.
    """
    expect_type("split", split, Split, "what split_in_time returns")
    x, y, places = split.test
    trained, wanted = (forecaster.window, forecaster.horizon), (x.size(1), split.horizon)
    words = f"one for window and horizon {wanted}", f"one for {trained}", "train again"
    expect(trained == wanted, "forecaster", *words)
    answers = {"mean": torch.full_like(y, split.train.y.mean().item()), "persistence": x[:, -1]}
    if period is not None:
        back = positive_int("period", period) * -(-split.horizon // period)
        expect(back <= places.start, "period", f"at most {places.start} for this series", period)
        answers["seasonal"] = split.series[[place - back for place in places], None]
    return answers | {"linear": _linear(split), "LSTM": forecaster.predict(x)}


def _linear(split):
    """Return the forecasts of ridge regression on the window, its strength chosen on the validation part."""
    mean, deviation = split.train.x.mean(), split.train.x.std()
    inputs, validation, test = ((part.x[:, :, 0] - mean) / deviation for part in split[:3])
    target = (split.train.y - mean) / deviation
    products, penalty = inputs.T @ inputs, torch.eye(inputs.size(1), dtype=inputs.dtype)
    weights = [torch.linalg.solve(products + s * penalty, inputs.T @ target) for s in STRENGTHS]  # (T, 1) each
    best = min(weights, key=lambda w: rmse(validation @ w * deviation + mean, split.validation.y))
    return test @ best * deviation + mean

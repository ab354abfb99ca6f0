"""What a trained model needs to forecast, and what it says: numbers, and an interval around them.

Shapes: M windows, T rows in each, D features: the series itself, then its inputs; S steps ahead. Windows and forecasts
are in the unit of the series; a Forecaster scales them inside, by numbers from the training part only.
"""

import math
import numbers
from dataclasses import dataclass, field

import torch
from torch import nn

from lstm_lib.checks import float_tensor, one_of, positive_int
from lstm_lib.own.refusing import expect, expect_type
from lstm_lib.own.splitting import Split, as_columns, cut


@dataclass
class Forecaster:
    """A model of one of KINDS and all it needs to forecast: sizes, and the scale of its training part.

    ``relative``: the model sees each window as differences from the last value of the series in it, and forecasts the
    change. ``curve``: for each round of the training (updates done, RMSE on its batches, RMSE on the validation part).
    ``settings``: how it was trained. ``misses`` (M, S): how far it was off on the validation part.
    """

    kind: str
    model: nn.Module
    window: int
    horizons: tuple
    mean: torch.Tensor
    deviation: torch.Tensor
    relative: bool
    settings: dict
    curve: list = field(default_factory=list)
    misses: torch.Tensor = None

    @property
    def validation_error(self):
        """The RMSE on the validation part: to choose by. The test part is for the end."""
        return self.misses.square().mean().sqrt().item()

    def scale(self, values, x):
        """Return ``values``, x (M, T, D) or its targets (M, S), as the model sees them."""
        windows = values.ndim == 3
        mean, deviation = (self.mean, self.deviation) if windows else (self.mean[0], self.deviation[0])
        shift = torch.zeros_like(values)
        if self.relative:
            shift[..., :1] += x[:, -1:, :1] if windows else 0
            shift += 0 if windows else x[:, -1, :1]
        return (values - shift - mean) / deviation

    def predict(self, x):
        """Return the forecasts (M, S) for the windows x (M, T, D), both in the unit of the series."""
        float_tensor("x", x, ("M", self.window, len(self.mean)), like=self.mean)
        with torch.no_grad():
            answers = torch.cat([self.model(self.scale(part, part)) for part in x.split(1024)])
        return answers * self.deviation[0] + self.mean[0] + (x[:, -1, :1] if self.relative else 0.0)

    def on(self, split, part="test"):
        """Return the forecasts (M, S) for a ``part`` of ``split``, from windows as long as this forecaster's own."""
        expect_type("split", split, Split, "what split_in_time returns")
        places = getattr(split, one_of("part", part, split._fields[:3])).places
        ends = range(places.start - max(split.horizons) + 1, places.stop - max(split.horizons) + 1)
        columns = split.series.size(1)
        enough = (self.horizons, len(self.mean)) == (split.horizons, columns) and ends.start >= self.window
        wanted = f"one for {split.horizons}, {columns} columns and a window of at most {ends.start}"
        came = f"one for {self.horizons}, {len(self.mean)} and {self.window}"
        expect(enough, "forecaster", wanted, came, "train again")
        return self.predict(cut(split.series, ends, self.window, split.horizons).x)

    def forecast(self, series):
        """Return the forecasts (S,) for the steps after the last row of ``series``, (N,) or (N, D).

        Raises TypeError or ValueError that names the argument for a wrong type or fewer than ``window`` rows.
        """
        series = as_columns(series).to(self.mean)
        wanted = f"at least {self.window} rows of {len(self.mean)}"
        fits = len(series) >= self.window and series.size(1) == len(self.mean)
        expect(fits, "series", wanted, f"{len(series)} of {series.size(1)}")
        return self.predict(series[-self.window :][None])[0]

    def interval(self, series, level=0.9):
        """Return the forecasts (S,) and, below and above them, the ends of an interval for a ``level`` of the cases.

        Split conformal: to either side as far as the forecaster was off in that share of the validation part.
        Raises ValueError for a ``level`` that is not between 0 and 1, or needs more windows than were there.
        Source: Lei et al. 2018, "Distribution-free predictive inference for regression", algorithm 2.
        """
        margin, middle = self.margin(level), self.forecast(series)
        return middle - margin, middle, middle + margin

    def margin(self, level=0.9):
        """Return how far from the forecasts (S,) the ends of the interval lie."""
        count = len(self.misses)
        share = isinstance(level, numbers.Real) and 0 < level < 1
        rank = math.ceil((count + 1) * level) if share else 0
        expect(0 < rank <= count, "level", f"a share between 0 and {count / (count + 1):.3f}", repr(level))
        return self.misses.abs().sort(dim=0).values[rank - 1]


def fed_back(forecaster, x, steps):
    """Return the forecasts (M, steps) for the windows x (M, T, 1), each by feeding the ones before it back as input.

    Raises ValueError for a forecaster of more than the next step, or with inputs: theirs of the future aren't known.
    """
    expect_type("forecaster", forecaster, Forecaster, "a Forecaster")
    fits = forecaster.horizons == (1,) and len(forecaster.mean) == 1
    came = f"one for {forecaster.horizons} with {len(forecaster.mean) - 1} inputs"
    expect(fits, "forecaster", "one for horizon=1 without inputs", came)
    answers = []
    for _ in range(positive_int("steps", steps)):
        answers.append(forecaster.predict(x))
        x = torch.cat([x[:, 1:], answers[-1][:, :, None]], dim=1)
    return torch.cat(answers, dim=1)


def rmse(forecast, y):
    """Return the root of the mean squared error, in the unit of ``y``. Raises ValueError if the shapes differ."""
    for name, value in (("forecast", forecast), ("y", y)):
        expect_type(name, value, torch.Tensor, "a tensor")
    # without a word (M,) and (M, 1) would give every pair of both
    expect(forecast.shape == y.shape, "forecast", f"the shape of y, {tuple(y.shape)}", tuple(forecast.shape))
    return (forecast - y).square().mean().sqrt().item()

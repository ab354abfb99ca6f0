"""A series of your own, cut into windows in the order of time: training, validation, test.

Shapes: N rows, M windows, T rows in each, D features: the series itself, then its inputs; S steps ahead.
"""

from typing import NamedTuple

import numpy as np
import torch

from lstm_lib.checks import float_tensor, part_share, positive_int
from lstm_lib.datasets import rolling_origin
from lstm_lib.own.given import as_array, check_index
from lstm_lib.own.refusing import expect
from lstm_lib.own.series import OwnSeries

LEAST = 10  # windows in each part
LARGEST = 20_000_000  # numbers in all windows together: 160 MB


class Part(NamedTuple):
    """Windows ``x`` (M, T, D), their targets ``y`` (M, S), and the ``places`` of the last targets in the series."""

    x: torch.Tensor
    y: torch.Tensor
    places: range


class Split(NamedTuple):
    """A ``series`` (N, D) cut in time order into three Parts, for targets so many steps after each window."""

    train: Part
    validation: Part
    test: Part
    series: torch.Tensor
    horizons: tuple


def split_in_time(series, window, horizon, share=0.15):
    """Cut ``series`` into windows, and these into a Split: training, then validation, then test.

    ``series`` (N,), or (N, D) with inputs beside it: what read_series returns, a tensor, an array, a column of a
    DataFrame. ``horizon``: how many steps after the window the target lies, or several such numbers, as range(1, 25).
    Validation and test get ``share`` of the windows each. Between two parts lies a gap: no target of the earlier one
    is later than the last value that the first window of the later one has seen.
    Raises TypeError or ValueError that names the argument for a wrong type, a series too short, too long or not finite.
    """
    series, window, horizons = as_columns(series), positive_int("window", window), _horizons(horizon)
    part_share("share", share)
    far = max(horizons)
    count = len(series) - window - far + 1
    size = int(count * share)
    least = round((LEAST + far) / share) + window + far
    expected = f"about {least} values or more for window={window} and horizon={far}"
    expect(size >= LEAST + far, "series", expected, len(series), "take a shorter window or horizon, or find more data")
    most, hint = LARGEST // window // series.size(1), "cut it, thin it out (means of hours), or take a shorter window"
    expect(count <= most, "series", f"at most {most} values for window={window}", len(series), hint)
    early, late = rolling_origin(count, folds=2, test_size=size, gap=far)
    places = (early.train, range(early.test.start, late.train.stop), late.test)  # of the windows' first values
    parts = [cut(series, range(w.start + window, w.stop + window), window, horizons) for w in places]
    return Split(*parts, series, horizons)


def as_columns(series):
    """Return ``series`` as a finite float tensor (N, D); a tensor keeps its dtype and its device."""
    if isinstance(series, OwnSeries):
        series = torch.column_stack([series.values, series.inputs])
    if isinstance(series, torch.Tensor):
        series, half = series.detach(), series.dtype in (torch.float16, torch.bfloat16)
        hint = "convert it with series.float()"
        expect(not half, "series", "float32 or float64", series.dtype, hint, error=TypeError)
    else:
        array, came = as_array("series", series), type(series).__name__
        expect(array.dtype.kind in "fiu", "series", "numbers", f"{came} of {array.dtype}", error=TypeError)
        check_index("series", series)
        series = torch.tensor(array.astype(np.float64))
    return float_tensor("series", series, ("N", "D") if series.ndim == 2 else ("N",)).reshape(len(series), -1)


def _horizons(horizon):
    rows = isinstance(horizon, tuple | list | range) or getattr(horizon, "ndim", 0)
    several = list(horizon) if rows else [horizon]
    horizons = tuple(positive_int("horizon", h) for h in several)
    expect(horizons and list(horizons) == sorted(set(horizons)), "horizon", "steps that rise", repr(horizon))
    return horizons


def cut(series, ends, window, horizons):
    """Return the Part of the windows that end before the places ``ends``."""
    x = series.unfold(0, window, 1)[ends.start - window : ends.stop - window].transpose(1, 2)  # (M, T, D)
    y = torch.stack([series[ends.start + h - 1 : ends.stop + h - 1, 0] for h in horizons], dim=1)
    return Part(x.clone(), y, range(ends.start + max(horizons) - 1, ends.stop + max(horizons) - 1))

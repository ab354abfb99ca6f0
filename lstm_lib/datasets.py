"""The real data shipped with the course, and the ways to cut a series into windows and folds.

Source, licence and checksum of every file: data/SOURCES.md.
"""

import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from lstm_lib.checks import float_tensor, positive_int

DATA = Path(__file__).parent / "data"
SHA256 = {
    "digits.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    "sunspots.csv": "d30d8850a8c847860d744631758f954e70ddce710e2bb5ffc100c15c5978dcbb",
    "river.csv": "d2fe5a0bce10a53c68f953cfe94cbafbf76292b77a79adaae2a9cb560b94aec9",
}


class Digits(NamedTuple):
    """Handwritten digits as pixel sequences: ``x`` (1797, 64, 1), float64 in 0..1; ``y`` (1797,), int64 in 0..9."""

    x: torch.Tensor
    y: torch.Tensor


class Series(NamedTuple):
    """A monthly series: ``values`` (N,) and ``years`` (N,), both float64; January 1749 is the year 1749.0."""

    values: torch.Tensor
    years: torch.Tensor


class Fold(NamedTuple):
    """One fold of a rolling origin: the places of the training targets, and those of the test targets after them."""

    train: range
    test: range


def load_digits():
    """Return the 8 x 8 digits of UCI as Digits: sequences of 64 pixels, read row by row, one feature a step.

    Raises as :func:`read_shipped` does.
    Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, doi 10.24432/C50P49.
    """
    text = gzip.decompress(read_shipped("digits.csv.gz")).decode()
    table = torch.from_numpy(np.loadtxt(text.splitlines(), delimiter=","))  # (1797, 65)
    return Digits(x=table[:, :64, None] / 16, y=table[:, 64].long())


def load_sunspots():
    """Return the monthly mean sunspot numbers of 1749-2008 as a Series of 3,120 months.

    Raises as :func:`read_shipped` does.
    Source: NOAA National Geophysical Data Center (public domain), as shipped by statsmodels.
    """
    rows = [line.split(",") for line in read_shipped("sunspots.csv").decode().split()[1:]]
    rows = [(float(value), int(month[:4]) + (int(month[5:]) - 1) / 12) for month, value in rows]
    return Series(*torch.tensor(rows, dtype=torch.float64).T.contiguous())


def read_shipped(name):
    """Return the bytes of a file of DATA. Raises ValueError if it is damaged, FileNotFoundError if it is missing."""
    content = (DATA / name).read_bytes()
    came = hashlib.sha256(content).hexdigest()
    if came != SHA256[name]:
        raise ValueError(f"{name}: expected SHA-256 {SHA256[name]}, got {came}; fetch the file again")
    return content


def windows(series, length, horizon):
    """Cut ``series`` (N,) into every window of ``length`` values and the value ``horizon`` steps after each.

    Returns x (M, length, 1) and y (M, 1) with M = N - length - horizon + 1; y[k] is series[k + length + horizon - 1].
    Raises TypeError for a wrong type, ValueError for a wrong shape or a series too short for one window.
    """
    float_tensor("series", series, ("N",))
    length, horizon = positive_int("length", length), positive_int("horizon", horizon)
    if len(series) < length + horizon:
        raise ValueError(f"series: expected at least length + horizon = {length + horizon} values, got {len(series)}")
    x = series.unfold(0, length, 1)[: len(series) - length - horizon + 1]  # (M, length)
    return x.unsqueeze(-1).clone(), series[length + horizon - 1 :].unsqueeze(-1).clone()


def rolling_origin(count, folds, test_size, gap):
    """Split ``count`` windows in time order into a list of ``folds`` Folds, the last one ending with the last window.

    Each fold tests on ``test_size`` windows and trains on all whose index is at least ``gap`` below: with gap = horizon
    of :func:`windows`, the last training target is the last value that the first test window has seen.
    Raises TypeError or ValueError for sizes that are no whole numbers of at least 1, or leave nothing to train on.
    Source: Tashman 2000, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16.
    """
    for name, value in (("count", count), ("folds", folds), ("test_size", test_size), ("gap", gap)):
        positive_int(name, value)
    least = folds * test_size + gap
    if count < least:
        raise ValueError(f"count: expected at least folds * test_size + gap = {least} windows, got {count}")
    origins = range(count - folds * test_size, count, test_size)
    return [Fold(range(0, origin - gap + 1), range(origin, origin + test_size)) for origin in origins]

"""What every experiment is made of: one way to train, one way to declare what is run, one way to read the results."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from lstm_lib.training import fit

RESULTS = Path(__file__).parent / "results"
SEEDS = range(10)


class Experiment(NamedTuple):
    """What is run: ``run(**settings, seed)``, once for each dict in ``settings`` and each seed, returns a dict."""

    run: Callable
    settings: list
    seeds: range = SEEDS


def run_one(run, settings):
    """Return the dict of one run with its ``settings`` in front: what a process of its own does."""
    torch.set_num_threads(1)
    return {**settings, **run(**settings)}


def settings_of(names, rows):
    """Return a dict for each of the ``rows``: the words in the string ``names`` -> the values in the row."""
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


@contextlib.contextmanager
def default_dtype(dtype):
    """Make ``dtype`` torch's default inside a ``with`` block."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def train(make, task, rate, updates, seed, *, every=None, dtype=torch.float64, label=None):
    """Return the model that ``make()`` draws from ``seed``, trained on ``task``, and a list of scores.

    Adam, batches of 32 new sequences, clip 1. The rate falls to 0 by a cosine and the list is empty; or, with
    ``every``, the rate stays, and the list holds the score on 500 held-out sequences after each ``every`` updates.
    A run in float64 that is repeated gives the same decimals on another processor. ``label`` as in ``fit``.
    """
    with default_dtype(dtype):
        torch.manual_seed(seed)
        model = make()
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        schedule = None if every else torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, updates)
        batches, scores, piece = task.batches(32, seed), [], every or updates
        options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": label}
        for _ in range(updates // piece):
            fit(model, batches, task.loss, optimizer, piece, **options)
            if every:
                scores.append(held_out_score(model, task))
    return model, scores


def held_out(model, task, size):
    """Return x and y of ``size`` sequences of ``task`` that no training saw, in the dtype of ``model``."""
    with default_dtype(next(model.parameters()).dtype):
        return task.held_out(size)


def held_out_score(model, task, size=500):
    """Return the score of ``model`` on ``size`` sequences of ``task`` that no training saw."""
    x, y = held_out(model, task, size)
    with torch.no_grad():
        return task.score(model(x), y)


def load_results(name):
    """Return the shipped runs of experiment ``name``: a list of dicts with the settings, the seed and the results.

    Raises ValueError for a name without results.
    """
    shipped = sorted(path.stem for path in RESULTS.glob("*.json"))
    if name not in shipped:
        raise ValueError(f"name: expected one of {shipped}, got {name!r}")
    return json.loads((RESULTS / f"{name}.json").read_text())["runs"]

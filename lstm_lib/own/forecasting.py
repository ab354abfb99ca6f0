"""Train a Forecaster on a series of your own, and the baselines to compare it with."""

import dataclasses
import math

import torch
from torch import nn

from lstm_lib.checks import one_of, positive_int
from lstm_lib.models import KINDS as NETWORKS
from lstm_lib.models import build
from lstm_lib.own.baselines import STRENGTHS, Back, Linear, Mean
from lstm_lib.own.early_stopping import fit_and_keep_the_best, shuffled
from lstm_lib.own.forecaster import Forecaster, rmse
from lstm_lib.own.refusing import expect, expect_type, positive
from lstm_lib.own.splitting import Split, cut

KINDS = ("mean", "persistence", "seasonal", "linear", *NETWORKS)
HIGHEST = 1e100  # beyond about 1e150 a square is infinite


def train_forecaster(split, kind="lstm_bias1", *, hidden=16, updates=400, rate=0.01, relative=False, period=None,
                     seed=0, start=None, label="training"):  # fmt: skip
    """Train a model of ``kind`` on the training part of ``split``; return the Forecaster as it was best on validation.

    KINDS: "mean", "persistence", "seasonal" (one ``period`` before), "linear" (ridge regression on the window, its
    strength chosen on validation), and the networks of models.build: one layer of ``hidden`` units, Adam from ``rate``
    down to 0 by a cosine, batches of 64, clip 1; lstm_chrono is told the window's length. ``start``: a Forecaster to go
    on from, with its own kind, sizes and scale. ``label`` stands beside the progress bar; None: no bar.
    A keyboard interrupt ends the training early. Raises ValueError for a training part that doesn't change or has huge
    numbers, a ``rate`` that isn't positive, a ``period`` that reaches back beyond the first validation window, a
    ``start`` of other sizes or one that was refitted: it has seen the parts that it would be measured on.
    """
    expect_type("split", split, Split, "what split_in_time returns")
    expect(isinstance(relative, bool), "relative", "True or False", repr(relative), error=TypeError)
    settings = {"hidden": positive_int("hidden", hidden), "updates": positive_int("updates", updates)}
    settings |= {"rate": positive("rate", rate), "seed": positive_int("seed", seed, least=0)}
    settings["period"] = None if period is None else positive_int("period", period)
    expect(settings["seed"] < 2**63, "seed", "a whole number below 2 ** 63", seed)
    if start is None:
        one = _new(split, one_of("kind", kind, KINDS), settings, relative)
    else:
        one = _again(start, split, settings)

    def miss():
        return rmse(one.on(split, "validation"), split.validation.y)

    _train(one, split, label, miss, before=miss() if start else math.inf)
    one.misses = one.on(split, "validation") - split.validation.y
    before = start.curve if start else []
    done = before[-1][0] if before else 0
    one.curve = before + [(done + k, loss**0.5 * one.deviation[0].item(), error) for k, loss, error in one.curve]
    return one


def _train(one, split, label, miss, stop=None, before=math.inf):
    """Train the model of the Forecaster ``one`` in place, on the training part, in the way its kind is trained."""
    settings, (x, y, _) = one.settings, split.train
    if one.kind in NETWORKS:
        batches = shuffled(one.scale(x, x), one.scale(y, x), 64, settings["seed"])
        how = (settings["updates"], settings["rate"], settings["seed"], label, stop, before)
        one.curve = fit_and_keep_the_best(one.model, batches, nn.functional.mse_loss, miss, *how)
        lowest = min(one.curve, key=lambda entry: entry[2], default=(0, 0.0, math.inf))
        settings["best"] = stop or (lowest[0] if lowest[2] < before else 0)  # updates
    elif one.kind == "linear":
        known = settings.get("strength")  # from an earlier training
        strengths = STRENGTHS if known is None else [known]
        settings["strength"] = one.model.fit(one.scale(x, x), one.scale(y, x), miss, strengths)


def _again(start, split, settings):
    """Return a copy of the Forecaster ``start`` to go on with on ``split``, with its own sizes and scale."""
    _check_sizes("start", start, split)
    same = start.window == split.train.x.size(1) or start.kind == "seasonal"  # which has a window of its own
    expect(same, "start", "one for this window", f"one for {start.window} steps")
    hint = "go on with the one before refit()"
    expect(not start.settings.get("refitted"), "start", "one that left the later parts out", "a refitted one", hint)
    period, own = settings["period"], start.settings["period"]
    expect(period in (None, own), "period", f"that of start, {own}, or None", period)
    settings = settings | {"hidden": start.settings["hidden"], "period": own}
    if start.kind in NETWORKS:
        settings["start"] = start.settings  # refit() goes the whole way
    one = dataclasses.replace(start, model=new_model(start), curve=[], settings=settings)
    one.model.load_state_dict(start.model.state_dict())
    return one


def _check_sizes(name, forecaster, split):
    expect_type(name, forecaster, Forecaster, "a Forecaster")
    expect_type("split", split, Split, "what split_in_time returns")
    steps, columns = split.horizons, split.series.size(1)
    fits = (forecaster.horizons, len(forecaster.mean)) == (steps, columns)
    came = f"one for {forecaster.horizons} with {len(forecaster.mean) - 1}"
    expect(fits, name, f"one for horizon {steps} with {columns - 1} inputs", came)


def refit(forecaster, split, label="training"):
    """Return a Forecaster of the same kind and settings, trained anew on all windows of ``split``, test part included.

    It makes as many updates, or has the strength of the penalty, as were best on validation, in each of its trainings
    if it was gone on with. Its scale is that of all windows; its curve and the misses that its interval rests on are
    those of ``forecaster``: of the time when there was something left to measure with.
    Raises TypeError or ValueError for a ``forecaster`` of other sizes than the ``split``.
    """
    _check_sizes("forecaster", forecaster, split)
    far = max(split.horizons)
    ends = range(forecaster.window, len(split.series) - far + 1)
    whole = split._replace(train=cut(split.series, ends, forecaster.window, split.horizons))
    trainings = [dict(forecaster.settings)]
    while "start" in trainings[0]:
        trainings.insert(0, dict(trainings[0]["start"]))
    one = _new(whole, forecaster.kind, trainings[0], forecaster.relative)
    for one.settings in trainings:
        if one.settings.get("best") != 0:  # 0: nothing was better than what it went on from
            _train(one, whole, label, lambda: 0.0, one.settings.get("best"))  # nothing is left to choose by
    one.settings["refitted"] = True
    return dataclasses.replace(one, curve=forecaster.curve, misses=forecaster.misses)


def _new(split, kind, settings, relative):
    """Return a Forecaster of ``kind`` before its training, with the scale of the training part of ``split``."""
    x, y, _ = split.train
    one = Forecaster(
        kind, None, x.size(1), split.horizons, x.new_zeros(x.size(2)), x.new_ones(x.size(2)), relative, settings
    )
    if kind == "seasonal":
        back = positive_int("period", settings["period"]) * -(-max(split.horizons) // settings["period"])
        one.window = max(one.window, back)
        most = split.validation.places.start - max(split.horizons) + 1
        expect(one.window <= most, "period", f"at most {most} for this series", settings["period"])
    seen = one.scale(x, x).flatten(0, 1)  # (M * T, D)
    mean, deviation = seen.mean(dim=0), seen.std(dim=0)
    still = int((deviation > 0).int().argmin())  # the first column that stays as it is, if there is one
    only, largest = f"only {x[0, 0, still].item()} in column {still}", f"{x.abs().max().item():g}"
    expect(bool((deviation > 0).all()), "split", "a training part in which every column changes", only)
    expect(bool((deviation < HIGHEST).all()), "split", f"numbers up to about {HIGHEST:g}", largest, "divide the series")
    one.mean, one.deviation = mean, deviation
    one.model = new_model(one).to(mean)
    if kind == "mean":
        one.model = Mean(one.scale(y, x))
    return one


def new_model(one):
    """Return a new model for the Forecaster ``one``, of its kind and its sizes."""
    inputs, steps, settings = len(one.mean), len(one.horizons), one.settings
    if one.kind in NETWORKS:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings["seed"])
            return build(one.kind, inputs, settings["hidden"], steps, longest=one.window).to(one.mean)
    if one.kind == "linear":
        return Linear(one.window * inputs, steps).to(one.mean)
    if one.kind == "mean":
        return Mean(one.mean.new_zeros(1, steps))
    return Back(one.window, one.horizons, settings["period"] if one.kind == "seasonal" else None)


def forecasts(forecaster, split, period=None):
    """Return what the ``forecaster`` and the baselines say about the test part: name -> forecasts (M, S).

    "mean", "persistence", "seasonal" (left out if ``period`` is None), "linear", each as train_forecaster trains it,
    and the forecaster under the name of its kind, "LSTM" or "RNN". Raises ValueError for one of another window or
    horizon than those of the ``split``.
    """
    _check_sizes("forecaster", forecaster, split)
    kinds = [kind for kind in KINDS if kind not in NETWORKS and (kind != "seasonal" or period is not None)]
    answers = {kind: train_forecaster(split, kind, period=period, label=None).on(split) for kind in kinds}
    name = forecaster.kind.partition("_")[0].upper() if forecaster.kind in NETWORKS else forecaster.kind
    return answers | {name: forecaster.on(split)}

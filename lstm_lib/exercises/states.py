"""Exercises of notebook 04."""

import math

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def level_of_c():
    kept = 0.5 ** (10 / 20)  # from one pulse to the next
    return 1 / (1 - kept)  # C = kept * C + 1, solved for C


def half_lives(f):
    return math.log(0.5) / f.log().mean(dim=0)


def exchange_c(lstm, x, k):
    _, (h, c) = lstm(x[:, :k])  # each (1, B, H)
    out, _ = lstm(x[:, k:], (h, c.roll(-1, dims=1)))
    return out[:, -1]


def _level(kept):
    return 1 / (1 - kept)


def _exchange_case(batch, steps, inputs, units, k):
    lstm = nn.LSTM(inputs, units, batch_first=True)
    for weight in lstm.parameters():
        weight.data *= 2  # so that a wrong state shows in the last h
    return lstm, 2 * torch.randn(batch, steps, inputs), k


EXERCISES = {
    Exercise(level_of_c, tolerance=0.01): {
        "before": _level(0.5**0.5) - 1,
        "h": math.tanh(_level(0.5**0.5)),
        "halved": _level(0.5),
        "upside down": _level(0.5**2),
        "linear": _level(0.75),
        "every step": _level(0.5 ** (1 / 20)),
        "rounded": 3.4,
        "no level": 0.5**0.5,
    },
    Exercise(
        half_lives,
        lambda: [(0.3 + 0.69 * torch.rand(steps, units),) for steps, units in ((12, 4), (4000, 3))],
        tolerance=1e-3,
    ): {
        "mean gate": ("f.log().mean(dim=0)", "f.mean(dim=0).log()"),
        "mean of half-lives": lambda f: (math.log(0.5) / f.log()).mean(dim=0),
        "all steps at once": ("mean", "sum"),
        "underflow": lambda f: math.log(0.5) / f.prod(dim=0).log() * len(f),
        "typical gate": lambda f: f.log().mean(dim=0).exp(),
        "over units": ("dim=0", "dim=1"),
        "one number": ("dim=0", ""),
        "1/e": ("math.log(0.5)", "-1"),
        "crossing": lambda f: (f.cumprod(dim=0) > 0.5).sum(dim=0),
        "sign": ("0.5", "2"),
        "two logs": ("f.log()", "f.log10()"),
    },
    Exercise(exchange_c, lambda: [_exchange_case(4, 6, 2, 5, 4), _exchange_case(3, 5, 1, 6, 2)], flows=True): {
        "nothing": ("dims=1", "dims=0"),
        "units": ("dims=1", "dims=2"),
        "flat": ("roll(-1, dims=1)", "roll(-1)"),
        "overwritten": ("c.roll(-1, dims=1)", "torch.cat([c[:, 1:], c[:, 1:2]], dim=1)"),
        "h": ("(h, c.roll(-1, dims=1))", "(h.roll(-1, dims=1), c)"),
        "both": ("(h, c.roll", "(h.roll(-1, dims=1), c.roll"),
        "other way": ("roll(-1", "roll(1"),
        "early": (":k]", ":k - 1]", "k:]", "k - 1 :]"),
        "late": (":k]", ":k + 1]", "k:]", "k + 1 :]"),
        "swapped": ("(h, c.roll(-1, dims=1))", "(c.roll(-1, dims=1), h)"),
        "wiped": ("c.roll(-1, dims=1)", "torch.zeros_like(c)"),
        "fresh": (", (h, c.roll(-1, dims=1))", ""),
        "from the start": ("x[:, k:]", "x"),
        "stopped": ("out[:, -1]", "h[0]"),
        "C": ("out, _", "_, (_, c)", "out[:, -1]", "c[0]"),
    },
}

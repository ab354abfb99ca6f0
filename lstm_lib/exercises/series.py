"""Exercises of notebook 09."""

import math

import torch

from lstm_lib.exercises.core import Exercise


def windows_for_24():
    return 1000 - 60 - 24 + 1


def half_width(misses, level):
    sizes = misses.abs().sort().values
    return sizes[math.ceil((len(misses) + 1) * level) - 1]


def feed_back(forecast, window, steps):
    answers = []
    for _ in range(steps):
        answers.append(forecast(window))
        window = torch.cat([window[1:], answers[-1].reshape(1)])
    return torch.stack(answers)


def _next(window):
    """A forecast that is different for every order of the window."""
    return (window * torch.linspace(-0.7, 0.9, len(window))).sum() + 0.1


RANK = "math.ceil((len(misses) + 1) * level) - 1"
MOVE = "window = torch.cat([window[1:], answers[-1].reshape(1)])"

EXERCISES = {
    Exercise(windows_for_24, tolerance=0.01): {
        "one short": 1000 - 60 - 24,
        "one long": 1000 - 60 - 24 + 2,
        "next step": 1000 - 60,
        "without the targets": 1000 - 60 + 1,
        "without the window": 1000 - 24 + 1,
        "side by side": 1000 // 84,
        "all steps": (1000 - 60 - 24 + 1) * 24,
        "parts": 0.7 * (1000 - 60 - 24 + 1),
    },
    Exercise(half_width, lambda: [(torch.randn(99) - 0.5, 0.9), (2 * torch.randn(250) + 1, 0.8)]): {
        "signed": ("misses.abs()", "misses"),
        "one too far": (" - 1]", "]"),
        "without the new one": ("(len(misses) + 1) * level", "len(misses) * level"),
        "other tail": ("* level", "* (1 - level)"),
        "mean": (f"sizes[{RANK}]", "sizes.mean()"),
        "largest": (f"sizes[{RANK}]", "sizes[-1]"),
        "normal": (f"sizes[{RANK}]", "1.645 * misses.std()"),
        "not sorted": (".sort().values", ""),
        "largest first": ("sort()", "sort(descending=True)"),
        "both sides": (f"sizes[{RANK}]", f"2 * sizes[{RANK}]"),
        "squared": ("misses.abs()", "misses.square()"),
        "whole width": (f"sizes[{RANK}]", "misses.quantile(0.5 + level / 2) - misses.quantile(0.5 - level / 2)"),
    },
    Exercise(feed_back, lambda: [(_next, torch.randn(5), 4), (_next, torch.randn(3), 6)]): {
        "no feeding": (MOVE, "pass"),
        "never dropped": ("window[1:]", "window"),
        "wrong end": ("[window[1:], answers[-1].reshape(1)]", "[answers[-1].reshape(1), window[:-1]]"),
        "last dropped": ("window[1:]", "window[:-1]"),
        "zeros": ("answers[-1].reshape(1)", "torch.zeros(1)"),
        "last value": ("answers[-1].reshape(1)", "window[-1:]"),
        "one too many": ("range(steps)", "range(steps + 1)"),
        "one too few": ("range(steps)", "range(steps - 1)"),
        "last only": ("torch.stack(answers)", "answers[-1]"),
        "sums": ("torch.stack(answers)", "torch.stack(answers).cumsum(0)"),
        "shifted": ("    for _", "    window = torch.cat([window[1:], forecast(window).reshape(1)])\n    for _"),
    },
}

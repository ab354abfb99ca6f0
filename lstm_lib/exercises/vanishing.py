"""Exercises of notebook 01."""

import math

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def steps_left():
    return math.ceil(math.log(1 / 1000) / math.log(0.9))


def slope_of_step(g, h):
    mean_square = ((1 - h**2) ** 2).mean()
    return 0.5 * torch.log(g**2 * mean_square)


def gradient_by_step(rnn, x):
    x = x.clone().requires_grad_()
    out, _ = rnn(x)  # (T, H)
    out[-1].sum().backward()
    return x.grad.norm(dim=1)


EXERCISES = {
    Exercise(steps_left): {
        "a tenth each step": 0.999 / 0.1,
        "too early": 65,
        "negative": math.log(1000) / math.log(0.9),
        "mixed logs": math.log10(0.001) / math.log(0.9),
        "mixed logs the other way": math.log(0.001) / math.log10(0.9),
        "tanh": math.log(0.001) / math.log(0.87),
        "small numbers": math.log(1000) / 0.1,
        "squared": math.log(0.001) / math.log(0.9**2),
        "unrounded": math.log(0.001) / math.log(0.9),
    },
    Exercise(
        slope_of_step, lambda: [(0.9, torch.tanh(0.5 * torch.randn(64))), (1.5, torch.tanh(2 * torch.randn(200)))]
    ): {
        "naive": lambda g, h: math.log(g) + (1 - h**2).log().mean(),
        "no half": ("0.5 * ", ""),
        "mean first": ("((1 - h**2) ** 2).mean()", "(1 - h**2).mean() ** 2"),
        "not squared": ("(1 - h**2) ** 2", "1 - h**2"),
        "gain not squared": ("g**2", "g"),
        "tanh twice": ("h**2", "h.tanh() ** 2"),
        "sum": ("mean()", "sum()"),
        "no slope": ("(1 - h**2) ** 2", "h**2"),
        "linear": lambda g, h: torch.tensor(g).log(),
        "factor": ("0.5 * torch.log", "torch.sqrt"),
        "base 10": ("log", "log10"),
    },
    Exercise(gradient_by_step, lambda: [(nn.RNN(3, 16), torch.randn(7, 3)), (nn.RNN(2, 5), torch.randn(5, 2))]): {
        "at the outputs": ("    out[-1]", "    out.retain_grad()\n    out[-1]", "x.grad", "out.grad"),
        "every step": ("out[-1]", "out"),
        "last column": ("out[-1]", "out[:, -1]"),
        "reversed": ("norm(dim=1)", "norm(dim=1).flip(0)"),
        "sum": ("norm", "sum"),
        "no root": ("norm", "square().sum"),
        "features": ("dim=1", "dim=0"),
    },
}

"""Exercises of notebook 03."""

import math

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def bias_for_half():
    f = 0.5 ** (1 / 50)  # f to the power of 50 is 0.5
    return math.log(f / (1 - f))  # the inverse of the sigmoid


def write_size(cell, x, h):
    nudge = torch.zeros_like(x)
    nudge[:, 0] = 1e-4
    change = cell(x + nudge, h) - cell(x - nudge, h)  # (B, H)
    return change.norm(dim=1) / 2e-4


def rnn_units(input_size, hidden_size, output_size):
    def size(units, blocks):
        layer = blocks * units * (input_size + units + 2)
        return layer + (units + 1) * output_size

    units = 1
    while size(units, blocks=1) < size(hidden_size, blocks=4):
        units += 1
    return units


# input, LSTM's hidden, output; in the second, an RNN with 22 units is exactly as large
SIZES = [(6, 16, 4), (4, 10, 2), (10, 20, 5), (1, 10, 40), (1, 4, 26)]
KEPT = 0.5 ** (1 / 50)  # by a forget gate that halves in 50 steps

EXERCISES = {
    Exercise(bias_for_half, tolerance=0.05): {
        "the gate": KEPT,
        "rounded": 4.0,
        "chrono": math.log(50),
        "chrono T - 1": math.log(49),
        "linear": math.log(0.99 / 0.01),
        "negative": math.log(1 / KEPT - 1),
        "base 10": math.log10(KEPT / (1 - KEPT)),
        "tanh": math.atanh(KEPT),
        "odds": KEPT / (1 - KEPT),
        "gate at half": 0.0,
    },
    Exercise(
        write_size,
        lambda: [(nn.RNNCell(2, units), torch.randn(4, 2), torch.randn(4, units).tanh()) for units in (3, 8)],
        tolerance=0.01,
    ): {
        "near zero": (" / 2e-4", ""),
        "row": ("[:, 0]", "[0]"),
        "two nudges": ("2e-4", "1e-4"),
        "all features": ("[:, 0]", "[:]"),
        "the mark": ("[:, 0]", "[:, 1]"),
        "sum": ("norm", "sum"),
        "no root": ("change.norm(dim=1) / 2e-4", "(change / 2e-4).square().sum(dim=1)"),
        "whole batch": ("dim=1", ""),
        "state": ("x + nudge, h", "x, h + 1e-4", "x - nudge, h", "x, h", "2e-4", "1e-4"),
    },
    Exercise(rnn_units, lambda: SIZES): {
        "four times": lambda *sizes: 4 * sizes[1],
        "same units": ("blocks=4", "blocks=1"),
        "twice": lambda *sizes: 2 * sizes[1],
        "one bias": ("units + 2", "units + 1"),
        "no bias": ("units + 2", "units", "units + 1", "units"),
        "no output layer": (" + (units + 1) * output_size", ""),
        "too few": ("<", "<=", "return units", "return units - 1"),
        "strictly more": ("<", "<="),
    },
}

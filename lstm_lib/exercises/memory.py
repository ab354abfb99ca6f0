"""Exercises of notebook 03."""

import math

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "bias_for_half": {
        "right": "The gate must stand at 0.986, and the sigmoid is there at 4.27.",
        "the gate": "The gate must stand near 1. With bias 1 it stands at 0.73 only: which bias puts it higher?",
        "rounded": "Nearly. With bias 4, 0.40 is left after 50 steps.",
        "chrono": "That is log 50, about the largest bias that chrono draws. It leaves 0.37 after 50 steps.",
        "linear": "You take away one hundredth of the start each step. It is a share of what is still left.",
        "negative": "The size is right, but a gate with this bias is nearly shut.",
        "base 10": "You took the log to base 10. The sigmoid is made of e, so take the natural log.",
        "tanh": "You inverted a tanh. A gate is a sigmoid.",
        "odds": "That is f / (1 - f). The sigmoid's inverse is its log.",
        "gate at half": "With this bias the gate is at one half: half is left after one step, not after 50.",
    },
    "write_size": {
        "right": "A nudge, a length, a quotient. The same works for any layer that has a state.",
        "near zero": "Nearly nothing moves. Is the length, with its root, divided by the nudge? Does x change?",
        "row": "You nudge row 0, and that is the first sequence. The value is column 0: x[:, 0].",
        "two nudges": "Twice too large. From x - nudge to x + nudge it is two nudges, so divide by both.",
        "all features": "You nudge all features. Only the value, feature 0, should move.",
        "the mark": "You nudge feature 1, the mark. The value is feature 0.",
        "sum": "You add up the changes of the units, and their signs cancel. The length is asked for.",
        "no root": "You have the squared length. The root is missing.",
        "whole batch": "One number for the whole batch came out. Take the length for each sequence alone: dim=1.",
        "state": "You nudge the old state. It is the input that should move, and the old state stays.",
    },
    "rnn_units": {
        "right": "Equal in size: what differs now is the gates.",
        "four times": "The recurrent weights grow with the square of the units: four times as many is far too much.",
        "same units": "You count the LSTM as if it had one block of rows. It has four: f, i, C̃ and o.",
        "twice": "Twice the units is near, but not exact: inputs, biases and output layer count as well.",
        "one bias": "PyTorch's layers have two bias vectors each, in the LSTM and in the RNN.",
        "no bias": "You have left out the biases: PyTorch's layers have two each, and Linear has one.",
        "no output layer": "The Linear layer belongs to the model. It grows with the units as well.",
        "too few": "That is the largest RNN that is not larger than the LSTM. Find the smallest that is not smaller.",
        "strictly more": "Once the two are equal in size, and that is enough: at least as many, not more.",
    },
}


# input, LSTM's hidden, output; in the second, an RNN with 22 units is exactly as large
SIZES = [(6, 16, 4), (4, 10, 2), (10, 20, 5), (1, 10, 40), (1, 4, 26)]
KEPT = 0.5 ** (1 / 50)  # by a forget gate that halves in 50 steps


def _moved(cell, x, h, place=(slice(None), 0)):
    nudge = torch.zeros_like(x)
    nudge[place] = 1e-4
    return cell(x + nudge, h) - cell(x - nudge, h)


def _state_moved(cell, x, h):
    return (cell(x, h + 1e-4) - cell(x, h)).norm(dim=1) / 1e-4


def _units(blocks=4, biases=2, linear=True, enough=lambda rnn, lstm: rnn >= lstm):
    """Return an answer that counts ``blocks`` of the LSTM, some ``biases``, and the ``linear`` layer or not."""

    def answer(input_size, hidden_size, output_size):
        def size(units, blocks):
            out = linear * (units + min(biases, 1)) * output_size
            return blocks * units * (input_size + units + biases) + out

        units = 1
        while not enough(size(units, 1), size(hidden_size, blocks)):
            units += 1
        return units

    return answer


_one_more = _units(enough=lambda rnn, lstm: rnn > lstm)


EXERCISES = {
    "bias_for_half": Exercise(
        solutions.bias_for_half,
        WORDS["bias_for_half"],
        {
            "the gate": KEPT,
            "rounded": 4.0,
            "chrono": math.log(50),
            "linear": math.log(0.99 / 0.01),
            "negative": math.log(1 / KEPT - 1),
            "base 10": math.log10(KEPT / (1 - KEPT)),
            "tanh": math.atanh(KEPT),
            "odds": KEPT / (1 - KEPT),
            "gate at half": 0.0,
        },
        tolerance=0.05,
    ),
    "write_size": Exercise(
        solutions.write_size,
        WORDS["write_size"],
        {
            "near zero": lambda cell, x, h: _moved(cell, x, h).norm(dim=1),
            "row": lambda cell, x, h: _moved(cell, x, h, (0, slice(None))).norm(dim=1) / 2e-4,
            "two nudges": lambda cell, x, h: _moved(cell, x, h).norm(dim=1) / 1e-4,
            "all features": lambda cell, x, h: _moved(cell, x, h, ...).norm(dim=1) / 2e-4,
            "the mark": lambda cell, x, h: _moved(cell, x, h, (slice(None), 1)).norm(dim=1) / 2e-4,
            "sum": lambda cell, x, h: _moved(cell, x, h).sum(dim=1) / 2e-4,
            "no root": lambda cell, x, h: (_moved(cell, x, h) / 2e-4).square().sum(dim=1),
            "whole batch": lambda cell, x, h: _moved(cell, x, h).norm() / 2e-4,
            "state": _state_moved,
        },
        lambda: [(nn.RNNCell(2, units), torch.randn(4, 2), torch.randn(4, units).tanh()) for units in (3, 8)],
        tolerance=0.01,
    ),
    "rnn_units": Exercise(
        solutions.rnn_units,
        WORDS["rnn_units"],
        {
            "four times": lambda *sizes: 4 * sizes[1],
            "same units": _units(blocks=1),
            "twice": lambda *sizes: 2 * sizes[1],
            "one bias": _units(biases=1),
            "no bias": _units(biases=0),
            "no output layer": _units(linear=False),
            "too few": lambda *sizes: _one_more(*sizes) - 1,
            "strictly more": _one_more,
        },
        lambda: SIZES,
    ),
}

"""Exercises of notebook 01."""

import math

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "steps_left": {
        "right": "0.9 to the power of 65 is just above a thousandth, to the power of 66 just below.",
        "a tenth each step": "You take away a tenth of the whole each time. It is a tenth of what is still left.",
        "too early": "Nearly. After 65 steps 0.00106 is left, still a little more than a thousandth.",
        "negative": "The size is right, the sign is not. Both logs are negative, so their quotient is positive.",
        "mixed logs": "You divided a log to base 10 by a natural log. Use the same log twice.",
        "mixed logs the other way": "You divided a natural log by a log to base 10. Use the same log twice.",
        "tanh": "That is for the network with tanh, which keeps 0.87 a step. This one is linear.",
        "small numbers": "You took -0.1 for the log of 0.9. That is near, but 66 steps make the difference visible.",
        "squared": "You counted the factor 0.9 twice for each step. It acts once.",
    },
    "slope_of_step": {
        "right": "The squares are averaged, and then comes the log: units that are shut have little to say.",
        "naive": "That is the naive predictor: the mean of the logs. The log must come after the mean.",
        "no half": "That is the log of the factor for the *squared* length. The length itself has half of it.",
        "mean first": "You average first and square then. The squared length needs the mean of the squares.",
        "not squared": "You average tanh' itself. The squared length multiplies each unit by tanh' squared.",
        "gain not squared": "The squared length is multiplied by g squared, not by g.",
        "tanh twice": "h has already gone through the tanh. Its slope is 1 - h², without another tanh.",
        "sum": "You add up the squares. Take their mean.",
        "no slope": "You average the squares of h. It is tanh' that counts, which h determines.",
        "linear": "That is the slope without a tanh. The states play no part in it.",
        "factor": "That is the factor of this step. The slope is its log.",
        "base 10": "The log has base 10 in your answer. Slopes are in natural logs here, as in log_line.",
    },
    "gradient_by_step": {
        "right": "The gradient at the inputs falls with the one at the states, and any model lets you measure it.",
        "at the outputs": "You ask for the gradient at out. nn.RNN passes nothing on through out: ask at x.",
        "every step": "Your loss adds up the outputs of all steps, so each step has a loss nearby. Take the last only.",
        "last column": "out is (T, H) here, so out[:, -1] is one unit at all steps. The last step is a row.",
        "reversed": "The right numbers, in reverse order. The first entry belongs to the first step.",
        "sum": "You add up the numbers of each gradient. Its length is the root of the sum of their squares.",
        "no root": "You have the squared lengths. The root is missing.",
        "features": "You have one length for each feature, taken over all steps. Take one for each step.",
    },
}


def _slope_mistakes():
    def half_log(square):
        return 0.5 * square.log()

    return {
        "naive": lambda g, h: math.log(g) + (1 - h**2).log().mean(),
        "no half": lambda g, h: (g**2 * ((1 - h**2) ** 2).mean()).log(),
        "mean first": lambda g, h: half_log(g**2 * (1 - h**2).mean() ** 2),
        "not squared": lambda g, h: half_log(g**2 * (1 - h**2).mean()),
        "gain not squared": lambda g, h: half_log(g * ((1 - h**2) ** 2).mean()),
        "tanh twice": lambda g, h: half_log(g**2 * ((1 - h.tanh() ** 2) ** 2).mean()),
        "sum": lambda g, h: half_log(g**2 * ((1 - h**2) ** 2).sum()),
        "no slope": lambda g, h: half_log(g**2 * (h**2).mean()),
        "linear": lambda g, h: torch.tensor(g).log(),
        "factor": lambda g, h: g * ((1 - h**2) ** 2).mean().sqrt(),
        "base 10": lambda g, h: 0.5 * (g**2 * ((1 - h**2) ** 2).mean()).log10(),
    }


def _input_gradient(rnn, x, loss=lambda out: out[-1].sum()):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(loss(rnn(x)[0]), x)[0]


def _at_outputs(rnn, x):
    out, _ = rnn(x)
    return torch.autograd.grad(out[-1].sum(), out)[0].norm(dim=1)


EXERCISES = {
    "steps_left": Exercise(
        solutions.steps_left,
        WORDS["steps_left"],
        {
            "a tenth each step": 0.999 / 0.1,
            "too early": 65,
            "negative": math.log(1000) / math.log(0.9),
            "mixed logs": math.log10(0.001) / math.log(0.9),
            "mixed logs the other way": math.log(0.001) / math.log10(0.9),
            "tanh": math.log(0.001) / math.log(0.87),
            "small numbers": math.log(1000) / 0.1,
            "squared": math.log(0.001) / math.log(0.9**2),
        },
        tolerance=0.5,
    ),
    "slope_of_step": Exercise(
        solutions.slope_of_step,
        WORDS["slope_of_step"],
        _slope_mistakes(),
        lambda: [(0.9, torch.tanh(0.5 * torch.randn(64))), (1.5, torch.tanh(2 * torch.randn(200)))],
    ),
    "gradient_by_step": Exercise(
        solutions.gradient_by_step,
        WORDS["gradient_by_step"],
        {
            "at the outputs": _at_outputs,
            "every step": lambda rnn, x: _input_gradient(rnn, x, torch.sum).norm(dim=1),
            "last column": lambda rnn, x: _input_gradient(rnn, x, lambda out: out[:, -1].sum()).norm(dim=1),
            "reversed": lambda rnn, x: _input_gradient(rnn, x).norm(dim=1).flip(0),
            "sum": lambda rnn, x: _input_gradient(rnn, x).sum(dim=1),
            "no root": lambda rnn, x: _input_gradient(rnn, x).square().sum(dim=1),
            "features": lambda rnn, x: _input_gradient(rnn, x).norm(dim=0),
        },
        lambda: [(nn.RNN(3, 16), torch.randn(7, 3)), (nn.RNN(2, 5), torch.randn(5, 2))],
    ),
}

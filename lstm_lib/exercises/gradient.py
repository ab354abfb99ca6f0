"""Exercises of notebook 06."""

import math

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "memory_steps": {
        "right": "Both vectors are set, so the forget bias is 2, and T = 1 + exp(2).",
        "one bias": "That is the memory of forget bias 1. How many parameters have bias in their name?",
        "no 1": "That is exp(2). Solve 2 = log(T - 1) for T.",
        "half-life": "That is the half-life of C. The memory T is the one with f = 1 - 1/T.",
        "gate": "That is f. Which T has f = 1 - 1/T?",
        "twice as long": "You doubled the memory of forget bias 1. It is the biases that add up.",
        "product": "You multiplied two gates. The two biases are added first, inside one sigmoid.",
        "one vector of 2": "You read off log(T) = 1. The rule is b = log(T - 1), and b is the sum of two biases.",
    },
    "start_long": {
        "right": "Two blocks of each pair of bias vectors, in each layer and direction, and nothing else.",
        "unchanged": "The layer is as it was: a copy was changed, or nothing.",
        "order": "The input gate got the forget gate's bias, and the other way round. PyTorch's order is i, f, C̃, o.",
        "doubled": "Both vectors got the full number. They add up, so each bias is twice as large as it should be.",
        "left over": "bias_ih is set. But what PyTorch drew for bias_hh is still there, and is added.",
        "first layer": "Only bias_ih_l0 and bias_hh_l0 are set. There may be more layers, and a second direction.",
        "one direction": "Only the forward direction is set.",
        "log T": "Your forget bias is log(T). The gate that loses 1/T at each step has log(T - 1).",
        "no log": "The forget bias is T - 1 itself. The log is missing.",
        "gate": "You put in f = 1 - 1/T. What is set here is the sum before the sigmoid.",
        "input sign": "Your input gate starts nearly open: its bias should be -2, not 2.",
        "forget only": "The forget gate is right. The input bias is not set.",
        "input not cleared": "The forget gate is right. For the input gate, what was in bias_hh is still added.",
        "all gates": "Forget and input gate are right. But bias_hh is now 0 for C̃ and o too.",
        "emptied": "Forget and input gate are right. But all biases of C̃ and o are 0 now.",
        "the loop": "That is the loop of the first exercise: twice the forget bias, and nothing for the input gate.",
        "weights": "The biases are right. But you changed rows of the weight matrices as well.",
        "compared": "1 if the layer itself was returned, then the sums of each two bias vectors, then the weights",
    },
    "coupled_back": {
        "right": "f is used twice, so its gradient is a sum: C(t-1) from the one use, minus C̃ from the other.",
        "one use": "f is used twice: it also stands in 1 - f. That use is missing in the gradient of a_f.",
        "plus": "In the gradient of a_f the second use has the wrong sign: 1 - f falls when f rises.",
        "sign": "The gradient of a_f has the wrong sign. What happens to C if f rises and C(t-1) is large?",
        "no sigmoid slope": "Your first result is the gradient of f. The slope of the sigmoid leads on to a_f.",
        "no tanh slope": "Your second result is the gradient of C̃. The slope of the tanh leads on to its sum.",
        "no slopes": "Those are the gradients of f and C̃. The slopes of sigmoid and tanh are missing.",
        "sigmoid again": "You took the sigmoid of f. But f has been through it: its slope is f (1 - f).",
        "tanh again": "You took the tanh of C̃. But C̃ has been through it: its slope is 1 - C̃².",
        "f for i": "C̃ was multiplied by 1 - f on its way into C, and not by f.",
        "unbroken": "Your third result is dc itself. C(t-1) was multiplied by f on its way into C.",
        "1 - f": "Your third result has the share of C̃. C(t-1) was multiplied by f on its way into C.",
        "C first": "The three tensors are right, but C(t-1) comes last: a_f, a_C̃, C(t-1).",
        "candidate first": "The three tensors are right, but a_f comes before a_C̃: a_f, a_C̃, C(t-1).",
        "candidate last": "The three tensors are right, but a_C̃ is the second: a_f, a_C̃, C(t-1).",
        "turned": "The three tensors are right, but a_f comes first: a_f, a_C̃, C(t-1).",
        "backwards": "The three tensors are right, from the last to the first: a_f, a_C̃, C(t-1).",
    },
}


ORDERS = {"C first": (2, 0, 1), "candidate first": (1, 0, 2), "candidate last": (0, 2, 1), "turned": (1, 2, 0)}
ORDERS |= {"backwards": (2, 1, 0)}


def _start(mistake):
    """Return a way to set the biases with one mistake in it."""

    def answer(lstm, longest):
        forget = {"log T": math.log(longest), "no log": longest - 1, "gate": 1 - 1 / longest}
        forget, write = forget.get(mistake, math.log(longest - 1)), 2.0 if mistake == "input sign" else -2.0
        if mistake == "order":
            forget, write = write, forget
        for name, parameter in lstm.named_parameters():
            skipped = {"first layer": not name.endswith("_l0"), "one direction": "reverse" in name, "unchanged": True}
            if skipped.get(mistake) or not ("bias" in name or (mistake == "weights" and "ih" in name)):
                continue
            i, f, *others = parameter.detach().chunk(4)  # views: filling them changes the layer
            first = "ih" in name or mistake in ("doubled", "the loop")
            if first or mistake != "left over":
                f.fill_(forget if first else 0.0)
            kept = ("forget only", "the loop") + (() if first else ("left over", "input not cleared"))
            if mistake not in kept:
                i.fill_(write if first else 0.0)
            if mistake == "emptied" or (mistake == "all gates" and not first):
                for other in others:
                    other.zero_()
        return lstm

    return answer


def _after_start(arguments, result):
    """Return whether the layer itself came back, its weights, and of each layer and direction the sum of its biases."""
    if result is None:
        return None
    weights = {name: weight.detach().clone() for name, weight in arguments[0].named_parameters()}
    both = [weight + weights[name.replace("ih", "hh")] for name, weight in weights.items() if "bias_ih" in name]
    return [float(result is arguments[0])] + both + [weight for name, weight in weights.items() if "weight" in name]


def _start_cases():
    return [(nn.LSTM(3, 4), 100), (nn.LSTM(2, 3, num_layers=2, bidirectional=True), 20)]


def _back(mistake):
    """Return a backward step of the coupled cell with one mistake in it."""

    def answer(dc, f, candidate, c_prev):
        use = {"one use": c_prev, "plus": c_prev + candidate, "sign": candidate - c_prev}
        s, t = f, candidate
        if mistake == "sigmoid again":
            s = f.sigmoid()
        if mistake == "tanh again":
            t = candidate.tanh()
        da_f = dc * use.get(mistake, c_prev - candidate)
        da_candidate = dc * (f if mistake == "f for i" else 1 - f)
        da_f = da_f if mistake in ("no sigmoid slope", "no slopes") else da_f * s * (1 - s)
        da_candidate = da_candidate if mistake in ("no tanh slope", "no slopes") else da_candidate * (1 - t**2)
        dc_prev = dc * {"unbroken": 1, "1 - f": 1 - f}.get(mistake, f)
        right = (da_f, da_candidate, dc_prev)
        return tuple(right[k] for k in ORDERS.get(mistake, (0, 1, 2)))

    return answer


def _back_cases():
    def case(batch, units):
        dc, c_prev = 2 * torch.randn(2, batch, units)
        return dc, torch.rand(batch, units), torch.randn(batch, units).tanh(), c_prev

    return [case(2, 3), case(4, 5)]


EXERCISES = {
    "memory_steps": Exercise(
        solutions.memory_steps,
        WORDS["memory_steps"],
        {
            "one bias": 1 + math.exp(1),
            "no 1": math.exp(2),
            "half-life": math.log(0.5) / math.log(1 / (1 + math.exp(-2))),
            "gate": 1 / (1 + math.exp(-2)),
            "twice as long": 2 * (1 + math.exp(1)),
            "product": 1 / (1 - 1 / (1 + math.exp(-1)) ** 2),
            "one vector of 2": math.exp(1),
        },
        tolerance=0.02,
    ),
    "start_long": Exercise(
        solutions.start_long,
        WORDS["start_long"],
        {mistake: _start(mistake) for mistake in WORDS["start_long"] if mistake not in ("right", "compared")},
        _start_cases,
        observe=_after_start,
    ),
    "coupled_back": Exercise(
        solutions.coupled_back,
        WORDS["coupled_back"],
        {mistake: _back(mistake) for mistake in WORDS["coupled_back"] if mistake != "right"},
        _back_cases,
    ),
}

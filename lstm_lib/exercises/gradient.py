"""Exercises of notebook 06."""

import copy
import math

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def memory_steps():
    return 1 + math.exp(1 + 1)  # both bias vectors are set, and they add up


def start_long(lstm, longest):
    units = lstm.hidden_size
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if "bias" in name:
                parameter[: 2 * units] = 0.0  # input gate, forget gate
            if "bias_ih" in name:
                parameter[:units] = -2.0
                parameter[units : 2 * units] = math.log(longest - 1)
    return lstm


def coupled_back(dc, f, candidate, c_prev):
    df = dc * c_prev - dc * candidate  # f is used twice
    da_f = df * f * (1 - f)
    da_candidate = dc * (1 - f) * (1 - candidate**2)
    return da_f, da_candidate, dc * f


def _start_cases():
    return [(nn.LSTM(3, 4), 100), (nn.LSTM(2, 3, num_layers=2, bidirectional=True), 20)]


def _after_start(arguments, result):
    """Return whether the layer itself came back, of each layer and direction the sum of its biases, and its weights."""
    if result is None:
        return None
    weights = {name: weight.detach().clone() for name, weight in arguments[0].named_parameters()}
    both = [weight + weights[name.replace("ih", "hh")] for name, weight in weights.items() if "bias_ih" in name]
    return [float(result is arguments[0])] + both + [weight for name, weight in weights.items() if "weight" in name]


def _back_case(batch, units):
    dc, c_prev = 2 * torch.randn(2, batch, units)
    return dc, torch.rand(batch, units), torch.randn(batch, units).tanh(), c_prev


BOTH, FORGET_ONLY = "parameter[: 2 * units] = 0.0", "parameter[units : 2 * units] = 0.0"  # start_long: what is cleared
WRITE, FORGET = "parameter[:units] = -2.0", "math.log(longest - 1)"
THREE = "da_f, da_candidate, dc * f"  # what coupled_back returns

EXERCISES = {
    Exercise(memory_steps, tolerance=0.02): {
        "one bias": 1 + math.exp(1),
        "no 1": math.exp(2),
        "half-life": math.log(0.5) / math.log(1 / (1 + math.exp(-2))),
        "gate": 1 / (1 + math.exp(-2)),
        "twice as long": 2 * (1 + math.exp(1)),
        "product": 1 / (1 - 1 / (1 + math.exp(-1)) ** 2),
        "one vector of 2": math.exp(1),
        "rounded": 8,
    },
    Exercise(start_long, _start_cases, observe=_after_start): {
        "unchanged": lambda lstm, longest: lstm,
        "order": (FORGET, "-2.0", WRITE, "parameter[:units] = math.log(longest - 1)"),
        "doubled": ('"bias_ih"', '"bias"'),
        "left over": ('"bias"', '"bias_ih"'),
        "first layer": ("in name:", 'in name and name.endswith("_l0"):'),
        "one direction": ("in name:", 'in name and "reverse" not in name:'),
        "log T": ("longest - 1", "longest"),
        "no log": (FORGET, "longest - 1"),
        "gate": (FORGET, "1 - 1 / longest"),
        "input sign": ("-2.0", "2.0"),
        "forget only": (BOTH, FORGET_ONLY, WRITE, "pass"),
        "input not cleared": (BOTH, FORGET_ONLY),
        "all gates": ('"bias"', '"bias_hh"', "[: 2 * units]", "[:]"),
        "emptied": ("[: 2 * units]", "[:]"),
        "the loop": (BOTH, "pass", '"bias_ih"', '"bias"', WRITE, "pass"),
        "weights": ('"bias_ih"', '"ih"'),
        "new layer": lambda lstm, longest: start_long(copy.deepcopy(lstm), longest),
        "added": ("] = -2.0", "] += -2.0", "] = math.log", "] += math.log", "] = 0.0", "] += 0.0"),
    },
    Exercise(coupled_back, lambda: [_back_case(2, 3), _back_case(4, 5)]): {
        "one use": (" - dc * candidate", ""),
        "plus": ("c_prev - dc", "c_prev + dc"),
        "sign": ("dc * c_prev - dc * candidate", "dc * candidate - dc * c_prev"),
        "no sigmoid slope": ("df * f * (1 - f)", "df"),
        "no tanh slope": (" * (1 - candidate**2)", ""),
        "no slopes": ("df * f * (1 - f)", "df", " * (1 - candidate**2)", ""),
        "sigmoid again": ("df * f * (1 - f)", "df * f.sigmoid() * (1 - f.sigmoid())"),
        "tanh again": ("candidate**2", "candidate.tanh() ** 2"),
        "f for i": ("dc * (1 - f)", "dc * f"),
        "unbroken": (", dc * f", ", dc"),
        "1 - f": (", dc * f", ", dc * (1 - f)"),
        "C first": (THREE, "dc * f, da_f, da_candidate"),
        "candidate first": (THREE, "da_candidate, da_f, dc * f"),
        "candidate last": (THREE, "da_f, dc * f, da_candidate"),
        "turned": (THREE, "da_candidate, dc * f, da_f"),
        "backwards": (THREE, "dc * f, da_candidate, da_f"),
    },
}

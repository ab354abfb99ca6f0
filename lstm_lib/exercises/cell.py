"""Exercises of notebook 05."""

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def lstm_parameters():
    return 4 * 10 * (6 + 10 + 2)


def from_onnx(rows):
    i, o, f, candidate = rows.chunk(4)
    return torch.cat([f, i, candidate, o])


def lstm_step(cell, x, h_prev, c_prev):
    a = x @ cell.weight_ih.T + cell.bias_ih + h_prev @ cell.weight_hh.T + cell.bias_hh
    i, f, candidate, o = a.chunk(4, dim=1)
    c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(candidate)
    h_t = torch.sigmoid(o) * torch.tanh(c_t)
    return h_t, c_t


def _not_this_way(*_):
    raise RuntimeError("do not call the cell: use its weights and biases")


def _step_case(inputs, units, batch):
    cell = nn.LSTMCell(inputs, units)
    cell.forward = _not_this_way
    return cell, torch.randn(batch, inputs), 2 * torch.randn(batch, units), 2 * torch.randn(batch, units)


EXERCISES = {
    Exercise(lstm_parameters): {
        "one block": 10 * (6 + 10 + 2),
        "three gates": 3 * 10 * (6 + 10 + 2),
        "one bias": 4 * 10 * (6 + 10 + 1),
        "no bias": 4 * 10 * (6 + 10),
        "no recurrent part": 4 * 10 * (6 + 1),
        "steps": 50 * 4 * 10 * (6 + 10 + 2),
    },
    Exercise(from_onnx, lambda: [(torch.randn(8, 3),), (torch.randn(20),)]): {
        "unchanged": ("[f, i, candidate, o]", "[i, o, f, candidate]"),
        "other way": (
            "i, o, f, candidate =",
            "f, i, candidate, o =",
            "[f, i, candidate, o]",
            "[i, o, f, candidate]",
        ),
        "torch": ("i, o, f, candidate =", "i, f, candidate, o ="),
        "to torch": ("[f, i,", "[i, f,"),
        "interleaved": ("rows.chunk(4)", "(rows[k::4] for k in range(4))"),
    },
    Exercise(lstm_step, lambda: [_step_case(3, 5, 4), _step_case(2, 8, 1)], flows=True): {
        "order": ("i, f,", "f, i,"),
        "sigmoid on the candidate": ("tanh(candidate)", "sigmoid(candidate)"),
        "no tanh on the candidate": ("torch.tanh(candidate)", "candidate"),
        "no sigmoid": ("torch.sigmoid", ""),
        "no tanh on C": ("torch.tanh(c_t)", "c_t"),
        "old C": ("tanh(c_t)", "tanh(c_prev)"),
        "one bias": (" + cell.bias_hh", ""),
        "other bias": (" + cell.bias_ih", ""),
        "no bias": (" + cell.bias_ih", "", " + cell.bias_hh", ""),
        "no h_prev": (" + h_prev @ cell.weight_hh.T", ""),
        "C first": ("return h_t, c_t", "return c_t, h_t"),
        "nested": ("return h_t, c_t", "return h_t, (h_t, c_t)"),
    },
}

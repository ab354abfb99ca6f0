"""Exercises of notebook 05."""

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "lstm_parameters": {
        "right": "40 rows, each with 6 weights for the input, 10 for the hidden state, and two biases.",
        "one block": "You counted one block of rows. There are four: f, i, C̃ and o.",
        "three gates": "You counted three gates. The candidate has weights of its own as well.",
        "one bias": "PyTorch's layer has two bias vectors, one with the input weights and one with the recurrent ones.",
        "no bias": "You counted the two matrices. The two bias vectors are missing.",
        "no recurrent part": "You counted what belongs to the input. W_h and its bias are missing.",
        "steps": "The number of time steps is not in the weights: the same weights serve at each step.",
    },
    "from_onnx": {
        "right": "The same rows, in the order that your cell expects.",
        "unchanged": "The rows stand as they came. A cell that reads f, i, C̃, o would take i for f.",
        "other way": "That is the map in the other direction: it takes rows in your order and puts them into ONNX's.",
        "torch": "You swapped the first two blocks. That leads from PyTorch's order to yours; ONNX has another.",
        "to torch": "You made the order i, f, C̃, o. That is PyTorch's, and your cell expects f first.",
        "interleaved": "You took every fourth row. The rows of one gate stand together, as one block of H rows.",
    },
    "lstm_step": {
        "right": "That is the whole of nn.LSTMCell, and its gate order.",
        "order": "Your f is PyTorch's i, and the other way round. Its order is i, f, C̃, o.",
        "sigmoid on the candidate": "Your candidate cannot be negative. It is no gate: it gets a tanh.",
        "no tanh on the candidate": "The third sum goes into C as it is. It gets a tanh first.",
        "no sigmoid": "Your gates are not between 0 and 1: each of the three gets a sigmoid.",
        "no tanh on C": "C is right, h is not: C goes through a tanh before the output gate.",
        "old C": "C is right, but your h shows the old C. It must show the new one.",
        "one bias": "One bias vector is missing: the cell has bias_ih and bias_hh.",
        "other bias": "bias_ih is missing: the cell has bias_ih and bias_hh.",
        "no bias": "Both bias vectors are missing.",
        "no h_prev": "The old hidden state plays no part in your sums.",
        "C first": "Both tensors are right, in the wrong order: return h_t first, then C_t.",
        "nested": "The numbers are right. Return the two tensors h_t, C_t, not h_t and a pair.",
    },
}


def _interleaved(rows):
    i, o, f, candidate = (rows[k::4] for k in range(4))
    return torch.cat([f, i, candidate, o])


def _ordered(*blocks):
    """Return an answer that puts the four blocks it got, 0 to 3, in another order."""
    return lambda rows: torch.cat([rows.chunk(4)[k] for k in blocks])


def _step(mistake):
    """Return a step of torch's cell with one mistake in it."""

    def answer(cell, x, h_prev, c_prev):
        a = x @ cell.weight_ih.T + (0 if mistake in ("no bias", "other bias") else cell.bias_ih)
        a = a + (0 if mistake == "no h_prev" else h_prev @ cell.weight_hh.T)
        i, f, candidate, o = (a + (0 if mistake in ("no bias", "one bias") else cell.bias_hh)).chunk(4, dim=1)
        if mistake == "order":
            i, f = f, i
        if mistake != "no sigmoid":
            i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
        if mistake != "no tanh on the candidate":
            candidate = candidate.sigmoid() if mistake == "sigmoid on the candidate" else candidate.tanh()
        c_t = f * c_prev + i * candidate
        seen = c_prev if mistake == "old C" else c_t
        h_t = o * (seen if mistake == "no tanh on C" else seen.tanh())
        return {"C first": (c_t, h_t), "nested": (h_t, (h_t, c_t))}.get(mistake, (h_t, c_t))

    return answer


def _not_this_way(*_):
    raise RuntimeError("do not call the cell: use its weights and biases")


def _step_cases():
    def case(inputs, units, batch):
        cell = nn.LSTMCell(inputs, units)
        cell.forward = _not_this_way
        return cell, torch.randn(batch, inputs), *2 * torch.randn(2, batch, units)

    return [case(3, 5, 4), case(2, 8, 1)]


EXERCISES = {
    "lstm_parameters": Exercise(
        solutions.lstm_parameters,
        WORDS["lstm_parameters"],
        {
            "one block": 10 * (6 + 10 + 2),
            "three gates": 3 * 10 * (6 + 10 + 2),
            "one bias": 4 * 10 * (6 + 10 + 1),
            "no bias": 4 * 10 * (6 + 10),
            "no recurrent part": 4 * 10 * (6 + 1),
            "steps": 50 * 4 * 10 * (6 + 10 + 2),
        },
        tolerance=0.5,
    ),
    "from_onnx": Exercise(
        solutions.from_onnx,
        WORDS["from_onnx"],
        {
            "unchanged": lambda rows: rows,
            "other way": _ordered(1, 3, 0, 2),
            "torch": _ordered(1, 0, 2, 3),
            "to torch": _ordered(0, 2, 3, 1),
            "interleaved": _interleaved,
        },
        lambda: [(torch.randn(8, 3),), (torch.randn(20),)],
    ),
    "lstm_step": Exercise(
        solutions.lstm_step,
        WORDS["lstm_step"],
        {mistake: _step(mistake) for mistake in WORDS["lstm_step"] if mistake != "right"},
        _step_cases,
    ),
}

"""Exercises of notebook 07."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from lstm_lib.exercises.core import Exercise


def numbers_in_h_n():
    return (3 * 2) * 5 * 20


def scale(train, test):
    mean, deviation = train.mean(), train.std()
    return (train - mean) / deviation, (test - mean) / deviation


def summary_of(lstm, x, lengths):
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    _, (h_n, _) = lstm(packed)
    return torch.cat([h_n[-2], h_n[-1]], dim=1)


def _padded(packed):
    return pad_packed_sequence(packed, batch_first=True)[0]


def _at_the_end(out, lengths):
    return out[torch.arange(len(out)), torch.tensor(lengths) - 1]


def _summary_case(layers, lengths):
    lstm = nn.LSTM(3, 4, layers, batch_first=True, bidirectional=True)
    padded = pad_sequence([torch.randn(length, 3) for length in lengths], batch_first=True)
    return lstm, padded, lengths


NUMBERS = "train.mean(), train.std()"  # of scale
STATES, SIDES = "_, (h_n, _)", "torch.cat([h_n[-2], h_n[-1]], dim=1)"  # of summary_of

EXERCISES = {
    Exercise(numbers_in_h_n): {
        "one direction": 3 * 5 * 20,
        "top layer": 2 * 5 * 20,
        "out": 5 * 7 * 40,
        "steps": 6 * 7 * 20,
        "all steps": 6 * 5 * 7 * 20,
        "twice": 6 * 5 * 40,
        "rows": 6,
    },
    Exercise(scale, lambda: [(50 + 10 * torch.randn(300), 80 + 25 * torch.randn(60))], tolerance=0.02): {
        "all data": (NUMBERS, "torch.cat([train, test]).mean(), torch.cat([train, test]).std()"),
        "each by its own": ("(test - mean) / deviation", "(test - test.mean()) / test.std()"),
        "train only": ("(test - mean) / deviation", "test"),
        "parentheses": ("(train - mean)", "train - mean", "(test - mean)", "test - mean"),
        "to 0..1": (NUMBERS, "train.min(), train.max() - train.min()"),
        "no deviation": (" / deviation", ""),
        "no mean": (" - mean", ""),
        "variance": ("train.std()", "train.var()"),
        "test numbers": (NUMBERS, "test.mean(), test.std()"),
        "own mean": ("(test - mean)", "(test - test.mean())"),
        "own deviation": ("(test - mean) / deviation", "(test - mean) / test.std()"),
    },
    Exercise(summary_of, lambda: [_summary_case(2, [4, 2, 7, 3]), _summary_case(1, [1, 6])], flows=True): {
        "last column": lambda lstm, x, lengths: lstm(x)[0][:, -1],
        "not packed": ("lstm(packed)", "lstm(x)"),
        "zeros": (STATES, "out, _", SIDES, "_padded(out)[:, -1]"),
        "backward half": (STATES, "out, _", SIDES, "_at_the_end(_padded(out), lengths)"),
        "padding first": (
            *("lstm(packed)", "lstm(x)", STATES, "out, (h_n, _)"),
            *("h_n[-2]", "_at_the_end(out, lengths)[:, : lstm.hidden_size]"),
        ),
        "last real step": lambda lstm, x, lengths: _at_the_end(lstm(x)[0], lengths),
        "forward of the bottom": ("h_n[-2]", "h_n[0]"),
        "bottom layer": ("[h_n[-2], h_n[-1]]", "[h_n[0], h_n[1]]"),
        "order": ("[h_n[-2], h_n[-1]]", "[h_n[-1], h_n[-2]]"),
        "mixed": (SIDES, "h_n[-2:].reshape(len(x), -1)"),
        "cell state": ("(h_n, _)", "(_, h_n)"),
        "batch first": ("batch_first=True, ", ""),
        "one half": (SIDES, "h_n[-1]"),
        "sorted": (SIDES, SIDES + "[torch.tensor(lengths).argsort(descending=True)]"),
    },
}

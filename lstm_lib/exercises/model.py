"""Exercises of notebook 07."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "numbers_in_h_n": {
        "right": "(6, 5, 20): three layers in two directions, five sequences, twenty units.",
        "one direction": "You counted one direction. The second one has states of its own.",
        "top layer": "You counted the top layer. h_n holds the states of all layers.",
        "out": "That is out: the top layer at every step. h_n has the last step of every layer.",
        "steps": "You put the seven steps where the batch belongs. h_n knows no steps.",
        "all steps": "You multiplied by the seven steps as well. h_n has the last step only.",
        "twice": "The two directions are there already, in the first dimension. Each state has 20 numbers, not 40.",
        "rows": "That is the first of the three sizes. Multiply all three.",
    },
    "scale": {
        "right": "Everything that comes from the test part stays out of the two numbers.",
        "all data": "The mean and the deviation come from all values. The test values must not have a say.",
        "each by its own": "The test part is scaled by its own mean and deviation. Use the training part's for both.",
        "train only": "The test part comes out as it went in. Or did you measure the training part after scaling it?",
        "parentheses": "Python divides before it subtracts. Parentheses are missing.",
        "to 0..1": "That scales by the smallest and the largest value. Take the mean and the deviation.",
        "no deviation": "The mean is taken off, but nothing is divided by the deviation.",
        "no mean": "You divide by the deviation, but the mean is still in.",
        "variance": "You divide by the variance. The deviation is its root.",
        "test numbers": "You used the numbers of the test part for both.",
    },
    "summary_of": {
        "right": "Each half has read the real steps of its sequence, all of them, and nothing else.",
        "last column": "out[:, -1] is a padded step, for all but the longest sequences.",
        "not packed": "You use h_n, but the LSTM has read the padding too. It must be told where each sequence ends.",
        "zeros": "You packed, and then took out[:, -1]. Behind the end of a sequence, out is zero.",
        "backward half": "The forward half is right. At the last step the backward half has read that step only.",
        "padding first": "The forward half is right. The backward half has read the padding before the sequence.",
        "last real step": "The forward half is right. The backward half has read padding and one step of the sequence.",
        "forward of the bottom": "Your forward half is that of the bottom layer. In the top one it is h_n[-2].",
        "bottom layer": "Those are the two directions of the bottom layer. The top one comes last in h_n.",
        "order": "The right halves, in the wrong order: forward comes first.",
        "mixed": "The shape is right, but reshape has mixed the sequences. Put the two (B, H) side by side.",
        "cell state": "Those are the cell states, from c_n. The hidden states are asked for.",
        "one half": "You returned one direction only. Two are asked for, (B, 2H).",
        "sorted": "The rows stand in the order of the lengths. Bring them back into the order in which they came.",
    },
}


def _run(lstm, x, lengths):
    """Return out (B, T, 2H), h_n and c_n of the packed sequences."""
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    out, states = lstm(packed)
    return pad_packed_sequence(out, batch_first=True)[0], *states


def _sides(h_n):
    return torch.cat([h_n[-2], h_n[-1]], dim=1)


def _summary_mistakes():
    def at_the_end(out, lengths):
        return out[torch.arange(len(out)), torch.tensor(lengths) - 1]

    def padding_first(lstm, x, lengths):
        out, units = lstm(x)[0], lstm.hidden_size
        return torch.cat([at_the_end(out, lengths)[:, :units], out[:, 0, units:]], dim=1)

    def in_order_of_length(lstm, x, lengths):
        return _sides(_run(lstm, x, lengths)[1])[torch.tensor(lengths).argsort(descending=True)]

    return {
        "last column": lambda lstm, x, lengths: lstm(x)[0][:, -1],
        "not packed": lambda lstm, x, lengths: _sides(lstm(x)[1][0]),
        "zeros": lambda lstm, x, lengths: _run(lstm, x, lengths)[0][:, -1],
        "backward half": lambda lstm, x, lengths: at_the_end(_run(lstm, x, lengths)[0], lengths),
        "padding first": padding_first,
        "last real step": lambda lstm, x, lengths: at_the_end(lstm(x)[0], lengths),
        "forward of the bottom": lambda lstm, x, lengths: _sides(_run(lstm, x, lengths)[1][[0, -1]]),
        "bottom layer": lambda lstm, x, lengths: _sides(_run(lstm, x, lengths)[1][:2]),
        "order": lambda lstm, x, lengths: _sides(_run(lstm, x, lengths)[1][-2:].flip(0)),
        "mixed": lambda lstm, x, lengths: _run(lstm, x, lengths)[1][-2:].reshape(len(x), -1),
        "cell state": lambda lstm, x, lengths: _sides(_run(lstm, x, lengths)[2]),
        "one half": lambda lstm, x, lengths: _run(lstm, x, lengths)[1][-1],
        "sorted": in_order_of_length,
    }


def _summary_cases():
    def case(layers, lengths):
        lstm = nn.LSTM(3, 4, layers, batch_first=True, bidirectional=True)
        padded = pad_sequence([torch.randn(length, 3) for length in lengths], batch_first=True)
        return lstm, padded, lengths

    return [case(2, [4, 7, 2]), case(1, [1, 6])]


def _scaled(source, *parts):
    return tuple((part - source.mean()) / source.std() for part in parts)


EXERCISES = {
    "numbers_in_h_n": Exercise(
        solutions.numbers_in_h_n,
        WORDS["numbers_in_h_n"],
        {
            "one direction": 3 * 5 * 20,
            "top layer": 2 * 5 * 20,
            "out": 5 * 7 * 40,
            "steps": 6 * 7 * 20,
            "all steps": 6 * 5 * 7 * 20,
            "twice": 6 * 5 * 40,
            "rows": 6,
        },
        tolerance=0.5,
    ),
    "scale": Exercise(
        solutions.scale,
        WORDS["scale"],
        {
            "all data": lambda train, test: _scaled(torch.cat([train, test]), train, test),
            "each by its own": lambda train, test: _scaled(train, train) + _scaled(test, test),
            "train only": lambda train, test: (*_scaled(train, train), test),
            "parentheses": lambda train, test: tuple(p - train.mean() / train.std() for p in (train, test)),
            "to 0..1": lambda train, test: tuple(
                (p - train.min()) / (train.max() - train.min()) for p in (train, test)
            ),
            "no deviation": lambda train, test: tuple(p - train.mean() for p in (train, test)),
            "no mean": lambda train, test: tuple(p / train.std() for p in (train, test)),
            "variance": lambda train, test: tuple(p / train.std() for p in _scaled(train, train, test)),
            "test numbers": lambda train, test: _scaled(test, train, test),
        },
        lambda: [(50 + 10 * torch.randn(300), 80 + 25 * torch.randn(60))],
        tolerance=0.02,
    ),
    "summary_of": Exercise(solutions.summary_of, WORDS["summary_of"], _summary_mistakes(), _summary_cases),
}

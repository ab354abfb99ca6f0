"""Exercises of notebook 08."""

import math

import torch

from lstm_lib.cells import LSTM
from lstm_lib.exercises.core import Exercise


def min_half_life():
    f, i = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(1))
    return math.log(0.5) / math.log(f / (f + i))


def write_ratio(i, candidate, mark):
    written, mark = (i * candidate).abs()[:, 1:], mark[:, 1:]
    return written[mark].mean() / written[~mark].mean()


def freeze_gate(lstm, x, gate):
    mean = getattr(lstm.trace(x), gate).mean(dim=(0, 1))  # (H,)
    h = c = torch.zeros(len(x), lstm.hidden_size)
    for x_t in x.unbind(dim=1):  # (B, D), T times
        f, i, candidate, o, _, _ = lstm.cell.step(x_t, h, c)
        f = mean if gate == "f" else f
        i = mean if gate == "i" else i
        o = mean if gate == "o" else o
        c = f * c + i * candidate
        h = o * c.tanh()
    return h


def _half_life(keep):
    return math.log(0.5) / math.log(keep)


def _ratio_of_each_sequence(*case):
    ratios = [write_ratio(*(part[None] for part in row)) for row in zip(*case, strict=True)]
    return sum(ratios) / len(ratios)


def _ratio_case(batch, steps):
    mark = torch.rand(batch, steps) < 0.2
    mark[:, 0] = mark[:, 3] = True  # the first step always has one, and each sequence has another
    mark[:, 4] = False
    i = torch.where(mark, 0.6, 0.1) + 0.3 * torch.rand(batch, steps)
    lean = torch.where(mark, 0.3, -0.3)  # so that the two signed means have opposite signs
    return i, lean + 0.7 * (2 * torch.rand(batch, steps) - 1), mark


def _freeze_case(batch, steps, units, gate):
    lstm = LSTM(2, units)
    for weight in lstm.parameters():
        weight.data *= 3  # so that the gates move
    return lstm, torch.randn(batch, steps, 2), gate


KEEP, WRITE = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(1))  # the gates of the number exercise
RATIO = "written[mark].mean() / written[~mark].mean()"  # what write_ratio returns
EACH_STEP = ("for x_t in x.unbind(dim=1)", "for t, x_t in enumerate(x.unbind(dim=1))")  # freeze_gate, with a count

EXERCISES = {
    Exercise(min_half_life, tolerance=0.02): {
        "LSTM": _half_life(KEEP),
        "about the LSTM's": 14.0,
        "sign": -_half_life(KEEP / (KEEP + WRITE)),
        "share": KEEP / (KEEP + WRITE),
        "written": _half_life(WRITE / (KEEP + WRITE)),
        "coupled": _half_life(1 - WRITE),
        "sums": _half_life(3 / (3 - 1)),
        "exp": _half_life(1 / (1 + math.exp(-4))),
        "difference": _half_life(KEEP - WRITE),
        "product": _half_life(KEEP * (1 - WRITE)),
    },
    Exercise(write_ratio, lambda: [_ratio_case(20, 12), _ratio_case(30, 25)]): {
        "signed": (".abs()", ""),
        "size of the mean": (".abs()", "", ".mean()", ".mean().abs()"),
        "gate": ("i * candidate", "i"),
        "candidate": ("i * candidate", "candidate"),
        "first step": ("[:, 1:]", ""),
        "first as elsewhere": ("[:, 1:], mark[:, 1:]", ", mark & (torch.arange(mark.shape[1]) > 0)"),
        "first sequence": ("[:, 1:]", "[1:]"),
        "other way": (RATIO, "written[~mark].mean() / written[mark].mean()"),
        "difference": ("mean() /", "mean() -"),
        "sums": ("mean()", "sum()"),
        "all steps": ("written[~mark]", "written"),
        "product of means": lambda i, candidate, mark: (
            write_ratio(i, torch.ones(1), mark) * write_ratio(torch.ones(1), candidate, mark)
        ),
        "each sequence": _ratio_of_each_sequence,
    },
    Exercise(
        freeze_gate, lambda: [_freeze_case(3, 6, 4, "f"), _freeze_case(2, 5, 3, "i"), _freeze_case(4, 4, 3, "o")]
    ): {
        "untouched": lambda lstm, x, gate: lstm.trace(x).h[:, -1],
        "open": ("getattr(lstm.trace(x), gate).mean(dim=(0, 1))", "torch.ones(lstm.hidden_size)"),
        "one number": ("dim=(0, 1)", ""),
        "each sequence": ("dim=(0, 1)", "dim=1"),
        "each step": ("dim=(0, 1)", "dim=0", *EACH_STEP, "mean if", "mean[t] if"),
        "old C": ("o, _, _", "o, c, _", "        c = f * c + i * candidate\n", ""),
        "recorded": (*EACH_STEP, "lstm.cell.step(x_t, h, c)", "(part[:, t] for part in lstm.trace(x))"),
        "wrong gate": ("    mean", '    gate = {"f": "i", "i": "f"}.get(gate, gate)\n    mean'),
        "order": ("f, i, candidate, o", "i, f, candidate, o"),
        "two steps": ("o, _, _", "o, c, _"),
        "no tanh on C": ("c.tanh()", "c"),
        "last step": (*EACH_STEP, "mean if", "mean if t == x.shape[1] - 1 and"),
        "C": ("return h", "return c"),
    },
}

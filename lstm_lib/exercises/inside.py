"""Exercises of notebook 08."""

import math

import torch

from lstm_lib.cells import LSTM
from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "min_half_life": {
        "right": "f' is 0.78, although f is 0.95: with these gates, to write is to forget.",
        "LSTM": "That is the half-life in an LSTM, with f alone. Here the old state is multiplied by f' = f / (f + i).",
        "about the LSTM's": "About as in an LSTM, with f alone. Here the old state is multiplied by f' = f / (f + i).",
        "sign": "The size is right, the sign is not: ln ½ and ln f' are both negative.",
        "share": "That is f', what one step keeps. After how many steps is half of it left?",
        "written": "You took i' for f'. The old state is multiplied by f'.",
        "coupled": "You took 1 - i for what is kept. Here it is f / (f + i).",
        "sums": "You put in the two sums, 3 and -1. The gates are their sigmoids.",
        "exp": "You took exp for the gates, as in sLSTM's input gate. Here both gates are sigmoids.",
        "difference": "You took f - i for what is kept. Here it is f / (f + i).",
        "product": "You took f (1 - i) for what is kept. Here it is f / (f + i).",
    },
    "write_ratio": {
        "right": "Sizes, means over steps, and the first step left out.",
        "signed": "You averaged with the sign. Writes of both signs cancel: take the size of each one first.",
        "size of the mean": "You took the size of a mean in which writes of both signs cancel. Take each size first.",
        "gate": "That is the ratio for i alone. What is added to C is i times C̃.",
        "candidate": "That is the ratio for C̃ alone. What is added to C is i times C̃.",
        "first step": "You counted the first step, at which every sequence has a mark.",
        "first as elsewhere": "You counted the first step among those without a mark. Leave it out altogether.",
        "first sequence": "You left out the first sequence. The steps are dimension 1.",
        "other way": "That is elsewhere over marks. Turn it around.",
        "difference": "That is a difference. Asked for is how many times as much: a ratio.",
        "sums": "You divided sums. There are far fewer marks than other steps, so divide means.",
        "all steps": "You compare with all steps. Compare with those that have no mark.",
        "product of means": "You averaged i and C̃ by themselves. Multiply at each step, then average.",
        "each sequence": "You averaged one ratio for each sequence. Average over all marked steps, then divide.",
    },
    "freeze_gate": {
        "right": "The gate no longer knows what it reads, and everything else reacts to that.",
        "untouched": "That is the last h of the network as it is. No gate was frozen, or nothing uses it.",
        "open": "You set the gate to 1. It should be its own mean.",
        "one number": "You froze all units at one number. Each unit has a mean of its own.",
        "each sequence": "You averaged over steps only. Then the gate still differs from sequence to sequence.",
        "each step": "You averaged over sequences only. Then the gate still moves from step to step.",
        "old C": "You go on with a C that was made with the live gate. Make C anew, from the four parts.",
        "recorded": "The other three parts are those of the untouched run. They read h, and h has changed.",
        "wrong gate": "That is what comes out if f and i are exchanged. The order of `step` is f, i, C̃, o.",
        "order": "You took what `step` returns for i, f, C̃, o. That is PyTorch's order; this library has f first.",
        "two steps": "C went through the step twice: `step` returns a new c. Go on from the old one.",
        "no tanh on C": "C is right, h is not: C goes through a tanh before the output gate.",
        "last step": "In effect the gate is frozen at the last step only. Go on from the h and c of the new run.",
        "C": "That is the last C. The last h is asked for.",
    },
}


def _half_life(keep):
    return math.log(0.5) / math.log(keep)


def _means(values, mark):
    return values[mark].mean(), values[~mark].mean()


def _ratio(function):
    """Return an answer that leaves out the first step, takes two means of ``function(i, candidate)``, and divides."""

    def answer(i, candidate, mark):
        at, off = _means(function(i, candidate)[:, 1:], mark[:, 1:])
        return at / off

    return answer


def _size(i, candidate):
    return (i * candidate).abs()


def _ratio_mistakes():
    def first_step(i, candidate, mark):
        at, off = _means(_size(i, candidate), mark)
        return at / off

    def first_as_elsewhere(i, candidate, mark):
        at, off = _means(_size(i, candidate), mark & (torch.arange(mark.shape[1]) > 0))
        return at / off

    def first_sequence(i, candidate, mark):
        at, off = _means(_size(i, candidate)[1:], mark[1:])
        return at / off

    def difference(i, candidate, mark):
        at, off = _means(_size(i, candidate)[:, 1:], mark[:, 1:])
        return at - off

    def sums(i, candidate, mark):
        written, mark = _size(i, candidate)[:, 1:], mark[:, 1:]
        return written[mark].sum() / written[~mark].sum()

    def all_steps(i, candidate, mark):
        written = _size(i, candidate)[:, 1:]
        return written[mark[:, 1:]].mean() / written.mean()

    def each_sequence(i, candidate, mark):
        pairs = [_means(w, m) for w, m in zip(_size(i, candidate)[:, 1:], mark[:, 1:], strict=True)]
        return sum(at / off for at, off in pairs) / len(pairs)

    signed, gate, size = _ratio(torch.mul), _ratio(lambda i, c: i), _ratio(lambda i, c: c.abs())
    return {
        "signed": signed,
        "size of the mean": lambda *case: signed(*case).abs(),
        "gate": gate,
        "candidate": size,
        "first step": first_step,
        "first as elsewhere": first_as_elsewhere,
        "first sequence": first_sequence,
        "other way": lambda *case: 1 / _ratio(_size)(*case),
        "difference": difference,
        "sums": sums,
        "all steps": all_steps,
        "product of means": lambda *case: gate(*case) * size(*case),
        "each sequence": each_sequence,
    }


def _ratio_cases():
    def case(batch, steps):
        mark = torch.rand(batch, steps) < 0.2
        mark[:, 0] = mark[:, 3] = True  # the first step always has one, and each sequence has another
        mark[:, 4] = False
        i = torch.where(mark, 0.6, 0.1) + 0.3 * torch.rand(batch, steps)
        lean = torch.where(mark, 0.3, -0.3)  # so that the two signed means have opposite signs
        return i, lean + 0.7 * (2 * torch.rand(batch, steps) - 1), mark

    return [case(20, 12), case(30, 25)]


def _freeze(mistake):
    """Return a run with a frozen gate and one mistake in it."""

    def answer(lstm, x, gate):
        trace = lstm.trace(x)
        swapped = {"f": "i", "i": "f"} if mistake == "wrong gate" else {}
        gate, read = swapped.get(gate, gate), ("f", "i", "candidate", "o", "c", "h")
        if mistake == "order":
            read = ("i", "f", *read[2:])
        over = {"one number": (0, 1, 2), "each sequence": 1, "each step": 0}.get(mistake, (0, 1))
        frozen = torch.ones_like(getattr(trace, gate)) if mistake == "open" else getattr(trace, gate)
        frozen = frozen.mean(dim=over, keepdim=True).expand_as(trace.c)
        h = c = torch.zeros_like(trace.c[:, 0])
        for t, x_t in enumerate(x.unbind(dim=1)):
            parts = dict(zip(read, lstm.cell.step(x_t, h, c), strict=True))
            if mistake == "recorded":
                parts |= {name: getattr(trace, name)[:, t] for name in ("f", "i", "candidate", "o")}
            if mistake != "untouched" and (mistake != "last step" or t == x.shape[1] - 1):
                parts[gate] = frozen[:, t]
            c = parts["c"] if mistake in ("old C", "two steps") else c
            c = c if mistake == "old C" else parts["f"] * c + parts["i"] * parts["candidate"]
            h = parts["o"] * (c if mistake == "no tanh on C" else c.tanh())
        return c if mistake == "C" else h

    return answer


def _freeze_cases():
    def case(batch, steps, units, gate):
        lstm = LSTM(2, units)
        with torch.no_grad():
            for weight in lstm.parameters():
                weight *= 3  # so that the gates move
        return lstm, torch.randn(batch, steps, 2), gate

    return [case(3, 6, 4, "f"), case(2, 5, 3, "i"), case(4, 4, 3, "o")]


KEEP, WRITE = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(1))  # the gates of the number exercise
EXERCISES = {
    "min_half_life": Exercise(
        solutions.min_half_life,
        WORDS["min_half_life"],
        {
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
        tolerance=0.02,
    ),
    "write_ratio": Exercise(solutions.write_ratio, WORDS["write_ratio"], _ratio_mistakes(), _ratio_cases),
    "freeze_gate": Exercise(
        solutions.freeze_gate,
        WORDS["freeze_gate"],
        {mistake: _freeze(mistake) for mistake in WORDS["freeze_gate"] if mistake != "right"},
        _freeze_cases,
    ),
}

"""Exercises of notebook 04."""

import math

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "level_of_c": {
        "right": "Ten steps keep 0.707, and C = 0.707 C + 1 has one solution.",
        "before": "That is C just before a pulse. Right after it, there is 1 more.",
        "h": "That is what h shows, or near it. C has no lid at 1, and C itself is asked for.",
        "halved": "You let half be lost between two pulses. That takes twenty steps, and the pulses are ten apart.",
        "upside down": "Your exponent is upside down. How many half-lives are there in ten steps?",
        "linear": "You took off a quarter in ten steps. But what is lost shrinks with what is there.",
        "every step": "That is the level with a pulse at every step. Here one comes at every tenth.",
        "no level": "That is what f leaves between two pulses. Where does C end up if 1 is added each time?",
    },
    "half_lives": {
        "right": "Logs add up where gates multiply, and nothing underflows.",
        "mean gate": "You took the mean of the gates. But gates multiply: a mean hides a step that forgets all.",
        "mean of half-lives": "You took the mean of the steps' half-lives. One step with f near 1 outweighs the rest.",
        "all steps at once": "You treat the whole sequence as one step. The log of the product is spread over T steps.",
        "underflow": "Short sequences are right. Over 4,000 steps the product underflows to 0. Add up logs.",
        "typical gate": "That is the constant gate. From it you still have to compute the half-life.",
        "over units": "You averaged over the units. Average over the steps, dimension 0.",
        "one number": "You averaged over steps and units. Each unit has a half-life of its own.",
        "1/e": "That is when 1/e is left, about a third. Half of it is asked for.",
        "crossing": "You counted steps until half was left. The definition looks at the whole sequence.",
        "sign": "Your half-lives are negative. ln ½ and ln f are both negative, so their ratio is not.",
        "two logs": "You divided a natural log by one of another base. Both must have the same.",
    },
    "exchange_c": {
        "right": "Two calls, and a state handed over in between, with C moved along the batch.",
        "nothing": "Nothing was exchanged. C is (1, B, H), and rolling its dimension 0, of size 1, does nothing.",
        "units": "You rolled the units of each sequence, the last dimension. The batch is the one in the middle.",
        "flat": "roll without dims sees one long row of numbers, and moves each by one unit. Roll the batch.",
        "overwritten": "All go on with the C of the last one: each C was overwritten before it was handed on.",
        "h": "You exchanged h, and C stayed. It is the other way round.",
        "both": "You exchanged both states. h stays with its own sequence.",
        "other way": "Each sequence gets the C of the one after it. It should be that of the one before.",
        "early": "You exchanged one step too early. The first k steps come before the exchange.",
        "late": "You exchanged one step too late, after step k + 1.",
        "swapped": "The pair is in the wrong order: nn.LSTM takes h first, then C.",
        "wiped": "C went on from zero. It is to go on from another sequence's C.",
        "fresh": "The second call starts from zeros: it got no state at all.",
        "from the start": "The second call reads the sequence from step 1 again. Only the steps after k are left.",
        "stopped": "That is h right after step k. The sequence goes on.",
        "C": "That is the last C. The last h is asked for.",
    },
}


def _level(kept):
    return 1 / (1 - kept)


def _log_half(f, log=torch.log):
    return math.log(0.5) / log(f)


def _exchange(mistake):
    """Return an exchange with one mistake in it."""
    dims, shift = {"nothing": 0, "units": 2}.get(mistake, 1), -1 if mistake == "other way" else 1

    def answer(lstm, x, k):
        k += {"early": -1, "late": 1}.get(mistake, 0)
        out, (h, c) = lstm(x[:, :k])
        if mistake == "stopped":
            return out[:, -1]
        moved = c.roll(shift, dims=dims)
        state = {"h": (h.roll(1, dims=1), c), "both": (h.roll(1, dims=1), moved), "swapped": (moved, h)}
        state |= {"wiped": (h, torch.zeros_like(c)), "fresh": None, "flat": (h, c.roll(1))}
        state["overwritten"] = (h, c[:, -1:].expand_as(c).contiguous())
        out, (_, c) = lstm(x if mistake == "from the start" else x[:, k:], state.get(mistake, (h, moved)))
        return c[0] if mistake == "C" else out[:, -1]

    return answer


def _exchange_cases():
    def case(batch, steps, inputs, units, k):
        lstm = nn.LSTM(inputs, units, batch_first=True)
        with torch.no_grad():
            for weight in lstm.parameters():
                weight *= 2  # so that a wrong state shows in the last h
        return lstm, 2 * torch.randn(batch, steps, inputs), k

    return [case(4, 6, 2, 5, 4), case(3, 5, 1, 6, 2)]


EXERCISES = {
    "level_of_c": Exercise(
        solutions.level_of_c,
        WORDS["level_of_c"],
        {
            "before": _level(0.5**0.5) - 1,
            "h": math.tanh(_level(0.5**0.5)),
            "halved": _level(0.5),
            "upside down": _level(0.5**2),
            "linear": _level(0.75),
            "every step": _level(0.5 ** (1 / 20)),
            "no level": 0.5**0.5,
        },
        tolerance=0.01,
    ),
    "half_lives": Exercise(
        solutions.half_lives,
        WORDS["half_lives"],
        {
            "mean gate": lambda f: _log_half(f.mean(dim=0)),
            "mean of half-lives": lambda f: _log_half(f).mean(dim=0),
            "all steps at once": lambda f: math.log(0.5) / f.log().sum(dim=0),
            "underflow": lambda f: _log_half(f.prod(dim=0)) * len(f),
            "typical gate": lambda f: f.log().mean(dim=0).exp(),
            "over units": lambda f: math.log(0.5) / f.log().mean(dim=1),
            "one number": lambda f: math.log(0.5) / f.log().mean(),
            "1/e": lambda f: -1 / f.log().mean(dim=0),
            "crossing": lambda f: (f.cumprod(dim=0) > 0.5).sum(dim=0),
            "sign": lambda f: math.log(2) / f.log().mean(dim=0),
            "two logs": lambda f: math.log(0.5) / f.log10().mean(dim=0),
        },
        lambda: [(0.3 + 0.69 * torch.rand(steps, units),) for steps, units in ((12, 4), (4000, 3))],
        tolerance=1e-3,
    ),
    "exchange_c": Exercise(
        solutions.exchange_c,
        WORDS["exchange_c"],
        {mistake: _exchange(mistake) for mistake in WORDS["exchange_c"] if mistake != "right"},
        _exchange_cases,
    ),
}

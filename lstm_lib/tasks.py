"""Synthetic sequence tasks that need memory: endless training batches, and a held-out set of their own.

Shapes: B batch, T time steps, D input features. Everything is drawn in torch's default dtype.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch.nn import functional

from lstm_lib.checks import positive_int

HELD_OUT_SEED = 2**31  # apart from the small seeds of training batches


class Task(NamedTuple):
    """A task: what it draws, how an answer is judged, and the sizes a model needs.

    ``draw(size, rng)`` returns x (B, T, D) and y. ``loss(output, y)`` is what training makes small.
    ``score(output, y)`` is for people: the share of right answers, or the squared error as a share of y's variance.
    """

    input_size: int
    output_size: int
    draw: Callable
    loss: Callable
    score: Callable

    def batches(self, size, seed):
        """Yield training batches (x, y) of ``size`` sequences without end, each batch new."""
        positive_int("size", size)
        rng = torch.Generator().manual_seed(seed)
        while True:
            yield self.draw(size, rng)

    def held_out(self, size):
        """Return x and y of ``size`` sequences that no training batch with a small seed contains."""
        return self.draw(positive_int("size", size), torch.Generator().manual_seed(HELD_OUT_SEED))


def right_answers(output, y):
    """Return the share of rows of ``output`` (B, classes) whose largest entry is at the label y (B,)."""
    return (output.argmax(dim=1) == y).double().mean().item()


def relative_error(output, y):
    """Return the mean squared error as a share of the variance of y: 0 is perfect, 1 is as good as the mean.

    Raises ValueError if the shapes differ: (B, 1) and (B,) would give every pair of answers, without a word.
    """
    if output.shape != y.shape:
        raise ValueError(f"output: expected the shape of y, {tuple(y.shape)}, got {tuple(output.shape)}")
    return (functional.mse_loss(output, y) / y.var(correction=0)).item()


def temporal_order(steps):
    """Two signals, X or Y each, lie far apart among four kinds of noise; the answer is their order: XX, XY, YX or YY.

    x (B, steps, 6) one-hot: X, Y, a, b, c, d; y (B,) in 0..3. The signals stand at 10-20 % and 50-60 % of the sequence.
    Raises ValueError if ``steps`` is below 10. Source: after Hochreiter & Schmidhuber 1997, section 5.6, task 6a (there
    with symbols for start and end, and signals at steps 10-20 and 50-60 of 100 to 110).
    """
    positive_int("steps", steps, least=10)

    def draw(size, rng):
        symbols = torch.randint(2, 6, (size, steps), generator=rng)
        signals = torch.randint(0, 2, (size, 2), generator=rng)
        for k, start in enumerate((steps // 10, steps // 2)):
            place = start + torch.randint(0, steps // 10, (size,), generator=rng)
            symbols[torch.arange(size), place] = signals[:, k]
        return _one_hot(symbols, 6), 2 * signals[:, 0] + signals[:, 1]

    return Task(6, 4, draw, functional.cross_entropy, right_answers)


def adding(steps):
    """Two values of a long list are marked; the answer is their sum.

    x (B, steps, 2): a value in 0..1 and a mark, one mark in each half; y (B, 1). Guessing the mean has an error of 1/6.
    Raises ValueError if ``steps`` is below 2. Source: Arjovsky, Shah & Bengio 2016, "Unitary Evolution Recurrent Neural
    Networks"; after Hochreiter & Schmidhuber 1997, section 5.4, task 4 (values in -1..1, other marks).
    """
    positive_int("steps", steps, least=2)

    def draw(size, rng):
        value, mark = torch.rand(size, steps, generator=rng), torch.zeros(size, steps)
        for start, end in ((0, steps // 2), (steps // 2, steps)):
            mark.scatter_(1, torch.randint(start, end, (size, 1), generator=rng), 1.0)
        return torch.stack([value, mark], dim=-1), (value * mark).sum(dim=1, keepdim=True)

    return Task(2, 1, draw, functional.mse_loss, relative_error)


def first_symbol(steps):
    """The first of ``steps`` symbols is one of four signals, noise follows; the answer is the first symbol.

    x (B, steps, 8) one-hot: four signals, then four kinds of noise; y (B,) in 0..3.
    Raises ValueError if ``steps`` is below 2. Source: after Bengio, Simard & Frasconi 1994, the latching problem.
    """
    positive_int("steps", steps, least=2)

    def draw(size, rng):
        symbols = torch.randint(4, 8, (size, steps), generator=rng)
        symbols[:, 0] = torch.randint(0, 4, (size,), generator=rng)
        return _one_hot(symbols, 8), symbols[:, 0]

    return Task(8, 4, draw, functional.cross_entropy, right_answers)


def marked_value(steps):
    """Now and then a value is marked, and larger values without a mark distract; the answer is the last marked value.

    x (B, steps, 2): a value, in -1..1 if marked and in -3..3 if not, and the mark (6 % of the steps, and the first);
    y (B, 1). Raises ValueError if ``steps`` is below 2.
    Source: the input of Hochreiter & Schmidhuber 1997, section 5.4, with another question.
    """
    positive_int("steps", steps, least=2)

    def draw(size, rng):
        mark = torch.rand(size, steps, generator=rng) < 0.06
        mark[:, 0] = True
        value = (2 * torch.rand(size, steps, generator=rng) - 1) * torch.where(mark, 1.0, 3.0)
        last = torch.where(mark, torch.arange(steps), 0).amax(dim=1, keepdim=True)
        return torch.stack([value, mark.to(value.dtype)], dim=-1), value.gather(1, last)

    return Task(2, 1, draw, functional.mse_loss, relative_error)


def long_and_short(steps, long=True, short=True):
    """Hold one value from the first step to the end, and at the same time the value before the last: one or both.

    x (B, steps, 2): a new value in -1..1 at each step, and a mark at the first; y (B, 1 or 2): the first value if
    ``long``, the value of the step before the last if ``short``.
    Raises ValueError if ``steps`` is below 3 or nothing is asked for.
    """
    positive_int("steps", steps, least=3)
    asked = [place for place, wanted in ((0, long), (steps - 2, short)) if wanted]
    if not asked:
        raise ValueError("long, short: expected at least one of them to be True, got False and False")

    def draw(size, rng):
        value = 2 * torch.rand(size, steps, generator=rng) - 1
        mark = torch.eye(steps)[0].expand(size, steps)  # 1, then zeros
        return torch.stack([value, mark], dim=-1), value[:, asked]

    return Task(2, len(asked), draw, functional.mse_loss, relative_error)


def query_only(steps):
    """Hold the first value and say it only when asked: the answer is the value at a step with a question, 0 elsewhere.

    x (B, steps, 2): the value in -1..1 at the first step, then 0; and the question (1 at 20 % of the later steps).
    y (B, steps, 1): one answer for each step. Raises ValueError if ``steps`` is below 2.
    """
    positive_int("steps", steps, least=2)

    def draw(size, rng):
        value = 2 * torch.rand(size, 1, generator=rng) - 1
        asked = (torch.rand(size, steps, generator=rng) < 0.2).to(value.dtype)
        asked[:, 0] = 0.0
        shown = value * torch.eye(steps)[0]  # (B, steps): the value, then zeros
        return torch.stack([shown, asked], dim=-1), (value * asked).unsqueeze(-1)

    return Task(2, 1, draw, functional.mse_loss, relative_error)


NOUNS = ("key", "cabinet", "door", "book", "keys", "cabinets", "doors", "books")  # four singular, then four plural
WORDS = ("the", "to", "near", "behind", *NOUNS)
VERBS = ("is", "are")


def agreement(phrases):
    """A subject, then ``phrases`` like "to the cabinet"; the answer is the verb that agrees with the subject.

    x (B, 2 + 3 * phrases, 12) one-hot over WORDS: "the keys to the cabinet near the door"; y (B,): 0 "is", 1 "are".
    Each noun's number is drawn by itself, so the last noun says nothing about the verb.
    Raises ValueError if ``phrases`` is below 1. Source: after Linzen, Dupoux & Goldberg 2016.
    """
    positive_int("phrases", phrases)

    def draw(size, rng):
        nouns = torch.randint(4, 12, (size, phrases + 1), generator=rng)
        words = torch.zeros(size, 2 + 3 * phrases, dtype=torch.long)  # 0 is "the"
        words[:, 1::3] = nouns
        words[:, 2::3] = torch.randint(1, 4, (size, phrases), generator=rng)  # prepositions
        return _one_hot(words, len(WORDS)), (nouns[:, 0] >= 8).long()

    return Task(len(WORDS), 2, draw, functional.cross_entropy, right_answers)


def read_sentence(x):
    """Return the words of one sequence x (T, 12) of the agreement task as a string."""
    return " ".join(WORDS[k] for k in x.argmax(dim=1))


def _one_hot(symbols, count):
    return functional.one_hot(symbols, count).to(torch.get_default_dtype())

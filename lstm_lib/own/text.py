"""The pipeline for a text of your own: characters as symbols, an LSTM that guesses the next one, n-grams to beat.

Shapes: B batch, T time steps, K characters in the alphabet, H hidden units. The unit is bits per character: the mean of
-log2 of the probability that was given to the character that came.
"""

import math
from collections import Counter
from functools import partial
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from lstm_lib.cells import forget_bias_
from lstm_lib.checks import part_share, positive_int
from lstm_lib.own.early_stopping import fit_and_keep_the_best
from lstm_lib.own.refusing import expect, expect_type

OTHER = "\ufffd"  # stands for every character that the training part doesn't have
LEAST = 1000  # characters
WIDE, EMBEDDED = 200, 64  # from so many characters on, vectors of so many numbers


class TextSplit(NamedTuple):
    """A text cut in order into three parts (N,) of places in ``alphabet``, whose last entry is the character OTHER."""

    train: torch.Tensor
    validation: torch.Tensor
    test: torch.Tensor
    alphabet: str


def split_text(text, share=0.1):
    """Cut ``text`` in order into training, validation and test, the last two with ``share`` each.

    Returns a TextSplit. Raises TypeError if ``text`` is no string, ValueError if it has fewer than 1000 characters or
    its training part only one kind of them.
    """
    expect_type("text", text, str, "a string")
    part_share("share", share)
    size = int(len(text) * share)
    train = text[: len(text) - 2 * size]
    enough, came = len(text) >= LEAST and len(set(train)) > 1, f"{len(text)} of {len(set(text))} kinds"
    expect(enough, "text", f"at least {LEAST} characters of several kinds", came)
    alphabet = "".join(sorted(set(train) - {OTHER})) + OTHER
    places = {character: k for k, character in enumerate(alphabet)}
    symbols = torch.tensor([places.get(character, len(alphabet) - 1) for character in text])
    return TextSplit(*symbols.split([len(train), size, size]), alphabet)


class CharacterModel(nn.Module):
    """An LSTM over characters: symbols (B, T) of the ``alphabet`` -> scores (B, K, T) of the next one at each step.

    Characters enter one-hot. Of more than 200, as in Chinese, each has a learned vector of 64 numbers instead: that is
    a row of a matrix looked up, where one-hot vectors would be multiplied with it.
    """

    def __init__(self, alphabet, hidden_size):
        super().__init__()
        self.alphabet, self.hidden_size = alphabet, positive_int("hidden_size", hidden_size)
        wide = len(alphabet) > WIDE
        self.embedding = nn.Embedding(len(alphabet), EMBEDDED) if wide else None
        self.lstm = nn.LSTM(EMBEDDED if wide else len(alphabet), self.hidden_size, batch_first=True)
        self.fc = nn.Linear(self.hidden_size, len(alphabet))

    def forward(self, symbols):
        return self.step(symbols)[0]

    def step(self, symbols, state=None):
        """Return the scores (B, K, T) and the state (h, c) after the last step, to go on from."""
        if self.embedding is None:
            x = functional.one_hot(symbols, len(self.alphabet)).to(self.fc.weight.dtype)  # (B, T, K)
        else:
            x = self.embedding(symbols)  # (B, T, EMBEDDED)
        out, state = self.lstm(x, state)  # (B, T, H)
        return self.fc(out).transpose(1, 2), state


def train_characters(split, hidden=64, updates=600, length=64, rate=0.01, seed=0, label="training"):
    """Train a CharacterModel in float64 on the training part; return it as it was where the validation part was best.

    Batches of 32 pieces of ``length`` characters from random places. Returns the model and its curve: for each round
    (updates done, bits on the batches, bits on the first 5000 characters of the validation part).
    """
    expect_type("split", split, TextSplit, "what split_text returns")
    positive_int("hidden", hidden)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = forget_bias_(CharacterModel(split.alphabet, hidden).double(), 1.0)
    batches = _pieces(split.train, positive_int("length", length), seed)
    miss = partial(bits, model, split.validation[:5000])
    curve = fit_and_keep_the_best(model, batches, functional.cross_entropy, miss, updates, rate, seed, label)
    return model, [(done, loss / math.log(2), error) for done, loss, error in curve]


def _pieces(symbols, length, seed, size=32):
    rng, pieces = torch.Generator().manual_seed(seed), symbols.unfold(0, min(length + 1, len(symbols)), 1)
    while True:
        piece = pieces[torch.randint(len(pieces), (size,), generator=rng)]
        yield piece[:, :-1], piece[:, 1:]


def bits(model, symbols):
    """Return the bits per character of ``model`` on ``symbols`` (N,), read once from its start to its end.

    ``symbols`` is a part of a TextSplit. Raises TypeError or ValueError for anything else or fewer than two characters.
    """
    expect_type("symbols", symbols, torch.Tensor, "a part of a split, such as split.test")
    fits = symbols.dim() == 1 and len(symbols) > 1
    expect(fits, "symbols", "shape (N,) with two characters or more", tuple(symbols.shape))
    total, state, symbols = 0.0, None, symbols.to(model.fc.weight.device)
    with torch.no_grad():
        for x, y in zip(symbols[None, :-1].split(1000, 1), symbols[None, 1:].split(1000, 1), strict=True):
            scores, state = model.step(x, state)
            total += functional.cross_entropy(scores, y, reduction="sum").item()
    return total / math.log(2) / (len(symbols) - 1)


def ngram_bits(split, context, part="test"):
    """Return the bits per character on a ``part`` of counting what followed the last ``context`` characters.

    Counted is the training part; ``part`` is "validation" or "test". A context seen rarely leans on the one shorter by
    a character, in the end on equal chances for all: with n counts the share of the shorter is 1 / (n + 1). 0 is the
    unigram. Raises TypeError or ValueError that names the argument.
    Source: MacKay & Bauman Peto 1995, "A hierarchical Dirichlet language model".
    """
    expect_type("split", split, TextSplit, "what split_text returns")
    expect(part in ("validation", "test"), "part", "'validation' or 'test'", repr(part))
    counts = type(context) is int and context >= 0  # True is no number
    expect(counts, "context", "a number of characters, 0 or more", repr(context))
    train, test = tuple(split.train.tolist()), tuple(getattr(split, part).tolist())
    seen = Counter(train[k - n : k + 1] for k in range(len(train)) for n in range(min(context, k) + 1))
    totals = Counter(train[k - n : k] for k in range(len(train)) for n in range(min(context, k) + 1))
    total = 0.0
    for k in range(1, len(test)):
        chance = 1 / len(split.alphabet)
        for n in range(min(context, k) + 1):
            chance = (seen[test[k - n : k + 1]] + chance) / (totals[test[k - n : k]] + 1)
        total -= math.log2(chance)
    return total / (len(test) - 1)


def sample(model, start, length, seed=0):
    """Return ``start`` and ``length`` characters that ``model`` goes on with, drawn by their probabilities.

    Raises ValueError if ``start`` is empty or holds a character that is not in the model's alphabet.
    """
    expect_type("start", start, str, "a string")
    positive_int("length", length)
    unknown = sorted(set(start) - set(model.alphabet[:-1]))
    expect(start and not unknown, "start", "characters of the text", unknown or repr(start))
    rng, state = torch.Generator().manual_seed(seed), None
    places = [[model.alphabet.index(character) for character in start]]
    text, symbols = start, torch.tensor(places, device=model.fc.weight.device)
    with torch.no_grad():
        for _ in range(length):
            scores, state = model.step(symbols, state)
            below = scores[0, :, -1].softmax(dim=0).cumsum(dim=0)  # (K,), the chance of a character up to this one
            draw = torch.rand(1, generator=rng, dtype=torch.float64)  # multinomial draws other ones in older torch
            symbols = (below[:-1] < draw.item()).sum().view(1, 1)
            text += model.alphabet[symbols.item()]
    return text

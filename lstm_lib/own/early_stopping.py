"""Training with early stopping: measure on a validation part now and then, keep the weights that did best there."""

import copy
import math

import torch

from lstm_lib.checks import positive_int
from lstm_lib.own.refusing import positive
from lstm_lib.training import STOPPED, fit, progress_bar

ROUNDS = 20  # how often the validation error is measured


def fit_and_keep_the_best(model, batches, loss_fn, miss, updates, rate, seed=0, label="training", stop=None,
                          before=math.inf):  # fmt: skip
    """Train ``model`` in place for so many ``updates``; it ends as it was after the round with the lowest ``miss()``.

    Adam, from ``rate`` down to 0 by a cosine, clip 1. ``batches`` is an endless iterator of pairs (x, y).
    ``stop``: end after the round with so many updates and keep that one, whatever ``miss()`` says.
    ``before``: the miss of the model as it came; where no round is better, it ends as it came.
    ``label`` stands beside the progress bar; None: no bar. A keyboard interrupt ends the training with the best so far
    and says so; without a bar it goes on to the caller.
    Returns for each of up to 20 rounds the triple (updates done, mean loss on the batches, miss).
    Source: Prechelt 1998, "Early Stopping - But When?".
    """
    adam = torch.optim.Adam(model.parameters(), lr=positive("rate", rate))
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, positive_int("updates", updates))
    rounds, done, curve = min(ROUNDS, updates), 0, []
    best, lowest = copy.deepcopy(model.state_dict()), before
    try:
        with progress_bar(updates, label) as bar:
            for k in range(rounds):
                todo = updates * (k + 1) // rounds - done
                options = {"clip": 1.0, "scheduler": cosine, "seed": seed + k, "label": None}
                history = fit(model, batches, loss_fn, adam, todo, **options)
                done += todo
                curve.append((done, sum(history.loss) / todo, miss()))
                if stop is not None or curve[-1][2] < lowest:
                    best, lowest = copy.deepcopy(model.state_dict()), curve[-1][2]
                bar.update(todo)
                if done == stop:
                    break
    except KeyboardInterrupt:
        if label is None:
            raise
        print(STOPPED.format(done=done, updates=updates))
    finally:
        model.load_state_dict(best)
    return curve


def shuffled(x, y, size, seed):
    """Yield batches of ``size`` pairs of ``x`` and ``y`` without end, in an order that is new for each pass."""
    rng = torch.Generator().manual_seed(seed)
    while True:
        for places in torch.randperm(len(x), generator=rng).split(size):
            yield x[places], y[places]

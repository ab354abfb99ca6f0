"""Training with early stopping: measure on a validation part now and then, keep the weights that did best there."""

import copy
import math
import numbers

import torch

from lstm_lib.checks import positive_int
from lstm_lib.training import STOPPED, fit, progress_bar

ROUNDS = 20  # how often the validation error is measured


def fit_and_keep_the_best(model, batches, loss_fn, miss, steps, rate, seed=0, label="training"):
    """Train ``model`` in place for ``steps`` updates; it ends as it was after the round with the lowest ``miss()``.

    Adam, from ``rate`` down to 0 by a cosine, clip 1. ``batches`` is an endless iterator of pairs (x, y).
    ``label`` stands beside the progress bar; None: no bar. A keyboard interrupt ends the training
    with the best so far and says so; without a bar it goes on to the caller.
    Returns for each of up to 20 rounds the triple (steps done, mean loss on the batches, miss).
    Source: Prechelt 1998, "Early Stopping - But When?".
    """
    if not isinstance(rate, numbers.Real) or not 0 < rate < math.inf:
        raise ValueError(f"rate: expected a positive number, got {rate!r}")
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, positive_int("steps", steps))
    rounds, done, curve, best = min(ROUNDS, steps), 0, [], None
    try:
        with progress_bar(steps, label) as bar:
            for k in range(rounds):
                todo = steps * (k + 1) // rounds - done
                options = {"clip": 1.0, "scheduler": schedule, "seed": seed + k, "label": None}
                history = fit(model, batches, loss_fn, optimizer, todo, **options)
                done += todo
                curve.append((done, sum(history.loss) / todo, miss()))
                if best is None or curve[-1][2] < min(entry[2] for entry in curve[:-1]):
                    best = copy.deepcopy(model.state_dict())
                bar.update(todo)
    except KeyboardInterrupt:
        if label is None:
            raise
        print(STOPPED.format(done=done, steps=steps))
    finally:
        if best is not None:
            model.load_state_dict(best)
    return curve


def shuffled(x, y, size, seed):
    """Yield batches of ``size`` pairs of ``x`` and ``y`` without end, in an order that is new for each pass."""
    rng = torch.Generator().manual_seed(seed)
    while True:
        for places in torch.randperm(len(x), generator=rng).split(size):
            yield x[places], y[places]

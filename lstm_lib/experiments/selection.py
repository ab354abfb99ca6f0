"""Experiment of notebook 03: once an RNN and an LSTM have learned to select, what moves their answers?"""

import torch

from lstm_lib.experiments.runs import Experiment
from lstm_lib.experiments.trials import Trial, best_rate, learn_ten

CAP = 10_000  # updates: an RNN needs thousands


def run_selection(kind, seed):
    """Train ten networks on the marked values of 10 steps until solved, up to 10,000 updates; return a dict.

    "rate", chosen as in the grid, and a list of ten each: "updates", "test", and what :func:`counts` returns.
    """
    trial = Trial("marked", 10, kind)
    rate, _ = best_rate(trial, CAP)
    runs = learn_ten(trial, rate, seed, cap=CAP)
    found = [{"updates": run["updates"], "test": run["test"], **counts(run["model"], trial.make())} for run in runs]
    return {"rate": rate, **{name: [row[name] for row in found] for name in found[0]}}


def counts(model, task):
    """Return how much the answer of ``model`` moves with the value of one step: the mean size of the slope, a dict.

    "last": at the last marked step, whose value is the right answer (a perfect network has 1 there and 0 elsewhere);
    "older": at the marked steps before; "unmarked": at the others. On 500 sequences of ``task``, marked values.
    """
    x, _ = task.held_out(500)
    x = x.to(next(model.parameters()).dtype).requires_grad_()
    slopes = torch.autograd.grad(model(x).sum(), x)[0][:, :, 0].abs()  # (B, T)
    mark = x[:, :, 1] > 0
    last = mark & (mark.flip(1).cumsum(dim=1).flip(1) == 1)
    groups = {"last": last, "older": mark & ~last, "unmarked": ~mark}
    return {name: round(slopes[where].mean().item(), 3) for name, where in groups.items()}


EXPERIMENTS = {"selection": Experiment(run_selection, [{"kind": "rnn_orthogonal"}, {"kind": "default"}], range(1))}

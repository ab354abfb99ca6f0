"""What is measured of a network in training: how much of the gradient comes from the step that matters, and its state.

Shapes: B batch, T time steps, D input features.
"""

import torch

from lstm_lib.cells import from_torch
from lstm_lib.experiments.runs import default_dtype
from lstm_lib.models import LSTMModel


def look_inside(model, trial, data):
    """Return what a ``model`` is like at one moment: a dict of numbers.

    "score" on ``data``, a pair (x, y); "share", see :func:`share`; "open": the largest mean f of a unit of an LSTM, the
    spectral radius of the recurrent matrix of an RNN; "h": the mean size of the last h.
    """
    (x, y), task = data, trial.make()
    with torch.no_grad():
        score = task.score(model(x), y)
        if isinstance(model, LSTMModel):
            trace = from_torch(model.lstm).trace(x)
            opening, h = trace.f.mean(dim=(0, 1)).max(), trace.h[:, -1]
        else:
            opening, h = torch.linalg.eigvals(model.rnn.weight_hh_l0).abs().max(), model.rnn(x)[1][0]
    found = {
        "score": score,
        "share": share(model, task, trial.task),
        "open": opening.item(),
        "h": h.abs().mean().item(),
    }
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def share(model, task, name):
    """Return which share of the gradient of the loss with respect to x lies at the step that matters: 0 to 1.

    The sizes are 2-norms over the features, added up over all steps; a mean over 100 held-out sequences,
    in float64. ``name`` is that of the task. The ``model`` comes back in the dtype it had.
    """
    dtype = next(model.parameters()).dtype
    with default_dtype(torch.float64):
        x, y = task.held_out(100)
        x.requires_grad_()
        sizes = torch.autograd.grad(task.loss(model.double()(x), y), x)[0].norm(dim=2)  # (B, T)
        model.to(dtype)
        there = sizes.gather(1, what_matters(name, x.detach())[:, None])[:, 0]
        return (there / sizes.sum(dim=1)).mean().item()


def what_matters(name, x):
    """Return the step (B,) of x (B, T, D) of the task ``name`` that the answer needs and that lies farthest back.

    That is the first symbol or value, the first of two signals or marks, the last mark of the marked values, and the
    subject of a sentence.
    """
    if name == "marked":
        return x.size(1) - 1 - x[:, :, 1].flip(1).argmax(dim=1)  # argmax returns the first of equal ones
    if name in ("order", "adding"):
        return (x[:, :, :2].sum(dim=2) if name == "order" else x[:, :, 1]).argmax(dim=1)
    return torch.full((len(x),), int(name == "agreement"))

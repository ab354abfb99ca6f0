"""The diagnosis lab of notebook 09: ten small trainings, each with one fault, and what becomes of it under a cure.

A run is described by a Setup. Each of the PATIENTS has one field with a bad value, and CURES says what a good one is.
So a diagnosis gets evidence: the same run, with that one thing put right.
"""

import math
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, get_total_norm

from lstm_lib.datasets import windows
from lstm_lib.own import shuffled
from lstm_lib.training import NonFiniteLossError, fit

TRAIN, VALIDATION, LATER = slice(500), slice(550, 700), slice(750, 925)  # windows, in the order of time


@dataclass(frozen=True)
class Setup:
    """How a run is made: all the fields have good values, unless a patient says otherwise."""

    kind: str = "tanh"  # or "relu", "lstm"
    hidden: int = 16
    layers: int = 1
    steps: int = 25  # T, the length of a window
    updates: int = 200
    optimizer: type = torch.optim.Adam
    rate: float = 0.02
    clip: float = 1.0  # the longest gradient; infinity: no clipping
    clip_first: bool = True  # clip before the update, not after it
    stretch: float = 1.0  # the factor of W at the start
    bias: float = 0.0  # of all hidden units at the start
    scale: float = 1.0  # what the inputs are multiplied by
    batch_first: bool = True
    module_list: bool = True  # layers in an nn.ModuleList, not in a plain list
    late: int = 0  # steps that the target of training is too early
    peeks: bool = False  # a second column of inputs has the next value, as long as somebody knows it


RELU = Setup("relu", hidden=32, steps=50, optimizer=torch.optim.SGD, rate=1.0, clip=0.2, stretch=1.05)
PATIENTS = {
    "patient A": ("clipping after the update", replace(RELU, clip_first=False)),
    "patient B": ("target one step early", Setup(late=1)),
    "patient C": ("saturated tanh", Setup(scale=100.0)),
    "patient D": ("leak", Setup(peeks=True)),
    "patient E": ("rate too high", Setup(optimizer=torch.optim.SGD, rate=10.0)),
    "patient F": ("dead ReLU", Setup("relu", bias=-3.0)),
    "patient G": ("no clipping", replace(RELU, clip=math.inf)),
    "patient H": ("layers in a plain list", Setup("lstm", hidden=4, layers=2, module_list=False)),
    "patient I": ("batch_first", Setup(batch_first=False)),
    "patient J": ("threshold too small", Setup(optimizer=torch.optim.SGD, rate=0.1, clip=0.001)),
}
CURES = {  # cause -> the setup with just that put right
    "no clipping": lambda s: replace(s, clip=0.2) if math.isinf(s.clip) else s,
    "clipping after the update": lambda s: replace(s, clip_first=True),
    "threshold too small": lambda s: replace(s, clip=max(s.clip, 0.2)),
    "rate too high": lambda s: replace(s, rate=s.rate / 100),
    "dead ReLU": lambda s: replace(s, bias=0.0),
    "saturated tanh": lambda s: replace(s, scale=1.0),
    "batch_first": lambda s: replace(s, batch_first=True),
    "layers in a plain list": lambda s: replace(s, module_list=True),
    "target one step early": lambda s: replace(s, late=0),
    "leak": lambda s: replace(s, peeks=False),
}


class Net(nn.Module):
    """The network of a Setup: x (B, T, D) -> (B, 1), read off the last time step."""

    def __init__(self, setup):
        super().__init__()
        sizes = [2 if setup.peeks else 1, *[setup.hidden] * setup.layers]
        layers = [_layer(setup, *pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        self.layers = nn.ModuleList(layers) if setup.module_list else layers
        self.fc = nn.Linear(setup.hidden, 1)

    def states(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return x[:, -1]  # (B, H)

    def forward(self, x):
        return self.fc(self.states(x))


def _layer(setup, inputs, hidden):
    if setup.kind == "lstm":
        return nn.LSTM(inputs, hidden, batch_first=setup.batch_first)
    layer = nn.RNN(inputs, hidden, nonlinearity=setup.kind, batch_first=setup.batch_first)
    nn.init.orthogonal_(layer.weight_hh_l0, setup.stretch)
    nn.init.constant_(layer.bias_ih_l0, setup.bias)
    return layer


def _data(setup, seed):
    """Return x (M, T, D), the true targets and those of the training, each (M, 1)."""
    noise = torch.randn(1000, generator=torch.Generator().manual_seed(seed))
    x, y = windows(torch.sin(torch.arange(1000) * math.pi / 12.5) + 0.3 * noise, setup.steps, 1)
    x, y = ((values - x[TRAIN].mean()) / x[TRAIN].std() for values in (x, y))
    taught = x[:, -setup.late] if setup.late else y
    if setup.peeks:
        following = torch.cat([x[:, 1:], y[:, None]], dim=1)
        following[LATER.start :, -1] = x[LATER.start :, -1]  # in use nobody knows the next value: the last one instead
        x = torch.cat([x, following], dim=-1)
    return setup.scale * x, y, taught


@cache
def run(setup, seed=0):
    """Train as ``setup`` says; return the loss at each update (a list) and the chart: a dict of what was measured."""
    x, y, taught = _data(setup, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Net(setup)
    optimizer, lengths = setup.optimizer(model.parameters(), lr=setup.rate), []  # of the gradients that update
    optimizer.register_step_pre_hook(lambda *_: lengths.append(get_total_norm([p.grad for p in model.parameters()])))
    if not setup.clip_first:
        optimizer.register_step_post_hook(lambda *_: clip_grad_norm_(model.parameters(), setup.clip) and None)
    batches = shuffled(x[TRAIN], taught[TRAIN], 32, seed)
    clip = setup.clip if setup.clip_first and setup.clip < math.inf else None
    try:
        history = fit(
            model, batches, nn.functional.mse_loss, optimizer, setup.updates, clip=clip, seed=seed, label=None
        )
    except NonFiniteLossError as error:
        history = error.history
    with torch.no_grad():
        return history.loss, _chart(setup, model, (x, y, taught), history.grad_norm, lengths)


def _chart(setup, model, data, norms, lengths):
    (x, y, taught), (new, truth) = data, (data[0][LATER], data[1][LATER])
    h, answer = model.states(new), model(new)[:, 0]
    swapped = torch.cat([new[:-1].flip(0), new[-1:]])  # the other windows of the batch in another order
    late = torch.corrcoef(torch.stack([answer[1:], truth[:-1, 0]]))[0, 1].item()  # with the truth one step before
    pairs = {"training": (TRAIN, taught), "validation": (VALIDATION, y), "later": (LATER, y)}
    errors = {name: (model(x[part]) - wanted[part]).square().mean().item() for name, (part, wanted) in pairs.items()}
    return errors | {
        "clip": setup.clip,
        "longest": max(map(float, lengths)),
        "cut": sum(norm > setup.clip for norm in norms) / len(norms),
        "zero": (h == 0).all(dim=0).double().mean().item() if setup.kind == "relu" else math.nan,
        "saturated": round((h.abs() > 0.99).double().mean().item(), 1) if setup.kind == "tanh" else math.nan,
        "moved": (model(swapped)[-1, 0] - answer[-1]).abs().item(),
        "trained": sum(p.numel() for p in model.parameters()),
        "late": late if errors["later"] < 0.9 else math.nan,  # what is no better than a guess follows nothing
    }


def said(value):
    """Return a number of a chart as a learner sees it, the same on every processor."""
    if isinstance(value, int):
        return str(value)
    return "–" if math.isnan(value) else "inf" if math.isinf(value) else "≥ 100" if value >= 100 else f"{value:.2g}"


def verdict(name, cause, words):
    """Return whether ``cause`` is what is wrong with the patient ``name``, and the sentence with the evidence."""
    right, setup = PATIENTS[name]
    if not isinstance(cause, str) or cause not in CURES:
        return False, words["unknown"].format(causes=", ".join(map(repr, CURES)), came=repr(cause))
    cured = CURES[cause](setup)
    (_, before), (_, after) = run(setup), run(cured)
    helps = not after["later"] > 0.7 * before["later"]
    case = "right" if cause == right else "healthy" if cured == setup else "helps" if helps else "wrong"
    numbers = {key: said(value) for key, value in before.items()}
    numbers |= {f"new_{key}": said(value) for key, value in after.items()}
    return cause == right, f"{words[case]} {words[cause]}".format(**numbers)

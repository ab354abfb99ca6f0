"""Exercises of notebook 02."""

import math

import torch
from torch import nn

from lstm_lib.exercises.core import Exercise


def clipped_entry():
    return 8 * 5 / math.sqrt(6**2 + 8**2)


def clip_by_norm(gradients, threshold):
    total = torch.stack([g.norm() for g in gradients]).norm()
    factor = min(1.0, threshold / total.item())
    return [g * factor for g in gradients]


def training_step(model, optimizer, x, y, threshold):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), threshold)
    optimizer.step()
    return loss


def _gradient_cases():
    long = [torch.randn(3, 4), torch.randn(3), 10 * torch.randn(2, 3)]
    return [(long, 1.0), (long, 5.0), ([g / 100 for g in long], 1.0)]


def _update_cases():
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(5, 3)).sum().backward()  # a gradient is left over from an earlier update
    return [(model, optimizer, 10 * torch.randn(5, 3), torch.randn(5, 1), threshold) for threshold in (0.5, 1e6)]


def _after_update(arguments, loss):
    model = arguments[0]
    return None if loss is None else [loss, *(t for p in model.parameters() for t in (p.detach(), p.grad))]


ZERO = "    optimizer.zero_grad()\n"  # three lines of training_step
CLIP = "    nn.utils.clip_grad_norm_(model.parameters(), threshold)\n"
STEP = "    optimizer.step()\n"
EACH_ALONE = "    for p in model.parameters():\n        nn.utils.clip_grad_norm_(p, threshold)\n"

EXERCISES = {
    Exercise(clipped_entry, tolerance=0.01): {
        "by value": 5.0,
        "unchanged": 8.0,
        "sum": 8 * 5 / 14,
        "first number": 3.0,
        "norm 1": 0.8,
        "factor": 0.5,
    },
    Exercise(clip_by_norm, _gradient_cases): {
        "each alone": ("g * factor", "g * min(1.0, threshold / g.norm().item())"),
        "by value": ("g * factor", "g.clamp(-threshold, threshold)"),
        "always rescaled": ("min(1.0, threshold / total.item())", "threshold / total.item()"),
        "no root": ("total.item()", "total.item() ** 2"),
        "sum of norms": ("gradients]).norm()", "gradients]).sum()"),
        "max": ("min(", "max("),
        "unchanged": ("g * factor", "g"),
    },
    Exercise(training_step, _update_cases, observe=_after_update): {
        "too late": (CLIP + STEP, STEP + CLIP),
        "old gradients": (ZERO, ""),
        "no clipping": (CLIP, ""),
        "by value": ("clip_grad_norm_", "clip_grad_value_"),
        "each alone": (CLIP, EACH_ALONE),
        "loss after": ("return loss", "return nn.functional.mse_loss(model(x), y)"),
        "emptied": (ZERO, "", CLIP, ZERO + CLIP),
        "zero last": (ZERO, "", STEP, STEP + ZERO),
        "zero twice": (STEP, STEP + ZERO),
        "no step": (STEP, ""),
    },
}

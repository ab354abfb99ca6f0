"""Exercises of notebook 02."""

import torch
from torch import nn

from lstm_lib.exercises import solutions
from lstm_lib.exercises.core import Exercise

WORDS = {
    "clipped_entry": {
        "right": "The norm of (6, 8) is 10, so both numbers are halved.",
        "by value": "That is clipping by value: each number is cut to 5 by itself.",
        "unchanged": "The norm is 10, and the threshold is 5. Something must change.",
        "sum": "You divided by the sum, 14. The norm is the square root of 36 + 64.",
        "first number": "That is the first number after clipping. The second one is asked for.",
        "norm 1": "That is the second number if the threshold is 1. Here it is 5.",
        "factor": "That is the factor by which the gradient is scaled. What becomes of the 8?",
    },
    "clip_by_norm": {
        "right": "One factor for all tensors: the direction stays, and short gradients are left alone.",
        "each alone": "You clip each tensor by its own norm. The norm is that of all of them together.",
        "by value": "You cut each number by itself: that is clipping by value, and it turns the direction.",
        "always rescaled": "Long gradients are right. But a gradient shorter than the threshold must stay as it is.",
        "no root": "The norm is the square root of the sum of squares. The root is missing.",
        "sum of norms": "You added up the norms of the tensors. Their squares add up, then comes the root.",
        "max": "Short gradients become longer in yours, and long ones stay as they are. Is it the smaller factor?",
        "unchanged": "You return the gradients as they came. The long ones must get shorter.",
    },
    "training_step": {
        "right": "zero_grad, backward, clip, step: in this order.",
        "too late": "You clip after step(). By then the long gradient has been used.",
        "old gradients": "You never call zero_grad(), so the gradients of earlier steps are added.",
        "no clipping": "Nothing is clipped: clipping is missing, or comes before backward(), where no gradient is.",
        "by value": "You clip by value, which turns the direction. Clip by norm.",
        "emptied": "step() finds no gradient: backward() is missing, or zero_grad() comes after it.",
        "zero last": "You call zero_grad() last only. Then what is left over from before the first step is used.",
        "zero twice": "The weights are right. But the last zero_grad() deletes gradients that one may want to look at.",
        "no step": "The weights have not changed: step() is missing, or comes before backward(), where no gradient is.",
        "compared": "the loss, then each weight followed by its gradient, after the step",
    },
}


def _norm(gradients):
    return torch.stack([g.norm() for g in gradients]).norm().item()


def _gradient_cases():
    long = [torch.randn(3, 4), torch.randn(3), 10 * torch.randn(2, 3)]
    return [(long, 1.0), (long, 5.0), ([g / 100 for g in long], 1.0)]


def _steps(*order):
    """Return a training step that does its four parts in another order, or leaves some out."""

    def wrong(model, optimizer, x, y, threshold):
        loss = nn.functional.mse_loss(model(x), y)
        parts = {
            "zero": optimizer.zero_grad,
            "backward": loss.backward,
            "clip": lambda: nn.utils.clip_grad_norm_(model.parameters(), threshold),
            "cut": lambda: nn.utils.clip_grad_value_(model.parameters(), threshold),
            "step": optimizer.step,
        }
        for name in order:
            parts[name]()
        return loss

    return wrong


def _after_step(arguments, loss):
    model = arguments[0]
    return None if loss is None else [loss, *(t for p in model.parameters() for t in (p.detach(), p.grad))]


def _step_cases():
    model = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(5, 3)).sum().backward()  # a gradient is left over from an earlier step
    return [(model, optimizer, 10 * torch.randn(5, 3), torch.randn(5, 1), threshold) for threshold in (0.5, 1e6)]


EXERCISES = {
    "clipped_entry": Exercise(
        solutions.clipped_entry,
        WORDS["clipped_entry"],
        {"by value": 5.0, "unchanged": 8.0, "sum": 8 * 5 / 14, "first number": 3.0, "norm 1": 0.8, "factor": 0.5},
        tolerance=0.01,
    ),
    "clip_by_norm": Exercise(
        solutions.clip_by_norm,
        WORDS["clip_by_norm"],
        {
            "each alone": lambda gradients, c: [g * min(1.0, c / g.norm().item()) for g in gradients],
            "by value": lambda gradients, c: [g.clamp(-c, c) for g in gradients],
            "always rescaled": lambda gradients, c: [g * c / _norm(gradients) for g in gradients],
            "no root": lambda gradients, c: [g * min(1.0, c / _norm(gradients) ** 2) for g in gradients],
            "sum of norms": lambda gradients, c: [g * min(1.0, c / sum(map(torch.norm, gradients))) for g in gradients],
            "max": lambda gradients, c: [g * max(1.0, c / _norm(gradients)) for g in gradients],
            "unchanged": lambda gradients, c: gradients,
        },
        _gradient_cases,
    ),
    "training_step": Exercise(
        solutions.training_step,
        WORDS["training_step"],
        {
            "too late": _steps("zero", "backward", "step", "clip"),
            "old gradients": _steps("backward", "clip", "step"),
            "no clipping": _steps("zero", "backward", "step"),
            "by value": _steps("zero", "backward", "cut", "step"),
            "emptied": _steps("backward", "zero", "clip", "step"),
            "zero last": _steps("backward", "clip", "step", "zero"),
            "zero twice": _steps("zero", "backward", "clip", "step", "zero"),
            "no step": _steps("zero", "backward", "clip"),
        },
        _step_cases,
        observe=_after_step,
    ),
}

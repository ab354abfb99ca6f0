"""Forecasts that cost nothing, as models: windows x (M, T, D) -> (M, S), one number for each of S steps ahead.

The first of the D features is the series itself, the others are inputs. All numbers are scaled (see Forecaster).
"""

import torch
from torch import nn

STRENGTHS = (0.01, 0.1, 1, 10, 100, 1000, 10_000)  # of the ridge penalty


class Mean(nn.Module):
    """Always the mean of the training targets."""

    def __init__(self, targets):
        super().__init__()
        self.register_buffer("mean", targets.mean(dim=0))  # (S,)

    def forward(self, x):
        return self.mean.expand(len(x), -1)


class Back(nn.Module):
    """The value at one place of the window for each step: the last one, or the one a period before the target."""

    def __init__(self, window, horizons, period=None):
        super().__init__()
        back = [0 if period is None else period * -(-h // period) - h for h in horizons]  # known in time
        self.register_buffer("places", torch.tensor([window - 1 - steps for steps in back]))

    def forward(self, x):
        return x[:, self.places, 0]


class Linear(nn.Module):
    """A weighted sum of the whole window, by ridge regression."""

    def __init__(self, size, steps):
        super().__init__()
        self.fc = nn.Linear(size, steps)

    def forward(self, x):
        return self.fc(x.flatten(1))

    def fit(self, x, y, miss, strengths=STRENGTHS):
        """Take the weights with which ``miss()`` is least, return their strength; x (M, T, D), y (M, S)."""
        flat = x.flatten(1)
        center, middle = flat.mean(dim=0), y.mean(dim=0)
        products, answers = (flat - center).T @ (flat - center), (flat - center).T @ (y - middle)
        found = []
        for strength in strengths:
            penalty = strength * torch.eye(len(products), dtype=x.dtype, device=x.device)
            weight = torch.linalg.solve(products + penalty, answers)  # (T * D, S)
            self._take(weight, middle - center @ weight)
            found.append((miss(), strength, weight))
        _, strength, weight = min(found, key=lambda entry: entry[0])
        self._take(weight, middle - center @ weight)
        return strength

    def _take(self, weight, bias):
        with torch.no_grad():
            self.fc.weight.copy_(weight.T)
            self.fc.bias.copy_(bias)

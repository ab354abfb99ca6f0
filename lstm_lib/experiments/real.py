"""Experiments of notebook 07 on real data: digits read pixel by pixel, and a forecast of the sunspots."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lstm_lib.datasets import load_digits, load_sunspots, rolling_origin, windows
from lstm_lib.experiments.runs import Experiment, settings_of
from lstm_lib.models import build, count_parameters
from lstm_lib.tasks import right_answers
from lstm_lib.training import fit

RATES = {  # learning rates tried
    "lstm": (0.01, 0.02, 0.04, 0.08),
    "lstm_bias1": (0.01, 0.02, 0.04, 0.08),
    "rnn": (0.001, 0.002, 0.004, 0.008),
    "rnn_orthogonal": (0.001, 0.002, 0.004, 0.008),
    "logistic": (0.01, 0.03, 0.1, 0.3),
}


def split_digits(seed):
    """Return the shuffled digits, float32, cut into (x, y) for training (1,197), validation (300) and test (300)."""
    x, y = load_digits()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    return list(zip(x[order].float().split([1197, 300, 300]), y[order].split([1197, 300, 300]), strict=True))


def run_digits(kind, rate, seed):
    """Train one model on the digits, pixel by pixel, and return its accuracy on validation and test digits."""
    train, validation, test = split_digits(seed)
    torch.manual_seed(seed)
    logistic = kind == "logistic"
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10)) if logistic else build(kind, 1, 32, 10)
    loader = DataLoader(TensorDataset(*train), batch_size=32, shuffle=True)
    updates = 40 * len(loader)  # 40 epochs
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=updates)
    options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": None}
    fit(model, loader, nn.functional.cross_entropy, optimizer, updates, **options)
    with torch.no_grad():
        right = {"validation": right_answers(model(validation[0]), validation[1])}
        right["test"] = right_answers(model(test[0]), test[1])
    return {"parameters": count_parameters(model), **right}


def forecast_sunspots(model, x, y, x_test, seed, rate=0.03, label=None):
    """Train ``model`` on windows x (M, T, 1) and targets y (M, 1); return its forecasts (K, 1) for x_test (K, T, 1).

    Everything is scaled by the mean and deviation of the training windows, and the forecasts back to the unit of y.
    ``label`` stands beside the progress bar; None: no bar.
    """
    mean, deviation = x.mean(), x.std()
    x, y, x_test = ((v - mean) / deviation for v in (x, y, x_test))
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 400)
    options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": label}
    fit(model, loader, nn.functional.mse_loss, optimizer, 400, **options)
    with torch.no_grad():
        return model(x_test) * deviation + mean


def run_sunspots(kind, window, rate, before, seed):
    """Forecast the sunspots 12 months ahead in five folds of a rolling origin; return the RMSE of each.

    ``before``: not the test of each fold is forecast, but the 22 years before it, from what lies before them.
    """
    x, y = windows(load_sunspots().values, window, 12)
    errors = []
    for train, test in rolling_origin(len(x), folds=5, test_size=264, gap=12):
        if before:
            train, test = train[: -264 - 12], train[-264:]
        torch.manual_seed(seed)
        model = build(kind, 1, 16, 1).double()
        forecast = forecast_sunspots(model, x[list(train)], y[list(train)], x[list(test)], seed, rate)
        errors.append((forecast - y[list(test)]).square().mean().sqrt().item())
    return {"parameters": count_parameters(model), "rmse": errors}


MONTHS = (48, 132)  # in a window
TRIED = [("lstm_bias1", window, rate, True) for window in MONTHS for rate in (0.003, 0.01, 0.03, 0.1)]
EXPERIMENTS = {
    "digits": Experiment(run_digits, settings_of("kind rate", [(k, rate) for k in RATES for rate in RATES[k]])),
    "sunspots": Experiment(
        run_sunspots, settings_of("kind window rate before", [("lstm_bias1", window, 0.03, False) for window in MONTHS])
    ),
    # two networks of other seeds choose the rate
    "sunspots_rates": Experiment(run_sunspots, settings_of("kind window rate before", TRIED), range(1000, 1002)),
}

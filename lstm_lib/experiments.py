"""The experiments that take too long for a notebook: many seeds, several models. Their results ship as JSON files.

``python -m lstm_lib.experiments`` runs them all again (about an hour on 2 cores); name some to run only those.
The notebooks read the files with :func:`load_results` and repeat one run of each live.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lstm_lib.ablation_runs import ABLATION_TASKS, run_inside, run_stream, run_without
from lstm_lib.datasets import DATA, load_digits, load_sunspots, rolling_origin, windows
from lstm_lib.gate_runs import STARTS, run_biases
from lstm_lib.memory_runs import run_marked, run_memory, run_mixing
from lstm_lib.models import build, count_parameters
from lstm_lib.state_runs import run_query, run_symbols, run_two_items
from lstm_lib.training import fit, progress_bar

SEEDS = range(10)


def split_digits(seed):
    """Return the shuffled digits, float32, cut into (x, y) for training (1,197), validation (300) and test (300)."""
    x, y = load_digits()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    return list(zip(x[order].float().split([1197, 300, 300]), y[order].split([1197, 300, 300]), strict=True))


def accuracy(model, x, y):
    """Return the share of sequences x (B, T, D) for which the largest of the model's outputs is at label y (B,)."""
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).double().mean().item()


def run_digits(kind, rate, seed):
    """Train one model on the digits, pixel by pixel, and return its accuracy on validation and test digits."""
    train, validation, test = split_digits(seed)
    torch.manual_seed(seed)
    logistic = kind == "logistic"
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10)) if logistic else build(kind, 1, 32, 10)
    loader = DataLoader(TensorDataset(*train), batch_size=32, shuffle=True)
    steps = 40 * len(loader)  # 40 epochs
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": None}
    fit(model, loader, nn.functional.cross_entropy, optimizer, steps, **options)
    return {
        "parameters": count_parameters(model),
        "validation": accuracy(model, *validation),
        "test": accuracy(model, *test),
    }


def forecast_sunspots(model, x, y, x_test, seed, label=None):
    """Train ``model`` on windows x (M, T, 1) and targets y (M, 1); return its forecasts (K, 1) for x_test (K, T, 1).

    Everything is scaled by the mean and deviation of the training windows, and the forecasts back to the unit of y.
    ``label`` stands beside the progress bar; None: no bar.
    """
    mean, deviation = x.mean(), x.std()
    x, y, x_test = ((v - mean) / deviation for v in (x, y, x_test))
    loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 400)
    options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": label}
    fit(model, loader, nn.functional.mse_loss, optimizer, 400, **options)
    with torch.no_grad():
        return model(x_test) * deviation + mean


def run_sunspots(kind, window, seed):
    """Forecast the sunspots 12 months ahead in five folds of a rolling origin; return the RMSE of each."""
    x, y = windows(load_sunspots().values, window, 12)
    errors = []
    for train, test in rolling_origin(len(x), folds=5, test_size=264, gap=12):
        torch.manual_seed(seed)
        model = build(kind, 1, 16, 1).double()
        forecast = forecast_sunspots(model, x[list(train)], y[list(train)], x[list(test)], seed)
        errors.append((forecast - y[list(test)]).square().mean().sqrt().item())
    return {"parameters": count_parameters(model), "rmse": errors}


MEMORY_RATES = {
    "rnn": (0.003, 0.01),
    "rnn_orthogonal": (0.003, 0.01),
    "lstm": (0.01,),
    "lstm_bias1": (0.01,),
    "lstm_chrono": (0.01,),
}
MEMORY_STEPS = (("order", 20), ("order", 50), ("order", 100), ("order", 200), ("first", 20), ("adding", 50))
DIGIT_RATES = {
    "lstm": (0.01, 0.02, 0.04, 0.08),
    "lstm_bias1": (0.01, 0.02, 0.04, 0.08),
    "rnn": (0.001, 0.002, 0.004, 0.008),
    "rnn_orthogonal": (0.001, 0.002, 0.004, 0.008),
    "logistic": (0.01, 0.03, 0.1, 0.3),
}

# cells without a gate, their start and rate; the one without an input gate gets four settings to choose from
WITHOUT_STARTS = [(without, "chrono", 0.02) for without in ("nothing", "f", "o")]
WITHOUT_STARTS += [("i", "chrono", 0.02), ("i", "bias1", 0.02), ("i", "quiet", 0.02), ("i", "quiet", 0.003)]

# name -> (function of one run, its settings)
EXPERIMENTS = {
    "digits": (run_digits, [{"kind": k, "rate": rate} for k, rates in DIGIT_RATES.items() for rate in rates]),
    "memory": (
        run_memory,
        [
            {"task": task, "kind": kind, "rate": rate, "steps": steps}
            for task, steps in MEMORY_STEPS
            for kind, rates in MEMORY_RATES.items()
            for rate in rates
        ],
    ),
    "agreement": (
        run_memory,
        [
            {"task": "agreement", "kind": kind, "rate": rate, "steps": phrases}
            for phrases in (2, 6, 15)
            for kind, rate in (("rnn", 0.003), ("rnn_orthogonal", 0.003), ("lstm_chrono", 0.01))
        ],
    ),
    "mixing": (
        run_mixing,
        [
            {"kind": kind, "rate": rate, "asked": asked}
            for kind, rate in (("rnn_orthogonal", 0.003), ("rnn_orthogonal", 0.01), ("lstm_chrono", 0.01))
            for asked in ("long", "short", "both")
        ],
    ),
    "marked": (
        run_marked,
        [{"kind": kind, "rate": rate} for kind, rate in (("rnn_orthogonal", 0.01), ("lstm_chrono", 0.02))],
    ),
    "biases": (
        run_biases,
        [{"task": t, "steps": steps, "start": s} for t, steps in (("first", 50), ("order", 100)) for s in STARTS],
    ),
    "states": (run_two_items, [{"reads_h": True}, {"reads_h": False}]),
    "symbols": (run_symbols, [{}]),
    "query": (run_query, [{"penalty": 0.1}, {"penalty": 0.0}]),
    "inside": (
        run_inside,
        [{"start": s, "hidden": n} for s, n in (("lstm_chrono", 4), ("lstm_chrono", 8), ("lstm_bias1", 4))],
    ),
    "without": (
        run_without,
        [
            {"task": task, "without": without, "start": start, "rate": rate}
            for task in ABLATION_TASKS
            for without, start, rate in WITHOUT_STARTS
        ],
    ),
    "stream": (
        run_stream,
        [{"without": w, "wiped": False} for w in ("nothing", "f", "i", "o")]
        + [{"without": w, "wiped": True} for w in ("nothing", "f")],
    ),
    "sunspots": (run_sunspots, [{"kind": "lstm_bias1", "window": window} for window in (48, 132)]),
}


def load_results(name):
    """Return the shipped runs of experiment ``name``: a list of dicts with the settings, the seed and the results.

    Raises ValueError for a name that is no experiment, FileNotFoundError if its file is missing.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"name: expected one of {sorted(EXPERIMENTS)}, got {name!r}")
    return json.loads((DATA / f"{name}_runs.json").read_text())


def at_best_rate(runs, score):
    """Return those of the dicts ``runs`` that share the learning rate with the highest mean of ``score(run)``."""
    rates = {}
    for run in runs:
        rates.setdefault(run["rate"], []).append(run)
    return max(rates.values(), key=lambda rows: sum(map(score, rows)) / len(rows))


def _run_one(run, settings):
    torch.set_num_threads(1)
    return {**settings, **run(**settings)}


def main(names):
    """Run the named experiments (all without a name), two processes at a time, and write their files."""
    for name in names or EXPERIMENTS:
        run, settings = EXPERIMENTS[name]
        jobs = [{**s, "seed": seed} for seed in SEEDS for s in settings]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool, progress_bar(len(jobs), name) as bar:
            rows = []
            for row in pool.map(partial(_run_one, run), jobs):
                rows.append(json.dumps(row))
                bar.update()
        (DATA / f"{name}_runs.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Experiments of notebook 03: which network learns which memory task, over which distance, and what it writes."""

from functools import partial

import torch

from lstm_lib.experiments.runs import Experiment, held_out, held_out_score, settings_of, train
from lstm_lib.models import build, count_parameters
from lstm_lib.tasks import adding, agreement, first_symbol, long_and_short, marked_value, temporal_order

TASKS = {"order": temporal_order, "first": first_symbol, "adding": adding, "agreement": agreement}
RATES = {  # learning rates tried
    "rnn": (0.003, 0.01),
    "rnn_orthogonal": (0.003, 0.01),
    "lstm": (0.01,),
    "lstm_bias1": (0.01,),
    "lstm_chrono": (0.01,),
}
LENGTHS = (("order", 20), ("order", 50), ("order", 100), ("order", 200), ("first", 20), ("adding", 50))


def run_memory(task, kind, rate, steps, seed):
    """Train one model on a memory task of size ``steps``: 600 updates, the score on held-out data after each 30."""
    made = TASKS[task](steps)
    longest = made.held_out(1)[0].size(1)
    make = partial(build, kind, made.input_size, 16, made.output_size, longest)
    model, scores = train(make, made, rate, 600, seed, every=30, dtype=torch.float32)
    return {"parameters": count_parameters(model), "score": [round(score, 3) for score in scores]}


def run_mixing(kind, rate, asked, seed):
    """Train one model to hold a long-term value, a short-term value or "both" over 50 steps; the error of each."""
    made = long_and_short(50, long=asked != "short", short=asked != "long")
    make = partial(build, kind, made.input_size, 8, made.output_size, 50)
    model, _ = train(make, made, rate, 800, seed, dtype=torch.float32)
    x, y = held_out(model, made, 1000)
    with torch.no_grad():
        errors = [round(made.score(model(x)[:, k], y[:, k]), 3) for k in range(y.size(1))]
    return dict(zip(("long", "short") if asked == "both" else (asked,), errors, strict=True))


def run_marked(kind, rate, seed):
    """Train one model to recall the last marked value of 30 steps; its error, and how much it writes and where."""
    made = marked_value(30)
    make = partial(build, kind, made.input_size, 4, made.output_size, 30)
    model, _ = train(make, made, rate, 500, seed, dtype=torch.float32)
    x, _ = held_out(model, made, 500)
    sizes, mark = write_sizes(model, x), x[:, :, 1] > 0
    found = {"error": held_out_score(model, made), "at_mark": sizes[mark].mean(), "elsewhere": sizes[~mark].mean()}
    return {name: round(float(value), 3) for name, value in found.items()}


def write_sizes(model, x, nudge=1e-3):
    """Return how strongly each step's value moves the state of that step: a tensor (B, T).

    The value is the first feature of x (B, T, D). It is moved by +-``nudge`` at one step, the state before that step
    stays as it is, and the size is the norm of the change of the state divided by that of the value. The state is h of
    an RNNModel and C of an LSTMModel, each of one layer.
    """
    layer = model.lstm if hasattr(model, "lstm") else model.rnn
    before, sizes = None, []
    with torch.no_grad():
        for t in range(x.size(1)):
            moved = []
            for sign in (1, -1):
                step = x[:, t : t + 1].clone()
                step[:, :, 0] += sign * nudge
                after = layer(step, before)[1]
                moved.append(after[1] if isinstance(after, tuple) else after)
            sizes.append((moved[0] - moved[1])[0].norm(dim=1) / (2 * nudge))
            before = layer(x[:, t : t + 1], before)[1]
    return torch.stack(sizes, dim=1)


GRID = [(task, kind, rate, steps) for task, steps in LENGTHS for kind, rates in RATES.items() for rate in rates]
SENTENCES = [
    ("agreement", kind, rate, phrases)
    for phrases in (2, 6, 15)
    for kind, rate in (("rnn", 0.003), ("rnn_orthogonal", 0.003), ("lstm_chrono", 0.01))
]
# one task, every kind at the same rates: does the verdict depend on them?
MORE_RATES = [("adding", kind, rate, 50) for kind in RATES for rate in (0.003, 0.01, 0.03, 0.1)]
MIXED = (("rnn_orthogonal", 0.003), ("rnn_orthogonal", 0.01), ("lstm_chrono", 0.01))
ITEMS = [(kind, rate, asked) for kind, rate in MIXED for asked in ("long", "short", "both")]
EXPERIMENTS = {
    "memory": Experiment(run_memory, settings_of("task kind rate steps", GRID)),
    "rates": Experiment(run_memory, settings_of("task kind rate steps", MORE_RATES)),
    "agreement": Experiment(run_memory, settings_of("task kind rate steps", SENTENCES)),
    "mixing": Experiment(run_mixing, settings_of("kind rate asked", ITEMS)),
    "marked": Experiment(run_marked, settings_of("kind rate", [("rnn_orthogonal", 0.01), ("lstm_chrono", 0.02)])),
}

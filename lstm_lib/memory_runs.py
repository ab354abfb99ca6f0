"""One run each of the experiments on synthetic memory tasks; lstm_lib.experiments repeats them over seeds."""

import torch

from lstm_lib.models import build, count_parameters
from lstm_lib.tasks import adding, agreement, first_symbol, long_and_short, marked_value, temporal_order
from lstm_lib.training import fit

MEMORY_TASKS = {"order": temporal_order, "first": first_symbol, "adding": adding, "agreement": agreement}


def run_memory(task, kind, rate, steps, seed):
    """Train one model on a memory task of size ``steps``: 600 updates, the score on held-out data after each 30."""
    made = MEMORY_TASKS[task](steps)
    x, y = made.held_out(500)
    torch.manual_seed(seed)
    model = build(kind, made.input_size, 16, made.output_size, longest=x.size(1))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    batches, curve = made.batches(32, seed), []
    for _ in range(20):
        fit(model, batches, made.loss, optimizer, 30, clip=1.0, seed=seed, label=None)
        with torch.no_grad():
            curve.append(round(made.score(model(x), y), 3))
    return {"parameters": count_parameters(model), "score": curve}


def run_mixing(kind, rate, asked, seed):
    """Train one model to hold a long-term value, a short-term value or "both" over 50 steps; the error of each."""
    made = long_and_short(50, long=asked != "short", short=asked != "long")
    torch.manual_seed(seed)
    model = build(kind, made.input_size, 8, made.output_size, longest=50)
    train_with_cosine(model, made, rate, 800, seed)
    x, y = made.held_out(1000)
    with torch.no_grad():
        errors = [round(made.score(model(x)[:, k], y[:, k]), 3) for k in range(y.size(1))]
    return dict(zip(("long", "short") if asked == "both" else (asked,), errors, strict=True))


def run_marked(kind, rate, seed):
    """Train one model to recall the last marked value of 30 steps; its error, and how much it writes and where."""
    made = marked_value(30)
    torch.manual_seed(seed)
    model = build(kind, made.input_size, 4, made.output_size, longest=30)
    train_with_cosine(model, made, rate, 500, seed)
    x, y = made.held_out(500)
    with torch.no_grad():
        error = made.score(model(x), y)
    sizes, mark = write_sizes(model, x), x[:, :, 1] > 0
    return {
        "error": round(error, 3),
        "at_mark": round(sizes[mark].mean().item(), 3),
        "elsewhere": round(sizes[~mark].mean().item(), 3),
    }


def train_with_cosine(model, task, rate, steps, seed, label=None):
    """Train ``model`` on ``task`` with Adam, batches of 32, clip 1 and a rate that falls to 0; return the History."""
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    options = {"clip": 1.0, "scheduler": schedule, "seed": seed, "label": label}
    return fit(model, task.batches(32, seed), task.loss, optimizer, steps, **options)


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

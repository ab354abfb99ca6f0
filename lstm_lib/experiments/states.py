"""Experiments of notebook 04: networks whose states are wiped, exchanged or hidden, to see which carries the memory.

Shapes: B batch, T time steps, D input features, H hidden units.
"""

import torch
from torch import nn
from torch.nn import functional

from lstm_lib.cells import GATES, Trace, chrono_, from_torch
from lstm_lib.experiments.runs import Experiment, held_out, held_out_score, settings_of, train
from lstm_lib.models import LSTMModel, build
from lstm_lib.tasks import first_symbol, long_and_short, query_only, relative_error

STEPS = 20  # of every sequence here


def rerun(lstm, x, changes=None, gates=None):
    """Run an LSTM over x (B, T, D) with states changed by hand, and return the Trace of what happened.

    ``changes`` maps a step, 1 to T, to a function of (h, c), each (B, H), that returns the pair to go on with; the
    Trace holds the changed pair. ``gates`` maps f, i, candidate or o to (B, T, H): values to use instead of the
    computed ones. Raises ValueError for a step or a gate that doesn't exist.
    """
    changes, gates = changes or {}, gates or {}
    if not set(changes) <= set(range(1, x.size(1) + 1)):
        raise ValueError(f"changes: expected steps from 1 to {x.size(1)}, got {sorted(changes)}")
    if not set(gates) <= set(GATES):
        raise ValueError(f"gates: expected some of f, i, candidate, o, got {sorted(gates)}")
    h = c = x.new_zeros(len(x), lstm.hidden_size)
    steps = []
    for t, x_t in enumerate(x.unbind(dim=1), 1):
        f, i, candidate, o, *_ = lstm.cell.step(x_t, h, c)
        now = {"f": f, "i": i, "candidate": candidate, "o": o} | {k: v[:, t - 1] for k, v in gates.items()}
        c = now["f"] * c + now["i"] * now["candidate"]
        h = now["o"] * c.tanh()
        h, c = changes[t](h, c) if t in changes else (h, c)
        steps.append((*now.values(), c, h))
    return Trace(*(torch.stack(values, dim=1) for values in zip(*steps, strict=True)))


def probe(states, target, noise=0.0):
    """Return R^2 of the best linear readout of ``target`` (N,) from ``states`` (N, H): 1 is perfect, 0 as the mean.

    It is fitted to the even rows and tested on the odd ones. ``noise`` is the deviation of normal noise that is added
    to the states first, always the same noise.
    """
    rng = torch.Generator().manual_seed(0)
    noisy = states + noise * torch.randn(states.shape, dtype=states.dtype, generator=rng)
    columns = torch.cat([noisy, torch.ones_like(states[:, :1])], dim=1)  # (N, H + 1)
    weights = torch.linalg.lstsq(columns[::2], target[::2, None]).solution
    missed = (columns[1::2] @ weights)[:, 0] - target[1::2]
    return 1 - (missed.square().mean() / target[1::2].var(correction=0)).item()


def swing(states, target):
    """Return how far ``states`` (N, H) move, as a vector, when ``target`` (N,) goes up by 1."""
    centred = target - target.mean()
    return (centred @ (states - states.mean(dim=0)) / centred.square().sum()).norm().item()


def two_items(reads_h=True):
    """Return an LSTMModel, not trained, for :func:`lstm_lib.tasks.long_and_short` over 20 steps: chrono, 8 units.

    With ``reads_h`` False the gates and the candidate don't see h: W_h is 0 and stays 0.
    """
    model = build("lstm_chrono", 2, 8, 2, longest=STEPS)
    if not reads_h:
        model.lstm.weight_hh_l0.requires_grad_(False).zero_()
    return model


def run_two_items(reads_h, seed):
    """Train one network on the two items; return its weights, rounded to 5 decimals, for :func:`two_items_model`."""
    model, _ = train(lambda: two_items(reads_h), long_and_short(STEPS), 0.02, 500, seed)
    return {"weights": {name: _rounded(w.tolist()) for name, w in model.state_dict().items()}}


def two_items_model(weights):
    """Return the LSTMModel, float64, with ``weights`` as run_two_items returns them: name -> nested list."""
    tensors = {name: torch.tensor(w, dtype=torch.float64) for name, w in weights.items()}
    outputs, hidden = tensors["fc.weight"].shape
    model = LSTMModel(tensors["lstm.weight_ih_l0"].size(1), hidden, 1, outputs).double()
    model.load_state_dict(tensors)
    return model


def run_symbols(seed, label=None):
    """Train one network to recall the first of 20 symbols; return its recall with states wiped in the middle.

    The keys say what happens after step 10: nothing; C, h or both are wiped; h is wiped at every step but the last
    (``shut``), or that with the candidate as if nothing had happened (``shut_candidate``); C or h comes from another
    sequence (``swap_c``, ``swap_h``), and how often the answer is that one's symbol (``donor_c``, ``donor_h``).
    """
    task, middle = first_symbol(STEPS), STEPS // 2
    model, _ = train(lambda: build("lstm_chrono", 8, 16, 4, longest=STEPS), task, 0.01, 400, seed, label=label)
    x, y = held_out(model, task, 500)

    def wipe_h(h, c):
        return 0 * h, c

    cases = {"nothing": {}, "c": {middle: lambda h, c: (h, 0 * c)}, "h": {middle: wipe_h}}
    cases["both"] = {middle: lambda h, c: (0 * h, 0 * c)}
    cases["shut"] = dict.fromkeys(range(1, STEPS), wipe_h)
    cases["swap_c"] = {middle: lambda h, c: (h, c.roll(1, dims=0))}
    cases["swap_h"] = {middle: lambda h, c: (h.roll(1, dims=0), c)}
    with torch.no_grad():
        lstm = from_torch(model.lstm)
        answers = {name: model.fc(rerun(lstm, x, changes).h[:, -1]) for name, changes in cases.items()}
        as_before = {"candidate": lstm.trace(x).candidate}
        answers["shut_candidate"] = model.fc(rerun(lstm, x, cases["shut"], as_before).h[:, -1])
    scores = {name: task.score(answer, y) for name, answer in answers.items()}
    scores |= {f"donor_{k}": task.score(answers[f"swap_{k}"], y.roll(1)) for k in "ch"}
    return {name: round(score, 3) for name, score in scores.items()}


class Teller(nn.Module):
    """``nn.LSTM`` and a linear layer that answers at every step: x (B, T, D) -> answer (B, T, 1) and h (B, T, H)."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.fc(h), h


def teller():
    """Return a Teller, not trained, for :func:`lstm_lib.tasks.query_only` over 20 steps: chrono, 3 units."""
    return chrono_(Teller(2, 3), STEPS)


def for_teller(task, penalty):
    """Return ``task`` with the loss and the score of a Teller: ``penalty`` times the mean of h^2 is in the loss."""

    def loss(output, y):
        answer, h = output
        return functional.mse_loss(answer, y) + penalty * h.square().mean()

    return task._replace(loss=loss, score=lambda output, y: relative_error(output[0], y))


def run_query(penalty, seed):
    """Train one Teller; return its error and :func:`hidden_and_shown` on 1,000 held-out sequences."""
    task = for_teller(query_only(STEPS), penalty)
    model, _ = train(teller, task, 0.02, 800, seed)
    x, _ = held_out(model, task, 1000)
    error = held_out_score(model, task, 1000)
    return {"error": round(error, 3), **_rounded(hidden_and_shown(model, x), 3)}


def hidden_and_shown(model, x):
    """Return what the two states of a Teller say about the first value of x, over the second half of the steps.

    Keys: ``c_quiet``, ``h_quiet`` (steps without a question), ``h_asked``, each a triple: swing, R^2 of a probe,
    R^2 of a probe with noise 0.1; ``o_quiet``, ``o_asked``: the mean output gate of the unit whose C swings most.
    """
    with torch.no_grad():
        trace = from_torch(model.lstm).trace(x)
    late, value = slice(STEPS // 2, None), x[:, :1, 0].expand(-1, STEPS)
    asked = x[:, late, 1] > 0
    found = {}
    for name, states, where in (
        ("c_quiet", trace.c, ~asked),
        ("h_quiet", trace.h, ~asked),
        ("h_asked", trace.h, asked),
    ):
        rows, target = states[:, late][where], value[:, late][where]
        found[name] = [swing(rows, target), probe(rows, target), probe(rows, target, noise=0.1)]
    rows, target = trace.c[:, late][~asked], value[:, late][~asked]
    unit = max(range(rows.size(1)), key=lambda k: swing(rows[:, k : k + 1], target))
    gate = trace.o[:, late, unit]
    return found | {"o_quiet": gate[~asked].mean().item(), "o_asked": gate[asked].mean().item()}


def _rounded(value, decimals=5):
    if isinstance(value, dict):
        return {name: _rounded(v, decimals) for name, v in value.items()}
    return [_rounded(v, decimals) for v in value] if isinstance(value, list) else round(value, decimals)


EXPERIMENTS = {
    "states": Experiment(run_two_items, settings_of("reads_h", [(True,), (False,)])),
    "symbols": Experiment(run_symbols, [{}]),
    "query": Experiment(run_query, settings_of("penalty", [(0.1,), (0.0,)])),
}

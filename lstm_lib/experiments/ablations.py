"""Experiments of notebook 08: what the gates of a trained LSTM do, and what happens without one of them.

Shapes: B batch, T time steps, D input features, H hidden units.
"""

import copy

import torch
from torch import nn

from lstm_lib.cells import from_torch
from lstm_lib.checks import one_of
from lstm_lib.experiments.runs import Experiment, default_dtype, held_out, held_out_score, settings_of, train
from lstm_lib.experiments.starts import start_
from lstm_lib.models import LSTMModel, build
from lstm_lib.tasks import HELD_OUT_SEED, adding, marked_value, query_only, temporal_order
from lstm_lib.variants import open_gate_

STEPS = 50  # of a sequence of marked values
SECOND = 25  # the step of the second mark in an echo
WITHOUT = ("nothing", "f", "i", "o")
# name -> (the task, its number of steps, units of the full LSTM, updates)
ABLATION_TASKS = {
    "order_20": (temporal_order, 20, 16, 400),
    "order_100": (temporal_order, 100, 16, 400),
    "adding": (adding, 50, 16, 800),
    "marked": (marked_value, STEPS, 4, 800),
    "query": (query_only, 30, 4, 800),
}


def memory_unit(model, trace):
    """Return the index of the unit that moves the answer of ``model`` most: the spread of its weight times its h.

    ``trace`` is what the LSTM of the model did on many sequences; only the last step counts.
    """
    return (model.fc.weight[0] * trace.h[:, -1]).std(dim=0).argmax().item()


def at_and_off(values, mark):
    """Return the mean of ``values`` (B, T) at the steps with a mark and at those without; the first step is left out.

    At the first step there is nothing to keep yet: C_0 is 0.
    """
    values, mark = values[:, 1:], mark[:, 1:]
    return values[mark].mean().item(), values[~mark].mean().item()


def echo(model, size=500):
    """Return how much of an old value is in the answer, right before and right after a new value is marked.

    Pairs of sequences differ in nothing but their first value, -0.5 and 0.5; the next mark is at step 25 (from 0). The
    three numbers are the mean size of the difference between the two answers: ``before`` the new mark; ``after`` it;
    and ``gates`` after it if at that step both candidates see the same h, so that only the gates can remove the value.
    """
    x, _ = held_out(model, marked_value(STEPS), size)
    with torch.no_grad():
        x[:, :, 1] = 0.0
        x[:, [0, SECOND], 1] = 1.0
        x[:, SECOND, 0] /= 3  # a marked value is in -1..1
        lstm, states = from_torch(model.lstm), []
        for first in (-0.5, 0.5):
            x[:, 0, 0] = first
            states.append(lstm(x[:, :SECOND])[1])  # (h, c)
        middle = (states[0][0] + states[1][0]) / 2  # one h for both
        now = x[:, SECOND]
        shown = {"before": [h for h, _ in states], "after": [lstm.cell(now, state)[0] for state in states]}
        shown["gates"] = [_other_candidate(lstm.cell, now, h, c, middle) for h, c in states]
        return {name: (model.fc(b) - model.fc(a)).abs().mean().item() for name, (a, b) in shown.items()}


def _other_candidate(cell, x, h, c, seen):
    # the h of one step whose candidate sees ``seen`` in place of h
    f, i, _, o, _, _ = cell.step(x, h, c)
    candidate = cell.step(x, seen, c)[2]
    return o * (f * c + i * candidate).tanh()


def without_gate(model, gate):
    """Return a copy of the trained ``model`` whose ``gate`` is forced to 1, everything else as it was."""
    return open_gate_(copy.deepcopy(model), gate)


def run_inside(start, hidden, seed):
    """Train one LSTM on the marked value and measure its memory unit; return a dict of numbers.

    ``error``; ``f``, ``i``, ``write`` (the size of i * candidate): a pair, at marks and elsewhere; ``other``: as
    ``write``, in the unit whose C is best correlated with the right answer; ``same``: whether that is the same unit;
    ``echo`` as above; ``forced``: the error with one gate of the trained network forced to 1.
    """
    task = marked_value(STEPS)
    model, _ = train(lambda: build(start, 2, hidden, 1, longest=STEPS), task, 0.02, 800, seed)
    x, y = held_out(model, task, 1000)
    mark = x[:, :, 1] > 0
    with torch.no_grad():
        trace = from_torch(model.lstm).trace(x)
    unit = memory_unit(model, trace)
    other = torch.cat([y, trace.c[:, -1]], dim=1).T.corrcoef()[0, 1:].abs().argmax().item()
    forced = {gate: round(held_out_score(without_gate(model, gate), task, 1000), 3) for gate in "fio"}
    values = {"f": trace.f, "i": trace.i, "write": (trace.i * trace.candidate).abs()}
    found = {name: [round(v, 4) for v in at_and_off(value[:, :, unit], mark)] for name, value in values.items()}
    found["other"] = [round(v, 4) for v in at_and_off(values["write"][:, :, other], mark)]
    left = {name: round(v, 3) for name, v in echo(model).items()}
    error = round(held_out_score(model, task, 1000), 4)
    return {"error": error, "same": unit == other, **found, "echo": left, "forced": forced}


def build_without(without, input_size, hidden_size, output_size, longest, start="chrono"):
    """Return an LSTMModel without the gate f, i or o; ``without`` "nothing": the full LSTM with ``hidden_size`` units.

    Without a gate it gets more units, until it has at least as many weights that can learn. ``start``: as in
    :func:`lstm_lib.experiments.starts.start_`. Raises ValueError for another ``without`` or ``start``.
    """
    one_of("without", without, WITHOUT)
    gated, hidden = 4 if without == "nothing" else 3, hidden_size
    while _size(input_size, hidden, output_size, gated) < _size(input_size, hidden_size, output_size, 4):
        hidden += 1
    model = start_(LSTMModel(input_size, hidden, 1, output_size), start, longest)
    return model if without == "nothing" else open_gate_(model, without)


def _size(inputs, hidden, outputs, blocks):
    return blocks * hidden * (inputs + hidden + 2) + (hidden + 1) * outputs


class EachStep(nn.Module):
    """An LSTMModel that answers at every step: x (B, T, D) -> (B, T, output_size).

    With ``carry`` each call goes on from the state in which the last one ended, as in a stream; the gradient stops
    there. Without, each call starts from zeros.
    """

    def __init__(self, model, carry=False):
        super().__init__()
        self.model, self.carry, self.state = model, carry, None

    def forward(self, x):
        out, state = self.model.lstm(x, self.state)
        self.state = tuple(s.detach() for s in state) if self.carry else None
        return self.model.fc(out)


def run_without(task, without, start, rate, seed):
    """Train one model without a gate on one of ABLATION_TASKS; return its score on 500 held-out sequences."""
    make_task, steps, hidden, updates = ABLATION_TASKS[task]
    made = make_task(steps)

    def make():
        model = build_without(without, made.input_size, hidden, made.output_size, steps, start)
        return EachStep(model) if task == "query" else model

    model, _ = train(make, made, rate, updates, seed)
    return {"score": round(held_out_score(model, made), 4)}


def marked_stream():
    """Return the Task of marked values with an answer at every step: x (B, 50, 2), y (B, 50, 1), the last marked value.

    Glued one after the other, its sequences are one endless stream with the same task.
    """
    episode = marked_value(STEPS)

    def draw(size, rng):
        x, _ = episode.draw(size, rng)
        last = torch.where(x[:, :, 1] > 0, torch.arange(STEPS), 0).cummax(dim=1).values
        return x, x[:, :, :1].gather(1, last.unsqueeze(-1))

    return episode._replace(draw=draw)


def stream_model(without, wiped):
    """Return an EachStep, not trained, for :func:`marked_stream`: 4 units with all gates, or more without one.

    ``wiped``: the state is set to 0 before each piece of 50 steps. Not ``wiped``: it is carried on, and nobody ever
    clears it. The data are the same.
    """
    return EachStep(build_without(without, 2, 4, 1, STEPS), carry=not wiped)


def follow_stream(model, steps=10_000, every=500, streams=20):
    """Return what happens to an EachStep on endless streams without a wipe: lists, a number for each ``every`` steps.

    ``error``: as a share of the variance, over these steps. ``c``: the size of the largest unit of C after them.
    ``left``: how many units of C are of a size below 10 then, where tanh is not yet flat.
    """
    model, task = EachStep(model.model, carry=True), marked_stream()
    found = {"error": [], "c": [], "left": []}
    with default_dtype(torch.float64), torch.no_grad():
        pieces = task.batches(streams, HELD_OUT_SEED)
        for _ in range(steps // every):
            batch = [next(pieces) for _ in range(every // STEPS)]
            output = torch.cat([model(x) for x, _ in batch], dim=1)
            found["error"].append(task.score(output, torch.cat([y for _, y in batch], dim=1)))
            sizes = model.state[1].abs().flatten(0, -2)  # (streams, H)
            found["c"].append(sizes.amax(dim=-1).mean().item())
            found["left"].append((sizes.mean(dim=0) < 10).sum().item())
    return found


def run_stream(without, wiped, seed):
    """Train one EachStep on streams, 1,200 updates on 32 pieces of 50 steps; return the lists of follow_stream."""
    model, _ = train(lambda: stream_model(without, wiped), marked_stream(), 0.01, 1200, seed)
    return {name: [round(v, 4) for v in values] for name, values in follow_stream(model).items()}


STARTED = [("lstm_chrono", 4), ("lstm_chrono", 8), ("lstm_bias1", 4)]
# cells without a gate, their start and rate; the one without an input gate gets four settings to choose from
CELLS = [(without, "chrono", 0.02) for without in ("nothing", "f", "o")]
CELLS += [("i", "chrono", 0.02), ("i", "bias1", 0.02), ("i", "quiet", 0.02), ("i", "quiet", 0.003)]
ABLATIONS = [(task, *cell) for task in ABLATION_TASKS for cell in CELLS]
STREAMS = [(without, False) for without in WITHOUT] + [(without, True) for without in ("nothing", "f")]
EXPERIMENTS = {
    "inside": Experiment(run_inside, settings_of("start hidden", STARTED)),
    "without": Experiment(run_without, settings_of("task without start rate", ABLATIONS)),
    "stream": Experiment(run_stream, settings_of("without wiped", STREAMS)),
}

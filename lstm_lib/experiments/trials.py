"""Trials: networks that train until they have solved a memory task, side by side, and what happens to them meanwhile.

Shapes: B batch, T time steps, D input features.
"""

import math
import statistics
from functools import partial
from typing import NamedTuple

import torch

from lstm_lib.cells import TORCH_GATES
from lstm_lib.experiments.ablations import build_without
from lstm_lib.experiments.batched import Networks
from lstm_lib.experiments.runs import SEEDS, default_dtype
from lstm_lib.experiments.starts import start_
from lstm_lib.experiments.watching import look_inside, share
from lstm_lib.models import build
from lstm_lib.tasks import (
    HELD_OUT_SEED,
    adding,
    agreement,
    first_symbol,
    long_and_short,
    marked_value,
    right_answers,
    temporal_order,
)
from lstm_lib.training import progress_bar

TASKS = {"order": temporal_order, "first": first_symbol, "adding": adding, "marked": marked_value}
TASKS |= {"agreement": agreement, "two": long_and_short, "long": partial(long_and_short, short=False)}
SHORTEST = {"order": 10, "first": 2, "adding": 2, "marked": 2, "agreement": 1, "two": 3, "long": 3}
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
CHOOSERS, MORE = (1000, 1001), (1002, 1003, 1004, 1005)  # seeds of networks that choose the rate, never reported
CAP, EVERY = 3000, 25  # updates at most; updates between two looks at the validation sequences
RIGHT, ERROR = 0.95, 0.06  # solved: so many right answers, or an error of such a share of the variance


class Trial(NamedTuple):
    """What is to be learned, ``task`` (of TASKS) of ``steps`` time steps, by what ``kind`` of network.

    ``near``: each batch has another length, from the shortest possible to ``steps``. ``quiet``, only for adding: the
    last so many steps have no mark. ``change``: what is done to training, one of ``batched.CHANGES``; or, only for two
    items, "heavy": the long one counts ten times in the loss.
    """

    task: str
    steps: int
    kind: str
    near: bool = False
    quiet: int = 0
    change: str | None = None

    def make(self, steps=None):
        """Return the Task, of ``steps`` time steps if that is given."""
        task = TASKS[self.task]((steps or self.steps) - self.quiet)
        if self.change == "heavy":
            return task._replace(loss=_heavy)
        return task._replace(draw=_then_quiet(task.draw, self.quiet)) if self.quiet else task

    def batches(self, seeds):
        """Yield dicts without end: seed -> (x, y), 32 new sequences; all seeds have the same length at a time."""
        rng, streams = torch.Generator().manual_seed(seeds[0]), {s: torch.Generator().manual_seed(s) for s in seeds}
        task = self.make()
        while True:
            if self.near:
                task = self.make(torch.randint(SHORTEST[self.task] + self.quiet, self.steps + 1, (), generator=rng))
            yield {seed: task.draw(32, stream) for seed, stream in streams.items()}

    def network(self):
        """Return a network for the task, not trained, with as many weights as an LSTM of 16 units.

        The ``kind`` is an RNN of ``build``, an LSTM with a start of ``start_``, or one of two others. "shut": input
        bias -log(T - 1). "1997": input bias -5, and no forget gate. Source of that: Hochreiter & Schmidhuber 1997,
        where the biases are -1 to -6.
        """
        task = self.make()
        sizes, longest = (task.input_size, 16, task.output_size), task.held_out(1)[0].size(1)
        if self.kind.startswith("rnn"):
            return build(self.kind, *sizes)
        if self.kind == "1997":
            return _shut(build_without("f", *sizes, longest, "default"), -5.0)
        if self.kind == "shut":
            return _shut(build("lstm", *sizes), -math.log(longest - 1))
        return start_(build("lstm", *sizes), self.kind, longest)


def _shut(model, bias):
    for name in ("bias_ih_l0", "bias_hh_l0"):  # torch adds the two
        gate = getattr(model.lstm, name).detach().chunk(4)[TORCH_GATES.index("i")]
        gate.fill_(bias if name == "bias_ih_l0" else 0.0)
    return model


def _heavy(output, y):
    return (y - output).square().mean(dim=0) @ output.new_tensor([10.0, 1.0]) / 2


def _then_quiet(draw, quiet):
    def longer(size, rng):
        x, y = draw(size, rng)
        rest = torch.stack([torch.rand(size, quiet, generator=rng), torch.zeros(size, quiet)], dim=-1)
        return torch.cat([x, rest], dim=1), y

    return longer


def best_rate(trial, cap=CAP):
    """Return the rate at which networks that aren't reported solve ``trial`` first, and what was tried.

    Two networks try each of RATES, and of several rates that both solve equally soon the smallest is taken. Where they
    solve it at none, or where the best is at an edge, four more try the rates between, and all six decide.
    Each may make ``cap`` updates. What was tried is a dict, rate -> updates until solved of each (None: not within the
    cap, or not when the choice was made).
    """
    tried, inner = _try(trial, RATES, CHOOSERS, cap), RATES[1:-1]
    best = max(tried, key=lambda rate: _merit(tried[rate], trial.make()))
    if best not in inner or not any(run["updates"] for run in tried[best]):
        more = _try(trial, inner, MORE, cap)
        tried |= {rate: tried[rate] + more[rate] for rate in inner}
        best = max(inner, key=lambda rate: _merit(tried[rate], trial.make()))
    return best, {str(rate): [run["updates"] for run in rows] for rate, rows in tried.items()}


def _try(trial, rates, seeds, cap):
    runs = learn(trial, [rate for rate in rates for _ in seeds], seeds * len(rates), choose=True, cap=cap)
    return {rate: [run for run in runs if run["rate"] == rate] for rate in rates}


def _merit(runs, task):
    # solved most often, then soonest; the first, smallest rate wins a tie; where none is solved, the best score
    solved = [run["updates"] for run in runs if run["updates"]]
    score = statistics.fmean(run["validation"] for run in runs) * (1 if task.score is right_answers else -1)
    score = score if score == score and len(solved) < len(runs) else -float("inf")  # nan: never the best
    return len(solved), -max(solved, default=0), score


def learn_ten(trial, rate, seed, **options):
    """Return what :func:`learn` does for ten networks at one ``rate``, from seeds ``seed`` to ``seed`` + 9."""
    return learn(trial, [rate] * len(SEEDS), range(seed, seed + len(SEEDS)), **options)


def learn(trial, rates, seeds, *, choose=False, follow=False, cap=CAP, dtype=torch.float32, label=None):
    """Train a network for each pair of ``rates`` and ``seeds``, at most ``cap`` updates; return a list of dicts.

    Keys: "rate", "seed", "share" (before training, see :func:`share`), "updates" until solved (None: never), the scores
    then on "validation" and "test" sequences, and the "model". Each network stops when it has solved the task. With
    ``choose`` all stop as soon as every network of one rate has. With ``follow`` nobody stops, and "seen" has a dict
    for each look, the first before training, as :func:`look_inside` returns it. ``label`` stands beside a bar; None: no
    bar.
    """
    task, models = trial.make(), []
    with default_dtype(dtype), progress_bar(cap, label) as bar:
        for seed in seeds:
            torch.manual_seed(seed)
            models.append(trial.network())
        batches, validation = trial.batches(list(dict.fromkeys(seeds))), validation_set(task)
        runs = [
            {
                "rate": rate,
                "seed": seed,
                "updates": None,
                "share": float(f"{share(model, task, trial.task):.3g}"),
                "model": model,
            }
            for rate, seed, model in zip(rates, seeds, models, strict=True)
        ]
        networks, left = Networks(models, rates, None if trial.change == "heavy" else trial.change), list(runs)
        if follow:
            _follow(networks, runs, trial, validation)
        for done in range(EVERY, cap + 1, EVERY):
            for _ in range(EVERY):
                drawn = next(batches)
                x, y = (torch.stack([drawn[run["seed"]][part] for run in left]) for part in (0, 1))
                networks.update(x, y, task.loss)
            bar.update(EVERY)
            if follow:
                _follow(networks, runs, trial, validation)
            left = _look(networks, left, task, validation, done, last=done == cap, stop=not follow)
            if not left or choose and set(rates) - {run["rate"] for run in left}:
                break
    return runs


def _look(networks, runs, task, validation, done, last, stop):
    """Score the ``networks`` of ``runs``; with ``stop`` go on with those that haven't solved the task. Return these."""
    _score(networks, runs, task, validation, "validation")
    solved = [is_solved(run["validation"], task) for run in runs]
    if any(solved) or last:
        _score(networks, runs, task, task.held_out(500), "test")
    for k, (run, now) in enumerate(zip(runs, solved, strict=True)):
        run["updates"] = run["updates"] or (done if now else None)
        if now or last:
            networks.model(k, run["model"])
    if not stop or not any(solved):
        return runs
    networks.keep([not now for now in solved])
    return [run for run, now in zip(runs, solved, strict=True) if not now]


def _score(networks, runs, task, data, name):
    x, y = data
    with torch.no_grad():
        outputs = networks.output(x.expand(len(runs), *x.shape))
    for run, output in zip(runs, outputs, strict=True):
        run[name] = round(task.score(output, y), 4)


def _follow(networks, runs, trial, validation):
    for k, run in enumerate(runs):
        run.setdefault("seen", []).append(look_inside(networks.model(k, run["model"]), trial, validation))


def validation_set(task):
    """Return x and y of 200 sequences of ``task`` that no training saw, apart from those of ``held_out``."""
    return task.draw(200, torch.Generator().manual_seed(HELD_OUT_SEED + 1))


def is_solved(score, task):
    """Return whether ``score`` counts as solved: 95 % right answers, or an error of 6 % of the variance."""
    return score >= RIGHT if task.score is right_answers else score <= ERROR

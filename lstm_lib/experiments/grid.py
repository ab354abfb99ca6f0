"""The grid of notebooks 03 and 06: which network learns which memory task, over which distance, in how many updates.

Each cell of the grid is a Trial: the network may choose among seven learning rates, then ten train until they have
solved the task, 3,000 updates at most. ``causes`` asks why, by trials in which something is changed by hand.
"""

from lstm_lib.experiments.runs import Experiment, settings_of
from lstm_lib.experiments.starts import STARTS
from lstm_lib.experiments.trials import Trial, best_rate, learn
from lstm_lib.models import count_parameters

KINDS = ("rnn", "rnn_orthogonal", "default", "bias1", "chrono", "1997")


def run_cell(task, steps, kind, seed):
    """Let two networks choose the rate, then train ten, from seeds ``seed`` to ``seed`` + 9; return a dict.

    "rate", "tried" (see :func:`lstm_lib.experiments.trials.best_rate`), "parameters", and a list of ten each:
    "updates", "validation", "test", "share" (see :func:`lstm_lib.experiments.trials.learn`).
    """
    return run_trial(Trial(task, steps, kind), seed)


def run_trial(trial, seed):
    """Return what :func:`run_cell` does, of any Trial."""
    rate, tried = best_rate(trial)
    runs = learn(trial, [rate] * 10, range(seed, seed + 10))
    found = {name: [run[name] for run in runs] for name in ("updates", "validation", "test", "share")}
    return {"parameters": count_parameters(trial.network()), "rate": rate, "tried": tried, **found}


LENGTHS = dict.fromkeys(("first", "order", "adding"), (10, 20, 50, 100, 200))
LENGTHS |= {"marked": (10, 20, 50, 100), "two": (10, 20, 50, 100), "agreement": (2, 6, 16, 33)}  # 33 phrases: 101 words
CELLS = [(task, steps, kind) for task, lengths in LENGTHS.items() for steps in lengths for kind in KINDS]
# notebook 06: more starts, on the two tasks on which starts differ most
MORE = [kind for kind in STARTS if kind not in KINDS]
CELLS += [(task, steps, kind) for task, steps in (("first", 50), ("order", 100)) for kind in MORE]
EXPERIMENTS = {"grid": Experiment(run_cell, settings_of("task steps kind", CELLS), range(1))}

"""The grid of notebooks 03 and 06: which network learns which memory task, over which distance, in how many updates.

Each cell of the grid is a Trial: networks of their own choose among seven learning rates, then ten others train until
they have solved the task, 3,000 updates at most. ``causes`` asks why, by trials in which something is changed by hand.
"""

import math
import statistics

from lstm_lib.experiments.runs import Experiment, load_results, settings_of
from lstm_lib.experiments.starts import STARTS
from lstm_lib.experiments.trials import Trial, best_rate, learn_ten
from lstm_lib.models import count_parameters

KINDS = ("rnn", "rnn_orthogonal", "default", "bias1", "chrono", "1997")


def run_line(task, kind, lengths, seed):
    """Return {"cells": [...]}, what :func:`run_trial` returns for each of ``lengths``, from the shortest on.

    It ends where no network has solved the task: longer ones aren't tried.
    """
    cells = []
    for steps in lengths:
        cells.append({"steps": steps, **run_trial(Trial(task, steps, kind), seed)})
        if not any(cells[-1]["updates"]):
            break
    return {"cells": cells}


def run_trial(trial, seed):
    """Let some networks choose the rate, then train ten, from seeds ``seed`` to ``seed`` + 9; return a dict.

    "rate", "tried" (see :func:`lstm_lib.experiments.trials.best_rate`), "parameters", and a list of ten each:
    "updates", "validation", "test", "share" (see :func:`lstm_lib.experiments.trials.learn`).
    """
    rate, tried = best_rate(trial)
    runs = learn_ten(trial, rate, seed)
    found = {name: [run[name] for run in runs] for name in ("updates", "validation", "test", "share")}
    return {"parameters": count_parameters(trial.network()), "rate": rate, "tried": tried, **found}


def grid_cells():
    """Return the shipped grid: (task, kind, time steps) -> what :func:`run_trial` returned."""
    return {(run["task"], run["kind"], cell["steps"]): cell for run in load_results("grid") for cell in run["cells"]}


def solved(cell):
    """Return how many of the ten networks solved it, and their median of updates: infinity where half never did."""
    updates = [n or math.inf for n in cell["updates"]]
    return sum(n < math.inf for n in updates), statistics.median(updates)


LENGTHS = dict.fromkeys(("first", "order", "adding"), [10, 20, 50, 100, 200])
LENGTHS |= {"marked": [10, 20, 50], "two": [10, 20, 50], "agreement": [2, 6, 16]}  # 16 phrases: 50 words
LINES = [(task, kind, lengths) for task, lengths in LENGTHS.items() for kind in KINDS]
# notebook 06: more starts, on the two tasks on which starts differ most
LINES += [
    (task, kind, [steps]) for task, steps in (("first", 50), ("order", 50)) for kind in STARTS if kind not in KINDS
]
EXPERIMENTS = {"grid": Experiment(run_line, settings_of("task kind lengths", LINES), range(1))}

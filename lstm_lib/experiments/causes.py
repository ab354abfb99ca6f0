"""Why is a memory task learned or not? Trials of notebook 03 in which one thing is changed by hand, and one is watched.

Each is to be read beside the cell of the grid with the same task, length and kind, in which nothing is changed.
"""

from lstm_lib.experiments.grid import run_trial
from lstm_lib.experiments.runs import SEEDS, Experiment, settings_of
from lstm_lib.experiments.trials import Trial, learn


def run_cause(task, steps, kind, near, quiet, change, seed):
    """Return what :func:`lstm_lib.experiments.grid.run_cell` does, of a Trial in which something is changed."""
    return run_trial(Trial(task, steps, kind, near, quiet, change), seed)


def run_moment(task, steps, kind, near, rate, updates, seed):
    """Follow the training of ten networks, from seeds ``seed`` to ``seed`` + 9, for so many ``updates``; return a dict.

    "updates" until solved, and "seen", what :func:`lstm_lib.experiments.trials.look_inside` saw every 25 updates: name
    -> a list for each network.
    """
    trial = Trial(task, steps, kind, near)
    runs = learn(trial, [rate] * len(SEEDS), range(seed, seed + len(SEEDS)), follow=True, cap=updates)
    seen = {name: [[look[name] for look in run["seen"]] for run in runs] for name in runs[0]["seen"][0]}
    return {"updates": [run["updates"] for run in runs], "seen": seen}


# near examples: each batch has another length
NEAR = [("first", steps, kind, True, 0, None) for kind in ("rnn", "default") for steps in (20, 50, 100, 200)]
NEAR += [("order", steps, "default", True, 0, None) for steps in (50, 100)]
# near examples, but nothing learned from a signal more than 10 steps back
NEAR += [("first", steps, kind, True, 0, "cut") for kind in ("rnn", "default") for steps in (20, 50, 100)]
# adding with fewer and fewer near marks
FAR = [("adding", 100, "default", False, quiet, None) for quiet in (5, 10, 20, 50)]
FAR += [("adding", 100, "default", False, 0, "cut")]
# the gradient does not vanish on its way back, though the state does
FLAT = [("first", steps, kind, False, 0, "flat") for kind in ("rnn", "default") for steps in (20, 50)]
# one gate is held, open (f) or shut (i), and the other may learn; a recurrent matrix that stretches nothing
HOLD = (("log", "keep_f"), ("closed", "keep_i"), ("closed", None))
HELD = [("first", steps, kind, False, 0, change) for steps in (20, 50) for kind, change in HOLD]
HELD += [("first", steps, "rnn", False, 0, "tame") for steps in (10, 20)]

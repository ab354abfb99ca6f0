"""Why is a memory task learned or not? Trials of notebook 03 in which one thing is changed by hand, and one is watched.

Each is to be read beside the cell of the grid with the same task, length and kind, in which nothing is changed.
"""

from lstm_lib.experiments.grid import run_trial
from lstm_lib.experiments.runs import Experiment, settings_of
from lstm_lib.experiments.trials import EVERY, Trial, learn_ten

OPEN = 1e-3  # the way is open: so large a share of the gradient comes from the step that matters
SHOWN = 3


def run_cause(task, steps, kind, near, quiet, change, seed):
    """Return what :func:`lstm_lib.experiments.grid.run_trial` does, of a Trial in which something is changed."""
    return run_trial(Trial(task, steps, kind, near, quiet, change), seed)


def run_items(task, change, rate, seed):
    """Train ten default RNNs to hold a long item, or two, over 20 steps, at one rate; return {"updates": a list}."""
    runs = learn_ten(Trial(task, 20, "rnn", change=change), rate, seed)
    return {"updates": [run["updates"] for run in runs]}


def run_moment(task, steps, kind, near, rate, cap, seed):
    """Follow the training of ten networks, from seeds ``seed`` to ``seed`` + 9, for ``cap`` updates; return a dict.

    A list of ten each: "updates" until solved, and "opened", when the share of the gradient at the step that matters
    first was above 0.001 (None: never). "seen" has what :func:`lstm_lib.experiments.watching.look_inside` saw of the
    first SHOWN networks every 25 updates: name -> a list for each.
    """
    trial = Trial(task, steps, kind, near)
    runs = learn_ten(trial, rate, seed, follow=True, cap=cap)
    opened = [next((EVERY * k for k, look in enumerate(run["seen"]) if look["share"] > OPEN), None) for run in runs]
    seen = {name: [[look[name] for look in run["seen"]] for run in runs[:SHOWN]] for name in runs[0]["seen"][0]}
    return {"updates": [run["updates"] for run in runs], "opened": opened, "seen": seen}


# near examples: each batch has another length
NEAR = [("first", steps, kind, True, 0, None) for kind in ("rnn", "default") for steps in (20, 50, 100)]
NEAR += [("first", 200, "default", True, 0, None)]
NEAR += [("order", steps, "default", True, 0, None) for steps in (50, 100)]
# near examples, but nothing learned from a signal more than 10 steps back
NEAR += [("first", steps, kind, True, 0, "cut") for kind in ("rnn", "default") for steps in (20, 50, 100)]
# adding with fewer and fewer near marks
FAR = [("adding", 100, "default", False, quiet, None) for quiet in (5, 20, 50)]
FAR += [("adding", 100, "default", False, 0, "cut")]
# the gradient does not vanish on its way back, though the state does
FLAT = [("first", steps, kind, False, 0, "flat") for kind in ("rnn", "default") for steps in (20, 50)]
FLAT += [("first", 100, "default", False, 0, "flat")]
# one gate is held, open (f) or shut (i), and the other may learn; a recurrent matrix that stretches nothing
HOLD = (("log", "keep_f"), ("chrono", "keep_i"), ("shut", None))
HELD = [("first", 20, kind, False, 0, change) for kind, change in HOLD]
HELD += [("first", 50, "log", False, 0, "keep_f")]
HELD += [("first", steps, "rnn", False, 0, "tame") for steps in (10, 20, 50)]
# the figure of the moment, and what its explorer shows
MOMENTS = [("adding", 100, "default", False, 0.03, 1500)]
MOMENTS += [
    (task, steps, kind, near, rate, cap)
    for task, steps, near, cap in (
        ("first", 20, False, 3000),
        ("first", 20, True, 500),
        ("adding", 50, False, 1000),
    )
    for kind in ("rnn", "default", "chrono")
    for rate in (0.001, 0.01, 0.03)
]
# two items: the long one alone, both, and both with ten times the weight on the long one, at each rate for itself
ITEMS = [
    (*item, rate) for item in (("long", None), ("two", None), ("two", "heavy")) for rate in (0.001, 0.003, 0.01, 0.03)
]
CHANGED = settings_of("task steps kind near quiet change", NEAR + FAR + FLAT + HELD)
EXPERIMENTS = {
    "causes": Experiment(run_cause, CHANGED, range(1)),
    "items": Experiment(run_items, settings_of("task change rate", ITEMS), range(1)),
    "moments": Experiment(run_moment, settings_of("task steps kind near rate cap", MOMENTS), range(1)),
}

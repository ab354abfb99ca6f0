"""Explorer of notebook 03: one training, update by update: the error, the gradient's share, and what opens the way."""

from lstm_lib.experiments import CAP, EVERY, load_results
from lstm_lib.explorers.base import Explorer, choice, slider

WORDS = {
    "title": "The moment the way opens",
    "task": "task",
    "first": "first symbol, T = 20",
    "near": "first symbol, T = 2 to 20",
    "adding": "adding, T = 50",
    "kind": "network",
    "rnn": "RNN, default",
    "default": "LSTM, default",
    "chrono": "LSTM, chrono",
    "rate": "learning rate",
    "at": "update",
    "x": "updates (logarithmic from 100 on)",
    "thick": "the network of the numbers",
    "thin": "two others",
    "score": "error (1: guessing)",
    "share": "share of gradient",
    "f": "best unit's f",
    "radius": "spectral radius of W",
    "readout": "update {update:.0f}: error {error:.2f}, share of the gradient {share:.0e}, {what} {open:.3f}",
    "alt": "Three panels over the updates of a training: error, share of the gradient, and what opens the way.",
}
GUESSING = 0.75  # what guessing among four symbols gets wrong
TASKS, RATES = ("first", "near", "adding"), (0.001, 0.01, 0.03)


def opening(words=WORDS):
    """Return the Explorer "the moment the way opens": three networks during training, and a cursor to move through it.

    ``words`` maps the keys of WORDS to what the reader sees.
    """
    kinds = ("rnn", "default", "chrono")
    runs = {task: {kind: {} for kind in kinds} for task in TASKS}
    for run in load_results("moments"):
        if run["task"] != "adding" or run["steps"] == 50:
            seen = {name: run["seen"][name] for name in ("score", "share", "open")}
            runs["near" if run["near"] else run["task"]][run["kind"]][run["rate"]] = seen

    def numbers(task, kind, rate, at):
        seen = {name: rows[0] for name, rows in runs[task][kind][rate].items()}  # of the first network
        k = min(at // EVERY, len(seen["score"]) - 1)
        error = seen["score"][k] if task == "adding" else (1 - seen["score"][k]) / GUESSING
        what = words["radius" if kind.startswith("rnn") else "f"]
        return {"update": EVERY * k, "error": error, "share": seen["share"][k], "open": seen["open"][k], "what": what}

    controls = [
        choice("task", words["task"], "first", [(words[name], name) for name in TASKS]),
        choice("kind", words["kind"], "rnn", [(words[name], name) for name in kinds]),
        choice("rate", words["rate"], 0.01, [(f"{rate:g}", rate) for rate in RATES], menu=False),
        slider("at", words["at"], CAP, 0, CAP, EVERY, play=60),
    ]
    return Explorer("opening", controls, words, {"every": EVERY, "runs": runs}, numbers)

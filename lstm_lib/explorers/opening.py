"""Explorer of notebook 03: one training, update by update: the error, the gradient's share, and what opens the way."""

import ipywidgets as widgets
import numpy as np

from lstm_lib.experiments import CAP, EVERY, load_results
from lstm_lib.explorers.base import Explorer

WORDS = {
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
    "x": "updates",
    "score": "error (1: guessing)",
    "share": "share of gradient",
    "f": "best unit's f",
    "radius": "spectral radius of W",
    "readout": "update {update:.0f}: error {error:.2f}, share of the gradient {share:.0e}, {what} {open:.3f}",
    "alt": "Three panels over the updates of a training: error, share of the gradient, and what opens the way.",
}
GUESSING = 0.75  # what guessing among four symbols gets wrong


def opening(words=WORDS):
    """Return the explorer "the moment the way opens": three networks during training, and a cursor to move through it.

    ``words`` maps the keys of WORDS to what the reader sees.
    """
    runs = {}
    for run in load_results("moments"):
        task = "near" if run["near"] else run["task"]
        if task != "adding" or run["steps"] == 50:
            runs[task, run["kind"], run["rate"]] = run["seen"]
    tasks, kinds, rates = (list(dict.fromkeys(key)) for key in zip(*sorted(runs, key=_order), strict=True))

    def make(fig):
        axes = fig.subplots(3, 1, sharex=True)
        axes[0].set(ylim=(-0.05, 1.4), ylabel=words["score"])
        axes[1].set(ylim=(1e-18, 5), yscale="log", ylabel=words["share"])
        axes[2].set(ylim=(0.4, 1.02), ylabel=words["f"], xlabel=words["x"])
        axes[2].set_xscale("symlog", linthresh=100)
        axes[2].set(xlim=(0, 3100), xticks=[0, 50, 100, 300, 1000, 3000], xticklabels=[0, 50, 100, 300, 1000, 3000])
        axes = [*axes, axes[2].twinx()]
        axes[3].set(ylim=(0, 4), ylabel=words["radius"])
        looks = [{"linewidth": 2.5}, {"linewidth": 1, "alpha": 0.6}, {"linewidth": 1, "alpha": 0.6}]
        colors = ("black", "black", "#0072B2", "#E69F00")
        lines = [
            ax.plot([], [], color=color, **look)[0] for ax, color in zip(axes, colors, strict=True) for look in looks
        ]
        dots = [ax.plot([], [], "o", color=color)[0] for ax, color in zip(axes, colors, strict=True)]
        cursor = [ax.axvline(0, color="#D55E00", linewidth=1) for ax in axes[:3]]
        return {"lines": lines, "dots": dots, "cursor": cursor}

    def update(artists, task, kind, rate, at):
        seen = runs[task, kind, rate]
        panels = _panels(seen, task, kind)
        last = len(seen["score"][0]) - 1
        k = min(at // EVERY, last)
        for panel, rows in enumerate(panels):
            for line, row in zip(artists["lines"][3 * panel : 3 * panel + 3], rows, strict=True):
                line.set_data(EVERY * np.arange(last + 1), row)
            artists["dots"][panel].set_data([EVERY * k], [rows[0][k]])
        for line in artists["cursor"]:
            line.set_xdata([EVERY * k] * 2)
        what = "radius" if kind.startswith("rnn") else "f"
        found = {"error": panels[0][0][k], "share": panels[1][0][k], "open": seen["open"][0][k]}
        return {"update": EVERY * k, "what": words[what], **found}

    controls = {
        "task": widgets.Dropdown(options=[(words[name], name) for name in tasks], description=words["task"]),
        "kind": widgets.Dropdown(options=[(words[name], name) for name in kinds], description=words["kind"]),
        "rate": widgets.SelectionSlider(
            options=[(f"{rate:g}", rate) for rate in rates], value=rates[1], description=words["rate"]
        ),
        "at": widgets.IntSlider(0, 0, CAP, EVERY, description=words["at"]),
    }
    return Explorer(make, update, controls, words["readout"], size=(7.2, 5), alt=words["alt"])


def _order(key):
    task, kind, rate = key
    return ("first", "near", "adding").index(task), ("rnn", "default", "chrono").index(kind), rate


def _panels(seen, task, kind):
    """Return the error, the share, the best f and the radius: of each, a list for each of three networks."""
    scores = np.array(seen["score"])
    errors = scores if task == "adding" else (1 - scores) / GUESSING
    shares = np.maximum(seen["share"], 1e-30)
    opened, none = np.array(seen["open"]), np.full(scores.shape, np.nan)
    return [errors, shares, none, opened] if kind.startswith("rnn") else [errors, shares, opened, none]

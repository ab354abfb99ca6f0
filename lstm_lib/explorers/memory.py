"""Explorer of notebook 03: learning curves of five networks on the temporal order, by length of the sequence."""

from statistics import median

import ipywidgets as widgets
import numpy as np

from lstm_lib.experiments import SEEDS, at_best_rate, load_results
from lstm_lib.explorers.base import Explorer

WORDS = {
    "length": "time steps",
    "model": "model",
    "lstm_chrono": "LSTM, chrono",
    "lstm_bias1": "LSTM, forget bias 1",
    "lstm": "LSTM, default",
    "rnn_orthogonal": "RNN, orthogonal",
    "rnn": "RNN, default",
    "x": "updates",
    "y": "right answers on held-out data",
    "seed": "one seed",
    "median": "median",
    "chance": "guessing",
    "readout": "learning rate {rate:g}: solved {solved:.0f} of 10, median of right answers at the end {median:.2f}",
    "alt": "Share of right answers against updates for ten seeds and their median.",
}
KINDS = ("lstm_chrono", "lstm_bias1", "lstm", "rnn_orthogonal", "rnn")
SOLVED = 0.95  # share of right answers


def memory(words=WORDS):
    """Return the explorer "length and model": ten learning curves and their median, from the shipped results.

    A model that was run at several learning rates is shown at the one with the most right answers at the end.
    ``words`` maps the keys of WORDS to what the reader sees.
    """
    tried = {}  # (kind, steps) -> runs
    for run in load_results("memory"):
        if run["task"] == "order":
            tried.setdefault((run["kind"], run["steps"]), []).append(run)
    best = {setting: at_best_rate(runs, lambda run: run["score"][-1]) for setting, runs in tried.items()}
    lengths = sorted({steps for _, steps in tried})
    updates = np.arange(30, 601, 30)

    def make(fig):
        ax = fig.subplots()
        ax.set(xlim=(0, 615), ylim=(0, 1.03), xlabel=words["x"], ylabel=words["y"])
        ax.grid(axis="y", alpha=0.25)
        ax.axhline(0.25, color="black", linewidth=1, linestyle=":", label=words["chance"])
        seeds = [ax.plot(updates, np.zeros(20), color="#56B4E9", linewidth=1)[0] for _ in SEEDS]
        middle = ax.plot(updates, np.zeros(20), color="#0072B2", linewidth=2.5, label=words["median"])[0]
        seeds[0].set_label(words["seed"])
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        return {"seeds": seeds, "median": middle}

    def update(artists, length, model):
        runs = best[model, length]
        curves = [run["score"] for run in runs]
        for line, curve in zip(artists["seeds"], curves, strict=True):
            line.set_ydata(curve)
        artists["median"].set_ydata(np.median(curves, axis=0))
        ends = [curve[-1] for curve in curves]
        return {"rate": runs[0]["rate"], "solved": sum(end >= SOLVED for end in ends), "median": median(ends)}

    controls = {
        "length": widgets.SelectionSlider(options=lengths, value=100, description=words["length"]),
        "model": widgets.Dropdown(options=[(words[k], k) for k in KINDS], description=words["model"]),
    }
    return Explorer(make, update, controls, words["readout"], alt=words["alt"])

"""Explorer of notebook 03: after how many updates ten networks have learned a task, against its length."""

from statistics import median

import ipywidgets as widgets
import numpy as np

from lstm_lib.experiments import CAP, GRID_KINDS, load_results
from lstm_lib.explorers.base import Explorer

WORDS = {
    "task": "task",
    "first": "first symbol",
    "order": "temporal order",
    "adding": "adding",
    "kind": "network",
    "rnn": "RNN, default",
    "rnn_orthogonal": "RNN, orthogonal",
    "default": "LSTM, default",
    "bias1": "LSTM, forget bias 1",
    "chrono": "LSTM, chrono",
    "1997": "LSTM of 1997",
    "x": "time steps T",
    "y": "updates until solved",
    "never": "never",
    "one": "one network",
    "median": "median",
    "others": "the other medians",
    "cell": "T = {steps}: {solved} of 10",
    "readout": "solved: {cells}",
    "alt": "Updates until solved against the number of time steps: ten networks, their median, and the others.",
}
NEVER = 2 * CAP  # where those stand that don't solve it


def memory(words=WORDS):
    """Return the explorer "task and network": updates until solved, a dot for each network, from the shipped grid.

    ``words`` maps the keys of WORDS to what the reader sees.
    """
    lines = {(run["task"], run["kind"]): run["cells"] for run in load_results("grid") if len(run["lengths"]) > 1}

    def make(fig):
        ax = fig.subplots()
        ax.set(xscale="log", yscale="log", xlim=(8, 250), ylim=(15, 9000), xlabel=words["x"], ylabel=words["y"])
        ticks = (25, 100, 300, 1000, 3000, NEVER)
        ax.set_yticks(ticks, [*map(str, ticks[:-1]), words["never"]])
        ax.set_xticks((10, 20, 50, 100, 200), ("10", "20", "50", "100", "200"))
        ax.minorticks_off()
        ax.grid(axis="y", alpha=0.25)
        others = [ax.plot([], [], color="#BBBBBB", linewidth=1.5, zorder=1)[0] for _ in GRID_KINDS]
        dots = ax.plot([], [], "o", color="#56B4E9", markersize=5, label=words["one"])[0]
        middle = ax.plot([], [], color="#0072B2", linewidth=2.5, label=words["median"])[0]
        others[0].set_label(words["others"])
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        return {"others": others, "dots": dots, "median": middle}

    def update(artists, task, kind):
        for line, other in zip(artists["others"], GRID_KINDS, strict=True):
            line.set_data(*_medians(lines[task, other]) if other != kind else ([], []))
        cells = lines[task, kind]
        places = [
            (cell["steps"] * (0.97 + 0.0067 * k), n or NEVER) for cell in cells for k, n in enumerate(cell["updates"])
        ]
        artists["dots"].set_data(*np.array(places).T)
        artists["median"].set_data(*_medians(cells))
        counts = [{"steps": cell["steps"], "solved": sum(n is not None for n in cell["updates"])} for cell in cells]
        return {"cells": ", ".join(words["cell"].format(**count) for count in counts)}

    controls = {
        "task": widgets.Dropdown(
            options=[(words[k], k) for k in ("first", "order", "adding")], description=words["task"]
        ),
        "kind": widgets.Dropdown(options=[(words[k], k) for k in GRID_KINDS], description=words["kind"]),
    }
    return Explorer(make, update, controls, words["readout"], alt=words["alt"])


def _medians(cells):
    return [cell["steps"] for cell in cells], [median(n or NEVER for n in cell["updates"]) for cell in cells]

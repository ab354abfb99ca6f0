"""Explorer of notebook 03: after how many updates ten networks have learned a task, against its length."""

from lstm_lib.experiments import CAP, GRID_KINDS, grid_cells, solved
from lstm_lib.explorers.base import Explorer, choice

WORDS = {
    "title": "Updates until solved",
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
    "before": "your last choice",
    "cell": "T = {steps}: {solved} of 10",
    "probe": "T = {steps}: {updates}",
    "readout": "solved: {cells}",
    "alt": "Updates until solved against the number of time steps: ten networks, their median, and the others.",
}


def memory(words=WORDS):
    """Return the Explorer "task and network": updates until solved, a dot for each network, from the shipped grid.

    ``words`` maps the keys of WORDS to what the reader sees.
    """
    tasks = ("first", "order", "adding")
    lines = {task: {kind: [] for kind in GRID_KINDS} for task in tasks}
    for (task, kind, steps), cell in grid_cells().items():
        if task in tasks and kind in GRID_KINDS:
            lines[task][kind].append({"steps": steps, "updates": cell["updates"]})

    def numbers(task, kind):
        cells = lines[task][kind]
        counts = [{"steps": c["steps"], "solved": solved(c)[0]} for c in cells]
        medians = {f"T{c['steps']}": min(solved(c)[1], 2 * CAP) for c in cells}
        return {"cells": ", ".join(words["cell"].format(**count) for count in counts), **medians}

    controls = [
        choice("task", words["task"], "first", [(words[name], name) for name in tasks]),
        choice("kind", words["kind"], "rnn", [(words[name], name) for name in GRID_KINDS]),
    ]
    return Explorer("memory", controls, words, lines, numbers)

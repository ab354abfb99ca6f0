"""Explorer of notebook 03: after how many updates ten networks have learned a task, against its length."""

from statistics import median

from lstm_lib.experiments import CAP, GRID_KINDS, load_results
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
    "others": "the others",
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
    lines = {task: dict.fromkeys(GRID_KINDS) for task in tasks}
    for run in load_results("grid"):
        if run["task"] in tasks and run["kind"] in GRID_KINDS:
            lines[run["task"]][run["kind"]] = [{name: c[name] for name in ("steps", "updates")} for c in run["cells"]]

    def numbers(task, kind):
        cells = lines[task][kind]
        counts = [{"steps": c["steps"], "solved": sum(n is not None for n in c["updates"])} for c in cells]
        medians = {f"T{c['steps']}": median(n or 2 * CAP for n in c["updates"]) for c in cells}
        return {"cells": ", ".join(words["cell"].format(**count) for count in counts), **medians}

    controls = [
        choice("task", words["task"], "first", [(words[name], name) for name in tasks]),
        choice("kind", words["kind"], "rnn", [(words[name], name) for name in GRID_KINDS]),
    ]
    return Explorer("memory", controls, words, lines, numbers)

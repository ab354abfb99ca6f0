"""Explorer of notebook 04: one unit of an LSTM whose gates are set by hand, over 30 steps."""

from itertools import accumulate

import ipywidgets as widgets
import numpy as np

from lstm_lib.explorers.base import Explorer
from lstm_lib.plots import STYLE

WORDS = {
    "f": "f (half-life)",
    "i": "i at a pulse",
    "candidate": "C̃",
    "o": "o",
    "pulses": "pulses",
    "opens": "o is 0 before step",
    "half_life": "half-life {n:g} steps",
    "at_once": "gone at once",
    "never": "never halves",
    "one": "one",
    "every": "every {n} steps",
    "step": "time step",
    "gates": "i, o",
    "c": "C",
    "h": "h",
    "first": "first pulse alone",
    "half": "half is left",
    "behind": "tanh(C)",
    "readout": "f {f:.3f}, {half_life}   largest |C| {top:.2f}   "
    "at step 30: C {c:.3f}, tanh(C) {behind:.3f}, h {h:.3f}",
    "alt": "Three panels over 30 steps: the input gate at the pulses and the output gate; C; and h below tanh of C.",
}
STEPS, FIRST = 30, 3  # the first pulse comes at step 3
TIME = np.arange(1, STEPS + 1)
HALF_LIVES = (0.5, 1, 2, 3, 4, 5, 7, 10, 14, 20, 30, 50, 100)  # in steps
PULSES = (("one", STEPS), ("every", 10), ("every", 5))  # steps between pulses
HIGHEST = 6.4  # of the axis of C: six pulses of 1, nothing forgotten


def gates(words=WORDS):
    """Return the Explorer "gates by hand": controls ``f``, ``i``, ``candidate``, ``o``, ``pulses`` and ``opens``.

    f and C̃ are the same at every step. The input gate opens to i at the pulses and is 0 between them; o is 0 before
    the step ``opens``. ``words`` are what the reader sees.
    """
    half_lives = [(f"{0.5 ** (1 / n):.3f} ({n:g})", 0.5 ** (1 / n)) for n in HALF_LIVES]
    forget = [(f"0 ({words['at_once']})", 0.0), *half_lives, (f"1 ({words['never']})", 1.0)]
    pulses = [(words[name].format(n=n), n) for name, n in PULSES]

    def update(artists, f, i, candidate, o, pulses, opens):
        i_t = np.where((TIME >= FIRST) & ((TIME - FIRST) % pulses == 0), i, 0.0)
        o_t = np.where(opens <= TIME, o, 0.0)
        c = np.array(list(accumulate(i_t * candidate, lambda kept, new: f * kept + new, initial=0.0))[1:])
        h = o_t * np.tanh(c)
        n = half_life(f)
        for name, values in (("i", i_t), ("o", o_t), ("c", c), ("h", h), ("behind", np.tanh(c))):
            artists[name].set_ydata(values)
        artists["first"].set_ydata(np.where(TIME >= FIRST, i * candidate * f ** np.maximum(TIME - FIRST, 0.0), 0.0))
        artists["half"].set_xdata([FIRST + n] * 2 if n <= STEPS - FIRST else [-1, -1])  # off the axis
        said = {0.0: words["at_once"], np.inf: words["never"]}.get(n, words["half_life"].format(n=n))
        end = {"c": c[-1], "behind": np.tanh(c[-1]), "h": h[-1]}
        return {"f": f, "half_life": said, "top": np.abs(c).max(), **end}

    controls = {
        "f": widgets.SelectionSlider(options=forget, value=0.5 ** (1 / 10), description=words["f"]),
        "i": widgets.FloatSlider(1.0, min=0, max=1, step=0.05, description=words["i"]),
        "candidate": widgets.FloatSlider(1.0, min=-1, max=1, step=0.1, description=words["candidate"]),
        "o": widgets.FloatSlider(1.0, min=0, max=1, step=0.05, description=words["o"]),
        "pulses": widgets.Dropdown(options=pulses, value=10, description=words["pulses"]),
        "opens": widgets.IntSlider(1, min=1, max=STEPS, description=words["opens"]),
    }
    return Explorer(
        lambda fig: _make(fig, words), update, controls, words["readout"], size=(7.2, 4.6), alt=words["alt"]
    )


def half_life(f):
    """Return after how many steps half of C is left: ln 1/2 / ln f; 0 for f = 0, infinity for f = 1."""
    if f in (0, 1):
        return np.inf if f else 0.0
    return round(np.log(0.5) / np.log(f), 6)


def _make(fig, words):
    axes = fig.subplots(3, 1, sharex=True, height_ratios=(2, 4, 3))
    zeros, lines = np.zeros(STEPS), {}
    lines["i"] = axes[0].plot(TIME, zeros, drawstyle="steps-mid", label="i", **STYLE["i"])[0]
    lines["o"] = axes[0].plot(TIME, zeros, drawstyle="steps-mid", label="o", **{**STYLE["o"], "linewidth": 2})[0]
    axes[1].axhspan(-1, 1, color="#EEEEEE")
    faint = {"color": "#777777", "linewidth": 1, "linestyle": "--"}
    lines["first"] = axes[1].plot(TIME, zeros, label=words["first"], **faint)[0]
    lines["c"] = axes[1].plot(TIME, zeros, marker=".", label="C", **STYLE["c"])[0]
    lines["half"] = axes[1].axvline(0, label=words["half"], **STYLE["f"])
    lines["behind"] = axes[2].plot(TIME, zeros, label=words["behind"], **faint)[0]
    lines["h"] = axes[2].plot(TIME, zeros, marker=".", label="h", **STYLE["h"])[0]
    limits = ((-0.08, 1.12), (-HIGHEST, HIGHEST), (-1.15, 1.15))
    for ax, limit, label in zip(axes, limits, ("gates", "c", "h"), strict=True):
        ax.set(xlim=(0, STEPS + 1), ylim=limit, ylabel=words[label])
        ax.grid(axis="y", alpha=0.25)
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    axes[0].set_yticks((0, 1))
    axes[1].set_yticks((-6, -3, 0, 3, 6))
    axes[2].set_xlabel(words["step"])
    return lines

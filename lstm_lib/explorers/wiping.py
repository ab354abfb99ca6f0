"""Explorer of notebook 04: a trained LSTM reads a sequence, and one of its states is wiped or exchanged on the way."""

from functools import cache

import ipywidgets as widgets
import numpy as np
import torch

from lstm_lib.cells import from_torch
from lstm_lib.experiments import ITEM_STEPS as STEPS
from lstm_lib.experiments import SEEDS, default_dtype, load_results, rerun, two_items_model
from lstm_lib.explorers.base import Explorer
from lstm_lib.plots import STYLE
from lstm_lib.tasks import long_and_short

WORDS = {
    "cell": "the gates",
    "reads": "read h",
    "blind": "don't read h",
    "seed": "seed",
    "sequence": "sequence",
    "change": "change",
    "nothing": "nothing",
    "wipe_c": "wipe C",
    "wipe_h": "wipe h",
    "wipe_both": "wipe C and h",
    "shut": "o = 0 from there to the last step but one",
    "swap_c": "take C from the other sequence",
    "swap_h": "take h from the other sequence",
    "at": "after step",
    "now": "shown up to step",
    "x": "value",
    "c": "C, units",
    "h": "h, units",
    "step": "time step",
    "long": "first value",
    "short": "value before\nthe last",
    "target": "right",
    "other": "right for the\nother sequence",
    "answer": "answer",
    "readout": "first value {long_right:.2f}, answer {long}   "
    "value before the last {short_right:.2f}, answer {short}   "
    "after step {now}: size of C {size_c:.2f}, of h {size_h:.2f}",
    "wait": "not yet",
    "alt": "Left: the values read, and maps of C and h, unit by unit. Right: the two answers beside the right ones.",
}
CHANGES = {
    "nothing": lambda h, c: (h, c),
    "wipe_c": lambda h, c: (h, 0 * c),
    "wipe_h": lambda h, c: (0 * h, c),
    "wipe_both": lambda h, c: (0 * h, 0 * c),
    "shut": lambda h, c: (0 * h, c),
    "swap_c": lambda h, c: (h, c.roll(1, dims=0)),
    "swap_h": lambda h, c: (h.roll(1, dims=0), c),
}
SEQUENCES, UNITS, COLOURS = 8, 8, 2.0  # the maps' colours end at -2 and 2
EDGE = 1.5  # of the axis of the answers; what lies outside is drawn at the edge


def wiping(words=WORDS):
    """Return the Explorer of a trained LSTM under intervention, on two values to recall after 20 steps.

    Controls: ``cell`` (its gates read h or not), ``seed`` of the shipped network, ``sequence``, the ``change`` and the
    step after which it comes (``at``), and the step ``now`` up to which the states are shown. ``words`` are what the
    reader sees.
    """
    with default_dtype(torch.float64):
        x, y = long_and_short(STEPS).held_out(SEQUENCES)
    weights = {(run["reads_h"], run["seed"]): run["weights"] for run in load_results("states")}

    @cache
    def network(reads_h, seed):
        model = two_items_model(weights[reads_h, seed])
        return from_torch(model.lstm), model.fc

    def update(artists, cell, seed, sequence, change, at, now):
        pair = [sequence - 1, sequence % SEQUENCES]  # the sequence shown, and the other one
        last = STEPS if change == "shut" else at + 1
        lstm, fc = network(cell, seed)
        with torch.no_grad():
            trace = rerun(lstm, x[pair], dict.fromkeys(range(at, last), CHANGES[change]))
            answer = fc(trace.h[0, -1]).tolist()
        right, other = y[pair].tolist()
        states = {"c": trace.c[0].T.numpy(), "h": trace.h[0].T.numpy()}  # (H, T)
        later = np.arange(1, STEPS + 1) > now
        artists["x"].set_ydata(np.where(later, np.nan, x[pair[0], :, 0]))
        for name, values in states.items():
            artists[name].set_data(np.where(later, np.nan, values))
        for line in artists["lines"]:
            line.set_xdata([-1 if change == "nothing" else at + 0.5] * 2)
        for name, values in (("target", right), ("other", other), ("answer", answer)):
            shown = now == STEPS or name != "answer"
            artists[name].set_xdata(np.clip(values, -EDGE, EDGE) if shown else [np.nan] * 2)
        said = [f"{v:.2f}" if now == STEPS else words["wait"] for v in answer]
        sizes = {f"size_{name}": np.linalg.norm(values[:, now - 1]) for name, values in states.items()}
        return {"long_right": right[0], "short_right": right[1], "long": said[0], "short": said[1], "now": now, **sizes}

    changes = [(words[name], name) for name in CHANGES]
    controls = {
        "cell": widgets.Dropdown(options=[(words["reads"], True), (words["blind"], False)], description=words["cell"]),
        "seed": widgets.IntSlider(0, min=SEEDS[0], max=SEEDS[-1], description=words["seed"]),
        "sequence": widgets.IntSlider(5, min=1, max=SEQUENCES, description=words["sequence"]),
        "change": widgets.Dropdown(options=changes, value="wipe_c", description=words["change"]),
        "at": widgets.IntSlider(10, min=1, max=STEPS - 1, description=words["at"]),
        "now": widgets.IntSlider(STEPS, min=1, max=STEPS, description=words["now"]),
    }
    return Explorer(
        lambda fig: _make(fig, words), update, controls, words["readout"], size=(7.8, 4.2), alt=words["alt"]
    )


def _make(fig, words):
    left, right = fig.subfigures(1, 2, width_ratios=(3, 2))
    axes, ax = left.subplots(3, 1, sharex=True, height_ratios=(2, 3, 3)), right.subplots()
    artists = {"x": axes[0].plot(np.arange(1, STEPS + 1), np.zeros(STEPS), color="black", marker=".")[0]}
    axes[0].set(ylim=(-1.15, 1.15), ylabel=words["x"])
    axes[0].axhline(0, color="black", linewidth=0.6)
    look = {"cmap": "RdBu_r", "vmin": -COLOURS, "vmax": COLOURS, "aspect": "auto", "interpolation": "nearest"}
    for name, axis in (("c", axes[1]), ("h", axes[2])):
        where = (0.5, STEPS + 0.5, UNITS + 0.5, 0.5)
        artists[name] = axis.imshow(np.zeros((UNITS, STEPS)), extent=where, **look)
        axis.set(ylabel=words[name], facecolor="#DDDDDD", yticks=range(1, UNITS + 1))
        axis.tick_params(axis="y", labelsize=7)
    left.colorbar(artists["c"], ax=list(axes[1:]), extend="both")
    axes[2].set_xlabel(words["step"])
    artists["lines"] = [axis.axvline(-1, color=STYLE["o"]["color"], linewidth=2) for axis in axes]
    axes[0].set_xlim(0.5, STEPS + 0.5)
    marks = {"target": ("|", "black", 22), "other": ("|", "#999999", 22), "answer": ("o", STYLE["o"]["color"], 9)}
    for name, (marker, color, size) in marks.items():
        look = {"linestyle": "", "marker": marker, "color": color, "markersize": size, "markeredgewidth": 2.5}
        artists[name] = ax.plot([0, 0], [1, 0], label=words[name], **look)[0]
    ax.set(xlim=(-EDGE - 0.1, EDGE + 0.1), ylim=(-0.6, 1.6), xlabel=words["x"])
    ax.set_yticks([1, 0], [words["long"], words["short"]], rotation=90, va="center")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False, fontsize="small", markerscale=0.5, ncols=3)
    ax.grid(axis="x", alpha=0.25)
    return artists

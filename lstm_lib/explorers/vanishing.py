"""Explorer: the gradient of a plain RNN on its way back, for a gain, a length and an activation of your choice."""

import math

import ipywidgets as widgets
import numpy as np
import torch

from lstm_lib.explorers.base import Explorer
from lstm_lib.gradients import ACTIVATIONS, backpropagate, log_line, predicted_slope, recurrent_matrix, run_rnn
from lstm_lib.plots import STYLE

WORDS = {
    "gain": "gain g",
    "steps": "steps T",
    "activation": "activation",
    "activations": {"tanh": "tanh", "linear": "linear", "relu": "ReLU"},
    "distance": "steps before the loss",
    "norm": "length of the gradient",
    "unit": "hidden unit",
    "size": "log10 of its size",
    "measured": "measured",
    "theory": "theory",
    "readout": "slope {slope:.3f}   theory {theory:.3f}   log g {log_gain:.3f}   length after {steps} steps {left}",
    "nothing": "no slope: the gradient is exactly 0",
    "alt": "Left: the length of the gradient against distance on a log axis. Right: the same for each hidden unit.",
}
UNITS, LONGEST, WARM_UP = 32, 100, 50
INPUT_STD = 0.1
NORMS = (1e-26, 1e16)  # limits of the log axis: holds linear gains 0.6 to 1.4 over 100 steps
COLOURS = 12  # decades each way: blue has shrunk, red has grown


def vanishing(words=WORDS):
    """Return the Explorer of |dL/dh_t| against distance: controls ``gain``, ``steps`` and ``activation``.

    W is orthogonal times the gain, 32 units, inputs N(0, 0.1^2); all in float64. ``words`` are what the reader sees.
    """
    generator = torch.Generator().manual_seed(0)
    rotation = recurrent_matrix("orthogonal", UNITS, 1.0, generator)
    inputs = INPUT_STD * torch.randn(WARM_UP + LONGEST, UNITS, dtype=torch.float64, generator=generator)

    def update(artists, gain, steps, activation):
        w = gain * rotation
        states = run_rnn(w, inputs[: WARM_UP + steps], activation)[WARM_UP:]  # (steps + 1, UNITS)
        gradients = backpropagate(w, states, activation)
        norms, theory = gradients.norm(dim=1), predicted_slope(w, states, activation)
        distance = np.arange(steps + 1)
        artists["measured"].set_data(distance, norms.flip(0).numpy())
        artists["theory"].set_data(distance, np.exp(theory * distance))
        decades = np.full((UNITS, LONGEST + 1), np.nan)  # nan: steps that the sequence doesn't have stay grey
        decades[:, : steps + 1] = gradients.flip(0).abs().clamp(min=NORMS[0]).log10().T.numpy()
        artists["image"].set_data(decades)
        slope = log_line(norms).slope if bool((norms > 0).all()) else words["nothing"]
        left = f"{norms[0].item():.1e}"
        return {"slope": slope, "theory": theory, "log_gain": math.log(gain), "steps": steps, "left": left}

    def make(fig):
        left, right = fig.subplots(1, 2, width_ratios=(5, 4))
        looks = {
            "measured": {**STYLE["c"], "linewidth": 2},
            "theory": {**STYLE["o"], "linestyle": "--", "linewidth": 1.6},
        }
        artists = {name: left.plot([], [], label=words[name], **look)[0] for name, look in looks.items()}
        left.set(xlim=(0, LONGEST), ylim=NORMS, yscale="log", xlabel=words["distance"], ylabel=words["norm"])
        left.legend(loc="upper left", frameon=False)
        left.grid(alpha=0.25)
        image = right.imshow(
            np.zeros((UNITS, LONGEST + 1)), aspect="auto", interpolation="nearest", cmap="RdBu_r",
            vmin=-COLOURS, vmax=COLOURS, extent=(-0.5, LONGEST + 0.5, UNITS + 0.5, 0.5),
        )  # fmt: skip
        right.set(xlabel=words["distance"], ylabel=words["unit"], facecolor="#DDDDDD")
        fig.colorbar(image, ax=right, extend="both", label=words["size"])
        return {**artists, "image": image}

    activations = [(words["activations"][name], name) for name in ACTIVATIONS]
    controls = {
        "gain": widgets.FloatSlider(1.0, min=0.6, max=1.4, step=0.05, description=words["gain"]),
        "steps": widgets.IntSlider(LONGEST, min=10, max=LONGEST, step=5, description=words["steps"]),
        "activation": widgets.Dropdown(options=activations, description=words["activation"]),
    }
    return Explorer(make, update, controls, words["readout"], alt=words["alt"])

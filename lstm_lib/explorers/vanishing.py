"""Explorer: the gradient of a plain RNN on its way back, for a gain, a length and an activation of your choice."""

import math

import torch

from lstm_lib.explorers.base import Explorer, choice, pack, slider
from lstm_lib.gradients import ACTIVATIONS, backpropagate, log_line, predicted_slope, recurrent_matrix, run_rnn

WORDS = {
    "title": "The gradient on its way back",
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
    "probe": "{d} steps before the loss: length {norm:.1e}",
    "probe_unit": "{d} steps before the loss, unit {unit}: {size:.1e}",
    "readout": "slope {slope:.3f}   theory {theory:.3f}   log g {log_gain:.3f}   length after {steps} steps {left:.1e}",
    "alt": "The length of the gradient against distance on a log axis, and a map of the same for each hidden unit.",
}
UNITS, LONGEST, WARM_UP = 32, 100, 50
INPUT_STD = 0.1


def vanishing(words=WORDS):
    """Return the Explorer of |dL/dh_t| against distance: controls ``gain``, ``steps`` and ``activation``.

    W is orthogonal times the gain, 32 units, inputs N(0, 0.1^2); all in float64. ``words`` are what the reader sees.
    """
    generator = torch.Generator().manual_seed(0)
    rotation = recurrent_matrix("orthogonal", UNITS, 1.0, generator)
    inputs = INPUT_STD * torch.randn(WARM_UP + LONGEST, UNITS, dtype=torch.float64, generator=generator)

    def numbers(gain, steps, activation):
        w = gain * rotation
        states = run_rnn(w, inputs[: WARM_UP + steps], activation)[WARM_UP:]  # (steps + 1, UNITS)
        norms = backpropagate(w, states, activation).norm(dim=1)
        slope, theory = log_line(norms).slope, predicted_slope(w, states, activation)
        return {"slope": slope, "theory": theory, "log_gain": math.log(gain), "steps": steps, "left": norms[0].item()}

    activations = [(words["activations"][name], name) for name in ACTIVATIONS]
    controls = [
        slider("gain", words["gain"], 1, 0.6, 1.4, 0.05),
        slider("steps", words["steps"], LONGEST, 10, LONGEST, 5),
        choice("activation", words["activation"], "tanh", activations),
    ]
    return Explorer("vanishing", controls, words, {"rotation": pack(rotation), "inputs": pack(inputs)}, numbers)

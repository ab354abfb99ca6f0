"""Explorer of notebook 05: one step of an LSTM with one unit, line by line, in numbers."""

import torch

from lstm_lib.cells import GATES, LSTMCell
from lstm_lib.explorers.base import Explorer, slider

WORDS = {
    "title": "One step, line by line",
    "x": "x, the input",
    "h": "h before",
    "c": "C before",
    "at": "shown up to line",
    "lines": [
        "How much of the old C is kept",
        "How much of the new is written",
        "What is written",
        "How much of the cell is shown",
        "The old C, times f, and what is written",
        "What the cell shows",
    ],
    "later": "…",
    "readout": "f {f:.3f}, i {i:.3f}, C̃ {candidate:.3f}, o {o:.3f}   C {c:.3f}, h {h:.3f}",
    "alt": "Six lines: f, i, C̃ and o from x and h, then C and h, each with its numbers and a bar from -2 to 2.",
}
WEIGHTS = {"f": (0.5, -0.5, 1.0), "i": (1.5, 0.5, -1.0), "candidate": (1.0, -0.8, 0.0), "o": (-0.5, 1.0, 0.5)}


def step(words=WORDS):
    """Return the Explorer of one step of a cell of one unit: controls ``x``, ``h``, ``c`` (before) and ``at``.

    ``at``: up to which of the six lines the step is shown. ``words`` are what the reader sees.
    """
    cell = LSTMCell(1, 1).double()
    with torch.no_grad():
        for k, gate in enumerate(GATES):
            cell.W_x.weight[k], cell.W_h.weight[k], cell.W_x.bias[k] = WEIGHTS[gate]
        cell.W_h.bias.zero_()

    def numbers(x, h, c, at):
        with torch.no_grad():
            values = cell.step(*(torch.tensor([[v]], dtype=torch.float64) for v in (x, h, c)))
        found = {name: v.item() for name, v in zip((*GATES, "c", "h"), values, strict=True)}
        return {name: v if k < at else words["later"] for k, (name, v) in enumerate(found.items())}

    controls = [
        slider("x", words["x"], 1, -2, 2, 0.1),
        slider("h", words["h"], 0.5, -1, 1, 0.1),
        slider("c", words["c"], 0.8, -2, 2, 0.1),
        slider("at", words["at"], 6, 1, 6, 1, play=1200),
    ]
    return Explorer("step", controls, words, WEIGHTS, numbers)

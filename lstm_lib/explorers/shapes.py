"""Explorer of notebook 07: the shape of every tensor that goes into nn.LSTM and comes out."""

import torch
from torch import nn

from lstm_lib.explorers.base import Explorer, choice, slider

WORDS = {
    "title": "Shapes",
    "B": "B, sequences",
    "T": "T, time steps",
    "D": "D, input features",
    "H": "H, hidden units",
    "layers": "layers",
    "bidirectional": "bidirectional",
    "batch_first": "batch_first",
    "yes": "True",
    "no": "False",
    "x": "x",
    "out": "out",
    "h_n": "h_n",
    "c_n": "c_n",
    "probes": {
        "x": "x {x}: what is read",
        "out": "out {out}: h of the last layer at every step; marked: what h_n has too",
        "h_n": "h_n {h_n}: the last h of every layer and direction; marked: the last layer",
        "c_n": "c_n {c_n}: the last C of every layer and direction",
    },
    "readout": "x {x}   out {out}   h_n {h_n}   c_n {c_n}   {weights} weights",
    "alt": "Four blocks: x, out, h_n and c_n. Across: time, or layers and directions. Up: features. The sequences of "
    "the batch stand behind each other.",
}


def shapes(words=WORDS):
    """Return the Explorer of shapes: controls ``B``, ``T``, ``D``, ``H``, ``layers``,
    ``bidirectional`` and ``batch_first``.

    Time steps (layers and directions for h_n and c_n) run across, features up, sequences stand behind each other.
    Marked is the last h of the last layer, which stands in out and in h_n. ``words`` are what the reader sees.
    """

    def numbers(B, T, D, H, layers, bidirectional, batch_first):
        lstm = nn.LSTM(D, H, layers, bidirectional=bidirectional, batch_first=batch_first, device="meta")
        lstm.to_empty(device="cpu")  # weights of no meaning: no random number of the notebook is used up
        x = torch.zeros((B, T, D) if batch_first else (T, B, D))
        with torch.no_grad():
            out, (h_n, c_n) = lstm(x)
        found = {name: str(tuple(v.shape)) for name, v in (("x", x), ("out", out), ("h_n", h_n), ("c_n", c_n))}
        return {**found, "weights": sum(p.numel() for p in lstm.parameters())}

    yes_or_no = [(words["yes"], True), (words["no"], False)]
    controls = [
        slider("B", words["B"], 4, 1, 6, 1),
        slider("T", words["T"], 12, 1, 16, 1),
        slider("D", words["D"], 3, 1, 8, 1),
        slider("H", words["H"], 5, 1, 8, 1),
        slider("layers", words["layers"], 2, 1, 4, 1),
        choice("bidirectional", words["bidirectional"], False, yes_or_no),
        choice("batch_first", words["batch_first"], True, yes_or_no),
    ]
    return Explorer("shapes", controls, words, {}, numbers)

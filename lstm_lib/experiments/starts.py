"""Starts: the gate biases that an LSTM of notebooks 03, 06 and 08 begins with."""

import math

import torch

from lstm_lib.cells import TORCH_GATES
from lstm_lib.checks import one_of

STARTS = ("default", "bias1", "bias3", "bias5", "log", "spread", "input", "log_input", "log_small", "chrono")
SMALL = (1 + 1) / (1 + math.exp(2))  # sigmoid(-2) / sigmoid(0): what an input bias of -2 leaves of each write


def start_(model, start, longest):
    """Set the gate biases of ``model``, an LSTMModel of one layer, for memories up to ``longest`` steps; return it.

    ``start`` is one of STARTS. ``default``: as PyTorch draws them. ``bias1``, ``bias3``, ``bias5``: forget bias 1, 3
    or 5. ``log``: forget bias log(longest - 1) in every unit. ``spread``: the forget part of chrono alone. ``input``:
    input bias -2. ``log_input``: both. ``log_small``: as ``log``, and all that makes the candidate is shrunk until as
    little is written as with input bias -2. ``chrono``: forget bias log u and input bias -log u, u ~ U(1, longest - 1);
    ``quiet``, not in STARTS: ``chrono`` with a candidate of a fiftieth of its usual size.
    Raises ValueError for another ``start``.
    Source: Tallec & Ollivier 2018, "Can recurrent neural networks warp time?", equation 16.
    """
    log_t = math.log(longest - 1)
    log_u = torch.empty(model.hidden_size).uniform_(1, longest - 1).log()  # one number for each unit
    biases = {
        "default": {},
        "bias1": {"f": 1.0},
        "bias3": {"f": 3.0},
        "bias5": {"f": 5.0},
        "log": {"f": log_t},
        "spread": {"f": log_u},
        "input": {"i": -2.0},
        "log_input": {"f": log_t, "i": -2.0},
        "log_small": {"f": log_t},
        "quiet": {"f": log_u, "i": -log_u},
        "chrono": {"f": log_u, "i": -log_u},
    }
    one_of("start", start, biases)
    blocks = {name: part.detach().chunk(4) for name, part in model.lstm.named_parameters()}  # in torch's gate order
    for gate, value in biases[start].items():
        blocks["bias_ih_l0"][TORCH_GATES.index(gate)].copy_(torch.as_tensor(value))
        blocks["bias_hh_l0"][TORCH_GATES.index(gate)].zero_()  # torch adds the two
    shrink = {"log_small": SMALL, "quiet": 0.02}.get(start, 1.0)
    for parts in blocks.values():
        parts[TORCH_GATES.index("candidate")].mul_(shrink)
    return model

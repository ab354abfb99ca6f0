"""The LSTM cell, its unrolling over time, the weight map to and from torch, and initialisers of the gate biases.

Shapes: B batch, T time steps, D input features, H hidden units. Gate order: f, i, candidate, o.
Equations: Gers, Schmidhuber & Cummins 2000, "Learning to Forget", section 3, in today's notation:

    f_t = sigmoid(W_xf x_t + W_hf h_{t-1} + b_f)        forget gate
    i_t = sigmoid(W_xi x_t + W_hi h_{t-1} + b_i)        input gate
    C~_t = tanh(W_xc x_t + W_hc h_{t-1} + b_c)          candidate
    o_t = sigmoid(W_xo x_t + W_ho h_{t-1} + b_o)        output gate
    C_t = f_t * C_{t-1} + i_t * C~_t                    cell state
    h_t = o_t * tanh(C_t)                               hidden state
"""

import math
import numbers
from typing import NamedTuple

import torch
from torch import nn

from lstm_lib.checks import float_tensor, positive_int, state_pair

GATES = ("f", "i", "candidate", "o")  # the order of the four blocks of rows in this library
TORCH_GATES = ("i", "f", "candidate", "o")  # torch.nn.LSTM and torch.nn.LSTMCell
ONNX_GATES = ("i", "o", "f", "candidate")  # the LSTM operator of ONNX

# our parameter -> torch's; nn.LSTM adds the suffix _l0
WEIGHT_MAP = {
    "W_x.weight": "weight_ih",  # (4H, D)
    "W_h.weight": "weight_hh",  # (4H, H)
    "W_x.bias": "bias_ih",  # (4H,)
    "W_h.bias": "bias_hh",  # (4H,)
}


class Trace(NamedTuple):
    """Everything an LSTM computed on its way through a sequence: six tensors, each (B, T, H)."""

    f: torch.Tensor  # forget gate, 0..1
    i: torch.Tensor  # input gate, 0..1
    candidate: torch.Tensor  # C~, -1..1
    o: torch.Tensor  # output gate, 0..1
    c: torch.Tensor  # cell state C_t, at most t in size after t steps
    h: torch.Tensor  # hidden state h_t, -1..1


class LSTMCell(nn.Module):
    """One time step of an LSTM: x (B, D), state (h, c) each (B, H); returns h_t, (h_t, c_t), each (B, H).

    ``W_x`` (D -> 4H) and ``W_h`` (H -> 4H) are ``nn.Linear`` with bias; their rows hold f, i, candidate, o.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype, shape or device.
    Source: Gers, Schmidhuber & Cummins 2000, section 3.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.W_x = nn.Linear(self.input_size, 4 * self.hidden_size)
        self.W_h = nn.Linear(self.hidden_size, 4 * self.hidden_size)

    def forward(self, x, state):
        float_tensor("x", x, ("B", self.input_size), like=self.W_x.weight)
        h_prev, c_prev = state_pair(state, x.size(0), self.hidden_size, like=self.W_x.weight)
        *_, c_t, h_t = self.step(x, h_prev, c_prev)
        return h_t, (h_t, c_t)

    def step(self, x, h_prev, c_prev):
        """The equations of one step, unchecked: returns f, i, candidate, o, c_t, h_t, each (B, H)."""
        gates = self.W_x(x) + self.W_h(h_prev)  # (B, 4H)
        f, i, candidate, o = gates.chunk(4, dim=-1)  # (B, H) each
        f, i, candidate, o = f.sigmoid(), i.sigmoid(), candidate.tanh(), o.sigmoid()
        c_t = f * c_prev + i * candidate
        h_t = o * c_t.tanh()
        return f, i, candidate, o, c_t, h_t


class LSTM(nn.Module):
    """An LSTMCell applied to every step of x (B, T, D); returns out (B, T, H), (h_T, c_T), each (B, H).

    ``state`` is the pair (h_0, c_0), each (B, H); without it both are zeros. The cell is ``self.cell``.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype, shape or device.
    Source: Gers, Schmidhuber & Cummins 2000, section 3; same result as one-layer ``nn.LSTM(batch_first=True)``.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.cell = LSTMCell(input_size, hidden_size)

    input_size = property(lambda self: self.cell.input_size)  # of the cell that is in it now
    hidden_size = property(lambda self: self.cell.hidden_size)

    def forward(self, x, state=None):
        *_, c, h = zip(*self._unroll(x, state), strict=True)  # T tensors of (B, H) each
        return torch.stack(h, dim=1), (h[-1], c[-1])

    def trace(self, x, state=None):
        """Run over x (B, T, D) and return the Trace: f, i, candidate, o, c, h of every step, each (B, T, H)."""
        return Trace(*(torch.stack(steps, dim=1) for steps in zip(*self._unroll(x, state), strict=True)))

    def first_state(self, x, state=None):
        """Check x (B, T, D) and ``state``, and return h_0 and c_0, each (B, H): zeros if there is no state."""
        float_tensor("x", x, ("B", "T", self.input_size), like=self.cell.W_x.weight)
        if state is None:
            return x.new_zeros(2, x.size(0), self.hidden_size).unbind()
        return state_pair(state, x.size(0), self.hidden_size, like=x)

    def _unroll(self, x, state):
        h, c = self.first_state(x, state)
        for x_t in x.unbind(dim=1):  # (B, D), T times
            step = self.cell.step(x_t, h, c)
            *_, c, h = step
            yield step


def reorder_gates(rows, source, target, hidden_size):
    """Return a copy of ``rows`` (4H, ...) with its four blocks moved from gate order ``source`` to ``target``.

    The orders are tuples such as GATES, TORCH_GATES or ONNX_GATES. Raises TypeError if ``rows`` is no tensor,
    ValueError if it has not 4 times ``hidden_size`` rows (Keras keeps it turned) or an order doesn't name the gates.
    """
    for name, order in (("source", source), ("target", target)):
        if sorted(order) != sorted(GATES):
            raise ValueError(f"{name}: expected the four gates {GATES} in some order, got {tuple(order)}")
    if not isinstance(rows, torch.Tensor):
        raise TypeError(f"rows: expected a tensor of shape (4H, ...), got {type(rows).__name__}")
    if rows.dim() == 0 or len(rows) != 4 * positive_int("hidden_size", hidden_size):
        came = f"{tuple(rows.shape)}; a kernel of Keras is (D, 4H): pass kernel.T"
        raise ValueError(f"rows: expected shape (4H, ...) with H = {hidden_size}, got {came}")
    blocks = dict(zip(source, rows.chunk(4), strict=True))
    return torch.cat([blocks[gate] for gate in target])


def to_torch(module):
    """Return the ``nn.LSTMCell`` equal to an LSTMCell, or the ``nn.LSTM(batch_first=True)`` equal to an LSTM.

    The result holds copies of the weights, their gate blocks moved from f, i, candidate, o to i, f, candidate, o.
    Raises TypeError for any other module.
    """
    cell = module.cell if isinstance(module, LSTM) else module
    if type(cell) is not LSTMCell:  # a PeepholeCell has weights that torch's cells have no place for
        raise TypeError(f"module: expected lstm_lib's LSTMCell or LSTM, got {type(cell).__name__}")
    sizes, suffix = (cell.input_size, cell.hidden_size), "" if cell is module else "_l0"
    twin = nn.LSTMCell(*sizes) if cell is module else nn.LSTM(*sizes, batch_first=True)
    move = (GATES, TORCH_GATES, cell.hidden_size)
    weights = {theirs + suffix: reorder_gates(cell.get_parameter(k), *move) for k, theirs in WEIGHT_MAP.items()}
    twin.to(cell.W_x.weight).load_state_dict(weights)
    return twin


def from_torch(module):
    """Return the LSTMCell equal to an ``nn.LSTMCell``, or the LSTM equal to a one-layer ``nn.LSTM``.

    The LSTM takes (B, T, D) whether or not the source has ``batch_first``. Weights are copied.
    Raises TypeError for any other module, ValueError for more layers, two directions, a projection or no bias.
    """
    if isinstance(module, nn.LSTM):
        twin, suffix = LSTM(module.input_size, module.hidden_size), "_l0"
    elif isinstance(module, nn.LSTMCell):
        twin, suffix = LSTMCell(module.input_size, module.hidden_size), ""
    else:
        raise TypeError(f"module: expected torch.nn.LSTMCell or torch.nn.LSTM, got {type(module).__name__}")
    for name, wanted in (("num_layers", 1), ("bidirectional", False), ("proj_size", 0), ("bias", True)):
        came = getattr(module, name, wanted)
        if came != wanted:
            raise ValueError(f"module: expected {name}={wanted}, got {name}={came}")
    weights = {k: module.get_parameter(theirs + suffix) for k, theirs in WEIGHT_MAP.items()}
    cell, move = getattr(twin.to(weights["W_x.weight"]), "cell", twin), (TORCH_GATES, GATES, twin.hidden_size)
    cell.load_state_dict({k: reorder_gates(w, *move) for k, w in weights.items()})
    return twin


def forget_bias_(module, value):
    """Set the forget gate's bias to ``value`` in every LSTM inside ``module`` and return the module.

    torch and this library add two bias vectors, so the recurrent one is set to 0 for that gate.
    Raises ValueError if there is no LSTM with a bias in ``module``.
    Source: Gers, Schmidhuber & Cummins 2000, section 3.1; Jozefowicz, Zaremba & Sutskever 2015, section 3.
    """
    for bias_x, bias_h in _gate_biases(module):
        bias_x["f"].fill_(value)
        bias_h["f"].zero_()
    return module


def chrono_(module, longest):
    """Draw gate biases for memories up to ``longest`` time steps in every LSTM inside ``module``; return the module.

    For each unit u ~ U(1, longest - 1), forget bias log u, input bias -log u; the recurrent bias is 0 for both gates.
    Raises ValueError if ``longest`` is no number above 2 or there is no LSTM with a bias in ``module``.
    Source: Tallec & Ollivier 2018, "Can recurrent neural networks warp time?", equation 16.
    """
    if not isinstance(longest, numbers.Real) or not 2 < longest < math.inf:
        raise ValueError(f"longest: expected a number of time steps above 2, got {longest!r}")
    for bias_x, bias_h in _gate_biases(module):
        log_u = torch.empty_like(bias_x["f"]).uniform_(1, longest - 1).log()
        bias_x["f"].copy_(log_u)
        bias_x["i"].copy_(-log_u)
        bias_h["f"].zero_()
        bias_h["i"].zero_()
    return module


def _gate_biases(module):
    """Return a list of pairs, one per LSTM layer: gate -> (H,) view of the input bias, and of the recurrent bias."""
    found = []
    for part in module.modules():
        if isinstance(part, (LSTMCell, nn.LSTMCell, nn.LSTM)):
            order = GATES if isinstance(part, LSTMCell) else TORCH_GATES
            biases = [b.detach().chunk(4) for name, b in part.named_parameters() if "bias" in name]
            views = [dict(zip(order, blocks, strict=True)) for blocks in biases]
            found += zip(views[::2], views[1::2], strict=True)  # everywhere the input bias comes first
    if not found:
        raise ValueError(f"module: expected an LSTM with a bias inside, got {type(module).__name__} without one")
    return found

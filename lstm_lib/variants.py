"""LSTMs with a gate taken out, and relatives of the LSTM: peepholes, coupled gates, GRU, minLSTM, sLSTM.

Shapes: B batch, T time steps, D input features, H hidden units. Each cell is written like ``LSTMCell``: ``W_x`` and
``W_h`` hold its blocks of H rows one below the other, in the order of its equations.
"""

import torch
from torch import nn
from torch.nn import functional

from lstm_lib.cells import GATES, TORCH_GATES, LSTMCell
from lstm_lib.checks import float_tensor, positive_int

OPEN = 40.0  # sigmoid(40) is exactly 1 in float32 and float64, and its slope exactly 0


def open_gate_(module, gate):
    """Take ``gate``, "f", "i" or "o", out of every LSTM inside ``module``: it is 1 from now on. Return the module.

    Its weights become 0 and its bias 40. There the sigmoid is exactly 1 and its gradient exactly 0, so training leaves
    the gate as it is (an optimizer with weight decay would not).
    Raises ValueError for another gate or a ``module`` without an LSTM that has a bias.
    Source: the variants NFG, NIG and NOG of Greff et al. 2017, "LSTM: A Search Space Odyssey", section III.
    """
    if gate not in ("f", "i", "o"):
        raise ValueError(f"gate: expected 'f', 'i' or 'o', got {gate!r}")
    layers = [part for part in module.modules() if isinstance(part, (LSTMCell, nn.LSTM, nn.LSTMCell))]
    if not layers or not all(getattr(layer, "bias", True) for layer in layers):
        raise ValueError(f"module: expected an LSTM with a bias inside, got {type(module).__name__} without one")
    for layer in layers:
        order = GATES if isinstance(layer, LSTMCell) else TORCH_GATES
        for name, weight in layer.named_parameters():
            places = "fio" if name == "peepholes" else order
            rows = weight.detach().chunk(len(places))[places.index(gate)]  # (H, ...), of peepholes (1, H)
            rows.fill_(OPEN if name.startswith(("bias_ih", "W_x.bias")) else 0.0)
    return module


class PeepholeCell(LSTMCell):
    """An LSTMCell whose gates also see the cell state: f and i the old one, o the new one.

    ``peepholes`` (3, H) holds one weight for each gate and unit, in the order f, i, o; zeros make it a plain LSTMCell.
    Source: Gers & Schmidhuber 2000, "Recurrent Nets that Time and Count"; notation of Greff et al. 2017, section II.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size)
        self.peepholes = nn.Parameter(torch.zeros(3, self.hidden_size))

    def step(self, x, h_prev, c_prev):
        f, i, candidate, o = (self.W_x(x) + self.W_h(h_prev)).chunk(4, dim=-1)
        p_f, p_i, p_o = self.peepholes
        f, i = (f + p_f * c_prev).sigmoid(), (i + p_i * c_prev).sigmoid()
        candidate = candidate.tanh()
        c_t = f * c_prev + i * candidate
        o = (o + p_o * c_t).sigmoid()
        return f, i, candidate, o, c_t, o * c_t.tanh()


class _Cell(nn.Module):
    """The sizes and weights of a cell: ``W_x`` and ``W_h`` have as many blocks of H rows as the class says."""

    blocks = 3

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.W_x = nn.Linear(self.input_size, self.blocks * self.hidden_size)
        self.W_h = nn.Linear(self.hidden_size, self.blocks * self.hidden_size)


class CoupledCell(_Cell):
    """An LSTM cell with one gate for keeping and writing, i = 1 - f: x (B, D), state (h, c) -> h_t, (h_t, c_t).

    ``W_x`` and ``W_h`` have 3H rows: f, candidate, o. It fits into ``LSTM`` in place of its cell.
    Source: the variant CIFG of Greff et al. 2017, "LSTM: A Search Space Odyssey", section III.
    """

    forward = LSTMCell.forward

    def step(self, x, h_prev, c_prev):
        f, candidate, o = (self.W_x(x) + self.W_h(h_prev)).chunk(3, dim=-1)
        f, candidate, o = f.sigmoid(), candidate.tanh(), o.sigmoid()
        i = 1 - f
        c_t = f * c_prev + i * candidate
        return f, i, candidate, o, c_t, o * c_t.tanh()


class GRUCell(_Cell):
    """One step of a gated recurrent unit: x (B, D) and h (B, H) -> h_t (B, H). There is no C.

    ``W_x`` and ``W_h`` have 3H rows: reset gate r, update gate z, candidate; the same order as in ``nn.GRUCell``. Here
    and in torch, z is the part of h that is *kept*; in the paper of 2014 as well.
    Source: Cho et al. 2014, equations 5 to 8, with r applied after W_h as in torch.
    """

    def forward(self, x, h):
        float_tensor("x", x, ("B", self.input_size), like=self.W_x.weight)
        float_tensor("h", h, (len(x), self.hidden_size), like=self.W_x.weight)
        return self.step(x, h)

    def step(self, x, h_prev):
        x_r, x_z, x_candidate = self.W_x(x).chunk(3, dim=-1)
        h_r, h_z, h_candidate = self.W_h(h_prev).chunk(3, dim=-1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        candidate = (x_candidate + r * h_candidate).tanh()
        return z * h_prev + (1 - z) * candidate


class MinLSTM(nn.Module):
    """A minimal LSTM: x (B, T, D) -> h (B, T, H). Its gates see only x, so all steps can be computed side by side.

    ``W_x`` has 3H rows: f, i, candidate. ``h_0`` (B, H) is zeros if not given. ``forward`` uses the scan, ``loop`` goes
    step by step; both return the same.
    Source: Feng et al. 2024, "Were RNNs All We Needed?", section 3.2.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.W_x = nn.Linear(self.input_size, 3 * self.hidden_size)

    def forward(self, x, h_0=None):
        return scan(*self.keep_and_write(x, h_0))

    def loop(self, x, h_0=None):
        """Return what ``forward`` returns, h (B, T, H), one step after the other."""
        keep, write = self.keep_and_write(x, h_0)
        h = [write[:, 0]]
        for keep_t, write_t in zip(keep[:, 1:].unbind(1), write[:, 1:].unbind(1), strict=True):
            h.append(keep_t * h[-1] + write_t)
        return torch.stack(h, dim=1)

    def keep_and_write(self, x, h_0=None):
        """Return what each step multiplies the old h by and what it adds, each (B, T, H); h_0 is in the first write."""
        float_tensor("x", x, ("B", "T", self.input_size), like=self.W_x.weight)
        f, i, candidate = self.W_x(x).chunk(3, dim=-1)
        f, i = f.sigmoid(), i.sigmoid()
        keep, write = f / (f + i), i / (f + i) * candidate
        if h_0 is not None:
            float_tensor("h_0", h_0, (len(x), self.hidden_size), like=self.W_x.weight)
            write = torch.cat([write[:, :1] + (keep[:, 0] * h_0)[:, None], write[:, 1:]], dim=1)
        return keep, write


def scan(keep, write):
    """Return h of the recurrence h_t = keep_t * h_{t-1} + write_t from h = 0, all (B, T, H), in log2(T) rounds.

    After each round a step knows twice as many steps before it. The rounds work on all steps at once.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype or shape.
    Source: Hillis & Steele 1986, "Data Parallel Algorithms"; for recurrences: Blelloch 1990.
    """
    float_tensor("write", write, ("B", "T", "H"), finite=False)
    float_tensor("keep", keep, tuple(write.shape), like=write, finite=False)
    reach = 1
    while reach < write.size(1):
        added = write[:, reach:] + keep[:, reach:] * write[:, :-reach]
        write = torch.cat([write[:, :reach], added], dim=1)
        keep = torch.cat([keep[:, :reach], keep[:, reach:] * keep[:, :-reach]], dim=1)
        reach *= 2
    return write


class SLSTMCell(_Cell):
    """One step of sLSTM, an LSTM with an exponential input gate: x (B, D), state -> h_t, state.

    The state is (h, c, n, m), each (B, H): n adds up what was written, so that c / n is a weighted mean; m holds the
    scale of both as a logarithm, so that nothing overflows. ``start`` gives the state before the first step.
    ``W_x`` and ``W_h`` have 4H rows: f, i, candidate, o. One head, sigmoid forget gate.
    Source: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory", section 2.2.
    """

    blocks = 4

    def start(self, batch):
        zeros = self.W_x.weight.new_zeros(batch, self.hidden_size)
        return zeros, zeros, zeros, torch.full_like(zeros, -torch.inf)  # nothing written yet

    def forward(self, x, state):
        float_tensor("x", x, ("B", self.input_size), like=self.W_x.weight)
        if not isinstance(state, (tuple, list)) or len(state) != 4:
            came = f"a {type(state).__name__} of {len(state)}" if hasattr(state, "__len__") else type(state).__name__
            raise TypeError(f"state: expected four tensors (h, c, n, m), got {came}")
        for name, tensor in zip("hcnm", state, strict=True):  # before the first step m is -inf
            float_tensor(name, tensor, (len(x), self.hidden_size), like=self.W_x.weight, finite=name != "m")
        return self.step(x, *state)

    def step(self, x, h_prev, c_prev, n_prev, m_prev):
        log_f, log_i, candidate, o = (self.W_x(x) + self.W_h(h_prev)).chunk(4, dim=-1)
        log_f = functional.logsigmoid(log_f) + m_prev
        m_t = torch.maximum(log_f, log_i)
        f, i = (log_f - m_t).exp(), (log_i - m_t).exp()  # the larger of the two is 1
        c_t = f * c_prev + i * candidate.tanh()
        n_t = f * n_prev + i
        h_t = o.sigmoid() * c_t / n_t
        return h_t, (h_t, c_t, n_t, m_t)

"""How a gradient changes on its way back: through a plain RNN, by autograd and by the formulas, and through an LSTM.

Shapes: B batch, T time steps, N hidden units of an RNN, H of an LSTM, ``...`` any number of batch dimensions. The RNN,
with W (N, N):

    h_t = act(W h_{t-1} + u_t)        u_t is what the input adds at step t: input weights and biases applied

Chain rule (Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", equations 3-5):

    dL/dh_k = J_{k+1}^T ... J_T^T dL/dh_T        J_t = dh_t/dh_{t-1} = diag(act'_t) W

An LSTM has two roads back from step t to step t - 1. Its loss here is L = sum(C_T) / sqrt(H), so that dL/dC_T has
length 1 in each sequence, and its run starts from zero states.

    C_t = f_t * C_{t-1} + ...                   along the cell state: multiply by f_t
    h_{t-1} = o_{t-1} * tanh(C_{t-1}) -> gates  through the hidden state and the four gates of step t
"""

import math
from typing import NamedTuple

import torch

from lstm_lib.cells import LSTM
from lstm_lib.checks import float_tensor, one_of, positive_int

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda a: a}
# act' as a function of the value h = act(a)
_SLOPES = {"tanh": lambda h: 1 - h**2, "relu": lambda h: (h > 0).to(h), "linear": torch.ones_like}


class Line(NamedTuple):
    """A straight line through log-norms: ``slope`` per time step, and ``r2``, 1 if all points lie on it."""

    slope: float
    r2: float


def recurrent_matrix(kind, size, gain=1.0, generator=None):
    """Return W (size, size) in float64: ``"orthogonal"`` times ``gain``, or ``"gaussian"``, N(0, gain^2 / size).

    Orthogonal: every eigenvalue and singular value has size ``gain``. Gaussian: the spectral radius is about ``gain``.
    Raises ValueError for another ``kind`` or a ``gain`` that isn't positive.
    Source: Saxe, McClelland & Ganguli 2014, section 3 (orthogonal); Ginibre 1965 (the spectrum of a Gaussian matrix).
    """
    one_of("kind", kind, ("orthogonal", "gaussian"))
    if not 0 < gain < math.inf:
        raise ValueError(f"gain: expected a positive number, got {gain!r}")
    gaussian = torch.randn(positive_int("size", size), size, dtype=torch.float64, generator=generator)
    if kind == "gaussian":
        return gain * gaussian / math.sqrt(size)
    q, r = torch.linalg.qr(gaussian)
    return gain * q * r.diagonal().sign()  # the signs make every orthogonal matrix equally likely


def run_rnn(w, inputs, activation="tanh", start=None):
    """Return the states (T+1, ..., N) of h_t = act(W h_{t-1} + u_t); the first is ``start`` (..., N) or zeros.

    ``w`` is (N, N), ``inputs`` u is (T, ..., N). If one of them requires grad, autograd goes back through all steps.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype or shape.
    """
    return torch.stack(_states(w, inputs, activation, start))


def state_gradients(w, inputs, activation="tanh", start=None, direction=None):
    """Return dL/dh_t (T+1, ..., N) for L = ``direction`` . h_T, by autograd; the last one is ``direction`` itself.

    ``direction`` is (N,); by default all its entries are 1 / sqrt(N), so that dL/dh_T has length 1.
    Errors as in :func:`run_rnn`.
    """
    direction = _direction(w, direction)
    start = _start(w, inputs, start).detach().clone().requires_grad_()
    states = _states(w.detach(), inputs, activation, start)
    return torch.stack(torch.autograd.grad((states[-1] * direction).sum(), states))


def gradient_norms(w, inputs, activation="tanh", start=None, direction=None):
    """Return the lengths |dL/dh_t| (T+1, ...) of :func:`state_gradients`, whose arguments it takes.

    Entry t lies T - t steps before the loss; ``norms.flip(0)`` is ordered by that distance.
    """
    return state_gradients(w, inputs, activation, start, direction).norm(dim=-1)


def backpropagate(w, states, activation="tanh", direction=None):
    """Return what :func:`state_gradients` returns, by the chain rule, from the ``states`` (T+1, ..., N).

    Source: Pascanu, Mikolov & Bengio 2013, equation 5.
    """
    _sequence("states", states, "T+1", w, finite=False)
    gradients = [_direction(w, direction).expand_as(states[-1])]
    for slope in activation_slopes(states, activation).flip(0):  # (..., N)
        gradients.append((gradients[-1] * slope) @ w)  # W^T diag(act') dL/dh_t, as rows
    return torch.stack(gradients[::-1])


def activation_slopes(states, activation="tanh"):
    """Return act'_t (T, ..., N) at the steps 1..T that made ``states`` (T+1, ..., N)."""
    return _SLOPES[one_of("activation", activation, ACTIVATIONS)](states[1:])


def jacobian_product(w, states, activation="tanh", start=0, end=None):
    """Return dh_end/dh_start (N, N) = J_end ... J_{start+1}, J_t = diag(act'_t) W, for ``states`` (T+1, N).

    Raises ValueError unless 0 <= start <= end <= T.
    Source: Pascanu, Mikolov & Bengio 2013, equation 5.
    """
    _square(w)
    float_tensor("states", states, ("T+1", len(w)), like=w, finite=False)
    end = len(states) - 1 if end is None else end
    if not 0 <= start <= end < len(states):
        raise ValueError(f"start, end: expected 0 <= start <= end <= {len(states) - 1}, got {start} and {end}")
    product = torch.eye(len(w), dtype=w.dtype)
    for slope in activation_slopes(states[start : end + 1], activation):  # (N,)
        product = slope[:, None] * (w @ product)
    return product


def spectral_radius(w):
    """Return the size of the largest eigenvalue of ``w`` (N, N), the rho of the linear theory."""
    _square(w)
    return torch.linalg.eigvals(w.detach()).abs().max().item()


def largest_singular_value(w):
    """Return the largest factor by which ``w`` (N, N) can stretch a vector in one step."""
    _square(w)
    return torch.linalg.matrix_norm(w.detach(), 2).item()


def log_line(norms, skip=5):
    """Fit log(norm) against distance and return the Line; ``norms`` (T+1,) as from :func:`gradient_norms`.

    The ``skip`` distances nearest the loss are left out: there the direction of the loss still shows.
    Raises ValueError for norms that aren't positive and finite, or fewer than two points.
    """
    float_tensor("norms", norms, ("T+1",), finite=False)
    if not bool(((norms > 0) & norms.isfinite()).all()):
        raise ValueError("norms: expected positive finite numbers, got 0, inf or nan; compute in float64")
    y = norms.detach().double().flip(0)[skip:].log()
    if skip < 0 or len(y) < 2:
        raise ValueError(f"skip: expected 0 to {len(norms) - 2} for {len(norms)} norms, got {skip}")
    x = torch.arange(len(y), dtype=y.dtype)
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx @ dy / (dx @ dx)).item()
    spread = (dy @ dy).item()
    return Line(slope, slope**2 * (dx @ dx).item() / spread if spread else 1.0)


def predicted_slope(w, states, activation="tanh"):
    """Return log of the typical factor per step, 1/2 log(g^2 <act'^2>): g^2 is the mean squared singular value of W.

    <> is the mean over the units at one step of ``states`` (T+1, ..., N); the logs are averaged over the steps.
    The mean of the *square*: the gradient's squared length adds up over units. Exact for a W drawn at random, N large.
    Source: Schoenholz et al. 2017, "Deep information propagation", section 4 (chi_1).
    """
    _sequence("states", states, "T+1", w, finite=False)
    g2 = w.square().sum() / len(w)
    squares = activation_slopes(states, activation).square().flatten(1).mean(dim=1)  # (T,)
    return 0.5 * (g2 * squares).log().mean().item()


def naive_slope(w, states, activation="tanh"):
    """Return log rho(W) + <log act'>, the tempting but wrong predictor: it averages logs over units.

    That would be right if each unit's gradient went its own way; in fact W mixes the units at every step.
    """
    _sequence("states", states, "T+1", w, finite=False)
    return math.log(spectral_radius(w)) + activation_slopes(states, activation).log().mean().item()


def cell_gradients(lstm, x, hold_gates=False):
    """Return dL/dC_t (B, T+1, H) at t = 0..T for x (B, T, D), by autograd.

    ``hold_gates``: the gates see h as a given number, so no gradient flows through it and the cell state is the only
    road back. That is the truncation of Hochreiter & Schmidhuber 1997, section 4 ("Learning").
    Raises TypeError or ValueError that names the argument for a wrong type, dtype or shape.
    """
    if not isinstance(lstm, LSTM):
        raise TypeError(f"lstm: expected lstm_lib's LSTM, got {type(lstm).__name__}; from_torch() makes one")
    h, c = lstm.first_state(x)
    states = [c.requires_grad_()]
    for x_t in x.unbind(dim=1):  # (B, D), T times
        *_, c, h = lstm.cell.step(x_t, h.detach() if hold_gates else h, states[-1])
        states.append(c)
    gradients = torch.autograd.grad(states[-1].sum() / lstm.hidden_size**0.5, states)
    return torch.stack(gradients, dim=1)


def forget_products(f):
    """Return f_{t+1} * ... * f_T (B, T+1, H) at t = 0..T for forget gates f (B, T, H); the last entry is 1.

    That is how much of C_t is left in C_T, unit by unit, and by what the gradient is multiplied along the cell state.
    """
    float_tensor("f", f, ("B", "T", "H"))
    return torch.cat([f.flip(1).cumprod(dim=1).flip(1), torch.ones_like(f[:, :1])], dim=1)


def _states(w, inputs, activation, start):
    """Return the list of T+1 states, each (..., N)."""
    states = [_start(w, inputs, start)]
    act = ACTIVATIONS[one_of("activation", activation, ACTIVATIONS)]
    for u in inputs:
        states.append(act(states[-1] @ w.T + u))
    return states


def _start(w, inputs, start):
    """Check ``inputs`` and ``start`` and return the first state (..., N)."""
    _sequence("inputs", inputs, "T", w)
    if start is None:
        return torch.zeros_like(inputs[0])
    return float_tensor("start", start, inputs.shape[1:], like=w)


def _direction(w, direction):
    _square(w)
    if direction is None:
        return torch.full_like(w[0], len(w) ** -0.5)
    return float_tensor("direction", direction, (len(w),), like=w)


def _sequence(name, value, steps, w, finite=True):
    """Check ``w`` (N, N) and ``value`` (``steps``, ..., N); states needn't be finite, they may explode."""
    _square(w)
    if not isinstance(value, torch.Tensor) or value.dim() < 2:
        came = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
        raise ValueError(f"{name}: expected a tensor of shape ({steps}, ..., {len(w)}), got {came}")
    float_tensor(name, value, (steps, *value.shape[1:-1], len(w)), like=w, finite=finite)


def _square(w):
    n = len(w) if isinstance(w, torch.Tensor) and w.dim() else "N"
    float_tensor("w", w, (n, n))

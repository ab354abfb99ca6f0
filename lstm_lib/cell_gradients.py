"""How a gradient changes on its way back through an LSTM: by autograd, along the cell state alone, and by hand.

Shapes: B batch, T time steps, H hidden units. An LSTM has two roads back from step t to step t - 1:

    C_t = f_t * C_{t-1} + ...                   along the cell state: multiply by f_t
    h_{t-1} = o_{t-1} * tanh(C_{t-1}) -> gates  through the hidden state and the four gates of step t

The loss is L = sum(C_T) / sqrt(H), so that dL/dC_T has length 1 in each sequence. The run starts from zero states.
"""

import torch

from lstm_lib.cells import LSTM
from lstm_lib.checks import float_tensor


def cell_gradients(lstm, x, hold_gates=False):
    """Return dL/dC_t (B, T+1, H) at t = 0..T for x (B, T, D), by autograd.

    ``hold_gates``: the gates see h as a given number, so no gradient flows through it and the cell state is the only
    road back. That is the truncation of Hochreiter & Schmidhuber 1997, section 4 ("Learning").
    Raises TypeError or ValueError that names the argument for a wrong type, dtype or shape.
    """
    _check_lstm(lstm)
    float_tensor("x", x, ("B", "T", lstm.input_size), like=lstm.cell.W_x.weight)
    h = x.new_zeros(len(x), lstm.hidden_size)
    states = [torch.zeros_like(h, requires_grad=True)]
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


def backpropagate(lstm, trace):
    """Return what :func:`cell_gradients` returns, by the two recursions of backpropagation through time.

    ``trace`` is ``lstm.trace(x)``, without a graph. With e_t = o_t (1 - tanh(C_t)^2) and a_t the four sums before the
    squashing, from dC_T = 1 / sqrt(H) and dh_T = 0 down to t = 0:

        dC_{t-1} = f_t dC_t + e_{t-1} dh_{t-1}        dh_{t-1} = W_h^T da_t

    A tenth of the time that autograd takes, which is what the explorer needs.
    Source: Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM", appendix A.
    """
    _check_lstm(lstm)
    f, i, candidate, o, c, _ = (v.detach() for v in trace)
    float_tensor("trace.f", f, ("B", "T", lstm.hidden_size), like=lstm.cell.W_h.weight)
    w_h = lstm.cell.W_h.weight.detach()
    before = torch.cat([torch.zeros_like(c[:, :1]), c[:, :-1]], dim=1)  # C_{t-1}
    shown = c.tanh()
    expose = (o * (1 - shown**2)).unbind(1)  # dC_t per dh_t
    by_c = torch.stack([before * f * (1 - f), candidate * i * (1 - i), i * (1 - candidate**2)], dim=2)  # (B, T, 3, H)
    by_c, by_h, keep = by_c.unbind(1), (shown * o * (1 - o)).unbind(1), f.unbind(1)  # da_t per dC_t, per dh_t
    dc, dh = torch.full_like(c[:, 0], lstm.hidden_size**-0.5), torch.zeros_like(c[:, 0])
    da = torch.empty_like(dc).repeat(1, 4)  # (B, 4H), with two views: f, i, candidate depend on dC_t, o on dh_t
    of_c, of_h = da.view(len(dc), 4, -1)[:, :3], da.view(len(dc), 4, -1)[:, 3]
    gradients = [dc]
    for t in reversed(range(len(keep))):
        torch.mul(dc.unsqueeze(1), by_c[t], out=of_c)
        torch.mul(dh, by_h[t], out=of_h)
        dh, dc = da @ w_h, dc * keep[t]
        if t:  # h_0 is given, it does not come from C_0
            dc = torch.addcmul(dc, dh, expose[t - 1])
        gradients.append(dc)
    return torch.stack(gradients[::-1], dim=1)


def _check_lstm(lstm):
    if not isinstance(lstm, LSTM):
        raise TypeError(f"lstm: expected lstm_lib's LSTM, got {type(lstm).__name__}; from_torch() makes one")

"""Explorer of notebook 06: the gradient of an LSTM on its way back, by forget bias, input bias and length."""

import ipywidgets as widgets
import numpy as np
import torch
from torch import nn

from lstm_lib import gradients
from lstm_lib.bptt import adder, backward_steps, slopes
from lstm_lib.cells import forget_bias_, from_torch
from lstm_lib.explorers.base import Explorer
from lstm_lib.plots import STYLE

WORDS = {
    "forget": "forget bias",
    "write": "input bias",
    "steps": "steps T",
    "distance": "steps before the loss",
    "norm": "length of the gradient",
    "full": "LSTM, both roads",
    "along": "LSTM, along C alone",
    "rnn": "RNN, default",
    "time": "time step",
    "state": "cell state C of each unit",
    "readout": "left after {steps} steps: both roads {full}, along C alone {along}, RNN {rnn}; "
    "mean f {f:.3f}, mean i {i:.3f}, mean |C| {c:.2f}",
    "alt": "Left: three gradients against distance on a log axis. Right: the cell state of each unit over time.",
}
INPUTS, UNITS, RNN_UNITS, LONGEST = 4, 16, 36, 100  # the RNN has a few more parameters than the LSTM
NORMS = (1e-32, 1e4)  # limits of the log axis: holds forget biases from 0 to 6
STATE = 100  # limit of the axis of C: linear from -1 to 1, logarithmic beyond


def forgetting(words=WORDS):
    """Return the Explorer of |dL/dC_t| against distance: controls ``forget``, ``write`` (input bias) and ``steps``.

    The LSTM and the RNN beside it have PyTorch's default weights and read noise N(0, 1); all in float64. Only the two
    biases of the LSTM change. ``words`` are what the reader sees.
    """
    with torch.random.fork_rng():
        torch.manual_seed(3)
        x = torch.randn(1, LONGEST, INPUTS, dtype=torch.float64)
        rnn = nn.RNN(INPUTS, RNN_UNITS, dtype=torch.float64)
        lstm = from_torch(nn.LSTM(INPUTS, UNITS, dtype=torch.float64))  # last: from_torch draws in the default dtype
    w = rnn.weight_hh_l0.detach()
    states = gradients.run_rnn(w, (x[0] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + rnn.bias_hh_l0).detach())

    def update(artists, forget, write, steps):
        forget_bias_(lstm, forget)
        lstm.cell.W_x.bias.detach()[UNITS : 2 * UNITS] = write
        lstm.cell.W_h.bias.detach()[UNITS : 2 * UNITS] = 0  # the two are added
        with torch.no_grad():
            trace = lstm.trace(x[:, :steps])
        norms = {
            "full": backpropagate(lstm, trace)[0].norm(dim=1),
            "along": gradients.forget_products(trace.f)[0].norm(dim=1) / UNITS**0.5,
            "rnn": gradients.backpropagate(w, states[: steps + 1]).norm(dim=1),
        }
        for name, values in norms.items():
            artists[name].set_data(np.arange(steps + 1), values.flip(0).numpy())
        for line, unit in zip(artists["units"], trace.c[0].T.numpy(), strict=True):
            line.set_data(np.arange(1, steps + 1), unit)
        left = {name: f"{values[0].item():.1e}" for name, values in norms.items()}
        return {**left, "steps": steps, "f": trace.f.mean(), "i": trace.i.mean(), "c": trace.c.abs().mean()}

    controls = {
        "forget": widgets.FloatSlider(1.0, min=0, max=6, step=0.5, description=words["forget"]),
        "write": widgets.FloatSlider(0.0, min=-5, max=2, step=0.5, description=words["write"]),
        "steps": widgets.IntSlider(LONGEST, min=10, max=LONGEST, step=5, description=words["steps"]),
    }
    return Explorer(lambda fig: _make(fig, words), update, controls, words["readout"], alt=words["alt"])


def _make(fig, words):
    left, right = fig.subplots(1, 2, width_ratios=(5, 4))
    looks = {
        "full": {"color": STYLE["c"]["color"], "linewidth": 2},
        "along": {**STYLE["f"], "linestyle": "--", "linewidth": 2},
        "rnn": {"color": STYLE["o"]["color"], "linestyle": ":", "linewidth": 2},
    }
    artists = {name: left.plot([], [], label=words[name], **look)[0] for name, look in looks.items()}
    left.set(xlim=(0, LONGEST), ylim=NORMS, yscale="log", xlabel=words["distance"], ylabel=words["norm"])
    left.legend(loc="lower left", frameon=False)
    left.grid(alpha=0.25)
    right.set_yscale("symlog", linthresh=1)
    right.set(xlim=(0, LONGEST), ylim=(-STATE, STATE), xlabel=words["time"], ylabel=words["state"])
    right.grid(alpha=0.25)
    artists["units"] = [right.plot([], [], color=STYLE["c"]["color"], linewidth=0.8)[0] for _ in range(UNITS)]
    return artists


@torch.inference_mode()
def backpropagate(lstm, trace):
    """Return what :func:`lstm_lib.gradients.cell_gradients` returns, by the two recursions of :mod:`lstm_lib.bptt`.

    ``trace`` is ``lstm.trace(x)``. The loss sees C_T alone: dC_T = 1 / sqrt(H), and dh_T = 0. A tenth of the time that
    autograd takes, which is what the explorer needs.
    """
    f, i, candidate, o, c, _ = (v.transpose(0, 1) for v in trace)  # (T, B, H)
    gates, c = torch.stack([f, i, candidate, o], dim=2), torch.cat([torch.zeros_like(c[:1]), c])  # c: C_0 ... C_T
    zeros, w_h = torch.zeros_like(c), lstm.cell.W_h.weight
    gradients = [torch.full_like(c[0], lstm.hidden_size**-0.5)]
    da, _, _ = backward_steps(zeros[1:], zeros[0], gradients[0], adder(w_h.T, len(c[0])), gates, c)  # (TB, 4H)
    h_slope = torch.cat([zeros[:1], slopes(gates, c)[1][:-1]])  # of h_0 ... h_{T-1}; h_0 doesn't come from C_0
    through_h = h_slope * (da @ w_h).view_as(f)
    for through_h_t, f_t in zip(through_h.flip(0), f.flip(0), strict=True):
        gradients.append(torch.addcmul(through_h_t, gradients[-1], f_t))
    return torch.stack(gradients[::-1], dim=1)

"""Explorer of notebook 06: the gradient of an LSTM on its way back, by forget bias, input bias and length."""

import torch
from torch import nn

from lstm_lib import gradients
from lstm_lib.cells import forget_bias_, from_torch
from lstm_lib.explorers.base import Explorer, pack, slider

WORDS = {
    "title": "The gradient along C",
    "forget": "forget bias",
    "write": "input bias",
    "steps": "steps T",
    "distance": "steps before the loss",
    "norm": "length of the gradient",
    "near": "the same, near 1",
    "full": "LSTM, both roads",
    "along": "LSTM, along C alone",
    "rnn": "RNN, default",
    "time": "time step",
    "state": "C of each unit",
    "probe": "{d} steps before the loss: both roads {full:.1e}, along C alone {along:.1e}, RNN {rnn:.1e}",
    "probe_state": "step {t}: C from {low:.2f} to {high:.2f}",
    "readout": "left after {steps} steps: both roads {full:.1e}, along C alone {along:.1e}, RNN {rnn:.1e}   "
    "mean f {f:.3f}, mean i {i:.3f}, mean |C| {c:.2f}",
    "alt": "Three gradients against distance on a log axis, once more enlarged near 1; the cell state of each unit "
    "over time.",
}
INPUTS, UNITS, RNN_UNITS, SHORTEST, LONGEST = 4, 16, 36, 10, 100  # the RNN has a few more parameters than the LSTM


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
    W_x, W_h = lstm.cell.W_x, lstm.cell.W_h
    w = rnn.weight_hh_l0.detach()
    states = gradients.run_rnn(w, (x[0] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + rnn.bias_hh_l0).detach())
    rnn_norms = {
        steps: gradients.backpropagate(w, states[: steps + 1]).norm(dim=1).flip(0).tolist()
        for steps in range(SHORTEST, LONGEST + 1, 5)
    }

    def numbers(forget, write, steps):
        forget_bias_(lstm, forget)
        W_x.bias.detach()[UNITS : 2 * UNITS] = write
        W_h.bias.detach()[UNITS : 2 * UNITS] = 0  # the two are added
        with torch.no_grad():
            trace = lstm.trace(x[:, :steps])
        full, along = (gradients.cell_gradients(lstm, x[:, :steps], hold)[0, 0].norm().item() for hold in (False, True))
        means = {"f": trace.f.mean().item(), "i": trace.i.mean().item(), "c": trace.c.abs().mean().item()}
        return {"full": full, "along": along, "rnn": rnn_norms[steps][-1], "steps": steps, **means}

    controls = [
        slider("forget", words["forget"], 1, 0, 6, 0.5),
        slider("write", words["write"], 0, -5, 2, 0.5),
        slider("steps", words["steps"], LONGEST, SHORTEST, LONGEST, 5),
    ]
    data = {"x": pack(x), "W_x": pack(W_x.weight), "W_h": pack(W_h.weight), "b": pack(W_x.bias + W_h.bias)}
    return Explorer("forgetting", controls, words, {**data, "rnn": rnn_norms}, numbers)

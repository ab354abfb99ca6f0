"""Models with one output per sequence: a recurrent layer of torch, then ``Linear`` on its last time step."""

from torch import nn

from lstm_lib.cells import chrono_, forget_bias_
from lstm_lib.checks import float_tensor, one_of, positive_int

KINDS = ("lstm", "lstm_bias1", "lstm_chrono", "rnn", "rnn_orthogonal")


class LSTMModel(nn.Module):
    """``nn.LSTM`` and a linear layer: x (B, T, D) -> (B, output_size), read off the last time step of the top layer.

    ``self.lstm`` has ``batch_first=True``; ``self.fc`` maps H to output_size. h_0 and c_0 are zeros.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype, shape or device.
    Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000.
    """

    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.num_layers = positive_int("num_layers", num_layers)
        self.lstm = nn.LSTM(self.input_size, self.hidden_size, self.num_layers, batch_first=True)
        self.fc = nn.Linear(self.hidden_size, positive_int("output_size", output_size))

    def forward(self, x):
        float_tensor("x", x, ("B", "T", self.input_size), like=self.fc.weight)
        h_0 = x.new_zeros(self.num_layers, x.size(0), self.hidden_size)
        c_0 = x.new_zeros(self.num_layers, x.size(0), self.hidden_size)
        out, _ = self.lstm(x, (h_0, c_0))  # (B, T, H)
        return self.fc(out[:, -1])  # (B, output_size)


class RNNModel(nn.Module):
    """LSTMModel with a plain tanh ``nn.RNN``: x (B, T, D) -> (B, output_size), read off the last time step.

    ``self.rnn`` has ``batch_first=True``; ``self.fc`` maps H to output_size. h_0 is zeros.
    Raises TypeError or ValueError that names the argument for a wrong type, dtype, shape or device.
    Source: Elman 1990, "Finding Structure in Time".
    """

    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        self.input_size = positive_int("input_size", input_size)
        self.hidden_size = positive_int("hidden_size", hidden_size)
        self.num_layers = positive_int("num_layers", num_layers)
        self.rnn = nn.RNN(self.input_size, self.hidden_size, self.num_layers, batch_first=True)
        self.fc = nn.Linear(self.hidden_size, positive_int("output_size", output_size))

    def forward(self, x):
        float_tensor("x", x, ("B", "T", self.input_size), like=self.fc.weight)
        h_0 = x.new_zeros(self.num_layers, x.size(0), self.hidden_size)
        out, _ = self.rnn(x, h_0)  # (B, T, H)
        return self.fc(out[:, -1])  # (B, output_size)


def rnn_like(model):
    """Return the smallest one-layer RNNModel with at least as many parameters as ``model``, a one-layer LSTMModel.

    Same input and output size. A comparison at equal size asks about the gates, not about the number of weights.
    Raises TypeError if ``model`` is no LSTMModel, ValueError if it has more than one layer.
    """
    if not isinstance(model, LSTMModel):
        raise TypeError(f"model: expected an LSTMModel, got {type(model).__name__}")
    if model.num_layers != 1:
        raise ValueError(f"model: expected num_layers=1, got {model.num_layers}")
    hidden, out = 1, model.fc.out_features
    while hidden * (model.input_size + hidden + 2) + (hidden + 1) * out < count_parameters(model):
        hidden += 1
    return RNNModel(model.input_size, hidden, 1, out)


def build(kind, input_size, hidden_size, output_size, longest=None):
    """Return a model of one of KINDS, all of equal size.

    ``hidden_size`` is the LSTM's; an RNN gets the smallest hidden size with at least as many parameters.
    ``longest`` is the number of time steps that lstm_chrono is prepared for. Raises ValueError for another ``kind``.
    """
    one_of("kind", kind, KINDS)
    model = LSTMModel(input_size, hidden_size, 1, output_size)
    if kind == "lstm_bias1":
        forget_bias_(model, 1.0)
    if kind == "lstm_chrono":
        chrono_(model, longest)
    if kind.startswith("rnn"):
        model = rnn_like(model)
    if kind == "rnn_orthogonal":
        nn.init.orthogonal_(model.rnn.weight_hh_l0)
    return model


def count_parameters(model):
    """Return the number of trainable numbers in ``model``."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)

"""Many networks trained side by side, one for each seed and rate, as one batched model: each is what it would be alone.

Shapes: M networks, B sequences, T time steps, D input features, H hidden units. The weights are those of torch's own
layers, transposed and stacked: (M, D, 4H) and so on, gate order i, f, candidate, o. The backward passes are those of
lstm_lib.bptt, written out by hand, so that an experiment can change them: ``change`` is one of CHANGES.
"""

import torch

from lstm_lib.checks import one_of
from lstm_lib.models import LSTMModel

# What is done to training. cut: no gradient goes back more than CUT steps. flat: the gradient of C (LSTM) or h (RNN) is
# scaled up by hand on its way back, wherever it would get smaller. tame: the recurrent matrix is shrunk after each
# update until it stretches nothing. keep_f, keep_i: the weights and the bias of this gate don't learn.
CHANGES = (None, "cut", "flat", "tame", "keep_f", "keep_i")
CUT = 10


class LastLSTM(torch.autograd.Function):
    """x (M, T, B, D), W_x (M, D, 4H), W_h (M, H, 4H), b (M, 1, 4H) -> the last h (M, B, H) of M LSTMs."""

    @staticmethod
    def forward(ctx, x, W_x, W_h, b, change):
        (M, T, B, _), H = x.shape, W_h.shape[1]
        scale = x.new_ones(4 * H)
        scale[2 * H : 3 * H] = -2  # tanh(v) = 1 - 2 sigmoid(-2 v): torch's sigmoid is far quicker than its tanh
        gates, W_h_scaled = torch.baddbmm(b * scale, x.flatten(1, 2), W_x * scale).view(M, T, B, 4 * H), W_h * scale
        h, c = x.new_zeros(M, T + 1, B, H), x.new_zeros(M, T + 1, B, H)
        new, s = x.new_empty(M, B, H), x.new_empty(M, B, H)
        for t in range(T):
            a, h_next, c_next = gates[:, t], h[:, t + 1], c[:, t + 1]
            torch.baddbmm(a, h[:, t], W_h_scaled, out=a).sigmoid_()
            i, f, s_candidate, o = a.split(H, dim=-1)
            torch.addcmul(i, i, s_candidate, value=-2, out=new)  # i * C~
            torch.addcmul(new, f, c[:, t], out=c_next)
            torch.mul(c_next, -2, out=s).sigmoid_()
            torch.addcmul(o, o, s, value=-2, out=h_next)  # o * tanh(C)
        ctx.seen, ctx.change = (x, W_h, gates, h, c), change
        return h[:, -1].clone()

    @staticmethod
    def backward(ctx, dh):
        x, W_h, gates, h, c = ctx.seen
        H = W_h.shape[1]
        gates[..., 2 * H : 3 * H].mul_(-2).add_(1)
        i, f, candidate, o = gates.split(H, dim=-1)
        tanh_c = c[:, 1:].mul(-2).sigmoid_().mul_(-2).add_(1)
        da = torch.addcmul(gates, gates, gates, value=-1)  # (M, T, B, 4H), s (1 - s)
        d_i, d_f, d_candidate, d_o = da.split(H, dim=-1)
        d_i *= candidate
        d_f *= c[:, :-1]
        torch.addcmul(i, i * candidate, candidate, value=-1, out=d_candidate)
        d_o *= tanh_c
        h_slope = torch.addcmul(o, o * tanh_c, tanh_c, value=-1)
        dh, dc, back = dh.clone(), torch.zeros_like(dh), W_h.transpose(1, 2).contiguous()
        by_c = da.unflatten(-1, (4, H))[..., :3, :]  # the rows of i, f and candidate get dC as a factor
        for t in range(x.shape[1] - 1, -1, -1):
            if ctx.change == "cut" and x.shape[1] - t > CUT:
                dh.zero_(), dc.zero_()
            dc.addcmul_(dh, h_slope[:, t])
            by_c[:, t].mul_(dc.unsqueeze(2))
            d_o[:, t].mul_(dh)
            torch.bmm(da[:, t], back, out=dh)
            size = dc.norm(dim=-1, keepdim=True) if ctx.change == "flat" else None
            dc.mul_(f[:, t])
            _as_large_as(size, dc)
        return None, *_weight_gradients(x, h, da), None


class LastRNN(torch.autograd.Function):
    """x (M, T, B, D), W_x (M, D, H), W_h (M, H, H), b (M, 1, H) -> the last h (M, B, H) of M tanh RNNs."""

    @staticmethod
    def forward(ctx, x, W_x, W_h, b, change):
        (M, T, B, _), H = x.shape, W_h.shape[1]
        h = x.new_zeros(M, T + 1, B, H)
        h[:, 1:] = torch.baddbmm(b, x.flatten(1, 2), W_x).view(M, T, B, H)
        for t in range(T):
            a = h[:, t + 1]
            torch.baddbmm(a, h[:, t], W_h, out=a).mul_(-2).sigmoid_().mul_(-2).add_(1)  # tanh
        ctx.seen, ctx.change = (x, W_h, h), change
        return h[:, -1].clone()

    @staticmethod
    def backward(ctx, dh):
        x, W_h, h = ctx.seen
        da, back, dh = 1 - h[:, 1:].square(), W_h.transpose(1, 2).contiguous(), dh.clone()
        for t in range(x.shape[1] - 1, -1, -1):
            if ctx.change == "cut" and x.shape[1] - t > CUT:
                dh.zero_()
            da[:, t].mul_(dh)
            size = dh.norm(dim=-1, keepdim=True) if ctx.change == "flat" else None
            torch.bmm(da[:, t], back, out=dh)
            _as_large_as(size, dh)
        return None, *_weight_gradients(x, h, da), None


def _as_large_as(size, gradient):
    # scale each sequence's gradient (M, B, H) up to ``size`` (M, B, 1); None: leave it as it is
    if size is not None:
        gradient.mul_((size / gradient.norm(dim=-1, keepdim=True).clamp(min=1e-30)).clamp(min=1.0))


def _weight_gradients(x, h, da):
    x, h, da = x.flatten(1, 2), h[:, :-1].flatten(1, 2), da.flatten(1, 2)  # (M, TB, ...)
    return x.transpose(1, 2) @ da, h.transpose(1, 2) @ da, da.sum(1, keepdim=True)


class Networks:
    """The stacked weights of ``models``, all LSTMModels or all RNNModels of one layer and size; trained by Adam.

    ``rates`` has a learning rate for each. Every method works on all networks at once.
    Raises ValueError for a ``change`` that is none of CHANGES.
    """

    def __init__(self, models, rates, change=None):
        self.change = one_of("change", change, CHANGES)
        layers = [model.lstm if isinstance(model, LSTMModel) else model.rnn for model in models]
        self.last = LastLSTM if isinstance(models[0], LSTMModel) else LastRNN
        both = [layer.bias_ih_l0 + layer.bias_hh_l0 for layer in layers]
        stacks = ([layer.weight_ih_l0.T for layer in layers], [layer.weight_hh_l0.T for layer in layers])
        stacks += ([b[None] for b in both], [m.fc.weight.T for m in models], [m.fc.bias[None] for m in models])
        self.weights = [torch.stack(list(stack)).detach() for stack in stacks]
        self.mean, self.square = ([torch.zeros_like(w) for w in self.weights] for _ in range(2))
        # torch has two bias vectors: Adam moves each by a step, so their sum moves by two
        rates = torch.tensor(rates, dtype=self.weights[0].dtype)[:, None, None]
        self.rates = [rates, rates, 2 * rates, rates, rates]
        self.updates = 0

    def output(self, x):
        """Return the outputs (M, B, O) for x (M, B, T, D)."""
        W_x, W_h, b, W, bias = self.weights
        return torch.baddbmm(bias, self.last.apply(x.transpose(1, 2).contiguous(), W_x, W_h, b, self.change), W)

    def update(self, x, y, loss, clip=1.0):
        """Make one update of Adam on x (M, B, T, D) and y (M, B, ...), each gradient cut to the norm ``clip``."""
        for w in self.weights:
            w.requires_grad_()
        total = len(x) * loss(self.output(x).flatten(0, 1), y.flatten(0, 1))  # the sum of the networks' losses
        gradients = torch.autograd.grad(total, self.weights)
        self.updates += 1
        if self.change in ("keep_f", "keep_i"):
            for g in gradients[:3]:
                g.chunk(4, dim=-1)["if".index(self.change[-1])].zero_()
        with torch.no_grad():
            squares = [g.square().sum((1, 2), keepdim=True) for g in gradients]
            squares[2] = 2 * squares[2]  # two bias vectors, the same gradient in each
            cut = (clip / (sum(squares).sqrt() + 1e-6)).clamp(max=1.0)
            early, late = 1 - 0.9**self.updates, 1 - 0.999**self.updates
            for w, g, mean, square, rate in zip(
                self.weights, gradients, self.mean, self.square, self.rates, strict=True
            ):
                g = g * cut
                mean.lerp_(g, 0.1)
                square.mul_(0.999).addcmul_(g, g, value=0.001)
                w.requires_grad_(False).sub_(rate / early * mean / ((square / late).sqrt() + 1e-8))
            if self.change == "tame":
                W_h = self.weights[1]
                W_h /= torch.linalg.matrix_norm(W_h, 2, keepdim=True).clamp(min=1.0)

    def keep(self, which):
        """Go on with those networks only for which the list ``which`` says True."""
        for stack in (self.weights, self.mean, self.square, self.rates):
            stack[:] = [v[torch.tensor(which)] for v in stack]

    def model(self, k, like):
        """Write the weights of network ``k`` into the model ``like``, of the same kind and size, and return it."""
        W_x, W_h, b, W, bias = (w[k] for w in self.weights)
        layer = like.lstm if isinstance(like, LSTMModel) else like.rnn
        with torch.no_grad():
            for weight, value in (
                (layer.weight_ih_l0, W_x.T),
                (layer.weight_hh_l0, W_h.T),
                (layer.bias_ih_l0, b[0]),
                (layer.bias_hh_l0, torch.zeros_like(b[0])),  # torch adds the two
                (like.fc.weight, W.T),
                (like.fc.bias, bias[0]),
            ):
                weight.copy_(value)
        return like

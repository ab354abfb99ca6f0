"""The LSTM with its backward pass written by hand: backpropagation through time.

Shapes: B batch, T time steps, D input features, H hidden units. Gate order: f, i, candidate, o.
The forward equations are those of :mod:`lstm_lib.cells`; a_t (4H,) is what the four gates of step t are made from:

    a_t = W_x x_t + W_h h_{t-1} + b

Below, dv is short for dL/dv. Two recursions run from the last step to the first:

    dh_t = dout_t + W_h^T da_{t+1}                                    h_t is seen by the loss and by step t+1
    dC_t = dC_{t+1} * f_{t+1} + dh_t * o_t * (1 - tanh(C_t)^2)        C_t is seen by C_{t+1} and by h_t

    da_t:  rows of f            dC_t * C_{t-1} * f_t (1 - f_t)
           rows of i            dC_t * C~_t * i_t (1 - i_t)
           rows of candidate    dC_t * i_t * (1 - C~_t^2)
           rows of o            dh_t * tanh(C_t) * o_t (1 - o_t)

Gradients that arrive at h_T and C_T from outside are added to dh_T and dC_T. All else needs no recursion and is a
matrix product, or a sum, over many steps at once:

    dW_x = sum_t da_t x_t^T      dW_h = sum_t da_t h_{t-1}^T      db = sum_t da_t      dx_t = W_x^T da_t

Source: Greff et al. 2017, "LSTM: A Search Space Odyssey", section II-B, without the peephole weights.
"""

import torch

from lstm_lib import cells

BLOCK = 2**20  # numbers in da at a time: they stay in the cache, and their memory serves again for the next steps


class HandLSTM(cells.LSTM):
    """:class:`lstm_lib.cells.LSTM` with the gradients of this module: same weights, same use, less time.

    x (B, T, D) and, if wanted, a state (h_0, c_0), each (B, H), give out (B, T, H), (h_T, c_T), each (B, H).
    Raises TypeError or ValueError that names the argument for a wrong type, dtype, shape or device, and RuntimeError
    for what it can't do: a gradient with ``create_graph=True``, a change of ``out`` in place.
    """

    def forward(self, x, state=None):
        h_0, c_0 = self.first_state(x, state)
        W_x, W_h = self.cell.W_x, self.cell.W_h
        out, h_T, c_T = Unrolled.apply(x, h_0, c_0, W_x.weight, W_x.bias, W_h.weight, W_h.bias)
        return out, (h_T, c_T)


class Unrolled(torch.autograd.Function):
    """All T steps as one operation of autograd: (x, h_0, c_0, W_x, b_x, W_h, b_h) -> out, h_T, c_T."""

    @staticmethod
    def forward(ctx, x, h_0, c_0, W_x, b_x, W_h, b_h):
        T = x.shape[1]
        h = x.new_empty(T + 1, *h_0.shape)  # made here, not in inference mode, as out is a part of it
        gates, c = forward_steps(x, h_0, c_0, W_x, b_x + b_h, W_h, h)
        ctx.save_for_backward(x, W_x, W_h, h)
        ctx.gates, ctx.c = gates, c  # neither input nor output, and made in inference mode: torch needn't watch them
        return h[1:].transpose(0, 1), h[-1].clone(), c[-1].clone()

    @staticmethod
    def backward(ctx, dout, dh, dc):
        if torch.is_grad_enabled():  # create_graph=True: torch would take our results for constants, without a word
            raise RuntimeError("HandLSTM has no second derivative; lstm_lib.cells.LSTM has")
        x, W_x, W_h, h = ctx.saved_tensors
        (B, T, D), H = x.shape, W_h.shape[1]
        for_x, for_weights = ctx.needs_input_grad[0], any(ctx.needs_input_grad[3:])
        x, dout = x.transpose(0, 1), dout.transpose(0, 1)  # (T, B, D), (T, B, H)
        dx = torch.empty_like(x) if for_x else None
        dW, db = x.new_zeros(D + H, 4 * H), x.new_zeros(4 * H)  # dW_x and dW_h in one, transposed; both db are equal
        add_W_h = adder(W_h.T, B)
        n = max(1, BLOCK // (4 * B * H))  # steps at a time
        for end in range(T, 0, -n):
            now, until_now = slice(max(0, end - n), end), slice(max(0, end - n), end + 1)
            da, dh, dc = backward_steps(dout[now], dh, dc, add_W_h, ctx.gates[now], ctx.c[until_now])
            if for_x:
                dx[now] = product(da, W_x.T).view_as(x[now])
            if for_weights:
                seen = torch.cat([x[now], h[now]], dim=2)  # (n, B, D+H), x_t and h_{t-1}: h starts at h_0
                dW += product(seen.flatten(0, 1).T, da.T)
                db += da.sum(0)
        return dx.transpose(0, 1) if for_x else None, dh.clone(), dc.clone(), dW[:D].T, db, dW[D:].T, db


@torch.inference_mode()  # autograd keeps no books here at all, which makes each of the many small calls cheaper
def forward_steps(x, h_0, c_0, W_x, b, W_h, h):
    """Fill ``h`` (T+1, B, H) with h_0 ... h_T; return all gates (T, B, 4, H), and C_0 ... C_T (T+1, B, H).

    torch's sigmoid is far quicker than its tanh, and tanh(v) = 1 - 2 sigmoid(-2 v). With the candidate's -2 in its
    weights, one call of sigmoid serves all four gates. The price: a tanh close to 0 is right to the last bit of a 1
    (6e-8 in float32), not of itself.
    """
    (B, T, _), H = x.shape, W_h.shape[1]
    scale = x.new_tensor([-2.0 if gate == "candidate" else 1.0 for gate in cells.GATES]).repeat_interleave(H)
    x_rows = x.transpose(0, 1).flatten(0, 1)  # (TB, D)
    gates = product(x_rows, W_x * scale[:, None]).add_(b * scale).view(T, B, 4, H)  # W_x x_t + b, one product for all
    add_W_h = adder(W_h * scale[:, None], B)
    c, new, s, minus_two = x.new_empty(T + 1, B, H), x.new_empty(B, H), x.new_empty(B, H), x.new_tensor(-2.0)
    c[0], h[0] = c_0, h_0
    c_t, h_t = c[0], h[0]
    views = (gates.flatten(2), *gates.unbind(2), c[1:], h[1:])
    for a, f, i, s_candidate, o, c_next, h_next in zip(*(v.unbind(0) for v in views), strict=True):
        add_W_h(a, h_t)
        a.sigmoid_()
        torch.addcmul(i, i, s_candidate, value=-2, out=new)  # i * C~, as C~ = 1 - 2 s
        torch.addcmul(new, f, c_t, out=c_next)  # C_t = f * C_{t-1} + i * C~
        torch.mul(c_next, minus_two, out=s).sigmoid_()
        torch.addcmul(o, o, s, value=-2, out=h_next)  # h_t = o * tanh(C_t)
        c_t, h_t = c_next, h_next
    gates[:, :, 2].mul_(-2).add_(1)  # the candidate itself
    return gates, c


@torch.inference_mode()
def backward_steps(dout, dh_last, dc_last, add_W_h, gates, c):
    """Go back through n steps, from the gradients that reach their last h and C to those of the h and C before them.

    ``dout`` is (n, B, H), ``gates`` (n, B, 4, H), ``c`` (n+1, B, H). Return da (nB, 4H), and dh and dC, each (B, H).
    """
    da, h_slope = slopes(gates, c)
    dh = torch.cat([torch.zeros_like(dh_last)[None], dout])  # (n+1, B, H), so far from the loss alone
    dh[-1] += dh_last
    dc = dc_last.clone()
    dc_thrice = dc.unsqueeze(1)  # (B, 1, H), the same memory: for the rows of f, i and candidate
    views = (dh[1:], dh[:-1], h_slope, da[:, :, :3], da[:, :, 3], da.flatten(2), gates[:, :, 0])
    steps = zip(*(v.unbind(0) for v in views), strict=True)
    for dh_t, dh_before, h_slope_t, da_fic, da_o, da_t, f in reversed(list(steps)):
        dc.addcmul_(dh_t, h_slope_t)  # dC_t is complete
        da_fic.mul_(dc_thrice)
        da_o.mul_(dh_t)
        add_W_h(dh_before, da_t)  # dh_{t-1} is complete
        dc.mul_(f)  # what dC_{t-1} gets through C_t
    return da.flatten(2).flatten(0, 1), dh[0], dc


def slopes(gates, c):
    """Return what is known before the recursion: da without its factor dC or dh, and the slope of h_t against C_t.

    The first is (n, B, 4, H), the second (n, B, H). All steps at once: a few large calls cost less than many small.
    """
    f, i, candidate, o = gates.unbind(2)
    tanh_c = (-2 * c[1:]).sigmoid_().mul_(-2).add_(1)
    da = torch.addcmul(gates, gates, gates, value=-1)  # s (1 - s), the slope of a sigmoid of value s
    da[:, :, 0] *= c[:-1]
    da[:, :, 1] *= candidate
    torch.addcmul(i, i * candidate, candidate, value=-1, out=da[:, :, 2])  # i * (1 - C~^2)
    da[:, :, 3] *= tanh_c
    return da, torch.addcmul(o, o * tanh_c, tanh_c, value=-1)  # o * (1 - tanh(C)^2)


def product(rows, weight):
    """Return rows @ weight.T, (N, K) by (M, K)."""
    if _onednn_pays(len(rows), weight):
        return ONEDNN._linear_pointwise(rows, weight, None, "none", [], "")
    return rows @ weight.T


def adder(weight, batch):
    """Return the function (sums, rows) that does sums += rows @ weight.T, ready to be called at every time step."""
    if _onednn_pays(batch, weight):
        packed = ONEDNN._reorder_linear_weight(weight, batch)
        return lambda sums, rows: sums.add_(ONEDNN._linear_pointwise(rows, packed, None, "none", [], ""))
    transposed = weight.T.contiguous()
    return lambda sums, rows: sums.addmm_(rows, transposed)


# nn.LSTM multiplies with oneDNN. So do we where it is faster: in float32, from a million multiplications. Anything
# else goes the usual way to MKL, which lays out a weight matrix anew at each call and uses no AVX-512 on AMD. The two
# operations are torch.compile's own and undocumented; where they are missing, everything goes the usual way.
def _find_onednn():
    if torch.backends.cpu.get_cpu_capability().startswith("AVX"):
        for place in (torch.ops.mkldnn, torch.ops.onednn):  # its old and its new name in torch
            if hasattr(place, "_linear_pointwise") and hasattr(place, "_reorder_linear_weight"):
                return place
    return None


ONEDNN = _find_onednn()


def _onednn_pays(rows, weight):
    fits = weight.dtype == torch.float32 and weight.device.type == "cpu"
    return ONEDNN is not None and fits and rows * weight.numel() >= 2**20

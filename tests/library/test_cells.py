"""The cell and its unrolling against torch, in value and gradient; the weight map; the initialisers; bad input."""

import math

import pytest
import torch
from torch import nn

from lstm_lib.cells import (
    GATES,
    LSTM,
    ONNX_GATES,
    TORCH_GATES,
    WEIGHT_MAP,
    LSTMCell,
    chrono_,
    forget_bias_,
    from_torch,
    reorder_gates,
    to_torch,
)
from lstm_lib.models import LSTMModel
from lstm_lib.variants import PeepholeCell

SIZES = [(1, 1, 1, 1), (2, 7, 3, 5), (5, 3, 1, 8), (3, 20, 6, 2)]  # B, T, D, H


def _worst(ours, theirs):
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


def _results(module, x, h, c):
    """Return the output and the last h and c of a cell or an LSTM, ours or torch's."""
    if isinstance(module, nn.LSTM):
        out, (h_n, c_n) = module(x, (h[None], c[None]))
        return out, h_n[0], c_n[0]
    out, state = module(x, (h, c))
    return (out, out, state) if isinstance(module, nn.LSTMCell) else (out, *state)


@pytest.mark.parametrize(("kind", "suffix", "bound"), [(LSTMCell, "", 1e-12), (LSTM, "_l0", 1e-11)])
@pytest.mark.parametrize("sizes", SIZES)
def test_outputs_and_gradients_are_those_of_torch(kind, suffix, bound, sizes):
    B, T, D, H = sizes
    module = kind(D, H).double()
    twin = to_torch(module)
    shapes = ((B, D) if kind is LSTMCell else (B, T, D), (B, H), (B, H))
    inputs = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    ours, theirs = _results(module, *inputs), _results(twin, *inputs)
    assert _worst(ours, theirs) <= 1e-12

    pushes = [torch.randn_like(result) for result in ours]
    names = [WEIGHT_MAP[name.removeprefix("cell.")] + suffix for name, _ in module.named_parameters()]
    ours = torch.autograd.grad(ours, [*inputs, *module.parameters()], pushes)
    theirs = torch.autograd.grad(theirs, [*inputs, *map(twin.get_parameter, names)], pushes)
    assert _worst(ours[:3], theirs[:3]) <= bound
    assert _worst([reorder_gates(g, GATES, TORCH_GATES, H) for g in ours[3:]], theirs[3:]) <= bound


def test_state_dict_keys_are_the_contract():
    shapes = {name: tuple(w.shape) for name, w in LSTMCell(3, 5).state_dict().items()}
    assert shapes == {"W_x.weight": (20, 3), "W_x.bias": (20,), "W_h.weight": (20, 5), "W_h.bias": (20,)}


def test_lecture_example_one_step():
    cell, zeros = LSTMCell(3, 5), torch.zeros(1, 5)
    h_t, (h_next, c_next) = cell(torch.randn(1, 3), (zeros, zeros))
    assert h_t is h_next
    assert h_next.shape == c_next.shape == (1, 5)


def test_without_a_state_the_lstm_starts_from_zeros():
    lstm, x, zeros = LSTM(2, 3), torch.randn(4, 5, 2), torch.zeros(4, 3)
    assert torch.equal(lstm(x)[0], lstm(x, (zeros, zeros))[0])


def test_trace_is_what_the_equations_say():
    lstm, x = LSTM(2, 3).double(), torch.randn(4, 6, 2, dtype=torch.double)
    trace = lstm.trace(x)
    out, (h_n, c_n) = lstm(x)
    assert all(t.shape == (4, 6, 3) for t in trace)
    assert torch.equal(trace.h, out)
    assert torch.equal(trace.h[:, -1], h_n)
    assert torch.equal(trace.c[:, -1], c_n)
    c_before = torch.cat([torch.zeros(4, 1, 3), trace.c[:, :-1]], dim=1)
    assert torch.equal(trace.c, trace.f * c_before + trace.i * trace.candidate)
    assert torch.equal(trace.h, trace.o * trace.c.tanh())
    h_before = torch.cat([torch.zeros(4, 1, 3), trace.h[:, :-1]], dim=1)
    a = lstm.cell.W_x(x) + lstm.cell.W_h(h_before)
    assert torch.allclose(trace.f, a[..., :3].sigmoid(), atol=1e-12)
    assert torch.allclose(trace.candidate, a[..., 6:9].tanh(), atol=1e-12)


def test_naive_copy_of_the_weights_is_wrong():
    cell, twin = LSTMCell(3, 5).double(), nn.LSTMCell(3, 5).double()
    twin.load_state_dict({WEIGHT_MAP[k]: w for k, w in cell.state_dict().items()})
    inputs = [torch.randn(8, n, dtype=torch.double) for n in (3, 5, 5)]
    assert _worst(_results(cell, *inputs), _results(twin, *inputs)) > 0.1


@pytest.mark.parametrize("module", [nn.LSTMCell(3, 4), nn.LSTM(3, 4, batch_first=True), nn.LSTM(3, 4).double()])
def test_from_torch_and_back_changes_nothing(module):
    for name, weight in to_torch(from_torch(module)).state_dict().items():
        assert torch.equal(module.state_dict()[name], weight) and module.state_dict()[name].dtype == weight.dtype


def test_the_twin_has_its_own_weights():
    cell = LSTMCell(2, 2)
    twin = to_torch(cell)
    with torch.no_grad():
        twin.weight_ih.zero_()
    assert cell.W_x.weight.abs().sum() > 0


def test_reordering_moves_whole_blocks():
    assert reorder_gates(torch.arange(8), GATES, TORCH_GATES, 2).tolist() == [2, 3, 0, 1, 4, 5, 6, 7]
    assert reorder_gates(torch.arange(8), GATES, ONNX_GATES, 2).tolist() == [2, 3, 6, 7, 0, 1, 4, 5]


def _forget_input_total(module):
    """Return the summed forget and input biases of each layer, whatever the module's gate order."""
    if isinstance(module, (LSTM, LSTMCell)):
        module = to_torch(module)
    state = module.state_dict()
    totals = [state[k] + state[k.replace("bias_ih", "bias_hh")] for k in state if k.startswith("bias_ih")]
    return [t.chunk(4)[1] for t in totals], [t.chunk(4)[0] for t in totals]


HOLDERS = [
    lambda: LSTMCell(2, 50),
    lambda: LSTM(2, 50),
    lambda: nn.LSTMCell(2, 50),
    lambda: nn.LSTM(2, 50),
    lambda: nn.LSTM(2, 50, num_layers=2, bidirectional=True),
]


@pytest.mark.parametrize("make", HOLDERS)
@pytest.mark.parametrize("value", [-8.0, 0.0, 3.0])
def test_forget_bias_is_set_in_every_layer_and_nothing_else_moves(make, value):
    module = make()
    _, before = _forget_input_total(module)
    assert forget_bias_(module, value) is module
    forget, inputs = _forget_input_total(module)
    assert all(torch.all(f == value) for f in forget)
    assert all(torch.equal(a, b) for a, b in zip(inputs, before, strict=True))


@pytest.mark.parametrize("make", HOLDERS)
@pytest.mark.parametrize("longest", [3, 100, 1000])
def test_chrono_biases_are_opposite_and_in_range(make, longest):
    forget, inputs = _forget_input_total(chrono_(make(), longest))
    for f, i in zip(forget, inputs, strict=True):
        assert torch.equal(f, -i)
        assert f.min() >= 0
        assert f.max() <= math.log(longest - 1) + 1e-6
        assert f.max() - f.min() > math.log(longest - 1) / 4  # one draw for each unit, not one for all


def test_initialisers_find_the_lstm_inside_a_model():
    model = forget_bias_(LSTMModel(1, 4, 2, 1), 2.0)
    assert model.lstm.bias_hh_l1.chunk(4)[1].tolist() == [0.0] * 4  # the recurrent bias adds nothing
    assert [f.tolist() for f in _forget_input_total(model.lstm)[0]] == [[2.0] * 4] * 2


X, PAIR = torch.zeros(2, 3), (torch.zeros(2, 5), torch.zeros(2, 5))
BAD_CELL_CALLS = {
    "rank": (torch.zeros(2, 1, 3), PAIR, ValueError, r"x: expected shape \(B, 3\), got \(2, 1, 3\)"),
    "last dimension": (torch.zeros(2, 4), PAIR, ValueError, r"x: expected shape \(B, 3\), got \(2, 4\)"),
    "integers": (X.long(), PAIR, TypeError, r"x: expected a float tensor, got dtype torch.int64"),
    "dtype": (X.double(), PAIR, TypeError, r"x: expected dtype torch.float32.*got torch.float64"),
    "list": ([[0.0] * 3], PAIR, TypeError, r"x: expected a float tensor of shape \(B, 3\), got list"),
    "device": (X.to("meta"), PAIR, ValueError, r"x: expected device cpu.*got meta"),
    "empty": (torch.zeros(0, 3), PAIR, ValueError, r"x: .*every size at least 1, got \(0, 3\)"),
    "no pair": (X, PAIR[0], TypeError, r"state: expected a pair \(h, c\).*got Tensor"),
    "triple": (X, (*PAIR, PAIR[0]), TypeError, r"state: expected a pair \(h, c\).*got tuple of 3"),
    "state rank": (X, (PAIR[0][None], PAIR[1]), ValueError, r"h: expected shape \(2, 5\), got \(1, 2, 5\)"),
    "state batch": (X, (PAIR[0], PAIR[1][:1]), ValueError, r"c: expected shape \(2, 5\), got \(1, 5\)"),
    "state dtype": (X, (PAIR[0], PAIR[1].double()), TypeError, r"c: expected dtype torch.float32"),
    "state None": (X, (None, PAIR[1]), TypeError, r"h: expected a float tensor.*got NoneType"),
}


@pytest.mark.parametrize("case", BAD_CELL_CALLS)
def test_bad_input_to_the_cell_is_named(case):
    x, state, error, message = BAD_CELL_CALLS[case]
    with pytest.raises(error, match=message):
        LSTMCell(3, 5)(x, state)


def test_bad_input_to_the_lstm_is_named():
    for method in (LSTM(3, 5), LSTM(3, 5).trace):
        with pytest.raises(ValueError, match=r"x: expected shape \(B, T, 3\), got \(2, 3\)"):
            method(X)
        with pytest.raises(ValueError, match=r"h: expected shape \(2, 5\), got \(1, 2, 5\)"):
            method(torch.zeros(2, 4, 3), (torch.zeros(1, 2, 5),) * 2)


@pytest.mark.parametrize(("size", "error"), [(0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)])
def test_bad_sizes_are_named(size, error):
    with pytest.raises(error, match=f"input_size: expected a whole number of at least 1, got {size}"):
        LSTMCell(size, 3)
    with pytest.raises(error, match="hidden_size"):
        LSTM(3, size)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_torch(nn.LSTMCell(1, 1)), TypeError, "lstm_lib's LSTMCell or LSTM, got LSTMCell"),
        (lambda: from_torch(LSTM(1, 1)), TypeError, "torch.nn.LSTMCell or torch.nn.LSTM, got LSTM"),
        (lambda: from_torch(nn.LSTM(1, 1, num_layers=2)), ValueError, "num_layers=1, got num_layers=2"),
        (lambda: from_torch(nn.LSTM(1, 1, bidirectional=True)), ValueError, "bidirectional=False"),
        (lambda: from_torch(nn.LSTM(1, 2, proj_size=1)), ValueError, "proj_size=0"),
        (lambda: from_torch(nn.LSTMCell(1, 1, bias=False)), ValueError, "bias=True"),
        (lambda: reorder_gates(torch.zeros(6), GATES, TORCH_GATES, 2), ValueError, r"rows: .*got \(6,\)"),
        (lambda: reorder_gates(torch.zeros(4, 8), GATES, TORCH_GATES, 2), ValueError, "kernel of Keras is .*kernel.T"),
        (lambda: to_torch(PeepholeCell(2, 3)), TypeError, "module: expected .*LSTMCell or LSTM, got PeepholeCell"),
        (lambda: reorder_gates([0.0] * 8, GATES, TORCH_GATES, 2), TypeError, r"rows: expected a tensor .* got list"),
        (lambda: reorder_gates(torch.zeros(8), "fico", GATES, 2), ValueError, "source: expected the four gates"),
        (lambda: forget_bias_(nn.Linear(1, 1), 1.0), ValueError, "expected an LSTM with a bias inside, got Linear"),
        (lambda: chrono_(nn.LSTM(1, 1, bias=False), 10), ValueError, "expected an LSTM with a bias"),
        (lambda: chrono_(LSTM(1, 1), 2), ValueError, "longest: expected a number of time steps above 2, got 2"),
    ],
)
def test_bad_modules_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

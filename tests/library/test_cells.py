"""The cell and its unrolling against torch, in value and gradient; the weight map; the initialisers; bad input."""

import inspect
import math

import pytest
import torch
from torch import nn

from lstm_lib import cells, models
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

SIZES = [(1, 1, 1, 1), (2, 7, 3, 5), (5, 3, 1, 8), (3, 20, 6, 2)]  # B, T, D, H


def _weights(cell, suffix=""):
    return {WEIGHT_MAP[k] + suffix: reorder_gates(w, GATES, TORCH_GATES) for k, w in cell.named_parameters()}


def _worst(ours, theirs):
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("sizes", SIZES)
def test_cell_equals_torch_in_output_and_gradient(sizes):
    B, _, D, H = sizes
    cell = LSTMCell(D, H).double()
    twin = to_torch(cell)
    inputs = [torch.randn(B, n, dtype=torch.double, requires_grad=True) for n in (D, H, H)]
    push_h, push_c = torch.randn(2, B, H, dtype=torch.double)

    h_t, (h_next, c_next) = cell(inputs[0], (inputs[1], inputs[2]))
    h_torch, c_torch = twin(inputs[0], (inputs[1], inputs[2]))
    assert h_t is h_next
    assert _worst([h_t, c_next], [h_torch, c_torch]) <= 1e-12

    ours = torch.autograd.grad((h_t * push_h + c_next * push_c).sum(), [*inputs, *cell.parameters()])
    names = [name for name, _ in cell.named_parameters()]
    named = dict(twin.named_parameters())
    leaves = [*inputs, *(named[WEIGHT_MAP[name]] for name in names)]
    theirs = torch.autograd.grad((h_torch * push_h + c_torch * push_c).sum(), leaves)
    assert _worst(ours[:3], theirs[:3]) <= 1e-12
    assert _worst([reorder_gates(g, GATES, TORCH_GATES) for g in ours[3:]], theirs[3:]) <= 1e-12


@pytest.mark.parametrize("sizes", SIZES)
def test_lstm_equals_torch_in_output_and_gradient(sizes):
    B, T, D, H = sizes
    lstm = LSTM(D, H).double()
    twin = to_torch(lstm)
    x = torch.randn(B, T, D, dtype=torch.double, requires_grad=True)
    h_0, c_0 = torch.randn(2, B, H, dtype=torch.double).requires_grad_().unbind()
    push = torch.randn(3, B, H, dtype=torch.double)

    out, (h_n, c_n) = lstm(x, (h_0, c_0))
    out_torch, (h_torch, c_torch) = twin(x, (h_0[None], c_0[None]))
    assert _worst([out, h_n, c_n], [out_torch, h_torch[0], c_torch[0]]) <= 1e-12

    def loss(out, h, c):
        return (out * push[0][:, None]).sum() + (h * push[1]).sum() + (c * push[2]).sum()

    names = [name for name, _ in lstm.cell.named_parameters()]
    ours = torch.autograd.grad(loss(out, h_n, c_n), [x, h_0, c_0, *lstm.parameters()])
    named = dict(twin.named_parameters())
    leaves = [x, h_0, c_0, *(named[WEIGHT_MAP[name] + "_l0"] for name in names)]
    theirs = torch.autograd.grad(loss(out_torch, h_torch[0], c_torch[0]), leaves)
    assert _worst(ours[:3], theirs[:3]) <= 1e-11
    assert _worst([reorder_gates(g, GATES, TORCH_GATES) for g in ours[3:]], theirs[3:]) <= 1e-11


def test_state_dict_keys_are_the_contract():
    shapes = {name: tuple(w.shape) for name, w in LSTMCell(3, 5).state_dict().items()}
    assert shapes == {"W_x.weight": (20, 3), "W_x.bias": (20,), "W_h.weight": (20, 5), "W_h.bias": (20,)}


def test_lecture_example_one_step():
    cell, zeros = LSTMCell(3, 5), torch.zeros(1, 5)
    h_t, (h_next, c_next) = cell(torch.randn(1, 3), (zeros, zeros))
    assert h_t.shape == h_next.shape == c_next.shape == (1, 5)


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
    x, h, c = (torch.randn(8, n, dtype=torch.double) for n in (3, 5, 5))
    assert (cell(x, (h, c))[0] - twin(x, (h, c))[0]).abs().max() > 0.1


@pytest.mark.parametrize("module", [nn.LSTMCell(3, 4), nn.LSTM(3, 4, batch_first=True), nn.LSTM(3, 4).double()])
def test_from_torch_and_back_changes_nothing(module):
    back = to_torch(from_torch(module))
    assert all(torch.equal(module.state_dict()[k], w) and module.state_dict()[k].dtype == w.dtype
               for k, w in back.state_dict().items())  # fmt: skip


def test_the_twin_has_its_own_weights():
    cell = LSTMCell(2, 2)
    twin = to_torch(cell)
    with torch.no_grad():
        twin.weight_ih.zero_()
    assert cell.W_x.weight.abs().sum() > 0


@pytest.mark.parametrize("target", [TORCH_GATES, ONNX_GATES])
def test_reordering_there_and_back_is_the_identity(target):
    rows = torch.randn(12, 5)
    there = reorder_gates(rows, GATES, target)
    assert not torch.equal(there, rows)
    assert torch.equal(reorder_gates(there, target, GATES), rows)


def test_reordering_moves_whole_blocks():
    assert reorder_gates(torch.arange(8), GATES, TORCH_GATES).tolist() == [2, 3, 0, 1, 4, 5, 6, 7]
    assert reorder_gates(torch.arange(8), GATES, ONNX_GATES).tolist() == [2, 3, 6, 7, 0, 1, 4, 5]


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
def test_forget_bias_is_set_in_every_layer_and_nothing_else_moves(make):
    module = make()
    _, before = _forget_input_total(module)
    assert forget_bias_(module, 3.0) is module
    forget, inputs = _forget_input_total(module)
    assert all(torch.all(f == 3.0) for f in forget)
    assert all(torch.equal(a, b) for a, b in zip(inputs, before, strict=True))


@pytest.mark.parametrize("make", HOLDERS)
def test_chrono_biases_are_opposite_and_in_range(make):
    forget, inputs = _forget_input_total(chrono_(make(), 100))
    for f, i in zip(forget, inputs, strict=True):
        assert torch.allclose(f, -i)
        assert f.min() >= 0
        assert f.max() <= math.log(99)
        assert f.max() - f.min() > 1  # one draw for each unit, not one for all


def test_initialisers_find_the_lstm_inside_a_model():
    model = forget_bias_(models.LSTMModel(1, 4, 2, 1), 2.0)
    assert [f.tolist() for f in _forget_input_total(model.lstm)[0]] == [[2.0] * 4] * 2


def test_float32_and_noncontiguous_input_work():
    lstm = LSTM(3, 4)
    x = torch.randn(7, 2, 3).transpose(0, 1)
    assert torch.equal(lstm(x)[0], lstm(x.contiguous())[0])


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


@pytest.mark.parametrize(
    ("x", "state", "message"),
    [
        (torch.zeros(2, 3), None, r"x: expected shape \(B, T, 3\), got \(2, 3\)"),
        (torch.zeros(2, 0, 3), None, r"x: .*every size at least 1"),
        (torch.zeros(2, 4, 3), (torch.zeros(1, 2, 5),) * 2, r"h: expected shape \(2, 5\), got \(1, 2, 5\)"),
    ],
)
def test_bad_input_to_the_lstm_is_named(x, state, message):
    for method in (LSTM(3, 5), LSTM(3, 5).trace):
        with pytest.raises(ValueError, match=message):
            method(x, state)


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
        (lambda: reorder_gates(torch.zeros(6), GATES, TORCH_GATES), ValueError, r"rows: .*got \(6,\)"),
        (lambda: reorder_gates(torch.zeros(8), "fico", GATES), ValueError, "source: expected the four gates"),
        (lambda: forget_bias_(nn.Linear(1, 1), 1.0), ValueError, "expected an LSTM with a bias inside, got Linear"),
        (lambda: chrono_(nn.LSTM(1, 1, bias=False), 10), ValueError, "expected an LSTM with a bias"),
        (lambda: chrono_(LSTM(1, 1), 2), ValueError, "longest: expected a number of time steps above 2, got 2"),
    ],
)
def test_bad_modules_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("module", [cells, models])
def test_every_function_fits_one_screen(module):
    own = [thing for _, thing in inspect.getmembers(module) if getattr(thing, "__module__", "") == module.__name__]
    functions = [thing for thing in own if inspect.isfunction(thing)]
    for kind in filter(inspect.isclass, own):
        functions += [f for f in vars(kind).values() if inspect.isfunction(f)]
    assert len(functions) >= 5
    for function in functions:
        lines = len(inspect.getsource(function).splitlines())
        assert lines <= 40, f"{function.__qualname__}: {lines} lines"

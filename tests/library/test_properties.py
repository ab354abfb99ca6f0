"""Properties that hold for any size, dtype and layout, of all modules that take sequences, by hypothesis."""

import ast
import inspect
import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstm_lib import bptt, cells, checks, datasets, gradients, models, tasks, training, variants
from lstm_lib.bptt import HandLSTM
from lstm_lib.cells import GATES, LSTM, ONNX_GATES, TORCH_GATES, LSTMCell, reorder_gates
from lstm_lib.models import KINDS, LSTMModel, RNNModel, build, count_parameters, rnn_like
from lstm_lib.own import shuffled
from lstm_lib.variants import CoupledCell, GRUCell, MinLSTM, PeepholeCell, SLSTMCell

# the first draw may be slow: hypothesis reads the sources of all that it takes for the project's own, for constants,
# and so all of torch where that does not lie in site-packages (Debian)
SLOW = [HealthCheck.too_slow]
settings.register_profile("course", max_examples=25, deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.load_profile("course")

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 4), st.integers(1, 5))  # B, T, D, H
DTYPES = st.sampled_from([torch.float32, torch.float64])
LAYOUTS = st.sampled_from(["plain", "transposed", "strided", "requires_grad"])
SEEDS = st.integers(0, 2**31)
WHOLE = {  # x (B, T, D) -> a tensor whose first size is B
    "LSTM": lambda D, H: LSTM(D, H),
    "HandLSTM": lambda D, H: HandLSTM(D, H),
    "MinLSTM": lambda D, H: MinLSTM(D, H),
    "LSTMModel": lambda D, H: LSTMModel(D, H, 2, 3),
    "RNNModel": lambda D, H: RNNModel(D, H, 2, 3),
}
CELLS = (LSTMCell, PeepholeCell, CoupledCell, GRUCell, SLSTMCell)


def lay_out(x, layout):
    """The same numbers in another layout of memory, or as a leaf that wants a gradient."""
    if layout == "transposed":
        return x.transpose(0, -1).contiguous().transpose(0, -1)
    if layout == "strided":
        return torch.stack([x, x + 1], dim=-1)[..., 0]
    return x.clone().requires_grad_(layout == "requires_grad")


def first(result):
    return result[0] if isinstance(result, tuple) else result


def start(cell, batch):
    """A state of zeros for any of CELLS."""
    zeros = cell.W_x.weight.new_zeros(batch, cell.hidden_size)
    if isinstance(cell, SLSTMCell):
        return cell.start(batch)
    return zeros if isinstance(cell, GRUCell) else (zeros, zeros)


def tolerance(dtype):
    return {"rtol": 1e-4, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-9, "atol": 1e-11}


@pytest.mark.parametrize("name", WHOLE)
@given(sizes=SIZES, dtype=DTYPES, layout=LAYOUTS, seed=SEEDS)
def test_layout_and_batch_change_nothing_and_the_input_stays(name, sizes, dtype, layout, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    module = WHOLE[name](D, H).to(dtype)
    x = torch.randn(B, T, D, dtype=dtype)
    given_x = lay_out(x, layout)
    out = first(module(given_x))
    assert len(out) == B and out.dtype == dtype
    assert torch.allclose(out, first(module(x)), **tolerance(dtype))
    assert torch.allclose(out[-1:], first(module(x[-1:])), **tolerance(dtype))  # the rows know nothing of each other
    assert torch.equal(given_x, x)
    if layout == "requires_grad":
        out.sum().backward()
        assert given_x.grad.shape == x.shape and given_x.grad.isfinite().all()


@pytest.mark.parametrize("kind", CELLS)
@given(sizes=SIZES, dtype=DTYPES, layout=LAYOUTS, seed=SEEDS)
def test_cells_keep_shape_dtype_and_the_range_of_h(kind, sizes, dtype, layout, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    cell = kind(D, H).to(dtype)
    state = start(cell, B)
    for x in torch.randn(T, B, D, dtype=dtype):
        result = cell(lay_out(x, layout), state)
        state = result if kind is GRUCell else result[1]
    h = first(result)
    assert h.shape == (B, H) and h.dtype == dtype and h.abs().max() <= 1


BAD = {  # the dtype of the module is float32
    "zero time steps": (lambda x: x[:, :0], ValueError, "every size at least 1"),
    "zero sequences": (lambda x: x[:0], ValueError, "every size at least 1"),
    "nan": (lambda x: x.index_fill(1, torch.tensor([0]), math.nan), ValueError, r"got nan at index \[0, 0, 0\]"),
    "inf": (lambda x: x.index_fill(1, torch.tensor([0]), math.inf), ValueError, r"got inf at index \[0, 0, 0\]"),
    "features": (lambda x: torch.cat([x, x], dim=2), ValueError, r"shape \(B, T, {D}\), got \({B}, {T}, {twice}\)"),
    "dimensions": (lambda x: x[0], ValueError, r"shape \(B, T, {D}\), got \({T}, {D}\)"),
    "double": (lambda x: x.double(), TypeError, "dtype torch.float32"),
    "device": (lambda x: x.to("meta"), ValueError, "device cpu.*got meta"),
    "whole numbers": (lambda x: x.long(), TypeError, r"a float tensor, got dtype torch.int64; .* x\.float\(\)"),
    "a list": (lambda x: x.tolist(), TypeError, "got list"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("case", BAD)
@settings(max_examples=5)
@given(sizes=SIZES)
def test_bad_sequences_are_named(name, case, sizes):
    B, T, D, H = sizes
    spoil, error, words = BAD[case]
    with pytest.raises(error, match="^x: expected .*" + words.format(B=B, T=T, D=D, twice=2 * D)):
        WHOLE[name](D, H)(spoil(torch.randn(B, T, D)))


@pytest.mark.parametrize("kind", [LSTM, HandLSTM])
@given(sizes=SIZES, dtype=DTYPES, seed=SEEDS, data=st.data())
def test_a_sequence_may_be_cut_anywhere_if_the_state_goes_on(kind, sizes, dtype, seed, data):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    lstm, x = kind(D, H).to(dtype), torch.randn(B, T + 1, D, dtype=dtype)
    cut = data.draw(st.integers(1, T))
    out, (h, c) = lstm(x)
    before, state = lstm(x[:, :cut])
    after, (h_cut, c_cut) = lstm(x[:, cut:], state)
    for came, wanted in ((torch.cat([before, after], dim=1), out), (h_cut, h), (c_cut, c)):
        assert torch.allclose(came, wanted, **tolerance(dtype))


@given(H=st.integers(1, 5), more=st.integers(0, 3), orders=st.permutations([GATES, TORCH_GATES, ONNX_GATES]))
def test_gates_reordered_and_back_are_the_same_rows(H, more, orders):
    rows = torch.randn(4 * H, *[2] * more)
    there = reorder_gates(rows, orders[0], orders[1], H)
    assert torch.equal(reorder_gates(there, orders[1], orders[0], H), rows)
    assert not torch.equal(there, rows)
    assert torch.equal(there.sort(dim=0).values, rows.sort(dim=0).values)


@given(D=st.integers(1, 6), H=st.integers(1, 40), out=st.integers(1, 10))
def test_models_compete_at_equal_size(D, H, out):
    model = LSTMModel(D, H, 1, out)
    rnn = rnn_like(model)
    assert count_parameters(rnn) >= count_parameters(model)
    smaller = rnn.hidden_size - 1
    assert not smaller or count_parameters(RNNModel(D, smaller, 1, out)) < count_parameters(model)
    for kind in KINDS:
        assert build(kind, D, H, out, longest=20)(torch.randn(2, 3, D)).shape == (2, out)
    with pytest.raises(ValueError, match="^kind: expected one of 'lstm', .* got 'gru'"):
        build("gru", D, H, out)


@given(count=st.integers(1, 12), size=st.integers(1, 5), seed=SEEDS)
def test_each_pass_of_shuffled_holds_every_pair_once(count, size, seed):
    x = torch.arange(count)
    batches, came = shuffled(x, x + 100, size, seed), []
    while len(came) < count:
        a, b = next(batches)
        assert torch.equal(a + 100, b)
        came += a.tolist()
    assert sorted(came) == list(range(count))


@pytest.mark.parametrize("module", [bptt, cells, checks, datasets, gradients, models, tasks, training, variants])
def test_every_function_fits_one_screen(module):
    functions = [f for f in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(f, ast.FunctionDef)]
    assert len(functions) >= 4
    assert [f.name for f in functions if f.end_lineno - f.lineno >= 40] == []

"""Properties that hold for any size, dtype and layout: every public function of the numeric rooms, by hypothesis."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lib import gradients, tasks
from lstm_lib.bptt import HandLSTM
from lstm_lib.cells import (
    GATES,
    LSTM,
    ONNX_GATES,
    TORCH_GATES,
    LSTMCell,
    chrono_,
    forget_bias_,
    from_torch,
    reorder_gates,
    to_torch,
)
from lstm_lib.datasets import rolling_origin, windows
from lstm_lib.explorers.forgetting import backpropagate
from lstm_lib.models import KINDS, LSTMModel, RNNModel, build, count_parameters, rnn_like
from lstm_lib.own import shuffled
from lstm_lib.variants import CoupledCell, GRUCell, MinLSTM, PeepholeCell, SLSTMCell, open_gate_, scan

settings.register_profile("course", max_examples=25, deadline=None, derandomize=True)
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
    "features": (lambda x: torch.cat([x, x], dim=2), ValueError, "expected shape"),
    "dimensions": (lambda x: x[0], ValueError, "expected shape"),
    "double": (lambda x: x.double(), TypeError, "expected dtype torch.float32"),
    "whole numbers": (lambda x: x.long(), TypeError, r"x\.float\(\)"),
    "a list": (lambda x: x.tolist(), TypeError, "got list"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("case", BAD)
@settings(max_examples=5)
@given(sizes=SIZES)
def test_bad_sequences_are_named(name, case, sizes):
    B, T, D, H = sizes
    spoil, error, words = BAD[case]
    with pytest.raises(error, match="^x: .*" + words):
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


@given(sizes=SIZES, dtype=DTYPES, seed=SEEDS)
def test_three_lstms_and_their_gradients_agree(sizes, dtype, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    plain, hand = LSTM(D, H).to(dtype), HandLSTM(D, H).to(dtype)
    hand.load_state_dict(plain.state_dict())
    x, found = torch.randn(B, T, D, dtype=dtype), []
    for lstm in (plain, hand, to_torch(plain)):
        leaf = x.clone().requires_grad_()
        out, (h, c) = lstm(leaf)
        (out.square().sum() + h.sum() + c.square().sum()).backward()
        found.append((out, leaf.grad))
    for out, grad in found[1:]:
        assert torch.allclose(out, found[0][0], **tolerance(dtype))
        assert torch.allclose(grad, found[0][1], **tolerance(dtype))
    assert torch.equal(from_torch(to_torch(plain)).cell.W_h.weight, plain.cell.W_h.weight)


@given(H=st.integers(1, 5), more=st.integers(0, 3), orders=st.permutations([GATES, TORCH_GATES, ONNX_GATES]))
def test_gates_reordered_and_back_are_the_same_rows(H, more, orders):
    rows = torch.randn(4 * H, *[2] * more)
    there = reorder_gates(rows, orders[0], orders[1])
    assert torch.equal(reorder_gates(there, orders[1], orders[0]), rows)
    assert torch.equal(there.sort(dim=0).values, rows.sort(dim=0).values)
    with pytest.raises(TypeError, match="^rows: expected a tensor .* got list"):
        reorder_gates(rows.tolist(), GATES, TORCH_GATES)


@given(sizes=SIZES, value=st.floats(-8, 8), longest=st.integers(3, 1000), gate=st.sampled_from(["f", "i", "o"]))
def test_initialisers_set_the_sum_of_both_biases(sizes, value, longest, gate):
    _, _, D, H = sizes
    cell = LSTMCell(D, H).double()
    forget_bias_(cell, value)
    assert torch.allclose((cell.W_x.bias + cell.W_h.bias)[:H], torch.full((H,), value).double())
    chrono_(cell, longest)
    f, i = (cell.W_x.bias + cell.W_h.bias).chunk(4)[:2]
    assert torch.equal(f, -i) and f.min() >= 0 and f.max() <= math.log(longest - 1) + 1e-9
    trace = LSTM(D, H).double()
    trace.cell = open_gate_(cell, gate)
    assert (getattr(trace.trace(torch.randn(2, 3, D).double()), gate) == 1).all()


@given(sizes=SIZES, dtype=DTYPES, seed=SEEDS)
def test_the_scan_is_the_loop(sizes, dtype, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    lstm, x, h_0 = MinLSTM(D, H).to(dtype), torch.randn(B, 5 * T, D, dtype=dtype), torch.randn(B, H, dtype=dtype)
    assert torch.allclose(lstm(x, h_0), lstm.loop(x, h_0), **tolerance(dtype))
    with pytest.raises(ValueError, match="^keep: expected shape"):
        scan(torch.ones(B, T + 1, H), torch.ones(B, T, H))


@given(sizes=SIZES, seed=SEEDS)
def test_models_compete_at_equal_size(sizes, seed):
    _, _, D, H = sizes
    torch.manual_seed(seed)
    model = LSTMModel(D, H, 1, 2)
    rnn = rnn_like(model)
    hidden = rnn.rnn.hidden_size
    assert count_parameters(rnn) >= count_parameters(model)
    assert hidden == 1 or count_parameters(RNNModel(D, hidden - 1, 1, 2)) < count_parameters(model)
    for kind in KINDS:
        assert build(kind, D, H, 2, longest=20)(torch.randn(2, 3, D)).shape == (2, 2)
    with pytest.raises(ValueError, match="^kind: expected one of .* got 'gru'"):
        build("gru", D, H, 2)


RNN = {"T": st.integers(1, 8), "B": st.integers(1, 3), "N": st.integers(1, 6), "seed": SEEDS}
RNN |= {"activation": st.sampled_from(["tanh", "relu", "linear"]), "layout": LAYOUTS}


@given(**RNN)
def test_gradients_by_the_chain_rule_are_those_of_autograd(T, B, N, seed, activation, layout):
    torch.manual_seed(seed)
    w, u = gradients.recurrent_matrix("gaussian", N), lay_out(torch.randn(T, B, N).double(), layout)
    states = gradients.run_rnn(w, u, activation)
    assert states.shape == (T + 1, B, N)
    by_autograd = gradients.state_gradients(w, u, activation)
    assert torch.allclose(gradients.backpropagate(w, states, activation), by_autograd, rtol=1e-8, atol=1e-12)
    assert torch.allclose(gradients.gradient_norms(w, u, activation), by_autograd.norm(dim=-1))
    assert gradients.activation_slopes(states, activation).shape == (T, B, N)
    if activation == "tanh":
        assert gradients.predicted_slope(w, states) <= math.log(gradients.largest_singular_value(w)) + 1e-9
        assert gradients.naive_slope(w, states) <= math.log(gradients.spectral_radius(w)) + 1e-9


@given(N=st.integers(1, 6), T=st.integers(1, 8), seed=SEEDS, data=st.data())
def test_jacobian_products_join(N, T, seed, data):
    torch.manual_seed(seed)
    w = gradients.recurrent_matrix("gaussian", N)
    states = gradients.run_rnn(w, torch.randn(T, N).double())
    k = data.draw(st.integers(0, T))
    parts = [gradients.jacobian_product(w, states, start=a, end=b) for a, b in ((k, T), (0, k), (0, T))]
    assert torch.allclose(parts[0] @ parts[1], parts[2])


@given(N=st.integers(1, 8), gain=st.floats(0.1, 3), seed=SEEDS)
def test_recurrent_matrices(N, gain, seed):
    rng = torch.Generator().manual_seed(seed)
    w = gradients.recurrent_matrix("orthogonal", N, gain, rng)
    assert torch.allclose(w @ w.T, gain**2 * torch.eye(N).double())
    assert math.isclose(gradients.spectral_radius(w), gain, rel_tol=1e-9)
    gaussian = gradients.recurrent_matrix("gaussian", N, gain, rng)
    assert gradients.spectral_radius(gaussian) <= gradients.largest_singular_value(gaussian) * (1 + 1e-9)


@given(slope=st.floats(-0.5, 0.5), points=st.integers(8, 60))
def test_the_line_through_an_exact_exponential_is_its_slope(slope, points):
    line = gradients.log_line(torch.exp(slope * torch.arange(points - 1, -1, -1).double()))
    assert math.isclose(line.slope, slope, abs_tol=1e-9)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@settings(max_examples=5)
@given(N=st.integers(1, 4), T=st.integers(1, 4))
def test_gradient_functions_report_nan_and_inf(bad, N, T):
    w, u = torch.eye(N).double(), torch.zeros(T, N).double()
    spoiled = u.clone()
    spoiled[-1, -1] = bad
    for function in (gradients.run_rnn, gradients.state_gradients, gradients.gradient_norms):
        with pytest.raises(ValueError, match=rf"^inputs: .* at index \[{T - 1}, {N - 1}\]"):
            function(w, spoiled)
    for function in (gradients.spectral_radius, gradients.largest_singular_value):
        with pytest.raises(ValueError, match="^w: expected finite numbers"):
            function(torch.full((N, N), bad))


@given(sizes=SIZES, seed=SEEDS)
def test_the_gradients_of_the_cell_by_hand_are_those_of_autograd(sizes, seed):
    B, T, D, H = sizes
    torch.manual_seed(seed)
    lstm, x = LSTM(D, H).double(), torch.randn(B, T, D).double()
    by_autograd = gradients.cell_gradients(lstm, x)
    assert torch.allclose(backpropagate(lstm, lstm.trace(x)), by_autograd, rtol=1e-9, atol=1e-14)
    f = lstm.trace(x).f.detach()
    products = gradients.forget_products(f)
    assert torch.allclose(products[:, 0], f.prod(dim=1)) and (products[:, -1] == 1).all()
    held = gradients.cell_gradients(lstm, x, hold_gates=True)
    assert torch.allclose(held, products / H**0.5)


TASKS = {
    "temporal_order": (tasks.temporal_order, 10),
    "adding": (tasks.adding, 2),
    "first_symbol": (tasks.first_symbol, 2),
    "marked_value": (tasks.marked_value, 2),
    "long_and_short": (tasks.long_and_short, 3),
    "query_only": (tasks.query_only, 8),
    "agreement": (tasks.agreement, 1),
}


@pytest.mark.parametrize("name", TASKS)
@given(more=st.integers(0, 30), size=st.integers(2, 5), seed=st.integers(0, 2**20), dtype=DTYPES)
def test_tasks_are_repeatable_and_a_right_answer_scores_best(name, more, size, seed, dtype):
    make, least = TASKS[name]
    task = make(least + more)
    torch.set_default_dtype(dtype)
    try:
        x, y = next(task.batches(size, seed))
        again = next(task.batches(size, seed))
        held = task.held_out(size)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(x, again[0]) and torch.equal(y, again[1])
    assert x.dtype == dtype and x.shape[::2] == (size, task.input_size) and x.isfinite().all()
    assert len(held[0]) == size
    if y.is_floating_point():
        assert y.var() == 0 or task.score(y, y) == 0
        with pytest.raises(ValueError, match="^output: expected the shape of y"):
            tasks.relative_error(y[..., 0], y)
    else:
        assert task.score(torch.nn.functional.one_hot(y, task.output_size), y) == 1


@given(count=st.integers(2, 60), length=st.integers(1, 10), horizon=st.integers(1, 5))
def test_windows_hold_the_past_and_the_target_lies_ahead(count, length, horizon):
    series = torch.arange(count).double()
    if count < length + horizon:
        with pytest.raises(ValueError, match="^series: expected at least"):
            windows(series, length, horizon)
        return
    x, y = windows(series, length, horizon)
    assert len(x) == len(y) == count - length - horizon + 1
    assert torch.equal(x[:, -1] + horizon, y)
    assert torch.equal(x[:, 0, 0], torch.arange(len(x)).double())


@given(folds=st.integers(1, 5), test_size=st.integers(1, 9), gap=st.integers(1, 9), more=st.integers(0, 40))
def test_no_fold_trains_on_what_it_tests(folds, test_size, gap, more):
    found = rolling_origin(folds * test_size + gap + more, folds, test_size, gap)
    assert len(found) == folds
    for fold in found:
        assert len(fold.test) == test_size and len(fold.train) >= 1
        assert fold.train[-1] + gap <= fold.test[0]
    assert all(a.test[-1] < b.test[0] for a, b in zip(found, found[1:], strict=False))


@given(count=st.integers(1, 12), size=st.integers(1, 5), seed=SEEDS)
def test_each_pass_of_shuffled_holds_every_pair_once(count, size, seed):
    x = torch.arange(count)
    batches, came = shuffled(x, x + 100, size, seed), []
    while len(came) < count:
        a, b = next(batches)
        assert torch.equal(a + 100, b)
        came += a.tolist()
    assert sorted(came) == list(range(count))

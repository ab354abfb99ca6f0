"""The backward pass by hand against gradcheck, torch and the unrolled cell; what may go in; its traps."""

import gc
import itertools
import weakref

import pytest
import torch

from lstm_lib import bptt, cells
from lstm_lib.bptt import HandLSTM, Unrolled
from lstm_lib.cells import GATES, TORCH_GATES, WEIGHT_MAP, reorder_gates, to_torch

F32, F64 = torch.float32, torch.float64
BOUND = {F32: 5e-6, F64: 1e-12}  # of the largest entry
SIZES = [(1, 1, 1, 1), (1, 9, 2, 3), (4, 1, 3, 2), (2, 7, 3, 5), (5, 3, 1, 8), (3, 20, 6, 2), (8, 12, 5, 33)]
SMALL = (2, 5, 3, 4)  # B, T, D, H
NAMES = ("out", "h_n", "c_n")
ARRIVALS = [c for n in (1, 2, 3) for c in itertools.combinations(NAMES, n)]  # where a gradient arrives


def _inputs(sizes=SMALL, dtype=F64):
    B, T, D, H = sizes
    return [torch.randn(*shape, dtype=dtype, requires_grad=True) for shape in ((B, T, D), (B, H), (B, H))]


def _hand(sizes=SMALL, dtype=F64):
    return HandLSTM(*sizes[2:]).to(dtype)


def _results(module, x, *state):
    out, (h_n, c_n) = module(x, state or None)
    return out, h_n, c_n


def _loss(results, arrivals=ARRIVALS[-1]):
    """The same random linear loss of the named ones of ``results``: its gradient arrives there and nowhere else."""
    generator = torch.Generator().manual_seed(1)
    terms = [(r * torch.randn(r.shape, generator=generator, dtype=r.dtype)).sum() for r in results]
    return sum(terms[NAMES.index(name)] for name in arrivals)


def _run(module, inputs, arrivals=ARRIVALS[-1]):
    """Run our kind of LSTM and return name -> tensor: results and the gradients of inputs and weights."""
    results = _results(module, *inputs)
    leaves = dict(zip(("x", "h_0", "c_0"), inputs, strict=True)) | dict(module.named_parameters())
    gradients = torch.autograd.grad(_loss(results, arrivals), list(leaves.values()))
    found = dict(zip(NAMES, results, strict=True))
    return found | {f"d {k}": g for k, g in zip(leaves, gradients, strict=True)}


def _run_torch(twin, inputs, arrivals):
    """Run nn.LSTM and return the same, the gradients of the weights brought into our order."""
    x, h_0, c_0 = inputs
    out, (h_n, c_n) = twin(x, (h_0[None], c_0[None]))
    leaves = [x, h_0, c_0, *(twin.get_parameter(f"{name}_l0") for name in WEIGHT_MAP.values())]
    dx, dh_0, dc_0, *gradients = torch.autograd.grad(_loss((out, h_n[0], c_n[0]), arrivals), leaves)
    found = {"out": out, "h_n": h_n[0], "c_n": c_n[0], "d x": dx, "d h_0": dh_0, "d c_0": dc_0}
    gradients = [reorder_gates(g, TORCH_GATES, GATES, len(g) // 4) for g in gradients]
    return found | {f"d cell.{k}": g for k, g in zip(WEIGHT_MAP, gradients, strict=True)}


def _assert_equal(ours, theirs, bound):
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert tensor.shape == theirs[name].shape, name
        worst = (tensor - theirs[name]).abs().max() / theirs[name].abs().max().clamp(min=1)
        assert worst <= bound, f"{name}: off by {worst:.1e}"


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 4, 3, 2), (3, 1, 2, 3), (1, 6, 1, 2)])
def test_gradcheck_passes_for_every_input(sizes):
    hand = _hand(sizes)
    weights = [hand.cell.W_x.weight, hand.cell.W_x.bias, hand.cell.W_h.weight, hand.cell.W_h.bias]
    assert torch.autograd.gradcheck(Unrolled.apply, (*_inputs(sizes), *weights))


@pytest.mark.parametrize("arrivals", ARRIVALS, ids="+".join)
@pytest.mark.parametrize("dtype", BOUND, ids=str)
def test_results_and_gradients_are_those_of_torch_and_of_the_unrolled_cell(dtype, arrivals):
    for sizes in SIZES:
        hand, plain, inputs = _hand(sizes, dtype), cells.LSTM(*sizes[2:]).to(dtype), _inputs(sizes, dtype)
        plain.load_state_dict(hand.state_dict())
        ours = _run(hand, inputs, arrivals)
        _assert_equal(ours, _run_torch(to_torch(hand), inputs, arrivals), BOUND[dtype])
        _assert_equal(ours, _run(plain, inputs, arrivals), BOUND[dtype])


@pytest.mark.skipif(not bptt.ONEDNN, reason="torch has no oneDNN here, or not for this processor")
def test_both_kinds_of_matrix_product_give_the_same(monkeypatch):
    for sizes in SIZES:
        hand, inputs = _hand(sizes, F32), _inputs(sizes, F32)
        usual = _run(hand, inputs)
        with monkeypatch.context() as patch:
            patch.setattr(bptt, "_onednn_pays", lambda rows, weight: True)
            _assert_equal(_run(hand, inputs), usual, BOUND[F32])


def test_going_back_in_blocks_of_steps_changes_nothing(monkeypatch):
    hand, inputs = _hand((3, 20, 6, 2)), _inputs((3, 20, 6, 2))
    at_once = _run(hand, inputs)
    for numbers in (1, 150, 20 * 24):  # blocks of 1, 6 and 20 steps
        monkeypatch.setattr(bptt, "BLOCK", numbers)
        _assert_equal(_run(hand, inputs), at_once, 1e-13)


def test_large_saturating_inputs_give_finite_results_equal_to_torch():
    for dtype in BOUND:
        hand, inputs = _hand((4, 9, 3, 5), dtype), _inputs((4, 9, 3, 5), dtype)
        inputs = [(1e3 * v).detach().requires_grad_() for v in inputs]
        ours = _run(hand, inputs)
        assert all(tensor.isfinite().all() for tensor in ours.values())
        _assert_equal(ours, _run_torch(to_torch(hand), inputs, ARRIVALS[-1]), BOUND[dtype])


def test_a_missing_state_is_zeros():
    hand, (x, _, _) = _hand(), _inputs()
    zeros = torch.zeros(2, 2, 4, dtype=F64)
    assert all(map(torch.equal, _results(hand, x), _results(hand, x, *zeros)))


def test_strides_of_the_inputs_do_not_matter():
    hand, inputs = _hand((3, 6, 4, 5)), _inputs((3, 6, 4, 5))
    strided = [v.detach().transpose(0, -1).contiguous().transpose(0, -1).requires_grad_() for v in inputs]
    assert not any(v.is_contiguous() for v in strided)
    _assert_equal(_run(hand, strided), _run(hand, inputs), 1e-14)
    one_row = torch.randn(1, 1, 4, dtype=F64).expand(3, 6, 4)
    assert torch.allclose(hand(one_row)[0], hand(one_row.clone())[0])


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_without_gradients_the_results_are_the_same_and_no_graph_is_made(mode):
    hand, inputs = _hand(), _inputs()
    results = _results(hand, *inputs)
    with mode():
        quiet = _results(hand, *inputs)
    assert all(v.requires_grad for v in results)
    assert not any(v.requires_grad for v in quiet)
    assert all(map(torch.equal, results, quiet))


@pytest.mark.parametrize("wanted", range(7))
def test_a_gradient_asked_for_alone_is_the_same_and_no_other_comes(wanted):
    hand, inputs = _hand(), _inputs()
    leaves = [*inputs, *hand.parameters()]
    everything = torch.autograd.grad(_loss(_results(hand, *inputs)), leaves)
    for k, leaf in enumerate(leaves):
        leaf.requires_grad_(k == wanted)
    _loss(_results(hand, *inputs)).backward()
    assert torch.equal(leaves[wanted].grad, everything[wanted])
    assert all((leaf.grad is None) == (k != wanted) for k, leaf in enumerate(leaves))


def test_a_gradient_taken_again_is_the_same_and_what_arrives_is_left_as_it_is():
    hand, inputs = _hand((3, 6, 4, 5)), _inputs((3, 6, 4, 5))
    results, leaves = _results(hand, *inputs), [*inputs, *hand.parameters()]
    arriving = [torch.randn_like(v) for v in results]
    before = [v.clone() for v in arriving]
    first, second = (torch.autograd.grad(results, leaves, arriving, retain_graph=True) for _ in range(2))
    assert all(map(torch.equal, first, second))
    assert all(map(torch.equal, arriving, before))


def test_gradients_add_up_over_two_calls_and_share_no_memory():
    hand, inputs = _hand(), _inputs()
    leaves = [*inputs, *hand.parameters()]
    _loss(_results(hand, *inputs)).backward()
    once = [leaf.grad.clone() for leaf in leaves]
    _loss(_results(hand, *inputs)).backward()
    assert all(torch.allclose(leaf.grad, 2 * g) for leaf, g in zip(leaves, once, strict=True))
    assert len({leaf.grad.data_ptr() for leaf in leaves}) == 7
    assert not any(leaf.grad.is_inference() for leaf in leaves)  # those could not be clipped in place


def test_the_trace_ends_where_the_forward_pass_ends():
    hand, (x, *state) = _hand(), _inputs()
    out, (_, c_n) = hand(x, state)
    trace = hand.trace(x, state)
    assert torch.allclose(trace.h, out, atol=1e-14)
    assert torch.allclose(trace.c[:, -1], c_n, atol=1e-14)


def test_a_second_derivative_is_refused():
    hand, (x, _, _) = _hand(), _inputs()
    with pytest.raises(RuntimeError, match="HandLSTM has no second derivative"):
        torch.autograd.grad(hand(x)[0].sum(), x, create_graph=True)


def test_a_change_of_the_output_in_place_is_refused_and_one_of_the_state_leaves_the_output_alone():
    out, state = _hand()(_inputs()[0])
    last = out[:, -1].clone()
    state[0].mul_(2)
    assert torch.equal(out[:, -1], last)
    with pytest.raises(RuntimeError, match="being modified inplace"):
        out.mul_(2)


def test_all_memory_is_free_once_the_results_are_gone():
    out, state = _hand()(_inputs()[0])
    gates = weakref.ref(state[0].grad_fn.gates)
    gc.disable()  # no help from the collector: there must be no cycle
    del out, state
    gone = gates() is None
    gc.enable()
    assert gone


@pytest.mark.parametrize(
    ("x", "state", "error", "message"),
    [
        (torch.zeros(2, 3), None, ValueError, r"x: expected shape \(B, T, 3\), got \(2, 3\)"),
        (torch.zeros(2, 4, 3), torch.zeros(2, 5), TypeError, r"state: expected a pair"),
        (torch.zeros(2, 4, 3), (torch.zeros(1, 2, 5),) * 2, ValueError, r"h: expected shape \(2, 5\)"),
        (torch.zeros(2, 4, 3), (torch.zeros(2, 5), torch.zeros(3, 5)), ValueError, r"c: expected shape \(2, 5\)"),
    ],
)
def test_bad_input_is_named(x, state, error, message):
    with pytest.raises(error, match=message):
        HandLSTM(3, 5)(x, state)

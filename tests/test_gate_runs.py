"""The starts of the gate biases are what their names say; their runs differ from the memory runs in nothing else."""

import math

import pytest
import torch

from lstm_lib.cells import chrono_, from_torch
from lstm_lib.experiments import load_results
from lstm_lib.gate_runs import STARTS, run_biases, start_
from lstm_lib.memory_runs import run_memory
from lstm_lib.models import LSTMModel
from lstm_lib.tasks import first_symbol


def _started(start, seed=0):
    torch.manual_seed(seed)
    return start_(LSTMModel(8, 16, 1, 4), start, longest=50)


def _biases(start):
    """Return the sums of the two biases: gate -> (H,)."""
    cell = from_torch(_started(start).lstm).cell
    return dict(zip(("f", "i", "candidate", "o"), (cell.W_x.bias + cell.W_h.bias).chunk(4), strict=True))


@pytest.mark.parametrize(
    ("start", "forget", "write"),
    [
        ("bias1", 1.0, None),
        ("bias3", 3.0, None),
        ("bias5", 5.0, None),
        ("log", math.log(49), None),
        ("input", None, -2.0),
        ("log_input", math.log(49), -2.0),
        ("log_small", math.log(49), None),
    ],
)
def test_each_start_sets_the_biases_it_names_and_no_others(start, forget, write):
    biases, default = _biases(start), _biases("default")
    for gate, value in (("f", forget), ("i", write), ("candidate", None), ("o", None)):
        wanted = default[gate] if value is None else torch.full((16,), value)
        if (start, gate) != ("log_small", "candidate"):
            assert torch.allclose(biases[gate], wanted), gate


def test_chrono_is_the_librarys_and_spread_is_its_forget_part():
    torch.manual_seed(0)
    theirs, ours, spread = chrono_(LSTMModel(8, 16, 1, 4), 50).lstm, _biases("chrono"), _biases("spread")
    i, f = (theirs.bias_ih_l0 + theirs.bias_hh_l0).chunk(4)[:2]
    assert torch.equal(ours["f"], f)
    assert torch.equal(ours["i"], i)
    assert torch.equal(spread["f"], f)
    assert torch.equal(spread["i"], _biases("default")["i"])


def test_small_writes_are_as_small_as_those_of_a_shut_input_gate():
    x, _ = first_symbol(50).held_out(20)
    sizes = {}
    for start in ("log", "log_small", "log_input"):
        traces = [from_torch(_started(start, seed).lstm).trace(x) for seed in range(5)]
        sizes[start] = torch.stack([(t.i * t.candidate).abs().mean() for t in traces]).mean().item()
    assert sizes["log_small"] == pytest.approx(sizes["log_input"], rel=0.2)
    assert sizes["log"] > 3 * sizes["log_small"]


def test_every_start_is_known_and_another_is_named():
    for start in STARTS:
        _started(start)
    with pytest.raises(ValueError, match="start: expected one of default, .*chrono, got 'bias2'"):
        _started("bias2")


def test_a_run_differs_from_a_memory_run_in_the_start_only():
    ours = run_biases("adding", 5, "chrono", seed=0)["score"]  # after 100, 200, ..., 600 updates
    theirs = run_memory("adding", "lstm_chrono", 0.01, 5, seed=0)["score"]  # after 30, 60, ..., 600
    assert (ours[2], ours[5]) == (theirs[9], theirs[19])


@pytest.mark.parametrize(("kind", "start"), [("lstm", "default"), ("lstm_bias1", "bias1"), ("lstm_chrono", "chrono")])
def test_the_shipped_runs_agree_with_those_of_notebook_03(kind, start):
    memory = [r for r in load_results("memory") if (r["task"], r["steps"], r["kind"]) == ("order", 100, kind)]
    biases = [r for r in load_results("biases") if (r["task"], r["start"]) == ("order", start)]
    assert [r["score"][9] for r in memory] == [r["score"][2] for r in biases]
    assert [r["score"][-1] for r in memory] == [r["score"][-1] for r in biases]

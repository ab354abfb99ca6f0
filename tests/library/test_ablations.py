"""The runs of notebook 08: the gate that is out is out, sizes are fair, streams carry on, echoes mean what they say."""

import numpy as np
import pytest
import torch

from lstm_lib.cells import TORCH_GATES, from_torch
from lstm_lib.experiments import (
    EachStep,
    at_and_off,
    build_without,
    echo,
    follow_stream,
    marked_stream,
    memory_unit,
    without_gate,
)
from lstm_lib.models import LSTMModel, count_parameters
from lstm_lib.plots import describe, heat_panels
from lstm_lib.tasks import marked_value

STEPS = 50


def _learning(model):
    """How many weights get a gradient that isn't 0, over a few draws of data."""
    seen = [torch.zeros_like(p, dtype=torch.bool) for p in model.parameters()]
    for _ in range(3):
        loss = model(torch.randn(8, 6, 2)).square().sum()
        for mask, gradient in zip(seen, torch.autograd.grad(loss, list(model.parameters())), strict=True):
            mask |= gradient != 0
    return sum(mask.sum().item() for mask in seen)


@pytest.mark.parametrize("without", ["f", "i", "o"])
def test_without_a_gate_there_are_at_least_as_many_weights_that_learn(without):
    full = _learning(build_without("nothing", 2, 4, 1, STEPS))
    assert full == count_parameters(LSTMModel(2, 4, 1, 1))
    assert full <= _learning(build_without(without, 2, 4, 1, STEPS)) < 1.5 * full


def test_the_starts_are_what_their_names_say():
    blocks = {}
    for start in ("chrono", "bias1", "quiet"):
        torch.manual_seed(0)
        lstm = build_without("nothing", 2, 4, 1, STEPS, start).lstm
        parts = (lstm.bias_ih_l0 + lstm.bias_hh_l0).chunk(4), lstm.weight_ih_l0.chunk(4)
        blocks[start] = [dict(zip(TORCH_GATES, part, strict=True)) for part in parts]
    for bias, _ in (blocks["chrono"], blocks["quiet"]):
        assert torch.allclose(bias["f"], -bias["i"])
        assert bias["f"].max() > 1
    assert torch.all(blocks["bias1"][0]["f"] == 1)
    assert torch.allclose(blocks["quiet"][1]["candidate"], 0.02 * blocks["chrono"][1]["candidate"])


@pytest.mark.parametrize(("name", "values"), [("without", ("c", "nothing")), ("start", ("nothing", "chron"))])
def test_a_wrong_choice_is_named(name, values):
    choice = {"without": values[0], "start": values[1]} | ({"start": "chrono"} if name == "without" else {})
    with pytest.raises(ValueError, match=f"{name}: expected one of"):
        build_without(choice["without"], 2, 4, 1, STEPS, choice["start"])


def test_a_carried_state_is_the_same_as_one_long_sequence_and_no_carry_starts_again():
    model, x = LSTMModel(2, 4, 1, 1).double(), torch.randn(3, 20, 2, dtype=torch.double)
    whole = EachStep(model)(x)
    for carry in (True, False):
        pieces = EachStep(model, carry)
        out = torch.cat([pieces(part) for part in x.split(5, dim=1)], dim=1)
        assert torch.allclose(out[:, :5], whole[:, :5], atol=1e-12)
        assert torch.allclose(out, whole, atol=1e-12) == carry


def test_the_gradient_stops_where_a_carried_state_came_in():
    model = EachStep(LSTMModel(2, 4, 1, 1), carry=True)
    for _ in range(2):  # a second backward through the first piece would raise
        model(torch.randn(3, 5, 2)).sum().backward()


def test_the_stream_asks_at_every_step_for_the_last_marked_value():
    x, y = marked_stream().draw(20, torch.Generator().manual_seed(3))
    again, last = marked_value(STEPS).draw(20, torch.Generator().manual_seed(3))
    assert torch.equal(x, again)
    assert torch.equal(y[:, -1], last)
    held = torch.zeros(20)
    for t in range(STEPS):
        held = torch.where(x[:, t, 1] > 0, x[:, t, 0], held)
        assert torch.equal(y[:, t, 0], held)


class Perfect(torch.nn.Module):
    """Stands in for an LSTM: its C holds the last marked value and, in a second unit, the number of steps so far."""

    def forward(self, x, state):
        c = torch.zeros(len(x), 2) if state is None else state[1]
        out = []
        for x_t in x.unbind(dim=1):
            c = torch.stack([torch.where(x_t[:, 1] > 0, x_t[:, 0], c[:, 0]), c[:, 1] - 1], dim=1)
            out.append(c[:, :1])
        return torch.stack(out, dim=1), (c, c)


def test_following_a_stream_measures_error_and_growth_without_a_wipe():
    model = EachStep(torch.nn.Module())
    model.model.lstm, model.model.fc = Perfect(), torch.nn.Identity()
    found = follow_stream(model, steps=400, every=100, streams=2)
    assert found["error"] == [0.0] * 4
    assert found["c"] == [100.0, 200.0, 300.0, 400.0]
    assert found["left"] == [1, 1, 1, 1]


def test_the_memory_unit_is_the_one_that_moves_the_answer():
    model, (x, _) = LSTMModel(2, 4, 1, 1), marked_value(STEPS).held_out(50)
    trace = from_torch(model.lstm).trace(x)
    with torch.no_grad():
        for unit in range(4):
            model.fc.weight.fill_(0.1)
            model.fc.weight[0, unit] = -50.0
            assert memory_unit(model, trace) == unit


def test_means_at_marks_and_elsewhere_leave_out_the_first_step():
    values, mark = torch.tensor([[9.0, 1.0, 2.0], [9.0, 3.0, 6.0]]), torch.tensor([[1, 0, 1], [1, 0, 1]]) > 0
    assert at_and_off(values, mark) == (4.0, 2.0)


@pytest.mark.parametrize("taken_back", [0.0, 0.3, 0.5])
def test_an_echo_tells_what_the_forget_gate_removes_from_what_the_candidate_takes_back(taken_back):
    model = LSTMModel(2, 1, 1, 1).double()
    with torch.no_grad():
        for weight in model.lstm.parameters():
            weight.zero_()
        blocks = {name: p.detach().chunk(4) for name, p in model.lstm.named_parameters()}
        i, f, candidate, o = range(4)
        for gate, shut in ((i, -40.0), (f, 40.0), (o, 40.0)):
            blocks["bias_ih_l0"][gate].fill_(shut)
        blocks["weight_ih_l0"][i][0, 1] = 80.0  # at a mark i = 1
        blocks["weight_ih_l0"][f][0, 1] = -40.0  # and f = 1/2
        blocks["weight_ih_l0"][candidate][0, 0] = 0.01  # so small that tanh is nearly a line
        blocks["weight_hh_l0"][candidate][0, 0] = -taken_back  # h is nearly C
        model.fc.weight.fill_(100.0)
    found = echo(model)
    assert found["before"] == pytest.approx(1, abs=1e-3)  # -0.5 against 0.5
    assert found["gates"] == pytest.approx(0.5, abs=1e-3)
    assert found["after"] == pytest.approx(0.5 - taken_back, abs=1e-3)


def test_a_gate_forced_open_leaves_the_trained_model_alone():
    model = LSTMModel(2, 4, 1, 1)
    before = {name: p.clone() for name, p in model.named_parameters()}
    changed = without_gate(model, "f")
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
    assert not torch.equal(changed.lstm.bias_ih_l0, model.lstm.bias_ih_l0)


def test_heat_panels_draw_each_panel_and_mark_the_steps():
    panels = [
        {"title": "a", "values": np.eye(3, 5), "low": 0, "high": 1},
        {"title": "b", "values": -np.eye(3, 5), "low": -1, "high": 1},
    ]
    fig = heat_panels(panels, ["x", "y", "z"], "step", marks=[2, 4])
    left, right, *_ = fig.axes
    assert [left.get_title(), right.get_title()] == ["a", "b"]
    assert [t.get_text() for t in left.get_yticklabels()] == ["x", "y", "z"]
    assert left.lines[0].get_xdata().tolist() == [2, 4]
    assert left.images[0].get_extent() == [0.5, 5.5, 3.5, 0.5]  # step 1 and row 1 come first
    assert left.images[0].cmap.name != right.images[0].cmap.name
    assert "image 3x5 min=-1.0" in describe(fig)
    assert not heat_panels(panels, ["x", "y", "z"], "step").axes[0].lines

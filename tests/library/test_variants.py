"""Gates taken out and relatives of the LSTM, each against something independent: torch, another cell, plain floats."""

import math

import pytest
import torch
from torch import nn

from lstm_lib.cells import GATES, LSTM, TORCH_GATES, LSTMCell, to_torch
from lstm_lib.models import LSTMModel, RNNModel
from lstm_lib.variants import CoupledCell, GRUCell, MinLSTM, PeepholeCell, SLSTMCell, open_gate_, scan

B, T, D, H = 4, 9, 3, 5


@pytest.fixture(autouse=True)
def _double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def unrolled(cell):
    lstm = LSTM(cell.input_size, cell.hidden_size)
    lstm.cell = cell
    return lstm


# --- a gate taken out ---


@pytest.mark.parametrize("gate", ["f", "i", "o"])
def test_an_open_gate_is_exactly_1_and_the_others_are_untouched(gate):
    lstm, x = LSTM(D, H), 3 * torch.randn(B, T, D)
    before = {name: p.clone() for name, p in lstm.named_parameters()}
    assert open_gate_(lstm, gate) is lstm
    assert torch.all(getattr(lstm.trace(x), gate) == 1)
    block = GATES.index(gate)
    for name, weight in lstm.named_parameters():
        for k, (old, new) in enumerate(zip(before[name].chunk(4), weight.chunk(4), strict=True)):
            assert torch.equal(old, new) == (k != block)


@pytest.mark.parametrize("gate", ["f", "i", "o"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_training_leaves_an_open_gate_open_and_moves_the_rest(gate, dtype):
    model = open_gate_(LSTMModel(D, H, 1, 1).to(dtype), gate)
    before = {name: p.clone() for name, p in model.lstm.named_parameters()}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        model(torch.randn(B, T, D, dtype=dtype)).square().sum().backward()
        optimizer.step()
    for name, weight in model.lstm.named_parameters():
        for k, (old, new) in enumerate(zip(before[name].chunk(4), weight.chunk(4), strict=True)):
            assert torch.equal(old, new) == (TORCH_GATES[k] == gate)


def test_open_gates_mean_the_same_for_our_cell_torch_cell_and_torch_lstm():
    lstm, x = LSTM(D, H), torch.randn(B, T, D)
    for gate in "fio":
        theirs = open_gate_(to_torch(lstm), gate)(x)[0]
        assert torch.allclose(open_gate_(lstm, gate)(x)[0], theirs, atol=1e-12)
        assert torch.allclose(to_torch(lstm)(x)[0], theirs, atol=1e-12)
    state = torch.randn(2, B, H).unbind()
    cell = open_gate_(LSTMCell(D, H), "f")
    assert torch.allclose(open_gate_(to_torch(cell), "f")(x[:, 0], state)[0], cell(x[:, 0], state)[0], atol=1e-12)


def test_without_gates_the_equations_are_what_is_left():
    lstm, x = LSTM(D, H), torch.randn(B, T, D)
    for gate in "fio":
        open_gate_(lstm, gate)
    trace = lstm.trace(x)
    assert torch.allclose(trace.c, trace.candidate.cumsum(dim=1), atol=1e-12)
    assert torch.equal(trace.h, trace.c.tanh())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_open_gate_no_longer_sees_the_state_through_its_peephole(place):
    cell, x, state = PeepholeCell(D, H), torch.randn(2, D), (torch.randn(2, H), torch.randn(2, H))
    torch.nn.init.normal_(cell.peepholes)
    before = cell.peepholes.detach().clone()
    open_gate_(cell, "fio"[place])
    f, i, _, o, *_ = cell.step(x, *state)
    assert torch.equal((f, i, o)[place], torch.ones(2, H)) and not cell.peepholes[place].any()
    rest = [k for k in range(3) if k != place]
    assert torch.equal(cell.peepholes[rest], before[rest])


@pytest.mark.parametrize("gate", ["candidate", "c", "", None])
def test_a_gate_that_cannot_be_opened_is_named(gate):
    with pytest.raises(ValueError, match=f"gate: expected 'f', 'i' or 'o', got {gate!r}"):
        open_gate_(LSTM(D, H), gate)


@pytest.mark.parametrize("module", [RNNModel(D, H, 1, 1), nn.LSTM(D, H, bias=False), nn.LSTMCell(D, H, bias=False)])
def test_a_module_without_an_lstm_or_a_bias_is_refused(module):
    with pytest.raises(ValueError, match=f"module: .*{type(module).__name__}"):
        open_gate_(module, "f")


# --- relatives ---


def test_without_peepholes_the_peephole_cell_is_an_lstm():
    cell, x = PeepholeCell(D, H), torch.randn(B, T, D)
    plain = LSTM(D, H)
    plain.cell.load_state_dict({k: v for k, v in cell.state_dict().items() if k != "peepholes"})
    for ours, theirs in zip(unrolled(cell).trace(x), plain.trace(x), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12)


def test_peepholes_show_f_and_i_the_old_c_and_o_the_new_one():
    cell, x = PeepholeCell(1, 1), 0.7
    with torch.no_grad():
        for p, value in zip(cell.parameters(), (0.3, -0.2, 0.5, 0.1, 0.4), strict=True):
            p.fill_(value)
        cell.peepholes.copy_(torch.tensor([[0.9], [-0.6], [1.7]]))
    values = {name: p.flatten()[0].item() for name, p in cell.named_parameters() if name != "peepholes"}
    h, c = -0.3, 1.2
    a = values["W_x.weight"] * x + values["W_x.bias"] + values["W_h.weight"] * h + values["W_h.bias"]

    def sigmoid(v):
        return 1 / (1 + math.exp(-v))

    c_t = sigmoid(a + 0.9 * c) * c + sigmoid(a - 0.6 * c) * math.tanh(a)
    h_t = sigmoid(a + 1.7 * c_t) * math.tanh(c_t)
    ours = cell(torch.tensor([[x]]), (torch.tensor([[h]]), torch.tensor([[c]])))[1]
    assert [s.item() for s in ours] == pytest.approx([h_t, c_t], abs=1e-12)


def test_coupled_gates_are_an_lstm_whose_input_gate_has_the_forget_weights_negated():
    cell, x = CoupledCell(D, H), torch.randn(B, T, D)  # 1 - sigmoid(a) = sigmoid(-a)
    twin = LSTM(D, H)
    with torch.no_grad():
        for ours, theirs in zip(cell.parameters(), twin.cell.parameters(), strict=True):
            f, candidate, o = ours.chunk(3)
            theirs.copy_(torch.cat([f, -f, candidate, o]))
    state = torch.randn(2, B, H).unbind()
    trace = unrolled(cell).trace(x, state)
    for ours, theirs in zip(trace, twin.trace(x, state), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12)
    assert torch.equal(trace.i, 1 - trace.f)
    assert torch.equal(cell(x[:, 0], state)[0], trace.h[:, 0])


def test_the_gru_equals_torch_with_weights_copied_as_they_are():
    cell, twin = GRUCell(D, H), nn.GRUCell(D, H)
    for ours, theirs in (("W_x", "ih"), ("W_h", "hh")):
        getattr(twin, f"weight_{theirs}").data.copy_(getattr(cell, ours).weight)
        getattr(twin, f"bias_{theirs}").data.copy_(getattr(cell, ours).bias)
    x, h = torch.randn(B, D), torch.randn(B, H)
    assert torch.allclose(cell(x, h), twin(x, h), atol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3, 8, 50, 129])
def test_scan_equals_the_recurrence(steps):
    keep, write = torch.rand(B, steps, H), torch.randn(B, steps, H)
    h, loop = torch.zeros(B, H), []
    for t in range(steps):
        h = keep[:, t] * h + write[:, t]
        loop.append(h)
    assert torch.allclose(scan(keep, write), torch.stack(loop, dim=1), atol=1e-12)


@pytest.mark.parametrize("start", [None, 3.0])
def test_minlstm_side_by_side_equals_its_loop_and_its_equations(start):
    lstm, x = MinLSTM(D, H), torch.randn(B, T, D)
    h = torch.zeros(B, H) if start is None else torch.full((B, H), start)
    h_0 = None if start is None else h
    assert torch.allclose(lstm(x, h_0), lstm.loop(x, h_0), atol=1e-12)
    W_f, W_i, W_h = lstm.W_x.weight.chunk(3)
    b_f, b_i, b_h = lstm.W_x.bias.chunk(3)
    for t in range(T):
        f, i = (x[:, t] @ W_f.T + b_f).sigmoid(), (x[:, t] @ W_i.T + b_i).sigmoid()
        h = f / (f + i) * h + i / (f + i) * (x[:, t] @ W_h.T + b_h)
        assert torch.allclose(lstm(x, h_0)[:, t], h, atol=1e-12)


def _run_slstm(cell, x, step):
    state, out = cell.start(len(x)), []
    for x_t in x.unbind(dim=1):
        h, state = step(x_t, state)
        out.append(h)
    return torch.stack(out, dim=1)


def _unscaled(cell):
    """The equations of sLSTM without the scale m; the m in the state passes through."""

    def step(x, state):
        h, c, n, m = state
        f, i, candidate, o = (cell.W_x(x) + cell.W_h(h)).chunk(4, dim=-1)
        c, n = f.sigmoid() * c + i.exp() * candidate.tanh(), f.sigmoid() * n + i.exp()
        h = o.sigmoid() * c / n
        return h, (h, c, n, m)

    return step


def test_the_scale_m_of_slstm_changes_neither_output_nor_gradient():
    cell, x = SLSTMCell(D, H), 5 * torch.randn(B, T, D)
    outs = [_run_slstm(cell, x, step) for step in (cell, _unscaled(cell))]
    assert torch.allclose(*outs, atol=1e-12)
    gradients = [torch.autograd.grad(out.square().sum(), list(cell.parameters())) for out in outs]
    assert all(torch.allclose(a, b, atol=1e-10) for a, b in zip(*gradients, strict=True))


def test_the_scale_m_of_slstm_saves_it_from_overflow():
    cell, x = SLSTMCell(D, H), 5000 * torch.randn(B, T, D)
    assert not _run_slstm(cell, x, _unscaled(cell)).isfinite().all()
    out = _run_slstm(cell, x, cell)
    assert out.isfinite().all()
    assert out.abs().max() <= 1
    assert all(g.isfinite().all() for g in torch.autograd.grad(out.sum(), list(cell.parameters())))


def test_parameter_counts_are_the_formulas_of_the_table():
    both = H * (D + H + 2)
    wanted = {LSTMCell: 4 * both, PeepholeCell: 4 * both + 3 * H, CoupledCell: 3 * both, GRUCell: 3 * both}
    wanted |= {MinLSTM: 3 * H * (D + 1), SLSTMCell: 4 * both}
    for kind, size in wanted.items():
        assert sum(p.numel() for p in kind(D, H).parameters()) == size
    assert sum(p.numel() for p in nn.GRU(D, H).parameters()) == wanted[GRUCell]


@pytest.mark.parametrize("kind", [PeepholeCell, CoupledCell, GRUCell, MinLSTM, SLSTMCell])
def test_bad_sizes_and_inputs_are_named(kind):
    with pytest.raises(ValueError, match="hidden_size"):
        kind(D, 0)
    with pytest.raises(TypeError, match="input_size"):
        kind(2.5, H)
    cell, h = kind(D, H), torch.zeros(B, H)
    state = {GRUCell: h, MinLSTM: None, SLSTMCell: (h, h, h, h)}.get(kind, (h, h))
    with pytest.raises((ValueError, TypeError), match="x: expected"):
        cell(torch.zeros(B, T, D + 1) if kind is MinLSTM else torch.zeros(B, D + 1), state)


def test_a_bad_state_is_named():
    x, h = torch.zeros(B, D), torch.zeros(B, H)
    with pytest.raises(ValueError, match=r"h: expected shape \(4, 5\), got \(4, 6\)"):
        GRUCell(D, H)(x, torch.zeros(B, H + 1))
    with pytest.raises(TypeError, match=r"state: expected four tensors \(h, c, n, m\), got a tuple of 2"):
        SLSTMCell(D, H)(x, (h, h))
    with pytest.raises(ValueError, match=r"m: expected shape \(4, 5\), got \(4, 1\)"):
        SLSTMCell(D, H)(x, (h, h, h, h[:, :1]))
    with pytest.raises(ValueError, match=r"h_0: expected shape \(4, 5\), got \(4, 1\)"):
        MinLSTM(D, H)(x[:, None], h[:, :1])
    with pytest.raises(ValueError, match=r"keep: expected shape \(4, 9, 5\), got \(4, 8, 5\)"):
        scan(torch.ones(B, T - 1, H), torch.ones(B, T, H))

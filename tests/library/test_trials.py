"""Trials: networks side by side are what each would be alone, and what is changed by hand is changed as said."""

import pytest
import torch

from lstm_lib.experiments import causes, grid, trials
from lstm_lib.experiments.batched import CUT, Networks
from lstm_lib.experiments.runs import default_dtype
from lstm_lib.experiments.trials import Trial, best_rate, learn
from lstm_lib.experiments.watching import look_inside, share, what_matters
from lstm_lib.models import LSTMModel, RNNModel, build
from lstm_lib.training import fit

DOUBLE = torch.float64


@pytest.fixture
def double():
    with default_dtype(DOUBLE):
        yield


def gradients(networks, x, y, loss):
    """Return the gradients of the stacked weights on one batch that all networks share."""
    for w in networks.weights:
        w.requires_grad_()
    outputs = networks.output(x.expand(len(networks.weights[0]), *x.shape))
    return torch.autograd.grad(sum(loss(output, y) for output in outputs), networks.weights)


def model(kind, seed=0, hidden=4):
    torch.manual_seed(seed)
    return LSTMModel(8, hidden, 1, 4) if kind == "lstm" else RNNModel(8, hidden, 1, 4)


@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_networks_side_by_side_are_what_fit_makes_of_each_alone(kind, double):
    task, rates, seeds = Trial("first", 12, "rnn").make(), (0.003, 0.1), (4, 5)
    networks = Networks([model(kind, seed) for seed in seeds], rates)
    batches = [task.batches(8, seed) for seed in seeds]
    for _ in range(30):
        x, y = (torch.stack(part) for part in zip(*map(next, batches), strict=True))
        networks.update(x, y, task.loss, clip=0.3)
    for k, (seed, rate) in enumerate(zip(seeds, rates, strict=True)):
        alone = model(kind, seed)
        optimizer = torch.optim.Adam(alone.parameters(), lr=rate)
        history = fit(alone, task.batches(8, seed), task.loss, optimizer, 30, clip=0.3, label=None)
        assert max(history.grad_norm) > 0.3 > min(history.grad_norm)  # the clip cut some and not all
        x, _ = task.held_out(5)
        together = networks.model(k, model(kind))(x)
        torch.testing.assert_close(together, alone(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_cut_lets_no_gradient_further_back_than_it_says(kind, double):
    task = Trial("first", 2 * CUT, "rnn").make()
    x, y = task.held_out(3)
    one, layer = model(kind), None
    layer = one.lstm if kind == "lstm" else one.rnn
    with torch.no_grad():
        _, state = layer(x[:, :-CUT])
    out, _ = layer(x[:, -CUT:], state)
    near = torch.autograd.grad(task.loss(one.fc(out[:, -1]), y), layer.weight_hh_l0)[0]
    cut = gradients(Networks([one], [0.1], "cut"), x, y, task.loss)[1][0].T
    torch.testing.assert_close(cut, near, rtol=0, atol=1e-12)
    assert (near - gradients(Networks([one], [0.1]), x, y, task.loss)[1][0].T).abs().max() > 1e-12


@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_flat_keeps_the_gradient_of_far_steps_as_large_as_that_of_near_ones(kind, double):
    task = Trial("first", 30, "rnn").make()
    x, y = task.held_out(3)
    first = torch.zeros_like(x)
    first[:, 0] = 1  # a feature that only the first step has
    x = torch.cat([x, first[:, :, :1]], dim=2)
    torch.manual_seed(0)
    one = LSTMModel(9, 4, 1, 4) if kind == "lstm" else RNNModel(9, 4, 1, 4)
    plain, flat = (gradients(Networks([one], [0.1], change), x, y, task.loss)[0][0] for change in (None, "flat"))
    assert plain[8].norm() < 1e-4 * plain.norm()
    assert flat[8].norm() > 1e-2 * flat.norm()


def test_a_kept_gate_stays_and_the_others_learn(double):
    task = Trial("first", 5, "rnn").make()
    for change, block in (("keep_i", 0), ("keep_f", 1)):
        networks = Networks([model("lstm")], [0.1], change)
        before = [w.clone() for w in networks.weights[:3]]
        x, y = task.held_out(4)
        for _ in range(3):
            networks.update(x[None], y[None], task.loss)
        for old, new in zip(before, networks.weights, strict=False):
            moved = [not torch.equal(a, b) for a, b in zip(old.chunk(4, -1), new.chunk(4, -1), strict=True)]
            assert moved == [k != block for k in range(4)]


def test_a_tame_matrix_stretches_nothing(double):
    task = Trial("first", 5, "rnn").make()
    sizes = {}
    for change in (None, "tame"):
        networks = Networks([model("rnn")], [0.3], change)
        for _ in range(5):
            networks.update(*(part[None] for part in task.held_out(4)), task.loss)
        sizes[change] = torch.linalg.matrix_norm(networks.weights[1], 2).item()
    assert sizes["tame"] <= 1 + 1e-12 < sizes[None]


def test_heavy_counts_the_long_item_ten_times(double):
    task = Trial("two", 5, "rnn", change="heavy").make()
    y = torch.zeros(3, 2)
    long, short = (task.loss(y + torch.eye(2)[k], y).item() for k in (0, 1))
    assert long == pytest.approx(10 * short)
    assert short == pytest.approx(Trial("two", 5, "rnn").make().loss(y + torch.eye(2)[1], y).item())


def test_an_unknown_change_is_named():
    with pytest.raises(ValueError, match="change: expected one of None, 'cut', .*got 'shut'"):
        Networks([model("rnn")], [0.1], "shut")


@pytest.mark.parametrize(("task", "least"), trials.SHORTEST.items())
def test_near_examples_have_every_length_down_to_the_shortest(task, least):
    batches = Trial(task, least + 3, "rnn", near=True).batches([0, 1])
    drawn = [next(batches) for _ in range(40)]
    words = (lambda n: 3 * n + 2) if task == "agreement" else (lambda n: n)
    assert {batch[0][0].size(1) for batch in drawn} == {words(n) for n in range(least, least + 4)}
    assert all(batch[0][0].shape == batch[1][0].shape and not batch[0][0].equal(batch[1][0]) for batch in drawn)


def test_a_quiet_end_has_no_mark_and_all_else_is_adding():
    x, y = Trial("adding", 20, "rnn", quiet=8).make().held_out(50)
    assert x.shape == (50, 20, 2)
    assert x[:, 12:, 1].sum() == 0 and (x[:, :, 1].sum(dim=1) == 2).all()
    torch.testing.assert_close((x[..., 0] * x[..., 1]).sum(dim=1, keepdim=True), y)
    assert x[:, 12:, 0].min() >= 0 and x[:, 12:, 0].std() > 0.2


# task -> a place that the answer needs and no earlier one does, found by changing it and looking at the answer
@pytest.mark.parametrize("name", trials.TASKS)
def test_what_matters_is_the_farthest_step_that_the_answer_needs(name):
    task = trials.TASKS[name](12)
    x, y = task.held_out(200)
    place = what_matters(name, x)
    at = x[torch.arange(200), place]
    before = torch.arange(x.size(1)) < place[:, None]
    if name in ("first", "two", "long"):
        assert (place == 0).all()
    elif name == "order":
        assert (at[:, 2:].sum(dim=1) == 0).all() and x[:, :, :2].sum(dim=2)[before].sum() == 0
    elif name == "adding":
        assert (at[:, 1] == 1).all() and x[:, :, 1][before].sum() == 0
    elif name == "marked":
        assert at[:, 0].equal(y[:, 0])
    else:
        assert (at[:, 8:].sum(dim=1) == y).all() and (place == 1).all()


def test_the_share_is_that_of_the_gradient_at_the_inputs(double):
    task, one = Trial("first", 6, "rnn").make(), model("lstm")
    x, y = task.held_out(100)
    x.requires_grad_()
    task.loss(one(x), y).backward()
    sizes = x.grad.norm(dim=2)
    assert share(one, task, "first") == pytest.approx((sizes[:, 0] / sizes.sum(dim=1)).mean().item())


def test_a_network_that_has_solved_the_task_stops_and_the_others_go_on():
    trial = Trial("first", 3, "rnn")
    both = learn(trial, [0.03, 0.0003], [0, 1], cap=300)
    alone = learn(trial, [0.0003], [1], cap=300)
    assert both[0]["updates"] < (both[1]["updates"] or 301)
    assert {**both[1], "model": None} == {**alone[0], "model": None}
    x, y = trial.make().held_out(500)
    for run in both:  # each model is as it was when it stopped
        assert trial.make().score(run["model"](x), y) == pytest.approx(run["test"], abs=1e-4)
    assert both[0]["validation"] >= 0.95 and {"share", "test", "rate", "seed"} <= both[0].keys()


def test_the_rate_is_chosen_by_networks_of_their_own():
    rate, tried = best_rate(Trial("first", 4, "rnn"), cap=200)
    assert set(tried) == set(map(str, trials.RATES)) and rate in trials.RATES
    solved = [r for r, updates in tried.items() if None not in updates]
    assert solved == [] or str(rate) in solved
    assert not set(trials.CHOOSERS + trials.MORE) & set(range(10))


def test_a_rate_at_an_edge_is_not_chosen_if_one_inside_learns_too(monkeypatch):
    monkeypatch.setattr(trials, "RATES", (0.0001, 0.003, 0.03))
    rate, tried = best_rate(Trial("first", 3, "rnn"), cap=300)
    assert None not in tried["0.03"] and rate == 0.003 and None not in tried["0.003"]


def test_where_two_networks_solve_it_at_no_rate_six_choose(monkeypatch):
    monkeypatch.setattr(trials, "RATES", (0.0001, 0.003, 0.01, 0.3))
    asked = []
    learn = trials.learn
    monkeypatch.setattr(trials, "learn", lambda *a, **k: asked.append(a[2]) or learn(*a, **k))
    rate, tried = best_rate(Trial("first", 20, "default"), cap=25)  # nobody can
    assert {len(tried["0.003"]), len(tried["0.01"])} == {6} and {len(tried["0.0001"]), len(tried["0.3"])} == {2}
    assert rate in (0.003, 0.01) and len(asked) == 2 and set(asked[1]) == set(trials.MORE)


def test_following_sees_every_look_and_stops_nobody():
    runs = learn(Trial("first", 3, "default"), [0.03], [0], follow=True, cap=100)
    seen = runs[0]["seen"]
    assert len(seen) == 1 + 100 // trials.EVERY
    assert set(seen[0]) == {"score", "share", "open", "h"}
    first = next(k for k, look in enumerate(seen) if look["score"] >= 0.95)
    assert runs[0]["updates"] == first * trials.EVERY


def test_what_is_seen_of_an_lstm_is_its_best_f_and_of_an_rnn_its_radius():
    trial = Trial("first", 5, "default")
    data = trials.validation_set(trial.make())
    lstm, rnn = build("lstm", 8, 4, 4), build("rnn_orthogonal", 8, 4, 4)
    with torch.no_grad():
        lstm.lstm.weight_ih_l0.zero_()
        lstm.lstm.weight_hh_l0.zero_()
        lstm.lstm.bias_hh_l0.zero_()
        lstm.lstm.bias_ih_l0[4:8] = torch.tensor([0.0, 2.0, -1.0, 1.0])
    assert look_inside(lstm, trial, data)["open"] == pytest.approx(torch.tensor(2.0).sigmoid().item(), abs=1e-4)
    assert look_inside(rnn, trial, data)["open"] == pytest.approx(1, abs=1e-4)


def test_competitors_have_at_least_as_many_weights_that_learn():
    for name, lengths in grid.LENGTHS.items():
        sizes = {}
        for kind in grid.KINDS:
            network = Trial(name, lengths[0], kind).network()
            sizes[kind] = sum(p.numel() for p in network.parameters())
            if kind == "1997":  # its forget gate can't learn
                sizes[kind] -= sum(p.numel() // 4 for p in network.lstm.parameters())
        assert min(sizes.values()) == sizes["default"]
        assert max(sizes.values()) < 1.13 * sizes["default"], sizes


def test_every_change_is_tried_beside_a_cell_in_which_nothing_is_changed():
    cells = {(s["task"], s["kind"]): s["lengths"] for s in grid.EXPERIMENTS["grid"].settings}
    for task, steps, kind, *_ in causes.NEAR + causes.FAR + causes.FLAT:
        assert steps in cells[task, kind]

"""fit(): learns, repeats itself under a seed, clips, keeps the history when it stops, and names bad arguments."""

import math

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lstm_lib.training import NonFiniteLossError, fit, progress_bar

X = torch.linspace(-1, 1, 32)[:, None]
BATCH = [(X, 3 * X + 1)]


def _fit(model=None, batches=BATCH, updates=50, lr=0.1, label=None, **options):
    model = model or nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    return model, fit(model, batches, nn.functional.mse_loss, optimizer, updates, label=label, **options)


def test_it_learns_and_the_history_has_an_entry_for_each_update():
    model, history = _fit(updates=300)
    assert model.weight.item() == pytest.approx(3, abs=0.01)
    assert len(history.loss) == len(history.grad_norm) == 300
    assert history.loss[-1] < history.loss[0] / 100
    assert history.seconds > 0
    assert not history.interrupted


def test_same_seed_same_run_and_the_callers_random_state_is_untouched():
    def run(seed):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        loader = DataLoader(TensorDataset(*BATCH[0]), batch_size=4, shuffle=True)
        _, history = _fit(model, loader, seed=seed)
        return history.loss, torch.rand(1).item()

    assert run(5) == run(5)
    assert run(5)[0] != run(6)[0]
    assert run(5)[1] == run(6)[1]


def test_an_exhausted_generator_is_named():
    with pytest.raises(ValueError, match="batches: ran out"):
        _fit(batches=iter(BATCH), updates=2)


def test_clipping_bounds_the_update_and_the_history_keeps_the_norm_before():
    start = nn.Linear(1, 1)
    start.load_state_dict({"weight": torch.tensor([[500.0]]), "bias": torch.tensor([0.0])})
    model, history = _fit(start, updates=1, lr=1.0, clip=0.5)
    moved = math.hypot(model.weight.item() - 500, model.bias.item())
    assert moved == pytest.approx(0.5, rel=1e-3)
    assert history.grad_norm[0] > 100


def test_without_clip_the_norm_is_the_true_one():
    model = nn.Linear(1, 1)
    loss = nn.functional.mse_loss(model(X), BATCH[0][1])
    norm = torch.cat([g.flatten() for g in torch.autograd.grad(loss, model.parameters())]).norm().item()
    assert _fit(model, updates=1)[1].grad_norm[0] == pytest.approx(norm)


def test_a_loss_that_is_not_finite_stops_before_the_update_and_keeps_the_history():
    model = nn.Linear(1, 1)
    words = r"the loss is (inf|nan) at update \d+ .*Lower the learning rate"
    with pytest.raises(NonFiniteLossError, match=words) as caught:
        _fit(model, updates=500, lr=100.0)
    history = caught.value.history
    assert 0 < len(history.loss) < 500
    assert all(math.isfinite(v) for v in history.loss)


def test_a_first_loss_of_nan_says_so():
    with pytest.raises(NonFiniteLossError, match=r"the loss is nan at update 0 \(last finite loss: none\)"):
        _fit(batches=[(X, X * math.nan)])


def _interrupted():
    yield from BATCH * 3
    raise KeyboardInterrupt


def test_an_interrupt_leaves_model_and_history_and_a_calm_word(capsys):
    model, history = _fit(batches=_interrupted(), label="mine")
    assert history.interrupted
    assert len(history.loss) == 3
    assert torch.isfinite(model(X)).all()
    said = "Stopped after 3 of 50 updates. The model stays as it is now, and you can use it.\n"
    assert capsys.readouterr().out == said


def test_an_interrupt_of_one_run_among_many_ends_them_all():
    with pytest.raises(KeyboardInterrupt):
        _fit(batches=_interrupted(), label=None)


def test_the_scheduler_steps_once_for_each_update():
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    fit(model, BATCH, nn.functional.mse_loss, optimizer, 3, scheduler=scheduler, label=None)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.125)


def test_threads_are_put_back():
    torch.set_num_threads(2)
    _fit(updates=1)
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("clip", [0, -1.0, math.inf, math.nan])
def test_a_bad_clip_is_named(clip):
    with pytest.raises(ValueError, match="clip: expected a positive norm or None"):
        _fit(clip=clip)


@pytest.mark.parametrize(("updates", "error"), [(0, ValueError), (2.5, TypeError)])
def test_bad_updates_are_named(updates, error):
    with pytest.raises(error, match="updates: expected a whole number"):
        _fit(updates=updates)


def test_the_bar_shows_its_label_and_counts(capsys):
    with progress_bar(3, "three steps") as bar:
        for _ in range(3):
            bar.update()
    assert "three steps" in capsys.readouterr().err
    assert bar.n == 3

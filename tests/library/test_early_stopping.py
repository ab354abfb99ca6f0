"""Early stopping keeps the best weights, not the last, and a stop by hand keeps what was reached."""

import contextlib
import itertools

import pytest
import torch
from torch import nn

from lstm_lib.own import fit_and_keep_the_best, shuffled


def _batches(x=None):
    while True:
        yield torch.ones(4, 1), torch.zeros(4, 1)


def _model():
    model = nn.Linear(1, 1, bias=False)
    model.load_state_dict({"weight": torch.tensor([[1.0]])})
    return model


def test_the_model_ends_as_it_was_where_the_miss_was_lowest():
    model = _model()
    seen = []

    def miss():  # the loss pulls the weight to 0, the validation part would like 0.7
        seen.append(model.weight.item())
        return abs(seen[-1] - 0.7)

    curve = fit_and_keep_the_best(model, _batches(), nn.functional.mse_loss, miss, 100, 0.05, label=None)
    assert min(seen) < 0.2
    assert model.weight.item() == min(seen, key=lambda weight: abs(weight - 0.7))
    assert [done for done, _, _ in curve] == list(range(5, 101, 5))
    assert [error for _, _, error in curve] == [abs(weight - 0.7) for weight in seen]


@pytest.mark.parametrize(("updates", "rounds"), [(3, 3), (20, 20), (47, 20)])
def test_all_updates_are_done_whatever_their_number(updates, rounds):
    curve = fit_and_keep_the_best(_model(), _batches(), nn.functional.mse_loss, lambda: 0.0, updates, 0.01, label=None)
    assert len(curve) == rounds
    assert curve[-1][0] == updates


@pytest.mark.parametrize("label", ["mine", None])
def test_a_keyboard_interrupt_ends_it_with_the_best_so_far(label, capsys):
    def batches():
        yield from itertools.islice(_batches(), 33)
        raise KeyboardInterrupt

    model, misses = _model(), []

    def miss():
        misses.append(abs(model.weight.item() - 0.9))
        return misses[-1]

    stopped = pytest.raises(KeyboardInterrupt) if label is None else contextlib.nullcontext()
    with stopped:
        curve = fit_and_keep_the_best(model, batches(), nn.functional.mse_loss, miss, 100, 0.05, label=label)
        assert [done for done, _, _ in curve] == [5, 10, 15, 20, 25, 30]
    assert len(misses) == 6
    assert abs(model.weight.item() - 0.9) == min(misses)
    assert ("Stopped after 30 of 100 updates" in capsys.readouterr().out) == (label is not None)


def test_each_pass_is_shuffled_anew_and_holds_every_pair_once():
    x = torch.arange(10.0)
    batches = shuffled(x, 10 * x, 4, seed=0)
    passes = [[next(batches) for _ in range(3)] for _ in range(2)]
    for batch in passes:
        assert sorted(torch.cat([a for a, _ in batch]).tolist()) == x.tolist()
        assert all(torch.equal(b, 10 * a) for a, b in batch)
    assert [a.tolist() for a, _ in passes[0]] != [a.tolist() for a, _ in passes[1]]
    again = shuffled(x, 10 * x, 4, seed=0)
    assert torch.equal(next(again)[0], passes[0][0][0])

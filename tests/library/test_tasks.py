"""The tasks: what is drawn answers to the rule, the held-out set is apart, the scores mean what they say."""

import pytest
import torch
from torch.nn.functional import one_hot

from lstm_lib.tasks import (
    VERBS,
    WORDS,
    adding,
    agreement,
    first_symbol,
    long_and_short,
    marked_value,
    query_only,
    read_sentence,
    relative_error,
    right_answers,
    temporal_order,
)

TASKS = dict.fromkeys((adding, first_symbol, marked_value, query_only), 2)  # the fewest steps, or phrases
TASKS |= {temporal_order: 10, long_and_short: 3, agreement: 1}


@pytest.fixture(params=[torch.float32, torch.float64])
def dtype(request):
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("more", [0, 1, 19])
@pytest.mark.parametrize("make", TASKS)
def test_shapes_types_and_a_right_answer_scores_best(make, more, dtype):
    length = TASKS[make] + more
    task, steps = make(length), 2 + 3 * length if make is agreement else length
    x, y = next(task.batches(5, seed=0))
    assert x.shape == (5, steps, task.input_size)
    assert x.dtype == dtype and x.isfinite().all()
    if make in (temporal_order, first_symbol, agreement):
        assert y.shape == (5,) and y.dtype == torch.int64
        answer = 100 * one_hot(y, task.output_size).to(dtype)
        assert task.score(answer, y) == 1
    else:
        assert y.shape == ((5, steps, 1) if make is query_only else (5, task.output_size)) and y.dtype == dtype
        answer = y
        assert y.var() == 0 or task.score(y, y) == 0
        with pytest.raises(ValueError, match="^output: expected the shape of y"):
            task.score(y[..., 0], y)
    assert task.loss(answer, y) == 0
    assert task.loss(answer.flip(-1) + 1, y).isfinite()


@pytest.mark.parametrize("make", TASKS)
def test_batches_are_new_each_time_repeat_under_a_seed_and_stay_off_the_held_out_set(make):
    task = make(12)
    first, again, other = task.batches(64, seed=1), task.batches(64, seed=1), task.batches(64, seed=2)
    a, b = next(first), next(first)
    assert all(map(torch.equal, a, next(again)))
    assert not torch.equal(a[0], b[0])
    assert not torch.equal(a[0], next(other)[0])
    held = task.held_out(64)
    assert len(held[0]) == 64
    assert all(map(torch.equal, held, task.held_out(64)))
    assert all(not torch.equal(held[0], next(task.batches(64, seed=s))[0]) for s in range(50))


@pytest.mark.parametrize("steps", [10, 20, 53, 100])
def test_temporal_order_answers_with_the_order_of_two_far_signals(steps):
    x, y = temporal_order(steps).held_out(300)
    assert torch.all(x.sum(dim=2) == 1)
    symbols = x.argmax(dim=2)
    for row, answer in zip(symbols, y, strict=True):
        places = (row < 2).nonzero()[:, 0]
        assert len(places) == 2
        assert steps // 10 <= places[0] < 2 * (steps // 10)
        assert steps // 2 <= places[1] < steps // 2 + steps // 10
        assert answer == 2 * row[places[0]] + row[places[1]]
    assert set(y.tolist()) == {0, 1, 2, 3}


def test_adding_marks_one_value_in_each_half():
    x, y = adding(11).held_out(200)
    mark = x[:, :, 1]
    assert torch.all(mark[:, :5].sum(dim=1) == 1)
    assert torch.all(mark[:, 5:].sum(dim=1) == 1)
    assert torch.allclose(y[:, 0], x[:, :, 0][mark > 0].view(-1, 2).sum(dim=1))
    assert adding(11).loss(torch.ones_like(y), y).item() == pytest.approx(1 / 6, rel=0.2)


def test_first_symbol_comes_first_and_only_there():
    x, y = first_symbol(9).held_out(200)
    symbols = x.argmax(dim=2)
    assert torch.equal(symbols[:, 0], y)
    assert torch.all(symbols[:, 1:] >= 4)
    assert set(y.tolist()) == {0, 1, 2, 3}


def test_marked_value_is_the_last_one_and_distractors_are_larger():
    x, y = marked_value(40).held_out(300)
    for row, answer in zip(x, y, strict=True):
        assert row[row[:, 1] > 0][-1, 0] == answer
    value, mark = x[:, :, 0], x[:, :, 1] > 0
    assert mark[:, 0].all()
    assert value[mark].abs().max() <= 1
    assert 2.9 < value[~mark].abs().max() <= 3
    assert mark[:, 1:].double().mean().item() == pytest.approx(0.06, abs=0.01)


@pytest.mark.parametrize(("long", "short", "places"), [(True, True, [0, 4]), (True, False, [0]), (False, True, [4])])
def test_long_and_short_ask_for_the_first_value_and_the_one_before_the_last(long, short, places):
    x, y = long_and_short(6, long, short).held_out(50)
    assert torch.equal(y, x[:, places, 0])
    assert torch.equal(x[:, :, 1], torch.eye(6)[0].expand(50, 6))


def test_query_only_answers_when_asked_and_shows_the_value_once():
    x, y = query_only(7).held_out(400)
    value, asked = x[:, 0, 0], x[:, :, 1]
    assert torch.equal(y[:, :, 0], value[:, None] * asked)
    assert torch.all(x[:, 1:, 0] == 0)
    assert torch.all(asked[:, 0] == 0)
    assert asked[:, 1:].double().mean().item() == pytest.approx(0.2, abs=0.03)
    assert -1 <= value.min() < -0.9 < 0.9 < value.max() <= 1


def test_agreement_follows_the_subject_and_the_last_noun_says_nothing():
    task = agreement(3)
    x, y = task.held_out(2000)
    words = [read_sentence(row).split() for row in x]
    assert all(w[0] == w[3] == "the" for w in words)
    subjects_plural = torch.tensor([w[1].endswith("s") for w in words])
    assert torch.equal(subjects_plural, y == VERBS.index("are"))
    last_plural = torch.tensor([w[-1].endswith("s") for w in words])
    assert (last_plural == subjects_plural).double().mean().item() == pytest.approx(0.5, abs=0.04)
    assert {w for sentence in words for w in sentence} == set(WORDS)


def test_scores():
    assert right_answers(torch.tensor([[2.0, 1.0], [0.0, 1.0]]), torch.tensor([0, 0])) == 0.5
    y = torch.tensor([[1.0], [2.0], [3.0]])
    assert relative_error(y, y) == 0
    assert relative_error(y.mean().expand(3, 1), y) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: temporal_order(9), ValueError, "steps: expected a whole number of at least 10, got 9"),
        (lambda: adding(1), ValueError, "steps: expected a whole number of at least 2, got 1"),
        (lambda: first_symbol(2.5), TypeError, "steps: expected a whole number"),
        (lambda: marked_value(0), ValueError, "steps: expected a whole number of at least 2, got 0"),
        (lambda: long_and_short(5, False, False), ValueError, "at least one of them"),
        (lambda: query_only(1), ValueError, "steps: expected a whole number of at least 2, got 1"),
        (lambda: agreement(0), ValueError, "phrases: expected a whole number of at least 1, got 0"),
        (lambda: adding(5).held_out(0), ValueError, "size: expected a whole number of at least 1, got 0"),
        (lambda: next(adding(5).batches(-1, 0)), ValueError, "size: expected a whole number of at least 1, got -1"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()

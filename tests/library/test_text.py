"""The pipeline for texts: the alphabet is the training part's, bits are bits, counting is counting."""

import math
import random

import pytest
import torch

from lstm_lib.own import OTHER, CharacterModel, bits, load, ngram_bits, sample, save, split_text, train_characters

TEXT = "the cat sat on the mat. " * 100


def _even(count, letters="abcd"):
    return "".join(random.Random(0).choices(letters, k=count))


def test_the_parts_are_the_text_in_its_order():
    split = split_text(TEXT)
    whole = "".join(split.alphabet[k] for k in torch.cat(split[:3]))
    assert whole == TEXT
    assert len(split.validation) == len(split.test) == 240
    assert split.alphabet == "".join(sorted(set(TEXT))) + OTHER


def test_what_training_never_saw_becomes_the_other_character():
    split = split_text(TEXT[:2000] + "Größe" * 100)
    assert "ö" not in split.alphabet
    assert (split.test == len(split.alphabet) - 1).sum() > 0
    assert math.isfinite(ngram_bits(split, 3))


def test_a_text_that_already_holds_the_mark_has_it_once_in_the_alphabet():
    assert split_text(TEXT + OTHER * 3 + TEXT).alphabet.count(OTHER) == 1


@pytest.mark.parametrize("context", [0, 1, 3])
def test_counting_costs_two_bits_on_four_even_letters(context):
    assert ngram_bits(split_text(_even(20_000)), context) == pytest.approx(2, abs=0.05)


def test_counting_is_the_formula_by_hand():
    split = split_text("ab" * 400 + "aabb" * 50)
    test, alphabet = split.test.tolist(), len(split.alphabet)
    train = split.train.tolist()
    share = [(train.count(k) + 1 / alphabet) / (len(train) + 1) for k in range(alphabet)]
    by_hand = -sum(math.log2(share[k]) for k in test[1:]) / (len(test) - 1)
    assert ngram_bits(split, 0) == pytest.approx(by_hand)
    assert ngram_bits(split._replace(validation=split.test, test=split.train), 0, "validation") == ngram_bits(split, 0)
    pairs = list(zip(train[:-1], train[1:], strict=True))

    def chance(a, b):
        return (pairs.count((a, b)) + share[b]) / (train[:-1].count(a) + 1)

    by_hand = -sum(math.log2(chance(a, b)) for a, b in zip(test[:-1], test[1:], strict=True)) / (len(test) - 1)
    assert ngram_bits(split, 1) == pytest.approx(by_hand, rel=1e-3)  # the last character is followed by nothing


def test_a_regular_text_is_cheap_with_context_and_not_without():
    split = split_text(TEXT)
    assert ngram_bits(split, 0) > 3
    assert ngram_bits(split, 6) < 0.1


def test_bits_do_not_depend_on_how_the_text_is_cut():
    model = CharacterModel("abcd" + OTHER, 5).double()
    symbols = torch.tensor([0, 1, 2, 3] * 600)
    with torch.no_grad():
        scores = model(symbols[None, :-1]).log_softmax(dim=1)[0]  # (K, N - 1)
    by_hand = -scores[symbols[1:], torch.arange(len(symbols) - 1)].mean().item() / math.log(2)
    assert bits(model, symbols) == pytest.approx(by_hand)


def test_the_lstm_learns_a_regular_text_repeats_itself_and_keeps_the_best():
    split = split_text(TEXT)
    model, curve = train_characters(split, hidden=16, updates=150, length=24, rate=0.03, label=None)
    again, _ = train_characters(split, hidden=16, updates=150, length=24, rate=0.03, label=None)
    assert bits(model, split.test) < 0.3
    assert bits(model, split.test) == bits(again, split.test)
    assert bits(model, split.validation) == min(error for _, _, error in curve)
    assert sample(model, "the ca", 40).startswith("the cat sat on the mat. ")


def test_a_sample_is_drawn_by_probability_and_repeats_itself():
    model = CharacterModel("ab" + OTHER, 3).double()
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.bias.copy_(torch.tensor([0.75, 0.25, 1e-30]).log())
    text = sample(model, "a", 2000, seed=0)
    assert text[1:].count("a") / 2000 == pytest.approx(0.75, abs=0.03)
    assert text == sample(model, "a", 2000, seed=0) != sample(model, "a", 2000, seed=1)


def test_the_models_scores_come_at_every_step_and_a_state_goes_on():
    model = CharacterModel("abc" + OTHER, 5).double()
    symbols = torch.randint(0, 4, (2, 9))
    whole = model(symbols)
    assert whole.shape == (2, 4, 9)
    first, state = model.step(symbols[:, :4])
    second, _ = model.step(symbols[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=2), whole)


FEW = "text: expected at least 1000 characters of several kinds, "


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda split, model: split_text(b"abc"), TypeError, "text: expected a string, got bytes"),
        (lambda split, model: split_text("ab" * 400), ValueError, FEW + "got 800 of 2 kinds"),
        (lambda split, model: split_text("a" * 2000), ValueError, FEW + "got 2000 of 1 kinds"),
        (lambda split, model: split_text("ab" * 1000, share=0.6), ValueError, "share: expected a number between"),
        (lambda split, model: train_characters("text", label=None), TypeError, "split: expected what split_text"),
        (lambda split, model: train_characters(split, hidden=0, label=None), ValueError, "hidden: expected"),
        (lambda split, model: ngram_bits(split, 1, "tset"), ValueError, "part: expected 'validation' or 'test'"),
        (lambda split, model: ngram_bits(split, -1), ValueError, "context: expected a number of characters"),
        (lambda split, model: ngram_bits("text", 1), TypeError, "split: expected what split_text"),
        (lambda split, model: bits(model, "text"), TypeError, "symbols: expected a part of a split"),
        (lambda split, model: bits(model, split.test[:1]), ValueError, "symbols: expected shape"),
        (lambda split, model: sample(model, "", 5), ValueError, "start: expected characters of the text, got ''"),
        (lambda split, model: sample(model, "xa", 5), ValueError, "start: expected characters of the text, got .'x'"),
        (lambda split, model: sample(model, OTHER, 5), ValueError, "start: expected characters of the text, got"),
        (lambda split, model: sample(model, None, 5), TypeError, "start: expected a string"),
        (lambda split, model: sample(model, "a", "5"), TypeError, "length: expected"),
    ],
)
def test_a_bad_argument_is_named(call, error, message):
    split = split_text("abc" * 1000)
    with pytest.raises(error, match="^" + message):
        call(split, CharacterModel(split.alphabet, 2))


def test_of_many_characters_each_has_a_vector_and_the_model_is_saved_with_them(tmp_path):
    text = "".join(chr(0x4E00 + k * k % 977) for k in range(3000))
    split = split_text(text)
    model, _ = train_characters(split, hidden=4, updates=2, length=8, label=None)
    assert model.lstm.input_size == model.embedding.embedding_dim == 64 < len(split.alphabet)
    save(model, tmp_path / "model.pt")
    assert bits(load(tmp_path / "model.pt"), split.test) == bits(model, split.test)

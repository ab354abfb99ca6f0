"""The drawing of the cell: colours of plots.STYLE for what is bright, pale for the rest, no word of its own."""

import pytest

from lstm_lib.explorers.cell_picture import BUS, PALE, PARTS, WORDS, lines_of_the_cell, lstm_cell
from lstm_lib.plots import STYLE

NAMES = {name: f"<{name}>" for name in WORDS}


def _colors(ax):
    return {line.get_color() for line in ax.lines}


def _texts(fig):
    return [text.get_text() for ax in fig.axes for text in ax.texts if text.get_text()]


def test_each_gate_and_state_has_its_colour_and_line_style():
    (ax,) = lstm_cell(NAMES).axes
    drawn = {(line.get_color(), line.get_linestyle()) for line in ax.lines}
    for name, look in STYLE.items():
        dash = look["linestyle"] if isinstance(look["linestyle"], str) else "--"  # matplotlib's word for a tuple
        assert (look["color"], dash) in drawn, name


@pytest.mark.parametrize("part", PARTS)
def test_one_bright_part_leaves_the_others_pale(part):
    (ax,) = lstm_cell(NAMES, bright=(part,)).axes
    colors = _colors(ax)
    assert len(colors) == 2
    assert PALE in colors
    assert part == "sums" or STYLE["c" if part == "kept" else part]["color"] in colors


def _inks_of_the_signs(fig):
    """Return sign -> colour: the two on the line of C, the lower product of the input gate and that of h."""
    signs = sorted((t for t in fig.axes[0].texts if t.get_text() in {"×", "+"}), key=lambda t: t.get_position())
    return dict(zip(("f", "i", "c", "h"), (t.get_color() for t in signs), strict=True))


def test_what_is_kept_ends_at_the_sum():
    for bright, lit in ((("f", "kept"), "f"), (("i", "candidate", "kept", "c"), "fic"), (("o", "h"), "h")):
        inks = _inks_of_the_signs(lstm_cell(NAMES, bright=bright))
        assert {sign for sign, color in inks.items() if color != PALE} == set(lit), bright


def test_every_word_is_passed_in_and_the_rest_are_symbols():
    texts = _texts(lstm_cell(NAMES))
    for name in WORDS:
        assert any(NAMES[name] in text for text in texts)
    own = [text for text in texts if "<" not in text]
    assert all(text.startswith("$") or text in {"σ", "tanh", "×", "+"} for text in own)


def test_c_meets_one_product_and_one_sum_and_no_box_reads_it():
    (ax,) = lstm_cell(NAMES).axes
    (top,) = {y for line in ax.lines if line.get_color() == STYLE["c"]["color"] for y in line.get_ydata()}
    signs = [t.get_text() for t in ax.texts if t.get_text() in {"×", "+"} and abs(t.get_position()[1] - top) < 0.1]
    assert signs == ["×", "+"]
    assert max(y for line in ax.lines if line.get_color() == BUS for y in line.get_ydata()) < top


def test_a_row_shows_its_formula_and_its_code_beside_a_small_cell():
    row = {"bright": ("f",), "title": "<keep>", "formula": ["$f_t$", "$C_t$"], "code": ["f = 1", "c = f"]}
    fig = lines_of_the_cell([row, {**row, "bright": ("o",), "title": "<show>"}])
    assert len(fig.axes) == 4
    texts = _texts(fig)
    assert {"<keep>", "<show>", "$f_t$\n$C_t$", "f = 1\nc = f"} <= set(texts)
    assert STYLE["f"]["color"] in _colors(fig.axes[0])
    assert STYLE["f"]["color"] not in _colors(fig.axes[2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lstm_cell({"f": "forget"}), r"words: expected an entry for each of \('f', .*, got \('f',\)"),
        (lambda: lstm_cell(NAMES, bright=("g",)), r"bright: expected some of \('sums', .*, got \('g',\)"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

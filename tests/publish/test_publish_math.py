"""Formulas: what the converter makes of them, mended."""

import pytest

from tests.publish.publish_math import math_font, mathml


@pytest.mark.parametrize(
    ("latex", "holds"),
    [
        (r"\tanh'_t", "<msub><mrow><mi>tanh</mi>"),
        (r"\tanh'^2", '<mo lspace="0" rspace="0">′</mo></mrow><mrow><mn>2</mn></mrow>'),
        (r"\tilde C_t", 'accent="true"'),
        (r"W^\top \mathrm{diag}(f)", "<mrow><mi>diag</mi></mrow>"),
        (r"2\log x", "<mi>log</mi><mspace"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtable"),
        (r"a \approx -b", 'form="prefix">−'),
        (r"\operatorname{diag}(f)", "<mi>diag</mi>"),
    ],
)
def test_formulas_are_mended_where_the_converter_is_rough(latex, holds):
    assert holds in mathml(latex, "inline")


def test_a_formula_with_an_unknown_command_is_refused():
    with pytest.raises(ValueError, match="wibble"):
        mathml(r"a + \wibble b", "inline")


def test_the_font_is_there_only_if_there_is_a_formula_and_holds_no_more_than_is_needed():
    assert math_font(["<p>words</p>"]) == ""
    assert 20_000 < len(math_font([mathml(r"\sum_t \sigma(x_t)", "block")])) < 100_000

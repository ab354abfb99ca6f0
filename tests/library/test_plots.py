"""show() puts a small picture, alt text and a comparable summary on the page; the summary follows the data."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from lstm_lib import plots
from lstm_lib.cells import GATES
from lstm_lib.plots import STYLE, bar_groups, describe, line_panels, show, table
from tests.tools.folding import picture_in


@pytest.fixture
def page(monkeypatch):
    shown = []
    monkeypatch.setattr(plots, "display", lambda data, raw: shown.append(data))
    return shown


def _lines(y, **panel):
    return line_panels([{"y_label": "y", "lines": {"a": y}, **panel}], "t")


def test_show_puts_png_alt_text_and_summary_on_the_page(page):
    show(_lines(np.sin(np.arange(50))), 'A "sine" wave < 1.')
    (data,) = page
    alt, width, height, png = picture_in({"data": data})
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    assert image.mode == "P"
    assert alt == 'A "sine" wave < 1.'
    assert (width, height) == (image.width * 96 // 192, image.height * 96 // 192)
    assert data["text/plain"].startswith("ax0 line a n=50")
    assert np.asarray(image).std() > 0


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_a_figure_without_alt_text_is_refused(alt, page):
    with pytest.raises(ValueError, match="alt: expected a sentence"):
        show(_lines([1, 2]), alt)
    assert page == []


def test_the_summary_follows_the_data_not_rounding_noise_and_a_log_axis_in_decades():
    y = np.linspace(-3, 5, 40)
    assert describe(_lines(y)) == describe(_lines(y + 1e-9))
    assert describe(_lines(y)) != describe(_lines(y + 0.5))
    assert describe(_lines(y)) != describe(_lines(y[:-1]))

    assert "-0.0 " not in describe(_lines([-1e-9, 1, 2, 3, 4])) + " "
    assert "log10 y=[-6.0 -4.5 -3.0 -1.5 0.0]" in describe(_lines(np.logspace(-6, 0, 41), log=True))


def test_a_table_stands_on_the_page_as_html_and_as_text(page):
    table(["", "T = 10", "a<b"], [["rnn", 1, "x & y"], ["default", 100, ""]])
    (data,) = page
    assert data["text/plain"].split("\n") == [
        "         T = 10    a<b",
        "    rnn       1  x & y",
        "default     100       ",
    ]
    rows = data["text/html"].split("\n")
    assert rows[1] == '<thead><tr><td></td><th scope="col">T = 10</th><th scope="col">a&lt;b</th></tr></thead>'
    assert rows[3] == '<tr><th scope="row">rnn</th><td>1</td><td>x &amp; y</td></tr>'
    with pytest.raises(ValueError, match="zip"):
        table(["", "a"], [["b"]])


def test_bars_images_and_texts_are_in_the_summary():
    fig = bar_groups({"a": [1, 2], "b": [3, -4]}, ["x", "y"], "v", ["red", "blue"])
    fig.axes[0].text(0, 0, "hello")
    fig.axes[0].imshow(100 * np.eye(3))
    summary = describe(fig)
    assert all(part in summary for part in ("bars [3.0 -4.0]", "text 'hello'", "image 3x3 min=0 max=100"))


def test_every_gate_and_state_has_a_colour_and_a_line_style_of_its_own():
    assert list(STYLE)[:4] == list(GATES)
    assert len({s["color"] for s in STYLE.values()}) == len(STYLE)
    assert len({str(STYLE[g]["linestyle"]) for g in GATES}) == 4


def test_panels_share_the_x_axis_and_carry_every_word_passed_in():
    panels = [
        {"y_label": "up", "lines": {"a": [1, 2], "b": [2, 1]}},
        {"y_label": "down", "lines": {"c": ([5, 6], [1, 2])}},
    ]
    fig = line_panels(panels, "time")
    assert [ax.get_ylabel() for ax in fig.axes] == ["up", "down"]
    assert fig.axes[-1].get_xlabel() == "time"
    assert [t.get_text() for t in fig.axes[0].get_legend().get_texts()] == ["a", "b"]
    assert fig.axes[1].lines[0].get_xdata().tolist() == [5, 6]
    assert fig.axes[0].get_xlim() == fig.axes[1].get_xlim()

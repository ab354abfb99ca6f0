"""The one widget class under all explorers: controls, a picture that follows them, and a line of numbers.

Axes, ticks, labels and legends are drawn once. When a control moves, only the artists that change are drawn again on
a copy of that background ("blitting"), in a few milliseconds instead of tens.
"""

import base64
import html
import io
import math
import re
from string import Formatter

import ipywidgets as widgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lstm_lib.plots import small_png

DPI = 96  # one pixel of the picture is one CSS pixel, so its text is as large as in the figures of plots.show()
LINE_HEIGHT, CHARACTER_WIDTH = 20, 7  # of the readout, in CSS pixels
HIDDEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"  # but read aloud


class Explorer(widgets.VBox):
    """Controls above a line of numbers and a picture that follow them at once; the first frame is there from the start.

    ``make(fig)`` draws everything once and returns the artists that change: name -> artist or sequence of artists.
    ``update(artists, **values)`` moves them to the controls' values and returns the numbers of the readout:
    name -> finite number or short word. It can't change limits, ticks, titles and legends: they are drawn once.
    ``controls`` maps a name to an ipywidget with a ``value``; its ``description`` is what the reader sees.
    ``readout`` is a format string for the numbers: "slope {slope:.3f}"; a word takes the place of a number as it is.
    ``size`` is in inches of 96 CSS pixels; ``alt`` says in a sentence what the picture shows.

    ``values`` holds the numbers of the current frame, ``picture`` its PNG as bytes, ``controls`` the widgets.
    Raises TypeError or ValueError that names the argument for anything else. What goes wrong in ``update`` later
    stands in the page in red and reaches the code that moved the control.
    """

    def __init__(self, make, update, controls, readout, size=(7.2, 3.6), alt=None):
        self.controls = _checked_controls(controls)
        self._make, self._update, self._readout, self._alt = make, update, readout, alt
        fig = Figure(figsize=size, dpi=DPI, layout="constrained")
        self.canvas = FigureCanvasAgg(fig)
        self._artists = make(fig)
        self._moving = _checked_artists(self._artists)
        self.values = self._move()
        self._draw_background(fig)
        width, height = self.canvas.get_width_height()
        # width and height reserve the place before the first picture arrives; "auto" lets it shrink on a narrow page
        layout = {"max_width": "100%", "height": "auto", "align_self": "flex-start", "flex": "0 0 auto"}
        self._image = widgets.Image(value=self._frame(), format="png", width=width, height=height, layout=layout)
        self._line = widgets.HTML(layout={"width": "auto", "flex": "0 0 auto"})
        self._lines = sum(-(-len(line) * CHARACTER_WIDTH // width) for line in self.text().split("\n"))
        self._say(self.text())
        super().__init__([*self.controls.values(), self._line, self._image])
        for control in self.controls.values():
            control.observe(self._on_change, "value")

    @property
    def picture(self):
        """The current frame as the bytes of a PNG."""
        return bytes(self._image.value)

    def text(self):
        """Return the readout: the current numbers in the words of the format string."""
        text = _Words().vformat(self._readout, (), self.values)
        return re.sub(r"(?<![\w.])-(?=0(\.0*)?(?![\w.]))", "", text)  # -0.00 and 0.00 differ by rounding noise only

    def check(self):
        """Move each control through both ends, or all its options, print the readouts, put everything back.

        Raises AssertionError that names the control whose moves never change the picture.
        """
        for name, control in self.controls.items():
            start, before, alive = control.value, self.picture, False
            try:
                for label in _moves(name, control):
                    print(f"{control.description or name} = {label}: {self.text()}")
                    alive |= self.picture != before
            finally:
                control.value = start
            if not alive:
                raise AssertionError(f"control {name!r}: the picture stays the same wherever it is moved")

    def _on_change(self, change):
        # called synchronously: an exception reaches the cell that moved the control, which an Output widget would hide
        try:
            self.values = self._move()
            self._image.value = self._frame()
            self._say(self.text())
        except Exception as error:
            self._say(f"{type(error).__name__}: {error}", color="#B00020")
            raise

    def _move(self):
        """Move the artists to the values of the controls and return the numbers, checked."""
        numbers = self._update(self._artists, **{name: control.value for name, control in self.controls.items()})
        if not isinstance(numbers, dict):
            raise TypeError(f"update: expected a dict of name -> number, got {type(numbers).__name__}")
        wanted = {field for _, field, _, _ in Formatter().parse(self._readout) if field is not None}
        if not wanted <= numbers.keys():
            raise ValueError(f"update: the readout needs {sorted(wanted)}, got only {sorted(numbers)}")
        numbers = {name: n.item() if hasattr(n, "item") else n for name, n in numbers.items()}
        for name, n in numbers.items():
            if not isinstance(n, (int, float, str)):
                raise TypeError(f"update: {name!r}: expected a number or a word, got {type(n).__name__}")
            if not isinstance(n, str) and not math.isfinite(n):
                wanted = "a finite number, or a word that says what happened"
                raise ValueError(f"update: {name!r}: expected {wanted}, got {n}")
        return numbers

    def _draw_background(self, fig):
        axes = dict.fromkeys(artist.axes for artist in self._moving if artist.axes)
        self._moving += [spine for ax in axes for spine in ax.spines.values()]  # frames lie on top of images
        self._moving.sort(key=lambda artist: artist.get_zorder())
        for artist in self._moving:
            artist.set_animated(True)
        self.canvas.draw()
        fig.set_layout_engine("none")
        self._background = self.canvas.copy_from_bbox(fig.bbox)
        boxes = [ax.get_legend().get_window_extent() for ax in fig.axes if ax.get_legend()]
        self._legends = [self.canvas.copy_from_bbox(box) for box in boxes]  # they lie on top of the moving artists

    def _frame(self):
        self.canvas.restore_region(self._background)
        renderer = self.canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        for legend in self._legends:
            self.canvas.restore_region(legend)
        buffer = io.BytesIO()
        image = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        image.save(buffer, "png", compress_level=1, compress_type=Image.RLE)  # the fastest that stays small
        return buffer.getvalue()

    def _say(self, text, color="inherit"):
        style = f"height: {self._lines * LINE_HEIGHT}px; line-height: {LINE_HEIGHT}px; overflow: auto; color: {color}; "
        style += "white-space: pre-wrap; font-variant-numeric: tabular-nums"  # digits of one width don't jump
        # widgets.Image has no alternative text, and a tooltip breaks it in ipywidgets 8.1: screen readers find it here
        alt = f'<span style="{HIDDEN}">{html.escape(self._alt)}</span>' if self._alt else ""
        self._line.value = f'<div style="{style}">{html.escape(text)}{alt}</div>'

    def _repr_mimebundle_(self, **kwargs):
        # beside the live view: a still picture for readers without a kernel, and text for screen readers and nbval
        still, width, height = small_png(self.canvas.buffer_rgba(), DPI)
        data = super()._repr_mimebundle_(**kwargs)
        data |= {"text/plain": f"Explorer: {self.text()}", "image/png": base64.b64encode(still).decode()}
        alt = {"alt": self._alt} if self._alt else {}
        return data, {"image/png": {"width": width, "height": height, **alt}}


class _Words(Formatter):
    def format_field(self, value, spec):
        return value if isinstance(value, str) else super().format_field(value, spec)


def _checked_controls(controls):
    if not isinstance(controls, dict) or not controls:
        raise TypeError(f"controls: expected a dict of name -> widget with at least one entry, got {controls!r}")
    for name, control in controls.items():
        if not isinstance(control, widgets.Widget) or not control.has_trait("value"):
            raise TypeError(f"controls[{name!r}]: expected a widget with a value, got {type(control).__name__}")
    wide = f"{max(len(getattr(c, 'description', '')) for c in controls.values()) * 0.55 + 1:.1f}em"
    for control in controls.values():  # words in one column, sliders of one length, unless the caller chose otherwise
        if control.has_trait("style") and control.style.has_trait("description_width"):
            control.style.description_width = control.style.description_width or wide
        if control.has_trait("readout"):
            control.layout.width = control.layout.width or "30em"
    return dict(controls)


def _checked_artists(artists):
    """Return all artists of make's dict in one list."""
    if not isinstance(artists, dict) or not artists:
        raise TypeError(f"make: expected a dict of name -> artist that changes, got {artists!r}")
    moving = []
    for name, group in artists.items():
        group = [group] if isinstance(group, Artist) else group
        if not isinstance(group, (list, tuple)) or not all(isinstance(a, Artist) for a in group):
            raise TypeError(f"make: {name!r}: expected an artist or a list of artists, got {type(group).__name__}")
        moving += group
    return moving


def _moves(name, control):
    """Move a control through both ends, or all its options, and yield the name of each place."""
    if control.has_trait("index") and not isinstance(control.index, tuple):
        for k in range(len(control.options)):
            control.index = k
            yield control.label
    elif isinstance(control.value, bool):
        for value in (False, True):
            control.value = value
            yield str(value)
    elif control.has_trait("min") and not isinstance(control.value, tuple):
        for end in (control.min, control.max):
            control.value = control.base**end if control.has_trait("base") else end  # base: a FloatLogSlider
            yield f"{control.value:g}"
    else:
        kind = type(control).__name__
        raise TypeError(f"control {name!r}: check() moves sliders, choices and check boxes, got {kind}")

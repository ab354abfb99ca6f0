"""The one widget class under all explorers: controls and words for the page, and the same numbers in Python.

What a reader sees is computed and drawn in the page, by the ES module ``page/<name>.js`` with what ``page/kit.js`` and
``page/draw.js`` share; JupyterLab runs it as an anywidget, a page without a kernel by :meth:`Explorer.html`. Python
gives it controls, words and data, and computes the numbers for itself: tests hold the two against each other.
"""

import base64
import itertools
import json
import math
import re
from numbers import Real
from pathlib import Path
from string import Formatter

import anywidget
import traitlets

from lstm_lib.plots import picture

PAGE = Path(__file__).parent / "page"
STILLS = Path(__file__).parent / "stills"
COMMON = {"reset": "reset", "play": "play", "pause": "pause", "one_step": "one step"}
COMMON |= {"keys": "The arrow keys read values, Escape ends that."}
_places = itertools.count(1)  # each in a page of its own name


def slider(name, label, value, low, high, step, play=None):
    """Return the control of a number from ``low`` to ``high``; ``play``: a button moves it on every so many ms."""
    return {"name": name, "label": label, "value": value, "min": low, "max": high, "step": step, "play": play}


def choice(name, label, value, options, menu=True):
    """Return the control of a choice among ``options``, pairs (what the reader sees, value): a menu or a slider.

    A slider of options has any scale, as a logarithmic one.
    """
    return {"name": name, "label": label, "value": value, "options": [list(o) for o in options], "menu": menu}


class Explorer(anywidget.AnyWidget):
    """A picture with controls that lives in the page, and its numbers in Python.

    ``name`` is that of its module in ``page``; ``controls`` a list of :func:`slider` and :func:`choice`; ``words`` what
    the reader sees, with at least ``title``, ``alt`` and ``readout``, a format string; ``data`` what the module gets;
    ``numbers(**settings)`` returns the numbers and words of the readout, a dict, as the module computes them.

    ``values`` holds what the controls stand on when a move is over. Set it, with some of them, to move them; TypeError
    and ValueError as in :meth:`at`.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)

    def __init__(self, name, controls, words, data, numbers):
        self.name, self.numbers = name, numbers
        self.defaults = {control["name"]: control["value"] for control in controls}
        state = {"controls": controls, "words": COMMON | words, "data": data, "values": dict(self.defaults)}
        super().__init__(_esm=module(name), _css=style(), **state)

    def at(self, **settings):
        """Return the readout for these ``settings``, the other controls at their defaults; nothing in the page moves.

        Raises TypeError for a name that isn't a control, ValueError for a value that its control can't take.
        """
        return said(self.words["readout"], self.numbers(**{**self.defaults, **self._checked(settings)}))

    def _checked(self, settings):
        known = {control["name"]: control for control in self.controls}
        for name in settings:
            if name not in known:
                raise TypeError(f"{name}: expected one of the controls {', '.join(known)}")
        return {name: _value(value, known[name]) for name, value in settings.items()}

    @traitlets.validate("values")
    def _moved(self, proposal):
        return {**self.defaults, **self.values, **self._checked(proposal["value"])}

    def html(self, still=""):
        """Return HTML that holds the explorer, alive without a kernel and without a request to anywhere.

        ``still`` is what stands in its place where no script runs.
        """
        state = {"controls": self.controls, "words": self.words, "data": self.data, "values": {}}
        front = re.sub(r"^export (default )?", lambda m: "const front = " if m[1] else "", self._esm, flags=re.M)
        text = json.dumps(state, ensure_ascii=False).replace("<", "\\u003c")
        place = f"explorer-{next(_places)}"
        css = json.dumps(self._css).replace("<", "\\u003c")
        return f"""<div id="{place}">{still}</div>
<script type="module">
{front}
const sheet = new CSSStyleSheet();
sheet.replaceSync({css});
document.adoptedStyleSheets.push(sheet);
const state = {text};
const el = document.getElementById("{place}");
el.replaceChildren();
front.render({{ model: {{ get: (key) => state[key] }}, el }});
</script>"""

    _ipython_display_ = None  # ipywidgets 7 shows a widget in its own way here, and IPython asks this first: no still

    def _repr_mimebundle_(self, **kwargs):
        # beside the live view: a still picture for readers without a kernel, and text for screen readers and nbval
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = f"Explorer: {self.at()}"
        still = STILLS / f"{self.name}.png"
        if still.is_file():  # a draft has none yet
            data["text/html"] = picture(still.read_bytes(), self.words["alt"])
            metadata = {**metadata, "text/html": {"explorer": self.name}}
        return data, metadata


def module(name):
    """Return an explorer's ES module with all that it imports in it: a blob can't import a file."""
    text, seen = "", set()

    def take(file):
        nonlocal text
        source = (PAGE / file).read_text(encoding="utf-8")
        for other in re.findall(r'^import .* from "\./(.*)";$', source, flags=re.M):
            if other not in seen:
                seen.add(other)
                take(other)
        text += re.sub(r"^import .*\n", "", source, flags=re.M)

    take(f"{name}.js")
    return text


def style():
    """Return the style sheet of all explorers."""
    return (PAGE / "kit.css").read_text(encoding="utf-8")


def pack(tensor):
    """Return a tensor's numbers as base64: bit for bit, and half the size of decimals."""
    return base64.b64encode(tensor.detach().double().numpy().astype("<f8").tobytes()).decode()


def said(readout, numbers):
    """Return the format string ``readout`` with its numbers; a word takes the place of a number as it is."""
    text = _Words().vformat(readout, (), numbers)
    return re.sub(r"(?<![\w.])-(?=0(\.0*)?(?![\w.]))", "", text)  # -0.00 and 0.00 differ by rounding noise only


class _Words(Formatter):
    def format_field(self, value, spec):
        return value if isinstance(value, str) else super().format_field(value, spec)


def _value(value, control):
    """Return ``value`` as its control has it, or raise ValueError."""
    name = control["name"]
    if "options" in control:
        options = [option for _, option in control["options"]]
        if value not in options:
            raise ValueError(f"{name}: expected one of {options}, got {value!r}")
        return value
    low, high, step = (control[end] for end in ("min", "max", "step"))
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{name}: expected a number, got {value!r}")
    steps = round((value - low) / step)
    if not low <= value <= high or not math.isclose(low + steps * step, value, abs_tol=1e-9):
        raise ValueError(f"{name}: expected {low} to {high} in steps of {step}, got {value}")
    return low + steps * step if isinstance(step, int) else float(value)

"""The LSTM cell as a drawing: every line that carries a gate or a state has its colour and style from plots.STYLE.

Every word that a reader sees is passed in; the symbols of the equations are in lstm_lib.cells.
"""

from matplotlib.patches import Circle, FancyBboxPatch

from lstm_lib.plots import STYLE, figure

PARTS = ("sums", "f", "i", "candidate", "o", "kept", "c", "h")  # kept: the line of C up to the sum; c: from there on
WORDS = ("f", "i", "candidate", "o", "c", "h")  # under the four boxes; where C_t and h_t go
SYMBOLS = {"f": "$f_t$", "i": "$i_t$", "candidate": r"$\tilde{C}_t$", "o": "$o_t$", "c": "$C_t$", "h": "$h_t$"}
PALE, INK, BUS, FILL = "#DDDDDD", "#000000", "#666666", "#F7F9FB"
PALE_PEN = {"color": PALE, "linewidth": 1}
X = {"f": 2.5, "i": 4.5, "candidate": 6.5, "o": 8.5}  # the four boxes, left to right
BOX, TOP, BOTTOM, WRITE, SHOW, SHOW_X, RIGHT = 1.9, 5.2, 0.4, 3.9, 2.9, 10.4, 12.0


def lstm_cell(words, bright=PARTS, size=(8, 3.6)):
    """Return a Figure of one LSTM cell; what isn't in ``bright`` is drawn pale.

    ``words`` maps each of WORDS to what the reader sees: the names of the four boxes, and where C_t and h_t go.
    ``bright`` holds some of PARTS; ``size`` is in inches.
    Raises ValueError for a part that doesn't exist or a word that is missing.
    """
    if not set(WORDS) <= set(words):
        raise ValueError(f"words: expected an entry for each of {WORDS}, got {tuple(words)}")
    fig, ax = figure(size)
    _draw(ax, bright, words)
    return fig


def lines_of_the_cell(rows, size=(8, 1.5)):
    """Return a Figure with a row for each of ``rows``: the cell with some parts bright, formula and code beside it.

    A row is a dict: ``bright`` (some of PARTS), ``title``, ``formula`` (lines of mathtext) and ``code`` (lines).
    ``size`` is the width of the figure and the height of a row, in inches.
    """
    fig, axes = figure((size[0], size[1] * len(rows)), len(rows), 2, squeeze=False, width_ratios=(3, 4))
    for (left, right), row in zip(axes, rows, strict=True):
        _draw(left, row["bright"])
        right.set(xlim=(0, 1), ylim=(0, 1))
        right.axis("off")
        right.text(0, 0.95, row["title"], weight="bold", va="top")
        right.text(0, 0.76, "\n".join(row["formula"]), va="top", fontsize=11, linespacing=1.3)
        right.text(0, 0.4, "\n".join(row["code"]), va="top", family="monospace", fontsize=9)
    return fig


def _draw(ax, bright, words=None):
    """Draw the cell; without ``words`` it is a small one with symbols only."""
    if not set(bright) <= set(PARTS):
        raise ValueError(f"bright: expected some of {PARTS}, got {tuple(bright)}")
    looks = {**STYLE, "sums": {"color": BUS, "linestyle": "-"}, "kept": STYLE["c"]}
    pens = {p: {**looks[p], "linewidth": 2.2 if words else 1.5} if p in bright else PALE_PEN for p in PARTS}
    ax.set(xlim=(-0.9, RIGHT + (3.4 if words else 1.5)), ylim=(-0.8, 6), aspect="equal")
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((0.6, 0), 10.9, 5.8, boxstyle="round,pad=0,rounding_size=0.3", fc=FILL, ec="#9999AA"))
    _wires(ax, pens)
    font = {"ha": "center", "va": "center", "fontsize": 9 if words else 7, "zorder": 5}
    for part, x in X.items():
        _box(ax, x, BOX, "tanh" if part == "candidate" else "σ", pens[part], font, words and words[part])
        if words:
            ax.text(x - 0.2, BOX + 0.95, SYMBOLS[part], **{**font, "ha": "right"}, color=pens[part]["color"])
    _box(ax, SHOW_X, 4.2, "tanh", pens["h"], font)
    signs = {"f": (X["f"], TOP, "×"), "i": (X["candidate"], WRITE, "×"), "c": (X["candidate"], TOP, "+")}
    for part, (x, y, sign) in (signs | {"h": (SHOW_X, SHOW, "×")}).items():
        color = INK if part in bright or (part == "f" and "kept" in bright) else PALE
        ax.add_patch(Circle((x, y), 0.32, fc="white", ec=color, zorder=4))
        ax.text(x, y - 0.03, sign, **font, color=color)
    for text, x, y in (("$C_{t-1}$", 0, TOP + 0.45), ("$h_{t-1}$", 0, BOTTOM + 0.45), ("$x_t$", 1.1, -0.45)):
        ax.text(x, y, text, **font)
    for name, y in (("c", TOP), ("h", BOTTOM)):
        text = f"{SYMBOLS[name]}  {words[name]}" if words else SYMBOLS[name]
        ax.text(RIGHT + 0.2, y, text, **{**font, "ha": "left"})


def _wires(ax, pens):
    def wire(part, *points, tip=True):
        x, y = zip(*points, strict=True)
        pen = pens[part]
        ax.plot(x, y, **pen, zorder=2 if pen["color"] == PALE else 3)
        if tip:
            (x0, y0), (x1, y1) = points[-2:]
            near = (x1 - 0.02 * (x1 > x0), y1 - 0.02 * ((y1 > y0) - (y1 < y0)))  # only the head: no line over dashes
            arrow = {"arrowstyle": "-|>", "color": pen["color"], "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
            ax.annotate("", xy=points[-1], xytext=near, arrowprops=arrow, zorder=3)

    candidate = X["candidate"]
    wire("sums", (-0.7, BOTTOM), (X["o"], BOTTOM), tip=False)
    wire("sums", (1.5, -0.7), (1.5, BOTTOM), tip=False)
    for x in X.values():
        wire("sums", (x, BOTTOM), (x, BOX - 0.55))
    wire("kept", (-0.7, TOP), (X["f"] - 0.32, TOP))
    wire("kept", (X["f"] + 0.32, TOP), (candidate - 0.32, TOP))
    wire("c", (candidate + 0.32, TOP), (RIGHT, TOP))
    wire("f", (X["f"], BOX + 0.55), (X["f"], TOP - 0.32))
    wire("i", (X["i"], BOX + 0.55), (X["i"], WRITE), (candidate - 0.32, WRITE))
    wire("candidate", (candidate, BOX + 0.55), (candidate, WRITE - 0.32))
    wire("i", (candidate, WRITE + 0.32), (candidate, TOP - 0.32))
    wire("o", (X["o"], BOX + 0.55), (X["o"], SHOW), (SHOW_X - 0.32, SHOW))
    wire("h", (SHOW_X, TOP), (SHOW_X, 4.6), tip=False)
    wire("h", (SHOW_X, 3.8), (SHOW_X, SHOW + 0.32))
    wire("h", (SHOW_X, SHOW - 0.32), (SHOW_X, BOTTOM), (RIGHT, BOTTOM))


def _box(ax, x, y, text, pen, font, name=None):
    half = (0.85, 0.55) if name is not None else (0.65, 0.45)
    look = {"boxstyle": "round,pad=0,rounding_size=0.12", "fc": "white", "ec": pen["color"], "linewidth": 1.5}
    ax.add_patch(FancyBboxPatch((x - half[0], y - half[1]), 2 * half[0], 2 * half[1], zorder=4, **look))
    ax.text(x, y + (0.2 if name else -0.03), text, **font, color=pen["color"])
    if name:
        ax.text(x, y - 0.25, name, **{**font, "fontsize": 8}, color=pen["color"])

"""Figures: functions that take numbers and return a Figure; show() and table() put one on the page.

Every word that a reader sees is passed in. Colours come from Okabe & Ito's palette, which colour-blind readers can
tell apart; lines differ in style too.
"""

import base64
import html
import io

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

DPI = 192  # two pixels for each of CSS: sharp on the screens that people have

# the same colour and line style for each gate, each state, and each kind of network in every figure of the course
STYLE = {
    "f": {"color": "#0072B2", "linestyle": "-"},
    "i": {"color": "#009E73", "linestyle": "--"},
    "candidate": {"color": "#CC79A7", "linestyle": "-."},
    "o": {"color": "#D55E00", "linestyle": ":"},
    "c": {"color": "#000000", "linestyle": "-"},
    "h": {"color": "#8C6D1F", "linestyle": (0, (5, 1))},
}
NETWORKS = {
    "rnn": {"color": "#777777", "linestyle": ":"},
    "rnn_orthogonal": {"color": "#E69F00", "linestyle": "--"},
    "default": {"color": "#0072B2", "linestyle": (0, (5, 1))},
    "bias1": {"color": "#009E73", "linestyle": "-."},
    "chrono": {"color": "#D55E00", "linestyle": "-"},
    "1997": {"color": "#000000", "linestyle": (0, (1, 1))},
    "bias5": {"color": "#8C6D1F", "linestyle": "-"},
    "linear": {"color": "#CC79A7", "linestyle": "--"},
    "truth": {"color": "#AAAAAA", "linestyle": "-"},
}
SHADES = ("#56B4E9", "#0072B2", "#00304D")  # settings of one thing, from low to high


def show(fig, alt, summary=None):
    """Put ``fig`` on the page: a small PNG with the alternative text ``alt``, and a summary of the data as plain text.

    ``summary`` takes the place of :func:`describe` where the numbers of a chaotic run differ between processors.
    Raises ValueError if ``alt`` is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected a sentence that says what the figure shows, got {alt!r}")
    fig.set_dpi(DPI)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    image = picture(small_png(canvas.buffer_rgba()), alt)
    display({"text/html": image, "text/plain": summary or describe(fig)}, raw=True)


def picture(png, alt):
    """Return the bytes ``png``, of DPI dots per inch, as HTML: an image/png has no alternative text in JupyterLab."""
    width, height = (int.from_bytes(png[k : k + 4]) * 96 // DPI for k in (16, 20))  # in CSS pixels
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img alt="{html.escape(alt)}" width="{width}" height="{height}" src="{source}">'


def table(head, rows):
    """Put a table on the page, as HTML and as plain text: the first cell of each of the ``rows`` is its name."""
    lines = [[str(cell) for cell in line] for line in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    plain = "\n".join("  ".join(map(str.rjust, line, widths)) for line in lines)
    shown = [[html.escape(cell) for cell in line] for line in lines]
    heads = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in shown[0])  # none is empty
    rows = [f'<th scope="row">{name}</th>' + "".join(f"<td>{c}</td>" for c in cells) for name, *cells in shown[1:]]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    text = f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    display({"text/html": text, "text/plain": plain}, raw=True)


def describe(fig):
    """Return a summary of what ``fig`` draws, one line per line, image and group of bars.

    Numbers have fixed decimals, about a hundredth of the axis range, so that rounding noise doesn't show.
    """
    out = []
    for k, ax in enumerate(fig.axes):
        log = ax.get_yscale() == "log"
        frame = np.log10(ax.get_ylim()) if log else ax.get_ylim()
        for line in ax.lines:
            y = np.asarray(line.get_ydata(), float)
            y = np.log10(y) if log else y
            some = _fixed(y[np.linspace(0, len(y) - 1, min(5, len(y))).astype(int)], *frame)
            label = "" if line.get_label().startswith("_") else f" {line.get_label()}"
            out.append(f"ax{k} line{label} n={len(y)} {'log10 ' * log}y=[{some}] mean={_fixed(y.mean(), *frame)}")
        for image in ax.images:
            z = np.asarray(image.get_array(), float)
            low, high, spread = (_fixed(v, *image.get_clim()) for v in (z.min(), z.max(), z.std()))
            out.append(f"ax{k} image {'x'.join(map(str, z.shape))} min={low} max={high} std={spread}")
        out += [f"ax{k} text {text.get_text()!r}" for text in ax.texts if text.get_text()]
        out += [f"ax{k} bars [{_fixed([bar.get_height() for bar in bars], *frame)}]" for bars in ax.containers]
    return "\n".join(out)


def _fixed(values, low, high):
    decimals = int(np.clip(1 - np.floor(np.log10(max(abs(high - low), 1e-12))), 0, 8))
    return " ".join(f"{round(float(v), decimals) + 0.0:.{decimals}f}" for v in np.ravel(values))  # + 0.0: no -0.0


def figure(size, *shape, **options):
    """Return a Figure of ``size`` inches whose parts make room for each other, and what its ``subplots`` returns."""
    fig = Figure(figsize=size, layout="constrained")
    return fig, fig.subplots(*shape, **options)


def line_panels(panels, x_label, size=(8, 1.6)):
    """Return a Figure of panels one below the other that share the x axis.

    ``panels`` is a list of dicts: ``y_label``, ``lines`` (label -> values, or -> (x, values)), and optionally
    ``style`` (label -> matplotlib keywords), ``title`` and ``log`` (True for a logarithmic y axis).
    ``size`` is the width of the figure and the height of one panel, in inches.
    """
    fig, axes = figure((size[0], size[1] * len(panels)), len(panels), sharex=True, squeeze=False)
    for ax, panel in zip(axes.flat, panels, strict=True):
        for label, values in panel["lines"].items():
            x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
            ax.plot(x, y, label=label, **{"linewidth": 1.6, **panel.get("style", {}).get(label, {})})
        ax.set(ylabel=panel["y_label"], yscale="log" if panel.get("log") else "linear")
        ax.set_title(panel.get("title", ""), fontsize="medium", loc="left")
        _quiet(ax, sorted(ax.get_legend_handles_labels()[0], key=lambda line: -float(line.get_ydata()[-1])))
    ax.set_xlabel(x_label)
    return fig


def bar_groups(groups, ticks, y_label, colors, size=(8, 2.8)):
    """Return a Figure of bars: ``groups`` is label -> values, one for each of the ``ticks``; ``colors`` one a group."""
    fig, ax = figure(size)
    width = 0.8 / len(groups)
    for k, ((label, values), color) in enumerate(zip(groups.items(), colors, strict=True)):
        x = np.arange(len(ticks)) + (k - (len(groups) - 1) / 2) * width
        ax.bar(x, values, width * 0.9, label=label, color=color)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xticks=range(len(ticks)), xticklabels=ticks, ylabel=y_label)
    _quiet(ax, ax.containers)
    return fig


def dots(groups, y_label, size=(8, 3.2)):
    """Return a Figure with a column of dots for each group, label -> values, and a line at the group's mean."""
    fig, ax = figure(size)
    for k, values in enumerate(groups.values()):
        spread = k + np.linspace(-0.12, 0.12, len(values))  # side by side, so that equal values stay visible
        ax.plot(spread, values, linestyle="", marker="o", markersize=5, alpha=0.6, color=SHADES[1])
        ax.plot([k - 0.28, k + 0.28], [np.mean(values)] * 2, color="black", linewidth=1.6)
    ax.set(xticks=range(len(groups)), xticklabels=groups, ylabel=y_label)
    _quiet(ax)
    return fig


def boxes(stages, size=(9, 1.5)):
    """Return a Figure of boxes joined by arrows: ``stages`` is a list of pairs (name, what is written under it)."""
    fig, ax = figure(size)
    for k, (name, below) in enumerate(stages):
        ax.text(k, 0.16, name, ha="center", va="center", weight="bold")
        ax.text(k, -0.16, below, ha="center", va="center", family="monospace")
        ax.add_patch(Rectangle((k - 0.41, -0.4), 0.82, 0.8, facecolor="#EEF3F8", edgecolor="#0072B2"))
        if k:
            ax.annotate("", xy=(k - 0.41, 0), xytext=(k - 0.59, 0), arrowprops={"arrowstyle": "-|>", "color": "black"})
    ax.set(xlim=(-0.5, len(stages) - 0.5), ylim=(-0.5, 0.5))
    ax.axis("off")
    return fig


def heat_panels(panels, rows, x_label, marks=(), size=(9, 4.6)):
    """Return a Figure of heat maps, two side by side, over the same time steps 1, 2, 3, ...

    ``panels`` is a list of dicts: ``title``, ``values`` (R, T), and ``low`` and ``high``, the ends of the colours; if
    ``low`` is negative, 0 is white. ``rows`` are the R labels of the rows; ``marks``: steps with a triangle above them.
    """
    fig, axes = figure(size, -(-len(panels) // 2), 2, sharex=True, sharey=True, squeeze=False)
    for ax, panel in zip(axes.flat, panels, strict=True):
        count, steps = np.shape(panel["values"])
        place, colors = (0.5, steps + 0.5, count + 0.5, 0.5), "RdBu_r" if panel["low"] < 0 else "cividis"
        look = {"extent": place, "vmin": panel["low"], "vmax": panel["high"], "cmap": colors}
        image = ax.imshow(panel["values"], aspect="auto", interpolation="nearest", **look)
        if len(marks):
            ax.plot(marks, [0.32] * len(marks), "v", color="black", markersize=5, clip_on=False)
        ax.set_title(panel["title"], fontsize="medium", pad=9)
        ax.set(yticks=range(1, count + 1), yticklabels=rows, ylim=(count + 0.5, 0.5), xlabel=x_label)
        ax.label_outer()
        fig.colorbar(image, ax=ax, pad=0.02)
    return fig


def paths_on_map(surface, paths, x_label, y_label, z_label, size=(9, 3.4)):
    """Return a Figure with a panel for each path, title -> (x values, y values), on the same map.

    ``surface`` is a triple x (M,), y (N,), z (N, M); z gives the colours, explained by ``z_label``. A white dot marks
    the start of a path, a white square its end; a path that leaves the map is cut at the frame.
    """
    x, y, z = (np.asarray(values) for values in surface)
    fig, axes = figure(size, 1, len(paths), sharex=True, sharey=True, squeeze=False)
    for ax, (title, (xs, ys)) in zip(axes.flat, paths.items(), strict=True):
        frame = (x[0], x[-1], y[0], y[-1])
        image = ax.imshow(z, origin="lower", aspect="auto", extent=frame, cmap="cividis_r", interpolation="bilinear")
        ax.plot(xs, ys, color="white", linewidth=1.2, marker=".", markersize=4)
        for k, marker in ((0, "o"), (-1, "s")):
            ax.plot(xs[k], ys[k], color="white", marker=marker, markersize=8, markeredgecolor="black")
        ax.set_title(title, fontsize="medium")
        ax.set(xlim=frame[:2], ylim=frame[2:], xlabel=x_label, ylabel=y_label)
        ax.label_outer()
    fig.colorbar(image, ax=axes, label=z_label)
    return fig


def _quiet(ax, named=()):
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", alpha=0.25)
    if len(named) > 1:
        ax.legend(handles=named, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def small_png(rgba):
    """Return pixels ``rgba`` (height, width, 4) as a PNG of 256 colours: white stays white, maps have no contours."""
    image = Image.fromarray(np.asarray(rgba)[..., :3]).quantize(256, Image.Quantize.MAXCOVERAGE, dither=0)
    buffer = io.BytesIO()
    image.save(buffer, "png", optimize=True, dpi=(DPI, DPI))
    return buffer.getvalue()

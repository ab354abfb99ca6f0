"""Explorer of notebook 02: gradient descent at the cliff of one recurrent unit, for a start and a threshold."""

import math

import ipywidgets as widgets
import numpy as np

from lstm_lib.explorers.base import Explorer

WORDS = {
    "gain": "gain w at the start",
    "threshold": "threshold",
    "w": "weight w (the gain)",
    "b": "bias b",
    "surface": "log10 of the loss",
    "update": "update",
    "loss": "loss",
    "norm": "gradient norm",
    "stayed": "stays on the map",
    "left": "leaves the map",
    "readout": "final loss {loss:.4f}   largest gradient norm {norm:.1f}   updates cut {cut} of {updates}   {where}",
    "alt": "Left: the path of training on the map of the loss. Right: the loss and the gradient norm along that path.",
}
TIME, TARGET, START = 50, 0.7, 0.5  # steps of the recurrence, wanted output, h_0
RATE, UPDATES, BIAS = 0.05, 200, -2.8  # of gradient descent; where b starts
MAP = ((3.9, 5.7), (-3.1, -1.7))  # of w and of b
LOSS, NORM = (1e-6, 1e0), (1e-3, 1e5)  # limits of the log axes; what lies outside is drawn at the edge


def exploding(words=WORDS):
    """Return the Explorer of 200 updates of gradient descent at the cliff: controls ``gain`` and ``threshold``.

    The unit is h <- w sigmoid(h) + b, run for 50 steps; its loss is (sigmoid(h) - 0.7)^2. A gradient longer than the
    threshold is cut to it, as ``clip_grad_norm_`` does. ``words`` are what the reader sees.
    Source: Pascanu, Mikolov & Bengio 2013, figure 6.
    """

    def update(artists, gain, threshold):
        path, losses, norms = descend(gain, BIAS, threshold)
        w, b = np.transpose(path)
        artists["path"].set_data(w, b)
        artists["start"].set_data(w[:1], b[:1])
        artists["end"].set_data(w[-1:], b[-1:])
        artists["loss"].set_data(np.arange(1, UPDATES + 1), np.clip(losses, *LOSS))
        artists["norm"].set_data(np.arange(1, UPDATES + 1), np.clip(norms, *NORM))
        artists["threshold"].set_ydata([threshold, threshold])
        inside = all(low <= x <= high for point in path for x, (low, high) in zip(point, MAP, strict=True))
        cut = sum(norm > threshold for norm in norms)
        where = words["stayed" if inside else "left"]
        return {"loss": losses[-1], "norm": max(norms), "cut": cut, "updates": UPDATES, "where": where}

    def make(fig):
        left, right = fig.subfigures(1, 2, width_ratios=(5, 4))
        ax, (top, bottom) = left.subplots(), right.subplots(2, 1, sharex=True)
        image = ax.imshow(
            np.log10(surface().clip(LOSS[0])), origin="lower", aspect="auto", extent=(*MAP[0], *MAP[1]),
            cmap="cividis_r", vmin=math.log10(LOSS[0]), vmax=0, interpolation="bilinear",
        )  # fmt: skip
        ax.set(xlim=MAP[0], ylim=MAP[1], xlabel=words["w"], ylabel=words["b"])
        fig.colorbar(image, ax=ax, label=words["surface"])
        (path,) = ax.plot([], [], color="white", linewidth=1.2, marker=".", markersize=3)
        look = {"color": "white", "markersize": 7, "linestyle": "", "markeredgecolor": "black"}
        start, end = ax.plot([], [], marker="o", **look)[0], ax.plot([], [], marker="s", **look)[0]
        loss, norm = top.plot([], [], color="black")[0], bottom.plot([], [], color="black")[0]
        line = bottom.axhline(1.0, color="#D55E00", linestyle="--")
        top.set(yscale="log", ylim=LOSS, ylabel=words["loss"])
        bottom.set(yscale="log", ylim=NORM, ylabel=words["norm"], xlabel=words["update"], xlim=(0, UPDATES))
        bottom.text(
            UPDATES, NORM[1], words["threshold"] + " - -", color="#D55E00", ha="right", va="bottom", fontsize="small"
        )
        return {"path": path, "start": start, "end": end, "loss": loss, "norm": norm, "threshold": line}

    controls = {
        "gain": widgets.FloatSlider(4.75, min=4.3, max=5.3, step=0.05, description=words["gain"]),
        "threshold": widgets.FloatLogSlider(
            1.0, min=-2, max=4, step=0.25, readout_format=".3g", description=words["threshold"]
        ),
    }
    return Explorer(make, update, controls, words["readout"], alt=words["alt"])


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def unit(w, b, sigmoid=_sigmoid):
    """Return the loss of the unit and its slopes dL/dw, dL/db; ``w`` and ``b`` are what ``sigmoid`` takes, floats.

    The slopes are carried forward with h: dh_t/dw = sigmoid(h_{t-1}) + w sigmoid' dh_{t-1}/dw, and so for b.
    In plain floats this is 100 times as fast as autograd on numbers that stand alone.
    """
    h, dw, db = START, 0.0, 0.0
    for _ in range(TIME):
        s = sigmoid(h)
        slope = w * s * (1 - s)
        h, dw, db = w * s + b, s + slope * dw, 1 + slope * db
    s = sigmoid(h)
    outer = 2 * (s - TARGET) * s * (1 - s)
    return (s - TARGET) ** 2, outer * dw, outer * db


def descend(w, b, threshold, updates=UPDATES):
    """Return the path [(w, b), ...] of ``updates`` updates from (w, b), and the loss and gradient norm at each point.

    w and b keep six decimals: at the wall a path is chaotic, and the last bits of exp() differ between processors.
    """
    path, losses, norms = [], [], []
    for _ in range(updates):
        loss, dw, db = unit(w, b)
        norm = math.hypot(dw, db)
        path.append((w, b))
        losses.append(loss)
        norms.append(norm)
        rate = RATE * min(1.0, threshold / norm) if norm else RATE
        w, b = round(w - rate * dw, 6), round(b - rate * db, 6)
    return path, losses, norms


def surface(points=120):
    """Return the loss (points, points) over the map; a row has one b."""
    w, b = (np.linspace(*limits, points) for limits in MAP)
    return unit(w, b[:, None], lambda h: 1 / (1 + np.exp(-h)))[0]

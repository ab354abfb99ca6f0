"""Explorer of notebook 02: gradient descent at the cliff of one recurrent unit, for a start and a threshold."""

import math

from lstm_lib.explorers.base import Explorer, choice, slider

WORDS = {
    "title": "The cliff",
    "gain": "gain w at the start",
    "threshold": "threshold",
    "at": "shown: update",
    "w": "weight w (the gain)",
    "b": "bias b",
    "surface": "log10 of the loss",
    "update": "update",
    "loss": "loss",
    "norm": "gradient norm",
    "stayed": "stays on the map",
    "left": "leaves the map",
    "probe": "update {update}: w {w:.3f}, b {b:.3f}, loss {loss:.4f}, gradient norm {norm:.1e}",
    "probe_map": "w {w:.2f}, b {b:.2f}: loss {loss:.4f}",
    "readout": "final loss {loss:.4f}   largest gradient norm {norm:.1f}   updates cut {cut} of {updates}   {where}   "
    "at update {at}: loss {now_loss:.4f}, gradient norm {now_norm:.1e}",
    "alt": "The path of training on the map of the loss; the loss and the gradient norm along that path.",
}
TIME, TARGET, START = 50, 0.7, 0.5  # steps of the recurrence, wanted output, h_0
RATE, UPDATES, BIAS = 0.05, 200, -2.8  # of gradient descent; where b starts
MAP = ((3.9, 5.7), (-3.1, -1.7))  # of w and of b
THRESHOLDS = [10 ** (k / 4) for k in range(-8, 17)]


def exploding(words=WORDS):
    """Return the Explorer of 200 updates of gradient descent at the cliff: ``gain``, ``threshold`` and ``at``.

    The unit is h <- w sigmoid(h) + b, run for 50 steps; its loss is (sigmoid(h) - 0.7)^2. A gradient longer than the
    threshold is cut to it, as ``clip_grad_norm_`` does. ``at``: the update up to which the path is drawn bright; the
    thick line is its step, the dashed one the step without clipping. ``words`` are what the reader sees.
    Source: Pascanu, Mikolov & Bengio 2013, figure 6.
    """

    def numbers(gain, threshold, at):
        path, losses, norms = descend(gain, BIAS, threshold)
        inside = all(low <= x <= high for point in path for x, (low, high) in zip(point, MAP, strict=True))
        cut = sum(norm > threshold for norm in norms)
        where = words["stayed" if inside else "left"]
        now = {"at": at, "now_loss": losses[at - 1], "now_norm": norms[at - 1]}
        return {"loss": losses[-1], "norm": max(norms), "cut": cut, "updates": UPDATES, "where": where, **now}

    controls = [
        slider("gain", words["gain"], 4.75, 4.3, 5.3, 0.05),
        choice("threshold", words["threshold"], 1.0, [(f"{float(f'{t:.3g}'):g}", t) for t in THRESHOLDS], menu=False),
        slider("at", words["at"], UPDATES, 1, UPDATES, 1, play=60),
    ]
    return Explorer("exploding", controls, words, {}, numbers)


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def unit(w, b):
    """Return the loss of the unit at the floats ``w`` and ``b``, and its slopes dL/dw, dL/db.

    The slopes are carried forward with h: dh_t/dw = sigmoid(h_{t-1}) + w sigmoid' dh_{t-1}/dw, and so for b.
    In plain floats this is 100 times as fast as autograd on numbers that stand alone.
    """
    h, dw, db = START, 0.0, 0.0
    for _ in range(TIME):
        s = _sigmoid(h)
        slope = w * s * (1 - s)
        h, dw, db = w * s + b, s + slope * dw, 1 + slope * db
    s = _sigmoid(h)
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

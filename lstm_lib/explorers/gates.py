"""Explorer of notebook 04: one unit of an LSTM whose gates are set by hand, over 30 steps."""

from itertools import accumulate

import numpy as np

from lstm_lib.explorers.base import Explorer, choice, slider

WORDS = {
    "title": "Gates by hand",
    "f": "f (half-life)",
    "i": "i at a pulse",
    "candidate": "C̃",
    "o": "o",
    "pulses": "pulses",
    "opens": "o is 0 before step",
    "half_life": "half-life {n:g} steps",
    "at_once": "gone at once",
    "never": "never halves",
    "one": "one",
    "every": "every {n} steps",
    "step": "time step",
    "gates": "f, i, o",
    "c": "C",
    "h": "h",
    "first": "first pulse alone",
    "half": "half of it is left",
    "behind": "tanh(C)",
    "probe": "step {t}: f {f:.3f}, i {i:.2f}, o {o:.2f}, C {c:.3f}, tanh(C) {behind:.3f}, h {h:.3f}",
    "readout": "f {f:.3f}, {half_life}   largest |C| {top:.2f}   "
    "at step 30: C {c:.3f}, tanh(C) {behind:.3f}, h {h:.3f}",
    "alt": "Three panels over 30 steps: the gates f, i and o; C and its first pulse; h and tanh of C.",
}
STEPS, FIRST = 30, 3  # the first pulse comes at step 3
TIME = np.arange(1, STEPS + 1)
HALF_LIVES = (0.5, 1, 2, 3, 4, 5, 7, 10, 14, 20, 30, 50, 100)  # in steps
PULSES = (("one", STEPS), ("every", 10), ("every", 5))  # steps between pulses


def gates(words=WORDS):
    """Return the Explorer "gates by hand": controls ``f``, ``i``, ``candidate``, ``o``, ``pulses`` and ``opens``.

    f and C̃ are the same at every step. The input gate opens to i at the pulses and is 0 between them; o is 0 before
    the step ``opens``. ``words`` are what the reader sees.
    """
    half_lives = [(f"{0.5 ** (1 / n):.3f} ({n:g})", 0.5 ** (1 / n)) for n in HALF_LIVES]
    forget = [(f"0 ({words['at_once']})", 0.0), *half_lives, (f"1 ({words['never']})", 1.0)]
    pulses = [(words[name].format(n=n), n) for name, n in PULSES]

    def numbers(f, i, candidate, o, pulses, opens):
        i_t = np.where((TIME >= FIRST) & ((TIME - FIRST) % pulses == 0), i, 0.0)
        o_t = np.where(opens <= TIME, o, 0.0)
        c = np.array(list(accumulate(i_t * candidate, lambda kept, new: f * kept + new, initial=0.0))[1:])
        n = half_life(f)
        said = {0.0: words["at_once"], np.inf: words["never"]}.get(n, words["half_life"].format(n=n))
        behind = np.tanh(c[-1])
        return {"f": f, "half_life": said, "top": np.abs(c).max(), "c": c[-1], "behind": behind, "h": o_t[-1] * behind}

    controls = [
        choice("f", words["f"], 0.5 ** (1 / 10), forget, menu=False),
        slider("i", words["i"], 1, 0, 1, 0.05),
        slider("candidate", words["candidate"], 1, -1, 1, 0.1),
        slider("o", words["o"], 1, 0, 1, 0.05),
        choice("pulses", words["pulses"], 10, pulses),
        slider("opens", words["opens"], 1, 1, STEPS, 1),
    ]
    return Explorer("gates", controls, words, {}, numbers)


def half_life(f):
    """Return after how many steps half of C is left: ln 1/2 / ln f; 0 for f = 0, infinity for f = 1."""
    if f in (0, 1):
        return np.inf if f else 0.0
    return round(np.log(0.5) / np.log(f), 6)

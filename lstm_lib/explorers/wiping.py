"""Explorer of notebook 04: a trained LSTM reads a sequence, and one of its states is wiped or exchanged on the way."""

from functools import cache

import torch

from lstm_lib.cells import from_torch
from lstm_lib.experiments import ITEM_STEPS as STEPS
from lstm_lib.experiments import SEEDS, default_dtype, load_results, rerun, two_items_model
from lstm_lib.explorers.base import Explorer, choice, pack, slider
from lstm_lib.tasks import long_and_short

WORDS = {
    "title": "Wipe a state",
    "cell": "the gates",
    "reads": "read h",
    "blind": "don't read h",
    "seed": "seed",
    "sequence": "sequence",
    "change": "change",
    "nothing": "nothing",
    "wipe_c": "wipe C",
    "wipe_h": "wipe h",
    "wipe_both": "wipe C and h",
    "shut": "o = 0 from there to the last step but one",
    "swap_c": "take C from the other sequence",
    "swap_h": "take h from the other sequence",
    "at": "after step",
    "now": "shown up to step",
    "x": "value",
    "c": "C, units",
    "h": "h, units",
    "step": "time step",
    "long": "first",
    "short": "late",
    "target": "right",
    "other": "right for the other",
    "answer": "answer",
    "probe": "step {t}: value {x:.2f}",
    "probe_unit": "step {t}, unit {unit}: C {c:.2f}, h {h:.2f}",
    "probe_answer": "{value} value: answer {answer:.2f}, right {right:.2f}, for the other sequence {other:.2f}",
    "readout": "first value {long_right:.2f}, answer {long:.2f}   "
    "value before the last {short_right:.2f}, answer {short:.2f}   "
    "after step {now}: size of C {size_c:.2f}, of h {size_h:.2f}",
    "wait": "not yet",
    "alt": "The values read, and maps of C and h, unit by unit; a frame marks the change. The two answers beside the "
    "right ones.",
}
CHANGES = {
    "nothing": lambda h, c: (h, c),
    "wipe_c": lambda h, c: (h, 0 * c),
    "wipe_h": lambda h, c: (0 * h, c),
    "wipe_both": lambda h, c: (0 * h, 0 * c),
    "shut": lambda h, c: (0 * h, c),
    "swap_c": lambda h, c: (h, c.roll(1, dims=0)),
    "swap_h": lambda h, c: (h.roll(1, dims=0), c),
}
SEQUENCES = 8


def wiping(words=WORDS):
    """Return the Explorer of a trained LSTM under intervention, on two values to recall after 20 steps.

    Controls: ``cell`` (its gates read h or not), ``seed`` of the shipped network, ``sequence``, the ``change`` and the
    step after which it comes (``at``), and the step ``now`` up to which the states are shown. ``words`` are what the
    reader sees.
    """
    with default_dtype(torch.float64):
        x, y = long_and_short(STEPS).held_out(SEQUENCES)
    weights = {(run["reads_h"], run["seed"]): run["weights"] for run in load_results("states")}

    @cache
    def network(reads_h, seed):
        model = two_items_model(weights[reads_h, seed])
        return from_torch(model.lstm), model.fc

    def numbers(cell, seed, sequence, change, at, now):
        pair = [sequence - 1, sequence % SEQUENCES]  # the sequence shown, and the other one
        last = STEPS if change == "shut" else at + 1
        lstm, fc = network(cell, seed)
        with torch.no_grad():
            trace = rerun(lstm, x[pair], dict.fromkeys(range(at, last), CHANGES[change]))
            answer = fc(trace.h[0, -1]).tolist()
        said = dict(zip(("long", "short"), answer if now == STEPS else [words["wait"]] * 2, strict=True))
        right = dict(zip(("long_right", "short_right"), y[pair[0]].tolist(), strict=True))
        sizes = {f"size_{name}": v[0, now - 1].norm().item() for name, v in (("c", trace.c), ("h", trace.h))}
        return {**right, **said, "now": now, **sizes}

    controls = [
        choice("cell", words["cell"], True, [(words["reads"], True), (words["blind"], False)]),
        slider("seed", words["seed"], 0, SEEDS[0], SEEDS[-1], 1),
        slider("sequence", words["sequence"], 5, 1, SEQUENCES, 1),
        choice("change", words["change"], "wipe_c", [(words[name], name) for name in CHANGES]),
        slider("at", words["at"], 10, 1, STEPS - 1, 1),
        slider("now", words["now"], STEPS, 1, STEPS, 1, play=300),
    ]
    networks = [[_packed(*network(reads_h, seed)) for seed in SEEDS] for reads_h in (False, True)]
    return Explorer("wiping", controls, words, {"x": pack(x), "y": pack(y), "networks": networks}, numbers)


def _packed(lstm, fc):
    W_x, W_h = lstm.cell.W_x, lstm.cell.W_h
    return {
        "W_x": pack(W_x.weight),
        "W_h": pack(W_h.weight),
        "b": pack(W_x.bias + W_h.bias),
        "out": pack(fc.weight),
        "out_b": pack(fc.bias),
    }

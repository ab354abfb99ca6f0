"""The claims of notebook 04 on seeds other than its own, by its own cells. The training is slow."""

from functools import partial
from statistics import median

import nbformat
import pytest
import torch

from lstm_lib.experiments import run_query, run_symbols, teller, train, two_items
from lstm_lib.explorers import gates as explorer_of_gates
from lstm_lib.explorers import wiping
from lstm_lib.tasks import long_and_short
from tests.tools.hygiene import NOTEBOOKS, run_cells

STEM = "04_cell_state_and_hidden_state"
SEEDS = range(100, 110)
TOOLS = ["setup", "hand-code", "carry-train", "carry-ten-run", "wipe-code", "exchange-code"]
FIRST, BEFORE_LAST = 0, 1


@pytest.fixture(scope="module")
def names():
    """Return the names that the notebook's cells define, with 500 held-out sequences."""
    return run_cells(STEM, *TOOLS)


@pytest.fixture(scope="module")
def trained(names):
    """Return ``names`` with other networks, and with what the notebook finds in them when the output gate is stuck."""
    other = {
        name: [train(partial(two_items, reads_h), long_and_short(20), 0.02, 500, seed)[0] for seed in SEEDS]
        for name, reads_h in (("networks", True), ("blind", False))
    }
    return run_cells(STEM, "range-run", "shut-run", names={**names, **other})


def test_the_code_in_the_figure_is_the_code_that_runs():
    source = {cell.id: cell.source for cell in nbformat.read(NOTEBOOKS / f"{STEM}.ipynb", as_version=4).cells}
    found = run_cells(STEM, "setup", "lines-rows")
    exec(source["lines-draw"].split("alt =")[0], found)
    shown = [line for row in found["rows"] for line in row["code"]]
    assert len(shown) == 8
    ran = source["lines-run"].split("\n")
    assert [line for line in ran if line in shown] == shown


def test_the_explorer_computes_what_the_reader_computes_by_hand():
    by_hand = run_cells(STEM, "setup", "hand-code")["by_hand"]
    explorer = explorer_of_gates()
    for f, i, candidate, o, pulses, opens in ((0.5, 1.0, 1.0, 1.0, 10, 1), (1.0, 0.6, -0.5, 0.7, 5, 12)):
        i_t = [i if t >= 3 and (t - 3) % pulses == 0 else 0.0 for t in range(1, 31)]
        C, h = by_hand([f] * 30, i_t, [candidate] * 30, [o if t >= opens else 0.0 for t in range(1, 31)])
        found = explorer.numbers(f=f, i=i, candidate=candidate, o=o, pulses=pulses, opens=opens)
        assert (found["c"], found["h"]) == pytest.approx((C[-1], h[-1]))
        assert found["top"] == pytest.approx(max(map(abs, C)))


def test_the_explorer_shows_the_run_that_the_reader_asks_for(names):
    settings = {"cell": True, "seed": 4, "sequence": 8, "change": "wipe_h", "at": 7, "now": 20}
    x, y = names["task"].held_out(8)
    model = names["networks"][4]
    trace = names["rerun"](names["from_torch"](model.lstm), x, {7: names["wipe_h"]})
    found = wiping().numbers(**settings)
    assert [found["long"], found["short"]] == pytest.approx(model.fc(trace.h[7, -1]).tolist())
    assert [found["long_right"], found["short_right"]] == pytest.approx(y[7].tolist())
    assert found["size_c"] == pytest.approx(trace.c[7, -1].norm().item())
    assert wiping().numbers(**settings | {"now": 7})["size_h"] == 0
    assert wiping().numbers(**settings | {"now": 9})["long"] == "not yet"


@pytest.mark.slow
def test_recall_dies_with_c_and_survives_without_h(trained):
    networks, errors = trained["networks"], trained["errors"]
    wipe = {state: errors(networks, FIRST, {10: trained[f"wipe_{state}"]}) for state in ("c", "h", "both")}
    assert max(errors(networks, FIRST)) < 0.1
    assert min(wipe["c"]) > 0.3
    assert sum(e > 0.5 for e in wipe["c"]) >= 9
    assert max(wipe["h"]) < 0.1
    assert min(wipe["both"]) > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "item", "winner", "loser", "most"),
    [(10, FIRST, "take_c", "take_h", 0.85), (19, BEFORE_LAST, "take_h", "take_c", 0.6)],
)
def test_the_long_item_comes_along_with_c_and_the_recent_one_mostly_with_h(trained, step, item, winner, loser, most):
    won, lost = (trained["shares"](trained["networks"], {step: trained[take]})[:, item] for take in (winner, loser))
    assert won.min() > 0.5
    assert won.median() > most
    assert torch.allclose(won + lost, torch.ones(10), atol=0.1)


@pytest.mark.slow
def test_c_passes_1_and_h_does_not(trained):
    assert min(trained["largest_c"]) > 3
    assert max(trained["largest_h"]) <= 1


@pytest.mark.slow
def test_an_output_gate_stuck_at_0_ends_recall_and_leaves_a_faint_value_in_c(trained):
    assert max(trained["before"]) < 0.1
    assert min(trained["after"]) > 0.5
    found = run_cells(STEM, "shut-swing-code", "shut-swing-run", "shut-probe-run", names={**trained})
    works, stuck = found["sizes"]["o works"], found["sizes"]["o stuck at 0"]  # (seeds, T)
    assert torch.equal(works[:, 0], stuck[:, 0])
    assert (works[:, -1] / works[:, 0]).median() > 2
    assert (works[:, -1] > 2 * stuck[:, -1]).sum() >= 9
    assert (stuck[:, -1] < 0.8 * stuck[:, 0]).sum() >= 9
    assert sum(r2 > 0.9 for r2 in found["r2"]) >= 8  # the last round: the gate is stuck
    assert median(found["r2"]) > 0.98


@pytest.mark.slow
def test_a_stuck_gate_makes_answers_follow_the_value_less_and_moves_their_mean(trained):
    found = run_cells(STEM, "shut-answer-run", names={**trained})
    assert max(found["slopes"]) < 0.6
    assert max(found["found"]["error by the mean"]) > 0.3
    parts = zip(*(found["found"][f"error by the {part}"] for part in ("slope", "mean")), strict=True)
    for seed, error, shares in zip(SEEDS, found["after"], parts, strict=True):
        assert 0 <= error - sum(shares) < 0.15, seed


@pytest.mark.slow
def test_of_four_boxes_it_is_the_candidate_that_went_wrong(trained):
    middle = {}
    for part in ("f", "i", "candidate", "o"):
        e = []
        for m in trained["networks"]:
            a = trained["answers"](m, trained["stuck"], {part: getattr(trained["trace_of"](m), part)})
            e.append(trained["relative_error"](a[:, FIRST], trained["y"][:, FIRST]))
        middle[part] = median(e)
    assert middle.pop("candidate") < 0.25
    assert min(middle.values()) > 0.4


@pytest.mark.slow
def test_gates_that_do_not_read_h_do_not_mind_a_stuck_output_gate(trained):
    blind, answers, errors = trained["blind"], trained["answers"], trained["errors"]
    stuck = dict.fromkeys(range(1, 20), trained["wipe_h"])
    assert all(torch.equal(answers(m), answers(m, stuck)) for m in blind)
    assert sum(e < 0.1 for e in errors(blind, FIRST, stuck)) >= 8
    assert min(errors(blind, BEFORE_LAST)) > 5 * max(errors(trained["networks"], BEFORE_LAST))


@pytest.mark.slow
def test_on_symbols_either_state_is_enough_and_c_wins():
    runs = [run_symbols(seed) for seed in SEEDS]
    least, most = ({key: f(run[key] for run in runs) for key in runs[0]} for f in (min, max))
    assert least["nothing"] > 0.95
    assert sum(run["c"] > 0.95 for run in runs) >= 5
    assert least["c"] > 0.5
    assert least["h"] > 0.95
    assert most["both"] < 0.4
    assert sum(run["donor_c"] > 0.9 for run in runs) >= 9
    assert most["shut"] < 0.7
    assert least["shut_candidate"] > 0.9


@pytest.mark.slow
def test_c_holds_what_h_hides_and_a_probe_without_noise_does_not_see_it():
    rows = [run for run in (run_query(0.1, seed) for seed in SEEDS) if run["error"] < 0.05]
    assert len(rows) >= 9
    assert min(run["h_quiet"][1] for run in rows) > 0.95
    assert min(run["c_quiet"][2] for run in rows) > 0.8
    assert median(run["h_quiet"][2] for run in rows) < 0.15
    assert median(run["c_quiet"][0] / run["h_quiet"][0] for run in rows) > 8
    assert max(run["o_quiet"] for run in rows) < 0.25 < 0.4 < min(run["o_asked"] for run in rows)
    assert max(run_query(0.0, seed)["h_quiet"][2] for seed in SEEDS) > 0.25


@pytest.mark.slow
def test_h_carries_the_value_in_the_first_steps_and_not_once_it_is_in_c():
    found = run_cells(STEM, "setup", "query-train", "query-look-run", "wipe-code")
    cases = {"first": dict.fromkeys(range(1, 6), found["wipe_h"])}
    cases |= {"h": {10: found["wipe_h"]}, "c": {10: found["wipe_c"]}}
    moved = {name: [] for name in cases}
    for seed in SEEDS:
        model, _ = train(teller, found["asking"], 0.02, 800, seed)
        with torch.no_grad():
            lstm = found["from_torch"](model.lstm)
            told = {
                name: model.fc(found["rerun"](lstm, found["x_five"], cases.get(name)).h)[:, 17] for name in (*cases, "")
            }
        for name in cases:
            moved[name].append((told[name] - told[""]).abs().max().item())
    assert sum(change > 0.3 for change in moved["first"]) >= 7
    assert max(moved["h"]) < 0.15
    assert min(moved["c"]) > 0.6

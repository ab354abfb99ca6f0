"""``python -m lstm_lib.experiments [NAME ...] [--processes N] [--check]``: run experiments again, or check them.

With ``--check`` every tenth run of the first seed is made, and nothing is written but the stamp of results that come
out the same.
Runs in float32 may come out differently on another processor than the one that made the shipped results.
"""

import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from lstm_lib.experiments import EXPERIMENTS, load_results
from lstm_lib.experiments.runs import RESULTS, run_one
from lstm_lib.experiments.stamp import made_by, older
from lstm_lib.training import progress_bar


def results(name, seeds, processes, every=1):
    """Run experiment ``name`` with all its settings, or one in ``every``, and the given ``seeds``; return the runs."""
    run, settings, _ = EXPERIMENTS[name]
    jobs = [{**setting, "seed": seed} for seed in seeds for setting in settings[::every]]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool, progress_bar(len(jobs), name) as bar:
        runs = [pool.submit(run_one, run, job) for job in jobs]
        for done in as_completed(runs):
            done.result()  # an error ends it at once
            bar.update()
    return [done.result() for done in runs]


def write(name, runs):
    """Write the ``runs`` of experiment ``name`` with what made them: one line for each."""
    rows = ",\n".join(map(json.dumps, runs))
    made = json.dumps(made_by(EXPERIMENTS[name]))
    (RESULTS / f"{name}.json").write_text(f'{{"made_by": {made},\n"runs": [\n{rows}\n]}}\n')


def check(name, processes):
    """Make a tenth of the runs of experiment ``name``; stamp the shipped results anew if they come out as shipped."""
    shipped = load_results(name)
    made = results(name, EXPERIMENTS[name].seeds[:1], processes, every=10)
    other = [run for run in made if not any(_alike(run, one) for one in shipped)]
    if not other:
        write(name, shipped)
    print(f"{name}: {'as shipped' if not other else 'DIFFERENT, run it again:'}", *other, sep="\n", flush=True)


def _alike(one, other):
    """Say whether two results are the same but for the last digits of numbers, which differ between processors."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return (
        one == other or isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-9)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*EXPERIMENTS, []], metavar="NAME")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    print("older than their code:", older(EXPERIMENTS) or "none")
    for name in options.names or EXPERIMENTS:
        if options.check:
            check(name, options.processes)
        else:
            write(name, results(name, EXPERIMENTS[name].seeds, options.processes))


if __name__ == "__main__":
    main()

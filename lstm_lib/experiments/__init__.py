"""The experiments that take too long for a notebook: many seeds, several models. Their results ship with the course.

``python -m lstm_lib.experiments`` (``make results``) runs them again and writes ``results/``; the notebooks read these
files with :func:`load_results` and repeat one run of each live. The order to read them in: runs (how one is declared,
trained and read), then the modules of each notebook. 03 and 06: trials (networks that train until they have solved a
task), batched (many side by side), watching (what is measured meanwhile), starts, grid (who learns what), causes (and
why), selection. 04: states. 07: real, river. 08: ablations. stamp says which results are older than their code.
"""

from lstm_lib.experiments import ablations, causes, grid, real, river, selection, states
from lstm_lib.experiments.ablations import (
    EachStep,
    at_and_off,
    build_without,
    echo,
    follow_stream,
    marked_stream,
    memory_unit,
    run_inside,
    run_stream,
    run_without,
    stream_model,
    without_gate,
)
from lstm_lib.experiments.grid import KINDS as GRID_KINDS
from lstm_lib.experiments.grid import grid_cells, solved
from lstm_lib.experiments.real import forecast_sunspots, run_digits, run_sunspots, split_digits
from lstm_lib.experiments.river import (
    flood_days,
    load_river,
    nse,
    root_error,
    span,
    train_ridge,
    train_river,
    wetness,
)
from lstm_lib.experiments.runs import SEEDS, default_dtype, held_out, held_out_score, load_results, train
from lstm_lib.experiments.starts import STARTS, start_
from lstm_lib.experiments.states import STEPS as ITEM_STEPS
from lstm_lib.experiments.states import (
    for_teller,
    hidden_and_shown,
    probe,
    rerun,
    run_query,
    run_symbols,
    run_two_items,
    swing,
    teller,
    two_items,
    two_items_model,
)
from lstm_lib.experiments.trials import CAP, EVERY, Trial, learn
from lstm_lib.experiments.watching import share

ROOMS = (grid, causes, selection, states, real, river, ablations)
EXPERIMENTS = {name: experiment for room in ROOMS for name, experiment in room.EXPERIMENTS.items()}

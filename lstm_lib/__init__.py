"""The shared library of the course "How does an LSTM work?".

One room per idea; open the one you need:

    cells      LSTMCell, LSTM, the weight map to and from torch, initialisers
    bptt       the same LSTM with its backward pass written by hand
    variants   cells without a gate, GRU, peepholes, coupled gates, minLSTM, sLSTM
    models     LSTMModel and RNNModel
    gradients  gradient norms through time, Jacobian products, spectral radius; cell_gradients: the same for an LSTM
    tasks      synthetic tasks that need memory
    training   fit(): progress bar, clipping, seed, history; early_stopping: the state that does best on validation data
    datasets   real data shipped with the course, windows, rolling origin
    own_data   a learner's own file: csv_table and dates read it, forecasting and characters train on it, saving keeps
               the model
    plots      functions that return a matplotlib Figure, and show(); drawing: the cell as a picture
    explorer   the one widget class under all explorers; explorers: one for each notebook that has one
    exercises  check() and solution(); solutions: the code that solution() prints
    order      says what to run first when cells are run out of order

    experiments    the long runs whose results ship with the course; *_runs: one run of each

Shapes everywhere: B batch, T time steps, D input features, H hidden units.
Gates always in the order f, i, candidate, o.
"""

import sys

_shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
if _shell is not None:  # in a notebook: say what to run first if cells are run out of order
    _shell.extension_manager.load_extension("lstm_lib.order")

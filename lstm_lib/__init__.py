"""The shared library of the course "How does an LSTM work?".

The lesson, in the order to read it: one module for each idea, no module longer than an evening.

    cells        LSTMCell, LSTM, the weight map to and from torch, initialisers of the gate biases
    gradients    how a gradient changes on its way back: gradient norms, Jacobian products, the product of forget gates
    bptt         the same LSTM with its backward pass written by hand
    variants     cells without a gate, GRU, peepholes, coupled gates, minLSTM, sLSTM
    models       LSTMModel and RNNModel on torch's own layers
    tasks        synthetic tasks that need memory
    training     fit(): progress bar, clipping, seed, history
    datasets     real data shipped with the course, windows, rolling origin
    plots        functions that return a matplotlib Figure, show() and table()
    checks       checks of arguments, with one form of message
    order        says what to run first when cells are run out of order

What is built from them; each package has one door, its ``__init__``, which lists what is inside:

    experiments  the long runs: one module for each subject, their results, one command to make them again
    own          a learner's own file: read it, forecast, model a text, save
    explorers    pictures that follow sliders, and the drawing of the cell
    exercises    check() and solution(): one module for each notebook

Shapes everywhere: B batch, T time steps, D input features, H hidden units.
Gates always in the order f, i, candidate, o. A step is a time step, an update is training.
"""

import sys

_shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
if _shell is not None:  # in a notebook: say what to run first if cells are run out of order
    _shell.extension_manager.load_extension("lstm_lib.order")

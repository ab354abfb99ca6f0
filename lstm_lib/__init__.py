"""The shared library of the course "How does an LSTM work?".

One room per idea; open the one you need:

    cells      LSTMCell, LSTM, the weight map to and from torch, initialisers
    models     LSTMModel and RNNModel
    gradients  gradient norms through time, Jacobian products, spectral radius
    tasks      synthetic tasks that need memory
    training   fit(): progress bar, clipping, seed, history
    datasets   real data shipped with the course, windows, rolling origin
    plots      functions that return a matplotlib Figure, and show()
    explorer   the one widget class under all explorers; explorers: one for each notebook that has one

    experiments, memory_runs    the long runs whose results ship with the course

Shapes everywhere: B batch, T time steps, D input features, H hidden units.
Gates always in the order f, i, candidate, o.
"""

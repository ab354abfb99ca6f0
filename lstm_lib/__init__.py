"""The shared library of the course "How does an LSTM work?".

One room per idea; open the one you need:

    cells      LSTMCell, LSTM, the weight map to and from torch, initialisers
    models     LSTMModel and RNNModel
    training   fit(): progress bar, clipping, seed, history
    datasets   real data shipped with the course, windows, rolling origin
    plots      functions that return a matplotlib Figure, and show()

Shapes everywhere: B batch, T time steps, D input features, H hidden units.
Gates always in the order f, i, candidate, o.
"""

# IPython reads this file from etc/ipython of the environment: the watch over the order of cells is on from the start
c.InteractiveShellApp.extensions.append("lstm_lib.order")  # noqa: F821

"""The explorers of the course: functions that can be called without arguments and return an Explorer.

``base`` has the widget class under all of them. Beside them stand the drawing of the cell (``cell_picture``), a figure
that stays still, and ``descend``, the gradient descent that ``exploding`` draws.
"""

from lstm_lib.explorers.base import Explorer
from lstm_lib.explorers.cell_picture import lines_of_the_cell, lstm_cell
from lstm_lib.explorers.exploding import descend, exploding
from lstm_lib.explorers.forgetting import forgetting
from lstm_lib.explorers.gates import gates
from lstm_lib.explorers.memory import memory
from lstm_lib.explorers.opening import opening
from lstm_lib.explorers.shapes import shapes
from lstm_lib.explorers.step import step
from lstm_lib.explorers.vanishing import vanishing
from lstm_lib.explorers.wiping import wiping

__all__ = ["exploding", "forgetting", "gates", "memory", "opening", "shapes", "step", "vanishing", "wiping"]

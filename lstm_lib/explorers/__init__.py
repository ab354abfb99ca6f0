"""The explorers of the course: functions that can be called without arguments and return an Explorer."""

from lstm_lib.explorers.exploding import exploding
from lstm_lib.explorers.memory import memory
from lstm_lib.explorers.vanishing import vanishing

__all__ = ["exploding", "memory", "vanishing"]

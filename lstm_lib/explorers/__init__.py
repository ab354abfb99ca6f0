"""The explorers of the course: functions that can be called without arguments and return an Explorer."""

from lstm_lib.explorers.exploding import exploding
from lstm_lib.explorers.forgetting import forgetting
from lstm_lib.explorers.gates import gates
from lstm_lib.explorers.memory import memory
from lstm_lib.explorers.vanishing import vanishing
from lstm_lib.explorers.wiping import wiping

__all__ = ["exploding", "forgetting", "gates", "memory", "vanishing", "wiping"]

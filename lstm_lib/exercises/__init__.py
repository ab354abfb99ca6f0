"""The exercises of the course: ``check`` an answer, look at the ``solution``.

Each module holds the exercises of one notebook; the solutions stand in ``solutions``.
"""

from dataclasses import replace

from lstm_lib.exercises import cell, core, exploding, gradient, inside, memory, model, states, vanishing

TOPICS = (vanishing, exploding, memory, states, cell, gradient, model, inside)  # in the order of the notebooks
EXERCISES = {name: exercise for topic in TOPICS for name, exercise in topic.EXERCISES.items()}


def check(name, answer, words=None):
    """Print a verdict on ``answer``, a learner's function or number: correct, a known mistake, or what differs.

    ``words`` replaces entries of ``core.WORDS``, and under an exercise's name those of its own ``WORDS``. Never raises
    for what a learner wrote. Raises ValueError if there is no exercise ``name``.
    """
    words, exercise = core.WORDS | (words or {}), _exercise(name)
    print(core.verdict(replace(exercise, words=exercise.words | words.get(name, {})), answer, words))


def solution(name):
    """Print the code of a solution. Raises ValueError if there is no exercise ``name``."""
    print(core.source(_exercise(name).solution))


def _exercise(name):
    if name not in EXERCISES:
        raise ValueError(f"name: expected one of {sorted(EXERCISES)}, got {name!r}")
    return EXERCISES[name]

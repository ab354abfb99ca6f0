"""The exercises of the course: ``check`` an answer, look at the ``solution``.

Each module holds the exercises of one notebook, with their solutions. What check() says stands in ``words.toml``.
"""

import inspect
from dataclasses import replace

from lstm_lib.exercises import cell, core, exploding, gradient, inside, memory, model, record, series, states, vanishing

TOPICS = (vanishing, exploding, memory, states, cell, gradient, model, inside, series)  # in the order of the notebooks
EXERCISES = {
    exercise.name: replace(exercise, mistakes=mistakes)
    for topic in TOPICS
    for exercise, mistakes in topic.EXERCISES.items()
}


def check(name, answer, words=None, strict=False):
    """Print a verdict on ``answer``, a learner's function or number: correct, a known mistake, or what differs.

    ``words`` replaces entries of ``words.toml``: of [general], and under an exercise's name those of its own table.
    Never raises for what a learner wrote, unless ``strict``, for graders: then an answer that isn't right raises
    AssertionError. Where a teacher has put a file ``checks.csv`` beside the notebook, a line is added to it (record).
    Raises ValueError if there is no exercise ``name``.
    """
    exercise, words = _exercise(name), words or {}
    own = {name: core.WORDS[name] | words.get(name, {})}
    right, text = core.verdict(exercise, answer, core.WORDS | words | own)
    record.add(name, right, answer is ... or answer is None)
    print(text)
    if strict and not right:
        raise AssertionError(text)


def solution(name):
    """Print the code of a solution. Raises ValueError if there is no exercise ``name``."""
    print(inspect.getsource(_exercise(name).solution).rstrip())


def _exercise(name):
    if name not in EXERCISES:
        raise ValueError(f"name: expected one of {sorted(EXERCISES)}, got {name!r}")
    return EXERCISES[name]

"""The exercises of the course: ``check`` an answer, look at the ``solution``.

Each module holds the exercises of one notebook, with their solutions. What check() says stands in ``words.toml``.
"""

import inspect
from dataclasses import replace

from lstm_lib.exercises import (
    cell,
    core,
    diagnosis,
    exploding,
    gradient,
    inside,
    memory,
    model,
    record,
    series,
    states,
    vanishing,
)

TOPICS = (vanishing, exploding, memory, states, cell, gradient, model, inside, series)  # in the order of the notebooks
EXERCISES = {
    exercise.name: replace(exercise, mistakes=mistakes)
    for topic in TOPICS
    for exercise, mistakes in topic.EXERCISES.items()
}


PATIENTS, CAUSES = tuple(diagnosis.PATIENTS), tuple(diagnosis.CURES)


def patient(name):
    """Train one of the PATIENTS, or "healthy"; return its losses (a list) and its chart, a dict of words."""
    _, setup = diagnosis.PATIENTS.get(_known(name, [*PATIENTS, "healthy"]), (None, diagnosis.Setup()))
    losses, chart = diagnosis.run(setup)
    return losses, {key: diagnosis.said(value) for key, value in chart.items()}


def check(name, answer, words=None, strict=False):
    """Print a verdict on ``answer``, a learner's function or number: correct, a known mistake, or what differs.

    ``words`` replaces entries of ``words.toml``: of [general], and under an exercise's name those of its own table.
    Never raises for what a learner wrote, unless ``strict``, for graders: then an answer that isn't right raises
    AssertionError. Where a teacher has put a file ``checks.csv`` beside the notebook, a line is added to it (record).
    For one of the PATIENTS the answer is one of the CAUSES, and the verdict comes with evidence.
    Raises ValueError if there is no exercise ``name``.
    """
    _known(name, [*EXERCISES, *PATIENTS])
    table, words = "diagnosis" if name in PATIENTS else name, words or {}
    said = core.WORDS | words | {table: core.WORDS[table] | words.get(table, {})}
    if answer is ... or answer is None:
        right, text = False, said["empty"]
    elif name in PATIENTS:
        right, text = diagnosis.verdict(name, answer, said["diagnosis"])
    else:
        right, text = core.verdict(EXERCISES[name], answer, said)
    record.add(name, right, text == said["empty"])
    print(text)
    if strict and not right:
        raise AssertionError(text)


def solution(name):
    """Print the code of a solution, or the cause of a patient. Raises ValueError if there is no exercise ``name``."""
    if _known(name, [*EXERCISES, *PATIENTS]) in PATIENTS:
        print(diagnosis.PATIENTS[name][0])
    else:
        print(inspect.getsource(EXERCISES[name].solution).rstrip())


def _known(name, names):
    if name not in names:
        raise ValueError(f"name: expected one of {sorted(names)}, got {name!r}")
    return name

"""What an exercise is, and the verdict on an answer.

An answer is run on the exercise's cases beside the solution and beside typical wrong answers, which are real code
too. Whichever it agrees with everywhere gives the verdict. What a learner wrote is never trusted: it gets input of
its own, its exceptions become sentences, an endless loop is stopped, and an answer that changes its arguments, or cuts
a gradient that should flow, is not right.
"""

import inspect
import math
import tomllib
import traceback
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path

import numpy as np
import torch

from lstm_lib.exercises.running import SECONDS, Endless, alike, arguments_of, changed_argument, flows, run

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
WORDS |= WORDS.pop("general")  # the frame of all verdicts, beside one table for each exercise


@dataclass(eq=False)  # so that it can be the key of a table
class Exercise:
    """One exercise: its ``solution``, the ``cases`` it is tried on, and typical ``mistakes``.

    ``solution`` is a function; its name is that of the exercise, and of its table in ``words.toml``. Without ``cases``
    it takes no arguments and the learner's answer is a number that counts as right within ``tolerance``; then
    ``mistakes`` maps a name to a number. With ``cases``, a function that makes a list of argument tuples (after
    ``manual_seed(0)``), the answer is a function too, and ``mistakes`` maps a name to a wrong one: a function, or what
    to change in the code of the solution: (old, new), or (old, new, old, new) and so on. They stand in the topic's
    ``EXERCISES``, which maps each exercise to its mistakes.
    ``observe(arguments, result)`` returns what is compared: by default the result itself; for an answer that changes
    its arguments, what became of them, and then "compared" in ``words.toml`` says what that is. ``flows``: the gradient
    must reach the arguments and the weights as it does in the solution.
    Raises ValueError if code that is to be changed is not in the solution.
    """

    solution: object
    cases: object = None
    tolerance: float = 1e-6
    observe: object = None
    flows: bool = False
    mistakes: dict = field(default_factory=dict)

    def __post_init__(self):
        self.name = self.solution.__name__
        code = inspect.getsource(self.solution)
        self.mistakes = {
            mistake: _changed(self.solution, code, *wrong) if isinstance(wrong, tuple) else wrong
            for mistake, wrong in self.mistakes.items()
        }


def _changed(function, code, *pieces):
    """Return ``function`` with pieces of its ``code`` exchanged, each wherever it stands: old, new, old, new, ..."""
    made = {}
    for old, new in zip(pieces[::2], pieces[1::2], strict=True):
        if old not in code:
            raise ValueError(f"{function.__name__}: expected {old!r} in its code, which is\n{code}")
        code = code.replace(old, new)
    exec(code, function.__globals__, made)
    return made[function.__name__]


def verdict(exercise, answer, words=WORDS):
    """Return whether ``answer``, a learner's function or number, is right, and the sentence about it."""
    with torch.random.fork_rng(devices=[]):
        text = (_about_function if exercise.cases else _about_number)(exercise, answer, words)
    return text == _right(exercise, words), text


def _right(exercise, words):
    return words["correct"].format(why=words[exercise.name]["right"])


def _about_number(exercise, answer, words):
    answer, right = _plain(answer), exercise.solution()
    if not isinstance(answer, float):
        return words["type"].format(expected=words["a number"], came=_short(answer))
    if abs(answer - right) <= exercise.tolerance:
        return _right(exercise, words)
    nearest = min(exercise.mistakes.values(), key=lambda number: abs(answer - number))
    close = abs(answer - nearest) <= max(1e-9, 0.002 * abs(nearest))
    known = _about_known(exercise, words, lambda number: close and number == nearest)
    side = "number" if not math.isfinite(answer) else "small" if answer < right else "large"
    exact = exercise.tolerance == Exercise.tolerance
    within = "" if exact else words["within"].format(tolerance=exercise.tolerance)
    return known or words[side].format(came=_short(answer), within=within)


def _about_function(exercise, answer, words):
    if not callable(answer):
        return words["type"].format(expected=words["function"], came=_short(answer))
    inputs = [", ".join(map(_short, case)) or words["no input"] for case in exercise.cases()]
    came, changed = [], None
    for k, case in enumerate(inputs):
        arguments = arguments_of(exercise, k)
        came.append(run(exercise, answer, k, arguments, quiet=k > 0))
        if isinstance(came[k], BaseException):
            known = _about_known(exercise, words, lambda function, k=k: alike(came[k], run(exercise, function, k)))
            return known or _about_error(came[k], case, words)
        if came[k] is ... or came[k] is None:
            return words["empty" if came[k] is ... else "nothing"].format(case=case)
        changed = changed or changed_argument(exercise, arguments, k)

    def difference(function):
        """Return the sentence on the first difference from what came, over all cases, or None."""
        runs = ((run(exercise, function, k), came[k], exercise.tolerance, case) for k, case in enumerate(inputs))
        return next((text for run in runs if (text := _difference(*run, words)) is not None), None)

    if difference(exercise.solution) is None:
        if changed:
            return words["changed"].format(name=changed)
        stuck = exercise.flows and not flows(exercise, answer)
        return words["stuck"] if stuck else _right(exercise, words)
    known = _about_known(exercise, words, lambda function: difference(function) is None)
    if known is not None:
        return known
    what = words[exercise.name].get("compared")
    return difference(exercise.solution) + (words["compared"].format(what=what) if what else "")


def _about_known(exercise, words, agrees):
    """Return the sentence for the first mistake that ``agrees``, or None."""
    for name, known in exercise.mistakes.items():
        if agrees(known):
            return words["mistake"].format(why=words[exercise.name][name])


def _about_error(error, case, words):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "lstm_lib" not in frame.filename]
    frames = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    where = words["where"].format(number=frames[-1].lineno, line=frames[-1].line) if frames else ""
    if isinstance(error, Endless):
        return words["endless"].format(seconds=SECONDS, where=where, case=case)
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return words["raised"].format(error=text, where=where, case=case)


def _difference(right, came, tolerance, case, words):
    """Return the sentence on the first thing in which two results differ, or None if they agree within ``tolerance``.

    They agree if structure and shapes are the same and the numbers are close. ``case`` is the input in words.
    """
    if isinstance(right, list | tuple) and isinstance(came, list | tuple) and len(right) == len(came):
        for k, (r, c) in enumerate(zip(right, came, strict=True)):
            text = _difference(r, c, tolerance, case, words)
            if text is not None:
                return text + (words["part"].format(number=k + 1, total=len(right)) if len(right) > 1 else "")
        return None
    expected, found = (None if isinstance(right, list | tuple) else _array(right)), _array(came)
    if expected is None or found is None:
        return words["type"].format(expected=_short(right), came=_short(came))
    if expected.shape != found.shape:
        return words["shape"].format(expected=_short(right), came=_short(came), case=case)
    if np.allclose(found, expected, rtol=1e-5, atol=tolerance, equal_nan=True):
        return None
    if not np.isfinite(found).all():
        return words["finite"].format(came="nan" if np.isnan(found).any() else "inf", case=case)
    k = np.unravel_index(np.abs(found - expected).argmax(), found.shape)
    pairs = [(f"{expected[k]:.{digits}g}", f"{found[k]:.{digits}g}") for digits in (*range(4, 10), 17)]
    wanted, got = next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])
    place = words["place"].format(index=", ".join(map(str, k))) if found.shape else ""
    return words["value"].format(expected=wanted, came=got, place=place, case=case)


def _array(value):
    try:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        if isinstance(value, str) or np.iscomplexobj(value):
            return None
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


def _plain(value):
    """Return a number as a float, also one that stands alone in a tensor or an array; anything else as it came."""
    if isinstance(value, torch.Tensor | np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else value
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _short(value):
    """Return what a value is, in a few characters: its shape, its number, or its type."""
    value = _plain(value)
    if isinstance(value, torch.Tensor | np.ndarray):
        return f"{type(value).__name__} {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)} ({', '.join(map(_short, value[:3]))}{', …' * (len(value) > 3)})"
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{type(value).__name__} {value!r}"[:80] if isinstance(value, str | bool) else type(value).__name__

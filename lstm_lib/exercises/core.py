"""What an exercise is, and the two calls that a learner makes: ``check`` and ``solution``.

An answer is run on the exercise's cases beside the solution and beside typical wrong answers, which are real code
too. Whichever it agrees with everywhere gives the verdict. What a learner wrote is never trusted: it gets input of
its own, its exceptions become sentences, and check() itself raises only for an unknown exercise.
"""

import contextlib
import inspect
import io
import math
import traceback
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import torch

WORDS = {
    "correct": "Correct. {why}",
    "mistake": "Not yet. {why}",
    "empty": "Not yet: put your answer in place of the three dots.",
    "nothing": "Not yet: your function returned nothing. Does every way through it end with return? "
    "It was called with {case}.",
    "raised": "Not yet: your code stopped{where} with {error}. It was called with {case}.",
    "where": " in line {number} ({line})",
    "type": "Not yet: expected {expected}, got {came}.",
    "shape": "Not yet: expected {expected}, got {came}. The input was {case}.",
    "finite": "Not yet: your answer holds {came}. The input was {case}.",
    "value": "Not yet: expected {expected}, got {came}{place}. The input was {case}.",
    "place": " at [{index}]",
    "compared": " (Compared: {what}.)",
    "part": " (Part {number} of {total}.)",
    "number": "Not yet: {came} is not it. The answer counts as right within {tolerance:g}.",
    "function": "a function",
    "a number": "a number",
    "no input": "no input",
}


@dataclass
class Exercise:
    """One exercise: its ``solution``, the ``cases`` it is tried on, and typical ``mistakes``.

    ``solution`` is a function. Without ``cases`` it takes no arguments and the learner's answer is a number that
    counts as right within ``tolerance``; then ``mistakes`` maps a name to a number. With ``cases``, a function that
    makes a list of argument tuples (after ``manual_seed(0)``), the answer is a function too, and ``mistakes`` maps a
    name to a wrong one.
    ``words`` has a sentence for "right" and for each mistake. ``observe(arguments, result)`` returns what is
    compared: by default the result itself; for an answer that changes its arguments, what became of them, and then
    ``words["compared"]`` says what that is.
    """

    solution: object
    words: dict
    mistakes: dict
    cases: object = None
    tolerance: float = 1e-6
    observe: object = field(default=lambda arguments, result: result)


def verdict(exercise, answer, words=WORDS):
    """Return the sentence for ``answer``, a learner's function or number, whatever it is or does."""
    with torch.random.fork_rng(devices=[]):
        return _verdict(exercise, answer, words)


def _verdict(exercise, answer, words):
    if answer is ... or answer is None:
        return words["empty"]
    if exercise.cases is None:
        return _about_number(exercise, answer, words)
    if not callable(answer):
        return words["type"].format(expected=words["function"], came=_short(answer))
    cases, came = exercise.cases(), []
    for k, case in enumerate(cases):
        came.append(_run(exercise, answer, k, quiet=k > 0))
        if isinstance(came[k], BaseException):
            return _about_error(came[k], case, words)
        if came[k] is ... or came[k] is None:
            return words["empty" if came[k] is ... else "nothing"].format(case=_inputs(case, words))
    for name, function in {"right": exercise.solution, **exercise.mistakes}.items():
        results = [_run(exercise, function, k) for k in range(len(cases))]
        if all(_agree(r, c, exercise.tolerance) for r, c in zip(results, came, strict=True)):
            return words["correct" if name == "right" else "mistake"].format(why=exercise.words[name])
    return _about_difference(exercise, came, cases, words)


def _about_difference(exercise, came, cases, words):
    for k, case in enumerate(cases):
        right = _run(exercise, exercise.solution, k)
        if not _agree(right, came[k], exercise.tolerance):
            text = _difference(right, came[k], exercise.tolerance, _inputs(case, words), words)
            what = exercise.words.get("compared")
            return text + (words["compared"].format(what=what) if what else "")


def _about_number(exercise, answer, words):
    if isinstance(answer, torch.Tensor | np.ndarray | np.generic) and np.ndim(answer) == 0:
        answer = answer.item()
    if not isinstance(answer, Real) or isinstance(answer, bool):
        return words["type"].format(expected=words["a number"], came=_short(answer))
    answer = _float(answer)
    for name, number in {"right": exercise.solution(), **exercise.mistakes}.items():
        if abs(answer - number) <= exercise.tolerance:
            return words["correct" if name == "right" else "mistake"].format(why=exercise.words[name])
    return words["number"].format(came=_short(answer), tolerance=exercise.tolerance)


def _run(exercise, function, k, quiet=True):
    """Return what is compared on case ``k``, or the exception; nothing outside the case's own objects changes."""
    torch.manual_seed(0)
    arguments = exercise.cases()[k]  # made anew for each call: an answer may change its input
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    hidden = contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext()
    try:
        with hidden:  # prints of the first case are shown: they help to debug
            result = function(*arguments)
            return result if result is ... else exercise.observe(arguments, result)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return error
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)


def _about_error(error, case, words):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "lstm_lib" not in frame.filename]
    frames = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    where = words["where"].format(number=frames[-1].lineno, line=frames[-1].line) if frames else ""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return words["raised"].format(error=text, where=where, case=_inputs(case, words))


def _agree(right, came, tolerance):
    """Say whether two results have the same structure and shapes and agree within ``tolerance``."""
    if isinstance(right, list | tuple):
        same = isinstance(came, list | tuple) and len(came) == len(right)
        return same and all(_agree(r, c, tolerance) for r, c in zip(right, came, strict=True))
    right, came = _array(right), _array(came)
    if right is None or came is None or right.shape != came.shape:
        return False
    return bool(np.allclose(came, right, rtol=1e-5, atol=tolerance, equal_nan=True))


def _difference(right, came, tolerance, case, words):
    """Return the sentence on the first thing in which two results differ; ``case`` is the input in words."""
    if isinstance(right, list | tuple):
        if not isinstance(came, list | tuple) or len(came) != len(right):
            return words["type"].format(expected=_short(right), came=_short(came))
        k, total = next(k for k, r in enumerate(right) if not _agree(r, came[k], tolerance)), len(right)
        part = words["part"].format(number=k + 1, total=total) if total > 1 else ""
        return _difference(right[k], came[k], tolerance, case, words) + part
    expected, found = _array(right), _array(came)
    if found is None:
        return words["type"].format(expected=_short(right), came=_short(came))
    if expected.shape != found.shape:
        return words["shape"].format(expected=_short(right), came=_short(came), case=case)
    if not np.isfinite(found).all():
        bad = "nan" if np.isnan(found).any() else "inf"
        return words["finite"].format(came=bad, case=case)
    k = np.unravel_index(np.abs(found - expected).argmax(), found.shape)
    pairs = ((f"{expected[k]:.{digits}g}", f"{found[k]:.{digits}g}") for digits in range(4, 10))
    wanted, came = next(((a, b) for a, b in pairs if a != b), (f"{expected[k]:.17g}", f"{found[k]:.17g}"))
    place = words["place"].format(index=", ".join(map(str, k))) if found.shape else ""
    return words["value"].format(expected=wanted, came=came, place=place, case=case)


def _array(value):
    try:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().numpy()
        if isinstance(value, str) or np.iscomplexobj(value):
            return None
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


def _float(number):
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _inputs(case, words):
    return ", ".join(map(_short, case)) or words["no input"]


def _short(value):
    """Return what a value is, in a few characters: its shape, its number, or its type."""
    if isinstance(value, torch.Tensor | np.ndarray) and value.ndim:
        return f"{type(value).__name__} {tuple(value.shape)}"
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)} ({', '.join(map(_short, value[:3]))}{', …' * (len(value) > 3)})"
    if isinstance(value, Real) and not isinstance(value, bool):
        return f"{_float(value):.6g}"
    return f"{type(value).__name__} {value!r}"[:80] if isinstance(value, str | bool) else type(value).__name__


def source(function):
    """Return the code of a solution as text."""
    return inspect.getsource(function).rstrip()

"""Refusing in words: where, what was expected, what came, and what to do about it."""

import math
import numbers


def refusal(place, expected, came, hint="", error=ValueError):
    """Return the ``error`` to raise; ``place`` is a place in a file or the name of an argument."""
    return error(f"{place}: expected {expected}, got {came}{'; ' if hint else ''}{hint}")


def expect(fits, *words, **more):
    """Raise the :func:`refusal` in these words unless it ``fits``."""
    if not fits:
        raise refusal(*words, **more)


def expect_type(name, value, kind, expected):
    """Raise TypeError that names the argument if ``value`` is no ``kind``, which ``expected`` says in words."""
    expect(isinstance(value, kind), name, expected, type(value).__name__, error=TypeError)


def positive(name, value):
    """Return ``value`` as a float; raise ValueError that names the argument if it is no positive number."""
    expect(isinstance(value, numbers.Real) and 0 < value < math.inf, name, "a positive number", repr(value))
    return float(value)


def shown(cell):
    """Return ``cell`` in quotes, shortened."""
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")


def few(items):
    """Return the first five of ``items`` in words, and how many more there are."""
    return ", ".join(map(repr, items[:5])) + (f" and {len(items) - 5} more" if len(items) > 5 else "")

"""What a learner has in hand instead of a file: a list, an array, a tensor, a column of a DataFrame."""

import numpy as np
import torch

from lstm_lib.own.cell import is_missing, style_of
from lstm_lib.own.refusing import expect, refusal
from lstm_lib.own.rows import in_order, once, when
from lstm_lib.own.table import Table


def as_array(name, values):
    """Return ``values`` as a NumPy array, with NaN where they are masked; errors begin with ``name``."""
    kind = type(values).__name__
    if isinstance(values, torch.Tensor):  # data, not a step of a computation
        values = values.detach().cpu()
        values = values.float() if values.dtype == torch.bfloat16 else values  # NumPy has none
    try:
        array = np.asanyarray(values)
        if isinstance(array, np.ma.MaskedArray):  # what lies under a mask is no value
            array = array.astype(np.float64).filled(np.nan)
    except (TypeError, ValueError, RuntimeError):
        raise refusal(name, "numbers, as many in each row", f"{kind} that makes no array") from None
    return np.asarray(array)


def as_table(source, decimal):
    """Return the Table of a list, an array or a pandas Series with its index, and its decimal sign.

    Numbers are never in doubt about that, whatever ``decimal`` is; text is read like the cells of a file.
    """
    array = as_array("source", source)
    expect(array.ndim == 1 and array.size, "source", "a file, or one column of numbers", f"shape {array.shape}")
    values = list(source) if isinstance(source, list | tuple) else array.tolist()  # an array has one type for all
    try:
        cells = [_cell(value) for value in values]
    except (TypeError, ValueError):
        cells = []
    written = {isinstance(value, str) for value, cell in zip(values, cells, strict=False) if not is_missing(cell)}
    fits = cells and array.dtype.kind not in "mMS" and (True not in written or style_of(cells))  # M: dates
    came = f"{type(source).__name__} of {array.dtype}" if len(written) < 2 else "numbers and text"
    expect(fits and len(written) < 2, "source", "numbers", came, "pass one column of numbers", error=TypeError)
    labels = _labels(source) or list(map(str, range(len(cells))))
    names = ["index", str(getattr(source, "name", None) or "values")]
    return Table(
        "source", names, list(range(len(cells))), [labels, cells], ",", []
    ), decimal if True in written else "."


def check_index(name, values):
    """Refuse ``values`` of pandas whose index says that they aren't in order, as read_series does."""
    labels = _labels(values)
    if labels is None:
        return
    table = Table(name, ["index"], list(range(len(labels))), [labels], ",", [])
    try:
        at = when(table, None)
        once(table, at, None, "refuse")
        in_order(table, at, None)
    except ValueError as error:
        more = f"these are arguments of read_series; {name}.to_numpy() takes the rows as they stand"
        raise ValueError(f"{error}; {more}") from None


def _cell(value):
    """Return a ``value`` as it would stand in a cell of a file."""
    if value is None or isinstance(value, str):
        return (value or "").strip()
    number = float("nan" if type(value).__name__ == "NAType" else value)  # pandas' own missing value
    return "" if number != number else repr(number)


def _labels(values):
    """Return the index of ``values`` as text, None if they have none: that of a list is a method."""
    index = getattr(values, "index", None)
    return None if index is None or callable(index) else list(map(str, index))

"""Checks of arguments. Every message names the argument, what came and what was expected."""

import numbers
import operator

import torch


def positive_int(name, value, least=1):
    """Return ``value`` as an int; TypeError if it is no whole number, ValueError if it is below ``least``."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        came = f"{value!r} ({type(value).__name__})"
        raise TypeError(f"{name}: expected a whole number of at least {least}, got {came}")
    if number < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {number}")
    return number


def one_of(name, value, allowed):
    """Return ``value`` if it is in ``allowed``, else raise ValueError."""
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def part_share(name, value):
    """Check that ``value`` is a share for each of two parts that leaves something for a third: between 0 and 1/2."""
    if not isinstance(value, numbers.Real) or not 0 < value < 0.5:
        raise ValueError(f"{name}: expected a number between 0 and 0.5, got {value!r}")


def float_tensor(name, value, shape, like=None, finite=True):
    """Return ``value`` if it is a finite float tensor of ``shape``, with the dtype and device of the tensor ``like``.

    In ``shape`` a number is a fixed size and a string, such as ``"B"``, names a size that may be anything from 1 up.
    Not ``finite``: inf and nan may be in it, as in the states of a network that explodes.
    Raises TypeError for a wrong type or dtype, ValueError for a wrong shape or device, and for inf and nan.
    """
    expected = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name}: expected a float tensor of shape {expected}, got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name}: expected a float tensor, got dtype {value.dtype}; convert it with {name}.float()")
    came = tuple(value.shape)
    same_rank = len(came) == len(shape)
    if not same_rank or any(isinstance(want, int) and want != got for want, got in zip(shape, came, strict=True)):
        raise ValueError(f"{name}: expected shape {expected}, got {came}")
    if 0 in came:
        raise ValueError(f"{name}: expected shape {expected} with every size at least 1, got {came}")
    like = None if callable(like) else like  # weights are a function once torch has quantised the layer
    if like is not None and value.dtype != like.dtype:
        raise TypeError(f"{name}: expected dtype {like.dtype} as in the weights, got {value.dtype}")
    if like is not None and value.device != like.device:
        raise ValueError(f"{name}: expected device {like.device} as for the weights, got {value.device}")
    if finite and not torch.compiler.is_exporting() and not bool(value.isfinite().all()):
        place = (~value.isfinite()).nonzero()[0].tolist()
        raise ValueError(f"{name}: expected finite numbers, got {value[tuple(place)].item()} at index {place}")
    return value


def state_pair(state, batch, hidden, like):
    """Check an LSTM state (h, c), each (B, H), and return the two tensors; errors as in :func:`float_tensor`."""
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        came = f"{type(state).__name__} of {len(state)}" if isinstance(state, (tuple, list)) else type(state).__name__
        raise TypeError(f"state: expected a pair (h, c) of tensors of shape ({batch}, {hidden}), got {came}")
    return tuple(float_tensor(name, tensor, (batch, hidden), like) for name, tensor in zip("hc", state, strict=True))

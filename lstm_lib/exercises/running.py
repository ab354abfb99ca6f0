"""Run what a learner wrote: on arguments of its own, for a limited time, with all that it changes put back."""

import contextlib
import ctypes
import inspect
import io
import threading

import torch

SECONDS = 10  # for an answer on one case; the solutions take milliseconds


def arguments_of(exercise, k):
    """Return the arguments of case ``k``, made anew, with the random state as it is after that."""
    torch.manual_seed(0)
    return exercise.cases()[k]


def run(exercise, function, k, arguments=None, quiet=True):
    """Return what is compared on case ``k``, or the exception; nothing outside the case's own objects changes."""
    arguments = arguments_of(exercise, k) if arguments is None else arguments
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    hidden = contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext()
    try:
        with hidden, _limit(SECONDS):  # prints of the first case are shown: they help to debug
            result = function(*arguments)
            plain = result is ... or exercise.observe is None
            return result if plain else exercise.observe(arguments, result)
    except (Exception, SystemExit, KeyboardInterrupt, Endless) as error:
        return error
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)


class Endless(BaseException):
    """An answer ran for longer than its time; no Exception, so that a learner's ``except`` lets it through."""


@contextlib.contextmanager
def _limit(seconds):
    """Raise Endless in this thread if the block takes longer."""
    here = ctypes.c_ulong(threading.get_ident())
    stop = threading.Timer(seconds, ctypes.pythonapi.PyThreadState_SetAsyncExc, (here, ctypes.py_object(Endless)))
    stop.daemon = True
    stop.start()
    try:
        yield
    finally:
        stop.cancel()


def alike(one, other):
    """Say whether two exceptions say the same."""
    return type(one) is type(other) and str(one) == str(other) and not isinstance(one, Endless)


def changed_argument(exercise, arguments, k):
    """Return the name of the first argument that is not as it came, None if none is, or if they are to be changed."""
    if exercise.observe is not None:
        return None
    names, before = inspect.signature(exercise.solution).parameters, arguments_of(exercise, k)
    return next((n for n, a, b in zip(names, arguments, before, strict=False) if not _same(a, b)), None)


def _same(one, other):
    if isinstance(one, torch.Tensor):
        alike = one.shape == other.shape and one.dtype == other.dtype and one.requires_grad == other.requires_grad
        return alike and torch.equal(one.detach(), other.detach())
    if isinstance(one, torch.nn.Module):
        return all(_same(one.state_dict()[name], weight) for name, weight in other.state_dict().items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or type(one) is type(other) and (callable(one) or one == other)


def flows(exercise, answer):
    """Say whether the gradient at the arguments and weights of the first case is that of the solution."""
    found = []
    for function in (exercise.solution, answer):
        arguments = arguments_of(exercise, 0)
        leaves = [
            part.requires_grad_() for part in arguments if isinstance(part, torch.Tensor) and part.is_floating_point()
        ]
        leaves += [p for part in arguments if isinstance(part, torch.nn.Module) for p in part.parameters()]
        result = run(exercise, function, 0, arguments)
        results = result if isinstance(result, list | tuple) else [result]
        if not all(isinstance(part, torch.Tensor) and part.requires_grad for part in results):
            return False
        loss = sum((part * torch.linspace(-1, 2, part.numel()).view_as(part)).sum() for part in results)
        found.append(torch.autograd.grad(loss, leaves, allow_unused=True))
    return all(
        (a is None) == (b is None) and (a is None or torch.allclose(a, b, 1e-4, 1e-6))
        for a, b in zip(*found, strict=True)
    )

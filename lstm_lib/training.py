"""fit(): one training loop for the whole course, with a progress bar, clipping, a seed and a history."""

import contextlib
import itertools
import math
import time
from dataclasses import dataclass, field

import torch
from torch.nn.utils import clip_grad_norm_, get_total_norm
from tqdm.auto import tqdm

from lstm_lib.checks import positive_int

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STOPPED = "Stopped after {done} of {updates} updates. The model stays as it is now, and you can use it."


@dataclass
class History:
    """What happened during training: one entry per completed update, and the time it took.

    ``loss`` (on the batch, before the update), ``grad_norm`` (2-norm of the whole gradient, before clipping),
    ``seconds`` of wall time, ``interrupted`` (True if the learner stopped the run).
    """

    loss: list = field(default_factory=list)
    grad_norm: list = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False


class NonFiniteLossError(ArithmeticError):
    """The loss became inf or nan; ``history`` holds the updates before that."""

    def __init__(self, loss, history):
        self.history = history
        last = f"{history.loss[-1]:.4g} with gradient norm {history.grad_norm[-1]:.4g}" if history.loss else "none"
        super().__init__(
            f"the loss is {loss} at update {len(history.loss)} (last finite loss: {last}). "
            "Lower the learning rate or pass clip=1.0; the updates before are in this error's .history"
        )


def fit(model, batches, loss_fn, optimizer, updates, *, clip=None, scheduler=None, seed=0, label="training"):
    """Train ``model`` in place for so many ``updates`` and return the History.

    ``batches`` yields pairs (x, y) and is started again when it runs out: a DataLoader, a list, a generator.
    ``clip`` is the largest norm of the gradient, cut by torch's ``clip_grad_norm_`` before each update; None: no cut.
    ``seed`` rules shuffling and dropout and leaves the caller's random state as it was. Runs on one CPU thread.
    ``label`` stands beside the progress bar; None: no bar. A keyboard interrupt ends the run early and says so; model
    and history stay usable. Without a bar the run is one of many, and the interrupt goes on to whoever runs them.
    Raises NonFiniteLossError, with the history, before the update that a loss of inf or nan would make;
    ValueError for a ``clip`` that isn't positive or batches that run out.
    """
    positive_int("updates", updates)
    if clip is not None and not 0 < clip < math.inf:
        raise ValueError(f"clip: expected a positive norm or None, got {clip!r}")
    history, start = History(), time.perf_counter()
    model.train()
    with _one_thread(), torch.random.fork_rng(), progress_bar(updates, label) as bar:
        torch.manual_seed(seed)
        try:
            for x, y in itertools.islice(_endless(batches), updates):
                _update(model, x, y, loss_fn, optimizer, clip, history)
                if scheduler is not None:
                    scheduler.step()
                bar.update()
                if len(history.loss) % 20 == 0:
                    bar.set_postfix(loss=f"{history.loss[-1]:.4f}", refresh=False)
        except KeyboardInterrupt:
            if label is None:
                raise
            history.interrupted = True
    history.seconds = time.perf_counter() - start
    if history.interrupted:
        print(STOPPED.format(done=len(history.loss), updates=updates))
    return history


def progress_bar(total, label):
    """Return a tqdm bar up to ``total`` for a ``with`` block, hidden if ``label`` is None; ``update()`` moves it on.

    In a notebook it is a widget without tqdm's text: "0%| | 0/600" would stay in a saved notebook for good.
    """
    if label is None or not any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__):
        return tqdm(total=total, desc=label, disable=label is None)
    from IPython.display import display  # present whenever tqdm.auto has chosen its notebook bar

    bar = tqdm(total=total, desc=label, display=False)
    view = {"model_id": bar.container.model_id, "version_major": 2, "version_minor": 0}
    display({WIDGET_VIEW: view}, raw=True)
    return bar


def _update(model, x, y, loss_fn, optimizer, clip, history):
    optimizer.zero_grad(set_to_none=True)
    loss = loss_fn(model(x), y)
    value = loss.item()
    if not math.isfinite(value):
        raise NonFiniteLossError(value, history)
    loss.backward()
    parameters = [p for p in model.parameters() if p.grad is not None]
    norm = get_total_norm([p.grad for p in parameters]) if clip is None else clip_grad_norm_(parameters, clip)
    optimizer.step()
    history.loss.append(value)
    history.grad_norm.append(norm.item())


def _endless(batches):
    while True:
        batch = None
        for batch in batches:
            yield batch
        if batch is None:
            raise ValueError("batches: ran out before the last update; pass a list, a DataLoader or an endless one")


@contextlib.contextmanager
def _one_thread():
    # beside another busy process, two threads wait for each other at every small operation: 123 s instead of 7
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)

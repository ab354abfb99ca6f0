"""Save a trained Forecaster or CharacterModel with all it needs to be used again, and load it."""

import pickle
from pathlib import Path

import torch

from lstm_lib.models import LSTMModel
from lstm_lib.own.forecasting import Forecaster
from lstm_lib.own.refusing import expect, expect_type, refusal
from lstm_lib.own.text import CharacterModel

FORECASTER = ("window", "horizon", "mean", "deviation", "relative")


def save(trained, path):
    """Write ``trained``, a Forecaster or a CharacterModel, to the file ``path``: weights, sizes, scale or alphabet.

    Raises TypeError for anything else, ValueError for a ``path`` that no file can have.
    """
    path = Path(path)
    possible = path.parent.is_dir() and not path.is_dir()
    expect(possible, "path", "the name of a file in a folder that exists", repr(str(path)))
    expect_type("trained", trained, (Forecaster, CharacterModel), "a Forecaster or a CharacterModel")
    if isinstance(trained, Forecaster):
        model, extra = trained.model, {name: getattr(trained, name) for name in FORECASTER}
    else:
        model, extra = trained, {"alphabet": trained.alphabet}
    torch.save({"extra": extra, "hidden": model.hidden_size, "weights": model.state_dict()}, path)


def load(path):
    """Return the Forecaster (without its curve) or the CharacterModel in the file ``path``.

    Nothing but plain data is read: a file made by others can't run code. Raises ValueError for another file or none.
    """
    path = Path(path)
    expect(path.exists(), path.name, f"a file in {path.parent.resolve()}", "none of this name")
    try:
        saved = dict(torch.load(path, weights_only=True))
        extra, hidden, weights = (saved[name] for name in ("extra", "hidden", "weights"))
        text = "alphabet" in extra
        model = CharacterModel(extra["alphabet"], hidden) if text else LSTMModel(1, hidden, 1, 1)
        model.to(weights["fc.weight"].dtype).load_state_dict(weights)
        return model if text else Forecaster(model, **{name: extra[name] for name in FORECASTER})
    except (KeyError, TypeError, RuntimeError, ValueError, OSError, EOFError, pickle.UnpicklingError) as error:
        raise refusal(path.name, "a file written by save()", f"something else ({error!r:.60})") from None

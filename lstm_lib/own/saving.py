"""Save a trained Forecaster or CharacterModel with all it needs to be used again or gone on with, and load it."""

import os
import pickle
import zipfile
from pathlib import Path

import torch

from lstm_lib.own.forecaster import Forecaster
from lstm_lib.own.forecasting import new_model
from lstm_lib.own.refusing import expect, expect_type, refusal
from lstm_lib.own.text import CharacterModel

FORECASTER = ("kind", "window", "horizons", "mean", "deviation", "relative", "settings", "curve", "misses")


def save(trained, path):
    """Write ``trained``, a Forecaster or a CharacterModel, to the file ``path``: weights, sizes, scale or alphabet.

    Of a model that torch.compile has wrapped the model itself is saved. Raises TypeError for anything else, ValueError
    for a ``path`` that no file can have.
    """
    expect_type("path", path, (str, os.PathLike), "the name of a file")
    path = Path(path)
    possible = path.parent.is_dir() and not path.is_dir()
    expect(possible, "path", "the name of a file in a folder that exists", repr(str(path)))
    trained = getattr(trained, "_orig_mod", trained)
    expect_type("trained", trained, (Forecaster, CharacterModel), "a Forecaster or a CharacterModel")
    if isinstance(trained, Forecaster):
        model, extra = trained.model, {name: getattr(trained, name) for name in FORECASTER}
    else:
        model, extra = trained, {"alphabet": trained.alphabet, "hidden": trained.hidden_size}
    model = getattr(model, "_orig_mod", model)
    try:
        torch.save({"extra": extra, "weights": model.state_dict()}, path)
    except RuntimeError as error:  # torch's word for a folder in which nothing can be written
        raise refusal("path", "a place where a file can be written", f"{str(path)!r} ({error!r:.60})") from None


def load(path, device="cpu"):
    """Return the Forecaster or the CharacterModel in the file ``path``, on ``device``.

    Nothing but plain data is read: a file made by others can't run code. Raises ValueError for another file, a damaged
    one or none, and for a ``device`` that isn't there.
    """
    expect_type("path", path, (str, os.PathLike), "the name of a file")
    path = Path(path)
    expect(path.exists(), path.name, f"a file in {path.parent.resolve()}", "none of this name")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise refusal("device", "one that this machine has", f"{device!r} ({error!r:.60})") from None
    try:
        with zipfile.ZipFile(path) as file:  # torch itself doesn't look at the checksums
            if file.testzip():
                raise ValueError("damaged")
        saved = dict(torch.load(path, weights_only=True, map_location=device))
        extra, weights = saved["extra"], saved["weights"]
        if "alphabet" in extra:
            model = CharacterModel(extra["alphabet"], extra["hidden"]).to(weights["fc.weight"])
            model.load_state_dict(weights)
            return model
        forecaster = Forecaster(model=None, **{name: extra[name] for name in FORECASTER})
        forecaster.model = new_model(forecaster)
        forecaster.model.load_state_dict(weights)
        return forecaster
    except (
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
        ValueError,
        OSError,
        EOFError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as error:
        raise refusal(path.name, "a file written by save()", f"something else ({error!r:.60})") from None

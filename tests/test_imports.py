"""The library is light: it adds little to torch's own start, and widgets and plots come only with who needs them."""

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent / "lstm_lib"
HEAVY = {"matplotlib", "ipywidgets", "IPython", "PIL"}
NUMERIC = ["", ".cells", ".bptt", ".variants", ".models", ".gradients", ".cell_gradients", ".tasks", ".training"]
NUMERIC += [".datasets", ".early_stopping", ".forecasting", ".characters", ".own_data", ".saving", ".experiments"]
MOST_SECONDS = 0.3
CODE = """
import importlib, sys, time
import torch
start = time.process_time()
for name in {names}:
    importlib.import_module("lstm_lib" + name)
print(time.process_time() - start, *({heavy} & set(sys.modules)))
"""


def _imported(names):
    """Return the processor seconds that these modules add to torch, and which heavy packages came along."""
    code = CODE.format(names=names, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, *came = done.stdout.split()
    return float(seconds), set(came)


def test_the_numeric_rooms_add_little_to_torch():
    assert min(_imported(NUMERIC)[0] for _ in range(3)) < MOST_SECONDS  # the best of three: the machine may be busy


def test_plots_come_only_with_who_needs_them():
    assert _imported(NUMERIC)[1] == set()
    assert "matplotlib" in _imported([".plots"])[1]
    assert "ipywidgets" not in _imported([".plots"])[1]


@pytest.mark.parametrize("name", NUMERIC[1:])
def test_every_room_of_that_list_exists(name):
    assert (LIBRARY / f"{name[1:]}.py").is_file()

"""What a learner does to a kernel: stop a training cell, shut the kernel down. Nothing is lost, nothing is left."""

import time

import pytest

from tests.tools.kernel import kernel

SETUP = """
import torch
from torch import nn
from lstm_lib.own import split_in_time, train_forecaster
from lstm_lib.training import fit
model, x = nn.Linear(1, 1), torch.linspace(-1, 1, 32)[:, None]
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
parts = split_in_time(torch.sin(torch.arange(300).double()), 20, 1)
"""
TRAININGS = {
    "history = fit(model, [(x, 3 * x)], nn.functional.mse_loss, optimizer, 10**7)": (
        "len(history.loss) > 0, history.interrupted, model(x).isfinite().all().item()"
    ),
    "forecaster = train_forecaster(parts, updates=10**6)": "forecaster.forecast(parts.series).item() < 100",
}


@pytest.mark.parametrize(("training", "usable"), TRAININGS.items())
def test_a_training_cell_that_is_stopped_says_so_and_leaves_what_it_has(training, usable, tmp_path):
    with kernel(tmp_path) as one:
        one.run(SETUP)
        request = one.start(training)
        time.sleep(3)
        one.manager.interrupt_kernel()
        said = one.outputs(request)
        assert "Stopped after" in said
        assert "KeyboardInterrupt" not in said
        assert set(one.run(f"print({usable})").split()) == {"True"}


def test_a_kernel_that_is_shut_down_leaves_no_file(tmp_path):
    (tmp_path / "temp").mkdir()
    with kernel(tmp_path, TMPDIR=str(tmp_path / "temp")) as one:
        one.run("import tempfile\nfolder = tempfile.TemporaryDirectory()\nopen(folder.name + '/a', 'w').close()")
        assert len(list((tmp_path / "temp").iterdir())) == 1
    assert list((tmp_path / "temp").iterdir()) == []

"""An LSTMModel in ONNX: what another program computes from the file, for batches and lengths that it wasn't made with.

Needs three packages that the course doesn't: .venv/bin/pip install -e ".[onnx]". In a process of its own: once
torch.export has seen an LSTM, torch 2.13 fixes T in every later file.
"""

import subprocess
import sys

import pytest

for name in ("onnxruntime", "onnxscript"):
    pytest.importorskip(name, reason='not installed: .venv/bin/pip install -e ".[onnx]"')
CODE = """
import sys
import onnxruntime, torch
from lstm_lib.models import LSTMModel

model, free = LSTMModel(3, 8, 2, 2).eval(), {0: torch.export.Dim("B"), 1: torch.export.Dim("T")}
torch.onnx.export(model, (torch.randn(4, 12, 3),), sys.argv[1], dynamic_shapes=(free,), dynamo=True, verbose=False)
session = onnxruntime.InferenceSession(sys.argv[1])
for shape in ((4, 12, 3), (1, 12, 3), (7, 5, 3), (2, 40, 3)):
    x = torch.randn(shape)
    (came,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    print((torch.from_numpy(came) - model(x)).abs().max().item())
"""


def test_the_file_answers_as_the_model_does_for_any_batch_and_length(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", CODE, str(tmp_path / "model.onnx")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    gaps = [float(line) for line in done.stdout.splitlines()]
    assert len(gaps) == 4 and max(gaps) <= 1e-5

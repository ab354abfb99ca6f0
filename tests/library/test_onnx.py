"""An LSTMModel in ONNX: what another program computes from the file, for batches and lengths that it wasn't made with.

Needs three packages that the course doesn't: pip install ".[onnx]".
"""

import pytest
import torch

from lstm_lib.models import LSTMModel

onnxruntime = pytest.importorskip("onnxruntime", reason='not installed: pip install ".[onnx]"')
pytest.importorskip("onnxscript", reason='not installed: pip install ".[onnx]"')


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_the_file_answers_as_the_model_does_for_any_batch_and_length(tmp_path):
    model, path = LSTMModel(3, 8, 2, 2).eval(), tmp_path / "model.onnx"
    free = {0: torch.export.Dim("B"), 1: torch.export.Dim("T")}
    torch.onnx.export(model, (torch.randn(4, 12, 3),), path, dynamic_shapes=(free,), dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(path)
    for shape in ((4, 12, 3), (1, 12, 3), (7, 5, 3), (2, 40, 3)):
        x = torch.randn(shape)
        (came,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
        assert torch.allclose(torch.from_numpy(came), model(x), atol=1e-5)

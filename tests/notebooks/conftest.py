import pytest
import torch


@pytest.fixture(scope="module", autouse=True)
def _default_dtype():
    """The set-up cell of a notebook changes it."""
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)

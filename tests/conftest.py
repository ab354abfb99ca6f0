import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch


def pytest_configure(config):
    if os.environ.get("CI"):  # with the pinned versions no other package warns, either
        config.addinivalue_line("filterwarnings", "error")
        # the folder of a notebook, which goes with its kernel
        config.addinivalue_line("filterwarnings", "ignore:Implicitly cleaning up:ResourceWarning")


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)
    torch.set_num_threads(1)


def pytest_terminal_summary(terminalreporter):
    """Note what was skipped and why, for the last line of ``make test``."""
    if "NOT_RUN" in os.environ:
        with open(os.environ["NOT_RUN"], "a", encoding="utf-8") as file:
            for report in terminalreporter.stats.get("skipped", []):
                file.write(report.longrepr[2].removeprefix("Skipped: ") + "\n")

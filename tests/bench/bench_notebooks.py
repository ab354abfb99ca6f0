"""Seconds and memory of each notebook's Run All: total, slowest cell, and the largest resident size of its kernel.

``make bench-notebooks`` measures every notebook; with NAMES=... only those. Linux only: the kernel's peak comes from
/proc.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.tools.hygiene import NOTEBOOKS


def run_all(path):
    """Run the notebook at ``path`` in a clean kernel; return (id -> seconds) of its cells and the peak in MB."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}})
    seconds = {}
    with client.setup_kernel():
        for k, cell in enumerate(notebook.cells):
            start = time.perf_counter()
            client.execute_cell(cell, k)
            seconds[cell.id] = time.perf_counter() - start
        status = Path(f"/proc/{client.km.provisioner.pid}/status").read_text(encoding="utf-8")
    peak = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return seconds, peak


def main(names):
    os.environ["OMP_NUM_THREADS"] = "1"
    print("load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))
    print(f"{'Run All':34}{'seconds':>8}{'slowest cell':>32}{'peak MB':>9}")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not names or path.stem in names:
            seconds, peak = run_all(path)
            slowest = max(seconds, key=seconds.get)
            slow = f"{slowest} {seconds[slowest]:.1f}"
            print(f"{path.stem:34}{sum(seconds.values()):8.0f}{slow:>32}{peak:9.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

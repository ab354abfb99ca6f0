"""``make class N=20``: N learners press Run All on notebook 01 on this machine, one second after another.

Each has a kernel of their own on 127.0.0.1, as under JupyterHub. Prints the slowest and the median time, the peak of
memory that all kernels hold together, and what failed. Linux only: memory comes from /proc.
"""

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.tools.hygiene import NOTEBOOKS

NOTEBOOK = NOTEBOOKS / "01_vanishing_gradients.ipynb"
PAUSE = 1.0  # seconds between two starts


async def learner(k, kernels):
    """Run the notebook in a kernel of its own; return (seconds, None) or (seconds, what went wrong)."""
    await asyncio.sleep(k * PAUSE)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}})
    start = time.perf_counter()
    try:
        async with client.async_setup_kernel():
            kernels[k] = client.km.provisioner.pid
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index)
    except Exception as error:  # a report, not a crash: the others go on
        return time.perf_counter() - start, f"{type(error).__name__}: {error}"[:200]
    finally:
        kernels.pop(k, None)
    return time.perf_counter() - start, None


async def watch(kernels, peak):
    """Keep in ``peak`` the largest proportional size in MB of all kernels together: shared pages count once."""
    while True:
        total = 0
        for pid in list(kernels.values()):
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
            except OSError:  # the kernel has just ended
                continue
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
        peak.append(max(total, peak[-1]))
        await asyncio.sleep(0.5)


async def main(learners):
    kernels, peak = {}, [0.0]
    watching = asyncio.create_task(watch(kernels, peak))
    results = await asyncio.gather(*(learner(k, kernels) for k in range(learners)))
    watching.cancel()
    seconds = [s for s, _ in results]
    failures = [failure for _, failure in results if failure]
    print(
        f"{learners} learners, {os.cpu_count()} cores: Run All took {statistics.median(seconds):.0f} s (median), ",
        end="",
    )
    print(f"{max(seconds):.0f} s (slowest); memory of all kernels at most {peak[-1]:.0f} MB; {len(failures)} failed")
    print(*failures, sep="\n", end="\n" * bool(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))

"""Seconds and memory of each notebook's Run All: total, slowest cell, and the largest resident size of its kernel.

``make bench-notebooks`` measures every notebook; with NAMES=... only those. Linux only: the kernel's peak comes from
/proc.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from tests.tools.hygiene import NOTEBOOKS, client
from tests.tools.kernel import memory_mb


async def run_all(path, kernels, timeout=300):
    """Run the notebook at ``path`` in a clean kernel; return (id -> seconds) of its cells and the peak in MB.

    Meanwhile its /proc folder is in the set ``kernels``. A cell may take ``timeout`` seconds.
    """
    runner, seconds = client(path, timeout=timeout), {}
    async with runner.async_setup_kernel():
        process = Path(f"/proc/{runner.km.provisioner.pid}")
        kernels.add(process)
        try:
            for k, cell in enumerate(runner.nb.cells):
                start = time.perf_counter()
                await runner.async_execute_cell(cell, k)
                seconds[cell.id] = time.perf_counter() - start
            return seconds, memory_mb(process)
        finally:
            kernels.remove(process)


def main(names):
    os.environ["OMP_NUM_THREADS"] = "1"
    print("load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))
    print(f"{'Run All':34}{'seconds':>8}{'slowest cell':>32}{'peak MB':>9}")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not names or path.stem in names:
            seconds, peak = asyncio.run(run_all(path, set()))
            slowest = max(seconds, key=seconds.get)
            slow = f"{slowest} {seconds[slowest]:.1f}"
            print(f"{path.stem:34}{sum(seconds.values()):8.0f}{slow:>32}{peak:9.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

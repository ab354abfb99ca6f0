"""``make class N=20``: N learners press Run All on notebook 01 on this machine, one second after another.

Each has a kernel of their own on 127.0.0.1, as under JupyterHub. Prints the slowest and the median time, the peak of
memory that all kernels hold together, and what failed. Linux only: memory comes from /proc.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import time

from tests.bench.bench_notebooks import run_all
from tests.tools.hygiene import NOTEBOOKS
from tests.tools.kernel import memory_mb

PAUSE = 1.0  # seconds between two starts


async def learner(k, kernels):
    """Run the notebook in a kernel of its own; return (seconds, None) or (seconds, what went wrong)."""
    await asyncio.sleep(k * PAUSE)
    start, failure = time.perf_counter(), None
    try:
        await run_all(NOTEBOOKS / "01_vanishing_gradients.ipynb", kernels, timeout=1800)
    except Exception as error:  # a report, not a crash: the others go on
        failure = f"{type(error).__name__}: {error}"[:200]
    return time.perf_counter() - start, failure


async def watch(kernels, sizes):
    """Add to ``sizes`` the proportional size in MB of all kernels together, twice a second: shared pages count once."""
    while True:
        sizes.append(0.0)
        for process in kernels:
            with contextlib.suppress(OSError):  # the kernel has just ended
                sizes[-1] += memory_mb(process, "smaps_rollup", "Pss:")
        await asyncio.sleep(0.5)


async def main(learners):
    kernels, sizes = set(), [0.0]
    watching = asyncio.create_task(watch(kernels, sizes))
    results = await asyncio.gather(*(learner(k, kernels) for k in range(learners)))
    watching.cancel()
    seconds = [s for s, _ in results]
    failures = [failure for _, failure in results if failure]
    times = f"{statistics.median(seconds):.0f} s (median), {max(seconds):.0f} s (slowest)"
    memory = f"memory of all kernels at most {max(sizes):.0f} MB; {len(failures)} failed"
    print(f"{learners} learners, {os.cpu_count()} cores: Run All took {times}; {memory}", *failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))

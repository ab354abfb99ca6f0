"""``make matrix``: unit tests and strict nbval under other settings, processors and versions than the usual ones.

It runs every row that this machine can run, one after the other (about ten minutes each), and prints the support table
of the README; with ROWS=... only those. The rows ``lowest`` and ``newest`` build an
environment of their own from the bounds in pyproject.toml; words in PIP_ARGS go to pip. Linux only.
"""

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "usual": {},
    "two-threads": {"OMP_NUM_THREADS": "2"},
    **{f"aten-{level}": {"ATEN_CPU_CAPABILITY": level} for level in ("default", "avx2", "avx512")},
    "old-processor": {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "ONEDNN_MAX_CPU_ISA": "SSE41"},
    **dict.fromkeys(("no-network", "lowest", "newest"), {}),
}
SETTINGS["old-processor"] |= SETTINGS["aten-default"]
OFFLINE = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
UNIT = ["-m", "pytest", "-m", "not slow and not browser"]
BROWSER = ["-m", "pytest", "-m", "browser", "tests/browser", "tests/publish"]
NBVAL = ["-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "notebooks"]
REPORTED = ("torch", "matplotlib", "ipywidgets", "jupyterlab", "numpy")


def run(command, env):
    """Run ``command`` in the repository; return (whether it passed, its last line)."""
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.strip().splitlines() or [""]
    if done.returncode:
        print(*lines[-60:], sep="\n", flush=True)
    return done.returncode == 0, lines[-1].strip("= ")


def environment(row):
    """Return the Python of a row; for ``lowest`` and ``newest`` build its environment first."""
    if row not in ("lowest", "newest"):
        return sys.executable
    bounds = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    exact = [bound.replace(">=", "==") for bound in bounds] if row == "lowest" else ["--upgrade", *bounds]
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {re.split("[>=]=", bound)[0] for bound in bounds}
    tools = [line for line in pinned if "==" in line and line.split("==")[0] not in names]
    python = str(ROOT / f".venv-{row}" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", *os.environ.get("PIP_ARGS", "").split()]
    venv = [sys.executable, "-m", "venv", f".venv-{row}"]
    for command in (venv, [*pip, *exact, *tools], [*pip, "--no-deps", "-e", "."]):
        subprocess.run(command, check=True, cwd=ROOT)
    return python


def missing(row):
    """Return why this machine can't run ``row``, or None."""
    flag = {"aten-avx2": "avx2", "aten-avx512": "avx512f"}.get(row)
    if flag and flag not in Path("/proc/cpuinfo").read_text(encoding="utf-8").split():
        return f"this processor has no {row.removeprefix('aten-')}"
    if row == "no-network" and subprocess.run([*OFFLINE, "true"], capture_output=True).returncode:
        return "no empty network can be made here"
    return None


def versions(python):
    """Return "Python 3.11.2, torch 2.13.0, ..." of an environment."""
    code = f"import sys, importlib.metadata as m; print(sys.version.split()[0], *map(m.version, {REPORTED}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return ", ".join(f"{name} {version}" for name, version in zip(("Python", *REPORTED), found, strict=True))


def main(rows):
    if unknown := [row for row in rows if row not in SETTINGS]:
        sys.exit(f"rows: expected some of {', '.join(SETTINGS)}, got {', '.join(unknown)}")
    table, failed = ["| row | versions | unit tests | notebooks, strict nbval | minutes |", "|---|---|---|---|---|"], []
    for row in rows or SETTINGS:
        why_not = missing(row)
        if why_not:
            table.append(f"| {row} | not run: {why_not} | | | |")
            continue
        python, start = environment(row), time.perf_counter()
        # the row's Python comes first on the path: the kernels of the notebooks must be its own
        path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
        env = {"OMP_NUM_THREADS": "1", **os.environ, **SETTINGS[row], "PATH": path, "PYTHONPATH": str(ROOT)}
        before = OFFLINE if row == "no-network" else []
        parts = [UNIT, NBVAL] + [BROWSER] * (row == "no-network")
        results = [run([*before, python, *part, "-p", "no:cacheprovider"], env) for part in parts]
        failed += [row] * (not all(passed for passed, _ in results))
        cells = " | ".join(line for _, line in results[:2])
        table.append(f"| {row} | {versions(python)} | {cells} | {(time.perf_counter() - start) / 60:.0f} |")
        print(table[-1], flush=True)
    print(*table, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

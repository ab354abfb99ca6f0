"""``make matrix``: unit tests and strict nbval under other settings, processors and versions than the usual ones.

It runs every row that this machine can run, one after the other (about ten minutes each), and prints a table;
with ROWS=... only those. The rows from ``lowest`` on build environments of their own: from the bounds
in pyproject.toml, with Colab's versions, on each Python that lies here, by Binder's steps, in Debian testing. Words in
PIP_ARGS go to pip. Linux only.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tests.tools import debian
from tests.tools.setup import torch_words

ROOT = Path(__file__).parents[2]
PYTHONS = tuple(f"python3.{minor}" for minor in range(11, 15))
# what Colab comes with, as far as it touches the course: ipywidgets 7, and no JupyterLab
COLAB = {"ipywidgets": "7.7.1", "ipython": "7.34.0", "ipykernel": "6.17.1", "notebook": "6.5.7"}
COLAB |= {"numpy": "2.0.2", "matplotlib": "3.10.0", "pillow": "11.3.0", "tqdm": "4.67.1"}
SETTINGS = {
    "usual": {},
    "two-threads": {"OMP_NUM_THREADS": "2"},
    **{f"aten-{level}": {"ATEN_CPU_CAPABILITY": level} for level in ("default", "avx2", "avx512")},
    "old-processor": {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "ONEDNN_MAX_CPU_ISA": "SSE41"},
    **dict.fromkeys(("no-network", "lowest", "newest", "colab", *PYTHONS, "binder", "debian"), {}),
}
SETTINGS["old-processor"] |= SETTINGS["aten-default"]
OFFLINE = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
BEFORE = {"no-network": OFFLINE, "debian": debian.INSIDE}
UNIT = ["-m", "pytest", "-m", "not slow and not browser"]
BROWSER = ["-m", "pytest", "-m", "browser and not slow", "tests/browser", "tests/publish"]
START = ["-m", "jupyterlab", "--version"]
NBVAL = ["-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "notebooks"]
REPORTED = ("torch", "matplotlib", "ipywidgets", "jupyterlab", "numpy")
TESTED = dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(command, env):
    """Run ``command`` in the repository; return (whether it passed, its last line)."""
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.strip().splitlines() or [""]
    if done.returncode:
        print(*lines[-60:], sep="\n", flush=True)
    return done.returncode == 0, lines[-1].strip("= ")


def python_of(row):
    """Return the Python that a row's environment is made with."""
    if row == "binder":
        return (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().replace("-", "")
    return row if row in PYTHONS else sys.executable


def wanted(row):
    """Return what pip installs for a row with an environment of its own, none for the others."""
    if row == "binder":
        return ["--retries", "1", "-r", "binder/requirements.txt"]  # pip asks its second index for each package
    bounds = dict(bound.split(">=") for bound in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"])
    if row == "newest":
        tools = [f"{name}=={version}" for name, version in TESTED.items() if name not in bounds]
        return ["--upgrade", *(f"{name}>={least}" for name, least in bounds.items()), *tools]
    if row == "debian":
        return [f"{name}=={TESTED[name]}" for name in debian.LACKING]
    pins = {"lowest": TESTED | bounds, "colab": TESTED | COLAB, **dict.fromkeys(PYTHONS, TESTED)}.get(row, {})
    return [f"{name}=={version}" for name, version in pins.items() if (row, name) != ("colab", "jupyterlab")]


def environment(row):
    """Return the Python of a row; build its environment first if it has one of its own."""
    if not wanted(row):
        return sys.executable
    if row == "debian":
        return debian.environment(wanted(row))
    python = str(ROOT / f".venv-{row}" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", *(os.environ.get("PIP_ARGS", "").split() or torch_words())]
    # Binder finds the package by its start script
    package = [] if row == "binder" else [[*pip, "--no-deps", "-e", "."]]
    for command in ([python_of(row), "-m", "venv", f".venv-{row}"], [*pip, *wanted(row)], *package):
        subprocess.run(command, check=True, cwd=ROOT)
    return python


def missing(row):
    """Return why this machine can't run ``row``, or None."""
    if row == "debian":
        return debian.missing()
    flag = {"aten-avx2": "avx2", "aten-avx512": "avx512f"}.get(row)
    if flag and flag not in Path("/proc/cpuinfo").read_text(encoding="utf-8").split():
        return f"this processor has no {row.removeprefix('aten-')}"
    python = python_of(row)
    if python != sys.executable and not (found := shutil.which(python)):
        return f"no {python} here"
    if python != sys.executable and subprocess.run([found, "--version"], capture_output=True).returncode:
        return f"the {python} here does not start"
    if row == "no-network" and subprocess.run([*OFFLINE, "true"], capture_output=True).returncode:
        return "no empty network can be made here"
    return None


def versions(command):
    """Return "Python 3.11.2, torch 2.13.0, ..." of the environment whose Python ``command`` is."""
    code = f"""import sys, importlib.metadata as m; found = {{d.name: d.version for d in m.distributions()}}
print(sys.version.split()[0], *(found.get(name, "none") for name in {REPORTED}))"""
    found = subprocess.run([*command, "-c", code], capture_output=True, text=True, check=True).stdout.split()
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
        before, parts = BEFORE.get(row, []), [UNIT, NBVAL] + [BROWSER] * (row == "no-network")
        if row == "binder":  # its start script sets the rest; the tools of the unit tests are not there
            env = {**os.environ, "PATH": path, "REPO_DIR": str(ROOT)}
            for name in ("OMP_NUM_THREADS", "PYTHONPATH"):
                env.pop(name, None)
            before, parts = [str(ROOT / "binder" / "start")], [START, NBVAL]
        results = [run([*before, python, *part, "-p", "no:cacheprovider"], env) for part in parts]
        failed += [row] * (not all(passed for passed, _ in results))
        cells = " | ".join(line for _, line in results[:2])
        minutes, found = (time.perf_counter() - start) / 60, versions([*BEFORE.get(row, []), python])
        table.append(f"| {row} | {found} | {cells} | {minutes:.0f} |")
        print(table[-1], flush=True)
    print(*table, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Set up .venv, with or without make: ``python3 tests/tools/setup.py``; words behind it go to pip.

Whatever stopped it, the same command goes on. It must run before anything is installed, and tell a Python that is too
old: so the standard library only, and no younger syntax than Python 3.6 can read.
"""

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from http.client import HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
READY = VENV / ".ready"  # written last: the folder and the pins that were installed there
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
INSTALLED = VENV / ".installed"  # each package that was there then, with its version
# two scripts for .venv's own Python, which must not look into this folder (-I): what is installed, is it still there?
# Who upgrades a package keeps it.
LIST = """from importlib.metadata import distributions
for found in distributions():
    print(found.metadata["Name"], found.version)"""
WHOLE = """import re, sys
from importlib.metadata import version
numbers = lambda text: [int(part) for part in re.findall(r"\\d+", text.split("+")[0])]
for line in open(sys.argv[1]):
    name, least = line.split()
    assert numbers(version(name)) >= numbers(least)"""


def runs(*command):
    """Return whether ``command`` ends well; what it prints is nobody's business."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def obstacle(version=sys.version_info):
    """Return why nothing can be set up here with this Python, and what to do, or None."""
    if version < (3, 11):
        others = [f"python3.{minor}" for minor in (14, 13, 12, 11) if runs(f"python3.{minor}", "--version")]
        way = (
            f"This machine has another: make lab PYTHON={others[0]}"
            if others
            else "Install one: https://www.python.org"
        )
        return f"Python 3.11 or newer is needed, this is {version[0]}.{version[1]}. {way}"
    if not os.access(str(ROOT), os.W_OK):
        return f"{ROOT} can't be written to, and .venv must go there: copy the course into a folder of your own."
    return None


def torch_words():
    """Return what tells pip to fetch the torch for this machine: without an Nvidia card the one without CUDA."""
    if not sys.platform.startswith("linux") or shutil.which("nvidia-smi") or Path("/proc/driver/nvidia").exists():
        return []  # for Windows and macOS, PyPI has the CPU build
    try:
        urllib.request.urlopen(CPU_BUILDS + "/torch/", timeout=5).close()
        return ["--extra-index-url", CPU_BUILDS]
    except (OSError, HTTPException):
        print("PyTorch's own index doesn't answer, so its build from PyPI: 3 GB, with CUDA.", file=sys.stderr)
        return []


def follow(lines, live):
    """Tell how far pip is, from its own hundreds of ``lines``; ``live``: on one line of a terminal."""
    before, now, name = 0, 0, ""
    for line in lines:
        words = line.split()
        if words[:1] == ["Progress"]:
            now, size = int(words[1]), int(words[3])
            text = f"{(before + now) / 1e6:.0f} MB fetched; now {name}, {now / 1e6:.0f} of {size / 1e6:.0f} MB"
            print("\r" + text.ljust(78) if live else "", end="", flush=True)
        elif words[:1] == ["Downloading"] and not words[1].endswith(".metadata"):
            before, now, name = before + now, 0, words[1].split("/")[-1].split("-")[0]
        elif words[:3] == ["Installing", "collected", "packages:"]:
            before, now = before + now, 0
            text = f"{before / 1e6:.0f} MB fetched; unpacking {len(words) - 3} packages, about a minute"
            print("\r" * live + text.ljust(78), flush=True)


def main(words):
    """Set up what isn't; return what went wrong and what to do, or None."""
    pins = re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    wanted, done = [ascii(str(ROOT)), *pins], READY.read_text(encoding="utf-8").split("\n") if READY.exists() else [""]
    if done == wanted and runs(PYTHON, "-I", "-c", WHOLE, str(INSTALLED)):
        return None
    if obstacle():
        return obstacle()
    if done[0] not in ("", wanted[0]):
        print("This folder was moved or copied, and .venv knows its old place only: it is made anew.", flush=True)
        shutil.rmtree(str(VENV))
    new = not runs(PYTHON, "-m", "pip", "--version")
    if new and subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        return f"Python could not make {VENV}: its reason stands above."
    print("Setting up .venv: 0.4 GB to fetch, 3 GB with CUDA, less what pip has fetched before.", flush=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore", "PIP_USER": "0"}
    failed = subprocess.run([*pip, "--quiet", "pip>=24.1"], env=env).returncode  # the first whose progress can be read
    if not failed:
        command = [*pip, "--progress-bar", "raw", "-r", "requirements.txt", *(words or torch_words())]
        with subprocess.Popen(command, cwd=str(ROOT), env=env, stdout=subprocess.PIPE, encoding="utf-8") as process:
            follow(process.stdout, sys.stdout.isatty())
        failed = process.returncode
    if failed:
        free = shutil.disk_usage(str(ROOT)).free / 1e9
        return f"""pip could not finish: its reason stands above. The same command goes on from here.
It needs a network, 2 GB of disk (9 with CUDA; {free:.1f} are free) and a Python from 3.11 to 3.14."""
    (VENV / "etc" / "ipython").mkdir(parents=True, exist_ok=True)
    shutil.copy(str(ROOT / "lstm_lib" / "data" / "ipython_config.py"), str(VENV / "etc" / "ipython"))
    INSTALLED.write_bytes(subprocess.run([PYTHON, "-I", "-c", LIST], stdout=subprocess.PIPE, check=True).stdout)
    READY.write_text("\n".join(wanted), encoding="utf-8")
    return None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command goes on from here.")

"""``make hub N=8``: a real JupyterHub on 127.0.0.1, and N learners who use the course on it, all at once.

Each logs in on nbgitpuller's link, gets a server and a copy of the course, presses Run All on notebook 01, answers an
exercise (wrong, then right) and saves. From N = 4 on, one of them loses the kernel, one fills the disk, one fetches a
correction in the middle of Run All (hub_trouble.py). Then the teacher corrects the course twice, first in other cells
than the answer, then in its line, and each opens the link again. Prints seconds, memory and failures, what became of
answers and corrections, and the teacher's table of results. One who fails is reported, and the others go on. All of it
lies in a temporary folder and ends with the command, also when that is interrupted; the hub's log stays, in
build/hub.log. Linux only: memory comes from /proc.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import httpx

from tests.bench.hub_learner import CORRECTIONS, MARK, cell_of
from tests.bench.hub_trouble import HURRIED, FillsDisk, UpdatesInTheMiddle, class_of, small_disk
from tests.tools.kernel import memory_mb

ROOT = Path(__file__).parents[2]
LOG = ROOT / "build" / "hub.log"
STEPS = (  # what it is called, the learner's method, seconds it may take
    ("log in, server up", "enter", 300),
    ("fetch the course", "pull", 300),
    ("Run All of 01", "run_all", 900),
    ("answer, twice", "exercise", 300),
)


def git(*words, cwd=None):
    settings = ("user.name=teacher", "user.email=teacher@localhost", "commit.gpgsign=false")
    options = [word for setting in settings for word in ("-c", setting)]
    done = subprocess.run(["git", *options, *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"git {' '.join(map(str, words))}: {done.stderr.strip()}")


def publish(teacher, message):
    """Commit all that the teacher has changed and push it to where the learners fetch the course."""
    git("add", "--all", cwd=teacher)
    git("commit", "--quiet", "--message", message, cwd=teacher)
    git("push", "--quiet", teacher.parent / "course.git", "HEAD:main", cwd=teacher)


def correct(teacher, message, cells):
    """Write the teacher's mark into ``cells`` of the course, and publish it."""
    for path, name, old in cells:
        notebook = json.loads((teacher / path).read_text(encoding="utf-8"))
        lines = cell_of(notebook, name)["source"]
        k = next(k for k, line in enumerate(lines) if old in line)
        lines[k] = f"{lines[k].rstrip()}  # {MARK}\n"
        (teacher / path).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    publish(teacher, message)


def prepare(folder):
    """Put the course as it was last committed into a bare repository, with an empty record of the checks beside 01."""
    teacher = folder / "teacher"
    git("clone", "--quiet", "--depth", "1", f"file://{ROOT}", teacher)
    git("init", "--quiet", "--bare", folder / "course.git")
    git("symbolic-ref", "HEAD", "refs/heads/main", cwd=folder / "course.git")
    git("config", "receive.shallowUpdate", "true", cwd=folder / "course.git")
    (teacher / "notebooks" / "checks.csv").touch()
    publish(teacher, "Each check is recorded")
    return teacher


def free_ports():
    """Return three ports of 127.0.0.1 that nobody listens on."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def start_hub(folder, ports):
    """Start the hub and its proxy; return its process."""
    os.environ |= {"HUB_FOLDER": str(folder), "HUB_PORTS": " ".join(map(str, ports))}
    os.environ["HUB_PASSWORD"] = secrets.token_hex(16)
    binaries = [str(Path(sys.prefix) / "bin"), str(Path(sys.prefix) / "node_modules" / ".bin")]
    environment = os.environ | {"PATH": os.pathsep.join([*binaries, os.environ["PATH"]])}
    command = [sys.executable, "-m", "jupyterhub", "-f", Path(__file__).with_name("hub_config.py")]
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


async def wait_for(hub, address, seconds=120):
    """Return the seconds until the hub answers. Raises SystemExit with the end of its log if it ends or never does."""
    start = time.perf_counter()
    async with httpx.AsyncClient() as http:
        while hub.poll() is None and time.perf_counter() - start < seconds:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(f"http://{address}/hub/health")).is_success:
                    return time.perf_counter() - start
            await asyncio.sleep(0.2)
    raise SystemExit("\n".join(["The hub did not start:", *LOG.read_text(errors="replace").splitlines()[-8:]]))


def processes(folder):
    """Yield (its /proc folder, what it is) for each process of this hub: those with its folder in their environment."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # not ours to read, or it has just ended
            if f"HUB_FOLDER={folder}\0".encode() in (process / "environ").read_bytes():
                command = (process / "cmdline").read_bytes()
                kinds = {b"ipykernel": "kernel", b"singleuser": "server", b"http-proxy": "proxy", b"jupyterhub": "hub"}
                yield process, next((kind for word, kind in kinds.items() if word in command), "other")


async def watch(folder, peaks, totals):
    """Once a second: each process's largest size so far into ``peaks``, the sum of all into ``totals``, in MB.

    Sizes are proportional: a page that k processes share counts 1/k in each.
    """
    while True:
        totals.append(0.0)
        for process, kind in processes(folder):
            with contextlib.suppress(OSError, ValueError):
                size = memory_mb(process, "smaps_rollup", "Pss:")
                totals[-1] += size
                peaks[kind, process.name] = max(size, peaks.get((kind, process.name), 0))
        await asyncio.sleep(1)


def enrol(folder, teacher, address, count):
    """Return the learners; who has a small disk is told to the hub."""
    learners, disk = [], small_disk()
    for k, kind in enumerate(class_of(count, disk), start=1):
        learners.append(kind(f"learner{k:02}", address, folder / "course.git"))
        if kind is FillsDisk:
            os.environ |= {"HUB_SMALL": learners[-1].name, "HUB_SMALL_DISK": json.dumps(disk)}
        if kind is UpdatesInTheMiddle:
            learners[-1].correct = lambda: correct(teacher, "in a hurry", HURRIED)
    return learners


async def lesson(folder, teacher, hub, address, learners):
    """Let the learners work, correct the course in between, and print the report; return how many of them failed."""
    seconds = await wait_for(hub, address)
    print(f"JupyterHub {version('jupyterhub')} on http://{address} after {seconds:.0f} s", flush=True)
    peaks, totals = {}, [0.0]
    watching = asyncio.create_task(watch(folder, peaks, totals))
    await asyncio.gather(*(one.work(STEPS) for one in learners))
    for correction, cells in CORRECTIONS.items():
        correct(teacher, correction, cells)
        step = (f"update: {correction}", "update", 300, correction)
        await asyncio.gather(*(one.work([step]) for one in learners))
    watching.cancel()
    for one in learners:
        await one.close()
    report(learners, peaks, max(totals))
    return sum(one.failure is not None for one in learners)


def report(learners, peaks, total):
    """Print seconds and failures of each step, what the updates left, and memory."""
    print(f"{f'{len(learners)} learners, {os.cpu_count()} cores':38}{'median s':>9}{'slowest s':>11}{'failed':>8}")
    for label in [step[0] for step in STEPS] + [f"update: {correction}" for correction in CORRECTIONS]:
        seconds = [one.seconds[label] for one in learners if label in one.seconds] or [float("nan")]
        failed = sum(one.failure is not None and one.failure[0] == label for one in learners)
        print(f"{label:38}{statistics.median(seconds):9.1f}{max(seconds):11.1f}{failed:8}")
    for correction, what in dict.fromkeys(key for one in learners for key in one.left):
        there = [one.left[correction, what] for one in learners if (correction, what) in one.left]
        print(f"after the update, {correction}: {what} is there for {sum(there)} of {len(there)}")
    kinds = ("hub", "proxy", "server", "kernel")
    sizes = {kind: [size for (k, _), size in peaks.items() if k == kind] for kind in kinds}
    each = ", ".join(f"{kind} {statistics.median(size):.0f}" for kind, size in sizes.items() if size)
    print(f"memory in MB, shared parts counted once: {each}; all together at most {total:.0f}")
    for one in learners:
        if one.failure or one.outcome:
            print(f"{one.name}, {': '.join(one.failure or [one.outcome])}")


def results(folder):
    """Print the teacher's table of what the learners' checks said."""
    folders = sorted({record.parents[2] for record in folder.glob("learner*/course/notebooks/checks.csv")})
    print("python -m lstm_lib.exercises", *(one.name for one in folders), flush=True)
    if "HUB_SMALL" in os.environ:
        print(f"({os.environ['HUB_SMALL']} is not among them: only its own server sees that small disk.)", flush=True)
    subprocess.run([sys.executable, "-m", "lstm_lib.exercises", *folders], cwd=ROOT, timeout=300, check=False)


def stop(hub, folder):
    """End the hub, which ends the servers and they the kernels; kill what is left after 30 s; delete the folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if hub is not None:
        hub.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            hub.wait(30)
    for process, _ in list(processes(folder)):
        with contextlib.suppress(OSError):
            os.kill(int(process.name), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def main(count):
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    folder, hub = Path(tempfile.mkdtemp(prefix="hub-")), None
    try:
        teacher = prepare(folder)
        ports = free_ports()
        address = f"127.0.0.1:{ports[0]}"
        learners = enrol(folder, teacher, address, count)
        hub = start_hub(folder, ports)
        failed = asyncio.run(lesson(folder, teacher, hub, address, learners))
        results(folder)
        return 1 if failed else 0
    except KeyboardInterrupt:
        print("Interrupted: stopping the hub and all its servers.", flush=True)
        return 130
    finally:
        stop(hub, folder)


if __name__ == "__main__":
    number = sys.argv[1] if len(sys.argv) > 1 else "8"
    if not number.isdecimal() or int(number) < 1:
        sys.exit(f"N: expected how many learners, 1 or more, got {number!r}")
    sys.exit(main(int(number)))

"""Three learners of ``make hub`` to whom something happens while the others work: see hub.py.

Each says in ``outcome`` what came of it; a loss that must not be is a failure, as with any learner.
"""

import shutil
import subprocess
import time

from tests.bench.hub_learner import ANSWER, BLANK, MARK, NOTEBOOK, START, TRIES, Learner, cell_of

HURRIED = ((START, "taste", ""), (NOTEBOOK, "title", ""))  # corrected in the middle of a learner's Run All
# a file system of its own for one learner, gone with the last of its processes; $0 and $@ are the server
SMALL_DISK = 'mount -t tmpfs -o size=80m tmpfs "$HOME" && cd "$HOME" && exec "$0" "$@"'
UNSHARE = ("unshare", "--map-root-user", "--mount")
FILL = """full = open("full.tmp", "wb", buffering=0)
try:
    for _ in range(25_000): full.write(bytes(4096))  # at most 100 MB
except OSError as error:
    print(error)"""


def half(notebook):
    return len(notebook["cells"]) // 2


class KillsKernel(Learner):
    """Loses the kernel in the middle of Run All, as by a limit of memory, and runs all again."""

    async def run_all(self):
        await self.open()
        await self.run_cells(stop=half(self.notebook))
        try:
            await self.type("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        except RuntimeError as error:
            start, said = time.perf_counter(), str(error).removeprefix("typed: ")
        else:
            raise RuntimeError("expected the kernel to die of SIGKILL, but it answered")
        self.socket.close()
        await self.open()  # the same session
        empty = await self.type("print('lstm_lib' not in globals())")
        self.outcome = f"{said}; {time.perf_counter() - start:.0f} s later a new one answered, empty: {empty.strip()}"
        await self.run_cells()
        await self.save()


class FillsDisk(Learner):
    """Has a disk of 80 MB and fills it, answers, checks and saves; makes room, and saves again."""

    async def exercise(self):
        cell, stored, (answer, said) = cell_of(self.notebook, ANSWER), await self.stored(), next(iter(TRIES.items()))
        full = await self.type(FILL)
        cell["source"] = cell["source"].replace(BLANK, answer)
        if said not in (text := await self.run(cell)):
            raise RuntimeError(f"on a full disk: expected {said!r}, got {text!r}")
        refused = ""
        try:
            await self.save()
        except RuntimeError as error:
            refused = str(error)
        if "No space left" not in refused:
            raise RuntimeError(f"on a full disk: expected that the save is refused for it, got {refused!r}")
        if await self.stored() != stored:
            raise RuntimeError("on a full disk: the notebook that lay there was changed")
        await self.type("import os; full.close(); os.remove('full.tmp')")
        await self.save()
        cell["source"] = cell["source"].replace(answer, BLANK)
        await super().exercise()
        self.outcome = f"{full.strip()}: the check answered, saving said so, nothing was lost; with room it was saved"


class UpdatesInTheMiddle(Learner):
    """Opens the link in the middle of Run All, when a correction has just come, and saves the open notebook over it."""

    async def run_all(self):
        await self.open()
        await self.run_cells(stop=half(self.notebook))
        self.correct()
        await self.pull()
        arrived = await self.marks()
        await self.run_cells(half(self.notebook))
        await self.save()
        self.outcome = f"in the middle of Run All the correction came {arrived}; after a save of the open 01 it is"
        self.outcome += f" {await self.marks()}"

    async def marks(self):
        """Say in which notebooks, as they lie on the disk, the correction is."""
        found = [path[10:12] for path, cell, _ in HURRIED if MARK in cell_of(await self.stored(path), cell)["source"]]
        return f"in {' and '.join(found) or 'none'}"


TROUBLES = (KillsKernel, FillsDisk, UpdatesInTheMiddle)


def class_of(count, disk):
    """Return the kind of each of ``count`` learners: nothing happens to the first, something to the next ones."""
    kinds = [Learner, *TROUBLES][:count]
    if FillsDisk in kinds and not disk:
        print("Not tried here: a full disk (it takes unshare, and user namespaces).")
        kinds.remove(FillsDisk)
    return kinds + [Learner] * (count - len(kinds))


def small_disk():
    """Return the command before the server of one who is to have a small disk; none where this machine can't do it."""
    can = shutil.which("unshare") and not subprocess.run([*UNSHARE, "true"], capture_output=True).returncode
    return [*UNSHARE, "sh", "-c", SMALL_DISK] if can else []

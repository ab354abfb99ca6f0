"""What check() said, for a teacher: off, unless a file ``checks.csv`` stands beside the notebook, on a learner's disk.

An empty one that comes with the course switches it on. ``python -m lstm_lib.exercises FOLDER ...`` prints those of a
class, one folder for each learner, as one CSV: learner, exercise, tries until it was right, when.
"""

import csv
import datetime
import sys
from pathlib import Path

FILE = "checks.csv"  # in the folder that the notebook runs in
VERDICTS = ("right", "not yet", "empty")


def add(name, right, empty):
    """Add a line to the record, if there is one: time (UTC), exercise, verdict. A full disk stops no check."""
    path = Path(FILE)
    if path.is_file():
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            with path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow([now, name, VERDICTS[2 if empty else 0 if right else 1]])
        except OSError as error:
            print(f"{FILE}: {error}", file=sys.stderr)


def collect(folders):
    """Yield for each of the ``folders`` and exercise a row: learner, exercise, tries, when it was right first, or "".

    A learner's name is that of the folder. A line that isn't one of the record is passed over. Of a folder without a
    record it says so, beside the rows, and goes on.
    """
    for folder in map(Path, folders):
        found = sorted(folder.rglob(FILE.replace(".", "*.")))  # nbgitpuller renames a learner's to checks__TIME.csv
        if not found:
            print(f"{folder}: expected a folder with a file {FILE}, got none", file=sys.stderr)
        tries, solved = {}, {}
        lines = [line for path in found for line in csv.reader(path.read_text(encoding="utf-8").splitlines())]
        lines = [line for line in lines if len(line) == 3 and line[2] in VERDICTS[:2]]
        for time, name, said in sorted(lines, key=lambda line: line[0]):
            if name not in solved:
                tries[name] = tries.get(name, 0) + 1
                solved |= {name: time} if said == VERDICTS[0] else {}
        for name, count in tries.items():
            yield folder.name, name, count, solved.get(name, "")

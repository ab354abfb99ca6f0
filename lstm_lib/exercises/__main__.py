"""``python -m lstm_lib.exercises FOLDER ...``: the records of a class as one CSV, see ``record``."""

import csv
import sys

from lstm_lib.exercises import record

if __name__ == "__main__":
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["learner", "exercise", "tries", "right at"])
    out.writerows(record.collect(sys.argv[1:]))

"""What Binder would build from this repository, by repo2docker's own rules, up to the point where Docker is needed.

``make binder-check`` installs repo2docker beside the project and runs this. It builds nothing.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# what the Dockerfile must hold, in this order
WANTED = (
    ("the environment of Python 3.11", r"environment-2epy-2d3-2e11-2d"),
    ("pip sees only the requirements, so commits don't reinstall torch", r"COPY .*binder/requirements"),
    ("pip installs binder/requirements.txt", r'pip install .*-r "binder/requirements\.txt"'),
    ("then the repository is copied", r"^COPY .*src/ \$\{REPO_DIR\}/"),
    ("binder/start stands in front of the server", r'R2D_ENTRYPOINT="\$\{REPO_DIR\}/binder/start"'),
)


def main():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    dockerfile = run.stdout + run.stderr
    at = 0
    for what, pattern in WANTED:
        found = re.compile(pattern, re.M).search(dockerfile, at)
        if not found:
            sys.exit(f"missing: {what} ({pattern})\n{dockerfile[-3000:]}")
        print("ok:", what)
        at = found.end()


if __name__ == "__main__":
    main()

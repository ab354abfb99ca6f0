"""The row ``debian`` of the matrix: the course with Debian testing's own packages, in a folder of its own.

They differ from those of PyPI in more than their versions: torch multiplies with the reference BLAS, without MKL. What
Debian lacks comes from PyPI into a virtual environment that sees Debian's packages; it may not replace any of them.
"""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-debian-root"  # delete it to have today's testing
VENV = ROOT / ".venv-debian"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = ["python3-torch", "python3-numpy", "python3-matplotlib", "python3-ipywidgets", "python3-ipython"]
PACKAGES += ["python3-pil", "python3-tqdm", "jupyterlab", "python3-venv", "git", "make", "ca-certificates"]
PACKAGES += [f"python3-{name}" for name in ("pytest", "hypothesis", "nbval", "nbclient", "nbformat", "nbconvert")]
LACKING = ("anywidget", "playwright", "axe-playwright-python", "latex2mathml", "ziamath")
# in a mount namespace of its own: what is mounted there goes with the last process, and the folder can be deleted
ENTER = """
course=$1 root=$1/.venv-debian-root && shift
for path in "$course" /proc /dev /sys /etc/resolv.conf /etc/ssl/certs /etc/pip.conf; do
    if [ -d "$path" ]; then mkdir -p "$root$path"; elif [ -e "$path" ]; then touch "$root$path"; else continue; fi
    mount --bind "$path" "$root$path"
done
mount -t tmpfs tmpfs "$root/dev/shm"
exec chroot "$root" env -C "$course" HOME=/root "$@"
"""
INSIDE = ["unshare", "--mount", "sh", "-ec", ENTER, "sh", str(ROOT)]


def missing():
    """Return why this machine can't run the row, or None."""
    if absent := [tool for tool in ("mmdebstrap", "unshare", "chroot") if not shutil.which(tool)]:
        return f"no {absent[0]} here (on Debian: apt install mmdebstrap)"
    if subprocess.run(["unshare", "--mount", "chroot", "/", "true"], capture_output=True).returncode:
        return "only root can change into another Debian"
    return None


def environment(pins):
    """Return the row's Python, with ``pins`` from PyPI; build what isn't there: 0.5 GB to fetch, 3 GB of disk."""
    if not FOLDER.exists():
        new = FOLDER.with_name(".venv-debian-new")  # under its own name only when it is whole
        shutil.rmtree(new, ignore_errors=True)
        # where this machine takes a mirror's old list, so does Debian
        old = subprocess.run(
            ["apt-config", "dump", "Acquire::Check-Valid-Until"], capture_output=True, text=True
        ).stdout
        options = ["--variant=apt", "--dpkgopt=force-unsafe-io", *([f"--aptopt={old.strip()}"] if old else [])]
        include = f"--include={','.join(PACKAGES)}"
        subprocess.run(["mmdebstrap", "--mode=root", *options, include, "testing", new, MIRROR], check=True)
        new.rename(FOLDER)
    python, own = str(VENV / "bin" / "python"), "/usr/lib/python3/dist-packages"
    subprocess.run([*INSIDE, "/usr/bin/python3", "-m", "venv", "--system-site-packages", VENV], check=True)
    listing = [*INSIDE, python, "-m", "pip", "list", "--format=freeze", "--path", own]
    found = subprocess.run(listing, capture_output=True, check=True)
    (VENV / "debian.txt").write_bytes(found.stdout)
    pip = [python, "-m", "pip", "install", "--quiet", "--constraint", VENV / "debian.txt"]
    subprocess.run([*INSIDE, *pip, *os.environ.get("PIP_ARGS", "").split(), *pins], check=True)
    return python

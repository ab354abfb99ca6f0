"""The house: which room may know which. A drawing of it is made from the imports; here arrows go down only.

The import statements themselves are read, not a list of them: a new room must find its floor here.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "lstm_lib"
# from the ground up; a room may import from the floors below its own, a package from inside itself as well
FLOORS = [
    ["checks", "order"],
    ["cells", "tasks", "datasets", "training", "plots"],
    ["bptt", "variants", "models", "gradients"],
    ["experiments", "own"],
    ["explorers", "exercises"],
]
FLOOR = {room: k for k, rooms in enumerate(FLOORS) for room in rooms}
PACKAGES = {"experiments", "own", "explorers", "exercises"}
MODULES, LINES = 12, 1800  # at the top of the library, at most
HEAVY = {"matplotlib", "ipywidgets", "IPython", "PIL"}
NUMERIC = sorted(set(FLOOR) - {"plots", "explorers", "exercises"})
MOST_SECONDS = 0.3
CODE = """
import importlib, sys, time
import torch
start = time.process_time()
for name in {names}:
    importlib.import_module("lstm_lib." + name)
print(time.process_time() - start, *({heavy} & set(sys.modules)))
"""


def arrows():
    """Return (file, its room, the room it imports from, whether it goes past that room's door) for each import."""
    for path in sorted(LIBRARY.rglob("*.py")):
        room = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node):
                yield path.relative_to(LIBRARY), room, target[0], len(target) > 1


def _targets(node):
    """Return the modules of this library that a statement imports, each as its parts: ["own", "dates"]."""
    names = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "lstm_lib":
        names = [f"lstm_lib.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        names = [name for name in inside if (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()] or [
            node.module
        ]
    return [name.split(".")[1:] for name in names if name.startswith("lstm_lib.")]


def test_every_room_has_a_floor_and_every_floor_its_rooms():
    found = {path.stem for path in LIBRARY.glob("*.py")} | {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert found - {"__init__"} == set(FLOOR)


def test_arrows_go_down_only():
    up = [(str(path), target) for path, room, target, _ in arrows() if room != target and FLOOR[target] >= FLOOR[room]]
    assert up == []


def test_nobody_imports_from_inside_another_package():
    past = [(str(path), target) for path, room, target, inside in arrows() if inside and room != target]
    assert past == []


def test_notebooks_come_through_the_doors():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert not [p for p in PACKAGES if f"lstm_lib.{p}." in text], path.name


def test_what_stands_at_the_top_can_be_read_in_an_evening():
    modules = sorted(LIBRARY.glob("*.py"))
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
    assert len(modules) <= MODULES
    assert lines <= LINES, lines
    for path in LIBRARY.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 250, path


def test_texts_name_files_that_exist():
    texts = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks").glob("*.md"), ROOT / "README.md"]
    for path in texts:
        for name in re.findall(r"(?:tests|lstm_lib)/[a-z_0-9/]+\.(?:py|md|toml)", path.read_text(encoding="utf-8")):
            assert (ROOT / name).is_file(), (path.name, name)


def test_the_map_names_every_room_and_the_readme_every_package():
    text, readme = (
        (LIBRARY / "__init__.py").read_text(encoding="utf-8"),
        (ROOT / "README.md").read_text(encoding="utf-8"),
    )
    for room in FLOOR:
        assert f"    {room}" in text, room
    assert all(f"`{package}/`" in readme for package in PACKAGES)


def _imported(names):
    """Return the processor seconds that these modules add to torch, and which heavy packages came along."""
    code = CODE.format(names=names, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, *came = done.stdout.split()
    return float(seconds), set(came)


def test_the_numeric_rooms_add_little_to_torch_and_bring_no_plots():
    assert min(_imported(NUMERIC)[0] for _ in range(3)) < MOST_SECONDS  # the best of three: the machine may be busy
    assert _imported(NUMERIC)[1] == set()
    assert "matplotlib" in _imported(["plots"])[1]
    assert "ipywidgets" not in _imported(["plots"])[1]

"""Says what to run first when the cells of a notebook are run out of order: an extension of IPython.

Importing lstm_lib in a notebook loads it. Before a cell runs, the notebook's file tells which cell further up makes
each name that this one uses. If no cell has made it yet, or another one made it last, the reader is told.
"""

import dis
import json
from contextlib import suppress
from pathlib import Path
from types import CodeType

WORDS = {
    "missing": "Not made yet: {names}\nRun the cells above first. In the menu: Run, Run All Above Selected Cell.",
    "changed": "Changed by another cell: {names}\nSo the result may differ from the one in the text. To be safe, run "
    "the cells above first. In the menu: Run, Run All Above Selected Cell.",
}
AT_ONCE = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"}  # code in code that runs where it stands


def names_of(source):
    """Return what a cell's ``source`` loads, what it makes, and the dict function or class -> what that one loads."""
    loads, makes, inside = {}, {}, {}  # name -> True: sets that keep their order
    try:
        code = compile(source, "cell", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):  # a cell in the middle of an edit: the kernel has its own words
        return [], [], {}
    for step in dis.get_instructions(code):
        what = step.argval
        if step.opname == "STORE_NAME":
            makes[what] = True
        elif step.opname == "LOAD_NAME" and (what not in makes or what in inside):
            loads[what] = True
        elif isinstance(what, CodeType) and what.co_name in AT_ONCE:
            loads |= {name: True for name in _loads(what) if name not in makes or name in inside}
        elif isinstance(what, CodeType):
            inside[what.co_name] = list(dict.fromkeys(_loads(what)))
    return list(loads), list(makes), inside


def _loads(code):
    """Return the names that a function, class or comprehension loads from outside, and those of all code within it."""
    steps = list(dis.get_instructions(code))
    names = [step.argval for step in steps if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")]
    return names + [name for step in steps if isinstance(step.argval, CodeType) for name in _loads(step.argval)]


def makers(path):
    """Return for each code cell of the notebook at ``path``, by its id: (source, maker, inside).

    ``maker`` is name -> id of the last cell above that makes it, ``inside`` what the functions made so far load.
    """
    found, maker, inside = {}, {}, {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "id" in cell:
            source = "".join(cell["source"])
            _, makes, own = names_of(source)
            inside = {**inside, **own}
            found[cell["id"]] = (source, dict(maker), inside)
            maker |= dict.fromkeys(makes, cell["id"])
    return found


class Watch:
    """Watches the cells that run in the IPython ``shell``; prints ``words`` when the order is not the notebook's."""

    def __init__(self, shell, words=WORDS):
        self.shell, self.words = shell, words
        self.made = {}  # name -> id of the cell that made it last
        self.files = {}  # path -> (time of the last change, makers)
        shell.events.register("pre_run_cell", self.before)
        shell.events.register("post_run_cell", self.after)

    def before(self, info):
        """Compare where the names of a cell come from with where they should come from."""
        cell_id = getattr(info, "cell_id", None)
        _, maker, inside = self._cell(cell_id, info.raw_cell)
        loads, makes, own = names_of(self.shell.transform_cell(info.raw_cell))
        needed = list(loads)
        for name in needed:  # it grows: a function loads names of its own, when it is called
            needed += [more for more in {**inside, **own}.get(name, ()) if more not in needed]
        needed = [name for name in needed if name in maker and (name in loads or name not in makes)]
        there = [name for name in needed if name in self.shell.user_ns]
        self._say("missing", [name for name in needed if name not in there])
        self._say("changed", [name for name in there if self.made.get(name, maker[name]) not in (maker[name], cell_id)])

    def after(self, result):
        """Remember which cell made which names."""
        if cell_id := getattr(result.info, "cell_id", None):
            _, makes, _ = names_of(self.shell.transform_cell(result.info.raw_cell))
            self.made |= dict.fromkeys(makes, cell_id)

    def _say(self, what, names):
        if names:
            shown = ", ".join(f"`{name}`" for name in names[:4]) + " …" * (len(names) > 4)
            print(self.words[what].format(names=shown))

    def _cell(self, cell_id, source):
        """Return the cell's entry in :func:`makers`, of the notebook here that has its id, best one with its text."""
        best = ("", {}, {})
        for path in sorted(Path().glob("*.ipynb")) if cell_id else ():
            with suppress(OSError, ValueError, KeyError, TypeError):  # no notebook, or one that is being saved
                cells = self._makers(path, cell_id)
                if cell_id in cells and (not best[0] or cells[cell_id][0] == source):
                    best = cells[cell_id]
        return best

    def _makers(self, path, cell_id):
        changed = path.stat().st_mtime_ns
        if self.files.get(path, (None,))[0] != changed:
            if f'"{cell_id}"' not in path.read_text(encoding="utf-8"):
                return {}
            self.files[path] = (changed, makers(path))
        return self.files[path][1]


def load_ipython_extension(shell):
    """Start to watch ``shell``, once: IPython calls this for ``%load_ext lstm_lib.order``."""
    if not hasattr(shell, "_lstm_order"):
        shell._lstm_order = Watch(shell)

"""What made a result: a hash of all code in this library that a run reaches, and a hash of its settings.

A result is older than its code if one of the two has changed since. Comments, docstrings and blank lines don't count,
nor does code that the run never names, nor the version of torch.
"""

import ast
import hashlib
import io
import json
import tokenize
from functools import cache
from pathlib import Path

from lstm_lib.experiments.runs import RESULTS

LIBRARY = Path(__file__).parents[1]


def made_by(experiment):
    """Return what a result file says of its origin: "code" and "settings", each a hash."""
    parts = {}
    _reach(experiment.run.__module__, experiment.run.__name__, parts)
    settings = repr((experiment.settings, list(experiment.seeds)))
    return {"code": _hash(json.dumps(parts, sort_keys=True)), "settings": _hash(settings)}


def older(experiments):
    """Return name -> what has changed since, for each of ``experiments`` (name -> Experiment) with an old result."""
    found = {}
    for name, experiment in experiments.items():
        path, now = RESULTS / f"{name}.json", made_by(experiment)
        then = json.loads(path.read_text())["made_by"] if path.is_file() else {}
        changed = [part for part, value in now.items() if then.get(part) != value]
        if changed:
            found[name] = " and ".join(changed)
    return found


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _reach(module, name, parts):
    """Add the code that defines ``name`` in ``module``, and all that it names in turn, to ``parts``."""
    key, room = f"{module}.{name}", _room(module)
    if name in room["imported"]:
        _reach(*room["imported"][name], parts)
    if key in parts or name not in room["defined"]:
        return
    parts[key] = [_bare(room["lines"], statement) for statement in room["defined"][name]]
    for node in (node for statement in room["defined"][name] for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            _reach(module, node.id, parts)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):  # cells.LSTM
            _reach(".".join(room["imported"].get(node.value.id, ())), node.attr, parts)


@cache
def _room(module):
    """Return of a module its lines, name -> statements that define it, and imported name -> (module, name)."""
    library, *inside = module.split(".")
    path = LIBRARY.joinpath(*inside)
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    ours = library == LIBRARY.name and path.is_file()
    source, defined, imported = path.read_text(encoding="utf-8") if ours else "", {}, {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom):
            imported |= {alias.asname or alias.name: (statement.module, alias.name) for alias in statement.names}
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined.setdefault(statement.name, []).append(statement)
        for target in getattr(statement, "targets", [getattr(statement, "target", None)]):  # A = ..., A += ...
            if isinstance(target, ast.Name):
                defined.setdefault(target.id, []).append(statement)
    return {"lines": source.split("\n"), "defined": defined, "imported": imported}


def _bare(lines, statement):
    """Return the lines of a statement without docstrings, comments and blank lines."""
    start = min(node.lineno for node in [statement, *getattr(statement, "decorator_list", ())])
    kept = dict(enumerate(lines[start - 1 : statement.end_lineno], start))
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            for line in range(node.body[0].lineno, node.body[0].end_lineno + 1):
                kept[line] = ""
    text = "\n".join(kept.values())
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line = start + token.start[0] - 1
            kept[line] = kept[line][: token.start[1]]
    return "\n".join(line.rstrip() for line in kept.values() if line.strip())

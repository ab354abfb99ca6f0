"""What every notebook of the course looks like on disk, and ``make refresh``, which brings it there.

It runs every notebook in a clean kernel and saves it normalised; with NAMES=... only those.
"""

import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.publish.slide_rule import assign
from tests.tools.folding import WIDGET_VIEW, fold, picture_in

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TAGS = {"nbval-ignore-output", "raises-exception"}
# the cells whose output nbval may ignore: timings and versions, nothing else
IGNORED_OUTPUTS = {("05_lstm_cell_from_scratch", "time-both"), ("06_why_the_gradient_survives", "time-three")}
IGNORED_OUTPUTS |= {("00_start_here", "environment-run")}
READABLE_ID = re.compile(r"(?![0-9a-f]{8}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")  # eight hex digits are nbformat's own ids
MAX_BYTES = 500_000
MAX_LINES = 15
MAX_COLUMNS = 100  # wider lines are cut off beside the file browser
MAX_COMMENT = 60  # a shape, a unit or a reason, no prose: prose goes into the text, where it can be translated


def normalise(notebook):
    """Bring an executed notebook into the form it is kept in, in place: counts, tags, folds, slides, no dead bars."""
    notebook.metadata = nbformat.from_dict(METADATA)
    count = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags" and v})
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = [o for o in cell.outputs if list(o.get("data", ())) != [WIDGET_VIEW]]  # finished progress bars
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if WIDGET_VIEW in output.get("data", ()):  # dead once the kernel is gone; its own id would change each time
                output.data[WIDGET_VIEW]["model_id"] = cell.id
    fold(notebook)
    assign(notebook)
    return notebook


def problems(path):
    """Return what is wrong with the notebook at ``path``, one sentence each; an empty list if nothing is."""
    notebook = nbformat.read(path, as_version=4)
    found = [] if path.stat().st_size <= MAX_BYTES else [f"{path.stat().st_size} bytes, at most {MAX_BYTES} allowed"]
    if notebook.metadata != METADATA:
        found.append(f"metadata: expected only {METADATA}, got {dict(notebook.metadata)}")
    ids = [cell.get("id", "") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]  # nbformat mends twins
    found += [f"id {i!r} stands twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    found += [f"id {i!r} is not readable: expected words joined by -" for i in ids if not READABLE_ID.fullmatch(i)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        found += [f"cell {cell.id!r}: {problem}" for problem in _cell_problems(cell, count, path.stem)]
    return found


def _cell_problems(cell, count, notebook_name):
    tags, lines = set(cell.metadata.get("tags", ())), cell.source.split("\n")
    hides = "nbval-ignore-output" in tags and (notebook_name, cell.id) not in IGNORED_OUTPUTS
    widest = max(map(len, lines))
    wrong = [
        (cell.execution_count != count, f"execution count {cell.execution_count}, expected {count}"),
        (tags - TAGS, f"tags {sorted(tags - TAGS)} are not allowed"),
        (hides, "hides its output from nbval and is not on the list of those that may"),
        (len(lines) > MAX_LINES, f"{len(lines)} lines, at most {MAX_LINES} allowed"),
        (widest > MAX_COLUMNS, f"a line of {widest} characters, at most {MAX_COLUMNS} allowed"),
    ]
    wrong += [(re.search(r"#[0-9A-Fa-f]{6}\b", cell.source), "has a colour of its own: plots has one for each thing")]
    comments = re.findall(r"(?:^|\s)#[^\S\n]*(.*)", cell.source, re.M)
    wrong += [(len(comment) > MAX_COMMENT, f"holds prose: {comment!r}") for comment in comments]
    for output in cell.outputs:
        data, text = output.get("data", {}), output.get("text", "")
        figure = picture_in(output)
        error = output.output_type == "error" and "raises-exception" not in tags
        compared = data.get("text/plain", "").strip()
        wrong += [
            (list(data) == [WIDGET_VIEW], "keeps a dead progress bar"),
            ("image/png" in data, "shows a figure without alt text: show() puts one on the page"),
            (figure and not figure[0].strip(), "shows a figure whose alt text is empty"),
            (figure and not compared, "shows a figure that nbval can't compare: no summary in text/plain"),
            (error, f"ends with {output.get('ename')}"),
            (output.get("name") == "stderr", f"writes to stderr: {text[:80]!r}"),
        ]
    return [problem for found, problem in wrong if found]


def run_cells(stem, *ids, names=None):
    """Run cells of the notebook ``stem``, by their ids, in this process; return the names they define or find."""
    source = {cell.id: cell.source for cell in nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4).cells}
    names = {} if names is None else names
    for cell_id in ids:
        exec(source[cell_id], names)
    return names


def client(path, **options):
    """Return what runs the notebook at ``path``, as ``nb``, in a kernel of its own and in its folder."""
    notebook = nbformat.read(path, as_version=4)
    return NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}}, **options)


def refresh(path):
    """Run the notebook at ``path`` in a clean kernel and save it normalised."""
    notebook = client(path, timeout=300, coalesce_streams=True).execute()
    nbformat.write(normalise(notebook), path)


def main(names):
    os.environ["OMP_NUM_THREADS"] = "1"
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not names or path.stem in names or path.name in names:
            start = time.perf_counter()
            refresh(path)
            seconds = time.perf_counter() - start
            print(f"{path.name}: {seconds:.0f} s, {path.stat().st_size // 1000} kB", *problems(path), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])

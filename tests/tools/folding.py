"""What of a notebook is folded when a reader opens it in JupyterLab: a rule, so that nobody keeps it in step by hand.

The answer to a prediction is folded until its cell is run (JupyterLab opens an output that a run makes). Of a cell that
only draws, the code is folded, so that the picture comes first. What an explorer says in numbers is folded too, the
explorer itself is not. A section "Going deeper" is folded with all that it holds, up to the next heading of its level.
"""

import html
import re

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PREDICTION = "**Predict"  # stands in the text above the cells that answer it
DRAWS, CHECK = re.compile(r".*-draw"), re.compile(r"(.*-)?explorer(-.*)?-check(-run)?")  # ids
COLLAPSED = "jp-MarkdownHeadingCollapsed"
ASIDE = re.compile(r"Going deeper|Exercises|^Sources")
FOLDED = re.compile(r"<details>.*?</details>", re.S)
PICTURE = re.compile(r'<img alt="([^"]*)" width="(\d+)" height="(\d+)" src="data:image/png;base64,([^"]+)">')
DEEPER = re.compile(r"^(#+ )?Going deeper")  # a heading, at the beginning of a cell


def fold(notebook):
    """Write into the metadata of each cell what is folded, in place, as JupyterLab does."""
    predicted = False
    for cell in notebook.cells:
        cell.metadata.pop("jupyter", None)
        cell.metadata.pop(COLLAPSED, None)
        if cell.cell_type != "code":
            predicted = PREDICTION in cell.source
            if DEEPER.match(cell.source):
                cell.metadata[COLLAPSED] = True
            continue
        live = any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs)
        answers = (predicted or CHECK.fullmatch(cell.id)) and cell.outputs and not live
        hidden = {"outputs_hidden": answers, "source_hidden": DRAWS.fullmatch(cell.id)}
        hidden = {name: True for name, wanted in hidden.items() if wanted}
        if hidden:
            cell.metadata["jupyter"] = hidden


def picture_in(output):
    """Return (alternative text, width, height, PNG in base64) of the figure or still that an output shows, or None."""
    found = PICTURE.fullmatch("".join(output.get("data", {}).get("text/html", "")))
    return found and (html.unescape(found[1]), int(found[2]), int(found[3]), found[4])


def main_path(notebook):
    """Return how many words of text a reader meets who opens no fold, without the exercises and the sources."""
    cells = zip(notebook.cells, within(notebook.cells, ASIDE), strict=True)
    texts = [cell.source for cell, aside in cells if cell.cell_type == "markdown" and not aside]
    return sum(len(FOLDED.sub("", text).split()) for text in texts)


def within(cells, title):
    """Yield for each cell whether it stands below a heading that ``title`` finds, up to the next one of its level."""
    inside = 0  # the level of that heading
    for cell in cells:
        heading = re.match(r"(#+) (.*)", cell.source) if cell.cell_type == "markdown" else None
        if heading and len(heading[1]) <= (inside or 9):
            inside = len(heading[1]) if title.search(heading[2]) else 0
        yield inside > 0

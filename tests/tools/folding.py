"""What of a notebook is folded when a reader opens it in JupyterLab: a rule, so that nobody keeps it in step by hand.

The answer to a prediction is folded until its cell is run (JupyterLab opens an output that a run makes). Of a cell that
only draws, the code is folded, so that the picture comes first. Explorers stay open.
"""

import re

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PREDICTION = "**Predict"  # stands in the text above the cells that answer it
DRAWS = re.compile(r".*-draw")  # ids


def fold(notebook):
    """Write into the metadata of each code cell what is folded, in place, as JupyterLab does."""
    predicted = False
    for cell in notebook.cells:
        cell.metadata.pop("jupyter", None)
        if cell.cell_type != "code":
            predicted = PREDICTION in cell.source
            continue
        live = any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs)
        hidden = {"outputs_hidden": predicted and cell.outputs and not live, "source_hidden": DRAWS.fullmatch(cell.id)}
        hidden = {name: True for name, wanted in hidden.items() if wanted}
        if hidden:
            cell.metadata["jupyter"] = hidden

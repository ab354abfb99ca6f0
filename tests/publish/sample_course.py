"""A course of two small notebooks that hold each kind of cell and output once, for the tests of pages and decks."""

import base64
import html
import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tests.publish.slide_rule import assign

FORMULA = r"\frac{\partial C_T}{\partial C_0} = \prod_{t=1}^{T} f_t"
FIRST = f"# 1 · First *notebook*\n\nAfter it you can read\n\n$${FORMULA}$$\n\nand more."
SECOND = """## A · Section

**Predict:** is $x < 1$? See [the other](2_second.ipynb#Twice), [here](#A-·-Section), [a file](../lstm_lib/cells.py) and
[a paper](https://example.org/paper).

| wide | table |
|---|---|
| `a` | $h$ |

<details><summary>Hint 1</summary>

Try *this*.

</details>"""


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4), "white").save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()


def write(folder, alt="A line that falls & rises."):
    image = f'<img alt="{html.escape(alt)}" width="768" height="300" src="data:image/png;base64,{png()}">'
    line = {"text/html": image, "text/plain": "ax0 line"}
    explorer = {"text/html": image, "text/plain": "Explorer: top 1.0   end 0.2"}
    explorer["application/vnd.jupyter.widget-view+json"] = {"model_id": "x"}
    live = {"text/html": {"explorer": "gates"}}
    table = {"text/html": "<table><tr><td>frame</td></tr></table>", "text/plain": "frame"}
    outputs = {
        "show(fig)": new_output("display_data", line),
        "explorer": new_output("execute_result", explorer, metadata=live),
        "1 / 0": new_output("error", ename="ValueError", evalue="", traceback=["\x1b[31mValueError\x1b[0m: <no>"]),
        "frame": new_output("display_data", table),
    }
    cells = [new_markdown_cell(FIRST), new_code_cell("import torch", id="setup"), new_markdown_cell(SECOND)]
    cells += [new_code_cell(source, outputs=[output]) for source, output in outputs.items()]
    second = [new_markdown_cell(source) for source in ("# 2 · Second", "## Twice", "## Twice")]
    for name, of_notebook in (("1_first", cells), ("2_second", second)):
        notebook = new_notebook(cells=of_notebook)
        assign(notebook)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder

"""A course of two small notebooks that hold each kind of cell and output once, for the tests of pages and decks."""

import base64
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


def _picture(kind, plain, alt):
    about = {"image/png": {"alt": alt, "width": 768, "height": 300}} if alt else {}
    data = {"image/png": png(), "text/plain": plain}
    if plain.startswith("Explorer"):
        data["application/vnd.jupyter.widget-view+json"] = {"model_id": "x"}
    return new_output(kind, data, metadata=about)


def write(folder, alt="A line that falls & rises."):
    error = new_output("error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[0m: <no>"])
    cells = [new_markdown_cell(FIRST), new_code_cell("import torch", id="setup"), new_markdown_cell(SECOND)]
    cells += [new_code_cell("show(fig)", id="draw", outputs=[_picture("display_data", "ax0 line", alt)])]
    cells += [
        new_code_cell("explorer", id="play", outputs=[_picture("execute_result", "Explorer: top 1.0   end 0.2", alt)])
    ]
    cells += [new_code_cell("1 / 0", id="fail", outputs=[error])]
    html = {"text/html": "<table><tr><td>frame</td></tr></table>", "text/plain": "frame"}
    cells += [new_code_cell("frame", id="frame", outputs=[new_output("display_data", html)])]
    nbformat.write(_with_slides(cells), folder / "1_first.ipynb")
    cells = [new_markdown_cell("# 2 · Second"), new_markdown_cell("## Twice"), new_markdown_cell("## Twice")]
    nbformat.write(_with_slides(cells), folder / "2_second.ipynb")
    return folder


def _with_slides(cells):
    notebook = new_notebook(cells=cells)
    assign(notebook)
    return notebook

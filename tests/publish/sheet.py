"""``make sheet``: the page of notebook 06 that is to be known by heart, as a PDF to print, beside the notebooks."""

import hashlib
import sys
from string import Template

import nbformat

from tests.browser import browser
from tests.publish.publish import TEMPLATES, WORDS
from tests.publish.publish_html import Renderer
from tests.publish.publish_math import math_font
from tests.tools.hygiene import NOTEBOOKS

SHEET = NOTEBOOKS / "lstm_on_one_page.pdf"
SOURCE, CELL = "06_why_the_gradient_survives", "sheet"
PAGE = Template("""<!doctype html><html lang="$lang"><head><meta charset="utf-8"><title>$title</title><style>$style
body { font-size: 15px; } h2 { margin-top: 0; } .anchor, .print { display: none; } table { width: 100%; }
</style></head><body>$text</body></html>""")


def source():
    """Return the Markdown of the sheet, as it stands in the notebook."""
    cells = nbformat.read(NOTEBOOKS / f"{SOURCE}.ipynb", as_version=4).cells
    return next(cell.source for cell in cells if cell.id == CELL)


def mark(text):
    """Return what the PDF made of ``text`` carries in its title, so that an old one is noticed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write(path=SHEET):
    """Write the PDF to ``path``; needs Chromium."""
    text = source()
    style = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    page = PAGE.substitute(lang=WORDS["lang"], title=mark(text), style=style, text=Renderer(WORDS).render(text))
    page = page.replace("/* font */", math_font([page]), 1)
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
    with browser.chromium() as context:
        sheet = context.new_page()
        sheet.set_content(page)
        sheet.pdf(path=path, format="A4", margin=margin)


if __name__ == "__main__":
    if browser.missing():
        sys.exit(browser.missing())
    write()

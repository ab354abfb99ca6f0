"""A notebook's cells as HTML that needs nothing from elsewhere: text, formulas, code, outputs, pictures."""

import base64
import html
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from lstm_lib import explorers
from tests.publish.publish_math import mathml
from tests.tools.folding import picture_in


def as_text(fragment):
    """Return what a reader sees of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment)).strip()


def slug(text):
    """Return ``text``, a heading or JupyterLab's name for it, as the name of a place in a page."""
    name = re.sub(r"[^\w-]", "", re.sub(r"\s+", "-", unquote(text)))
    name = re.sub(r"-{2,}", "-", name).strip("-")
    return f"s-{name}" if name[:1].isdigit() else name


class Renderer(IPythonRenderer):
    """Markdown to HTML; ``headings`` collects (level, id, HTML) of the page, ``titles`` are the notebooks' names.

    ``shift`` makes headings so many levels smaller. ``words`` are what the reader sees, see publish.WORDS.
    Raises ValueError for a picture that isn't in the notebook's folder.
    """

    def __init__(self, words, notebooks=(), folder=".", shift=0):
        super().__init__(escape=False)
        self.words, self.notebooks, self.folder, self.shift = words, set(notebooks), Path(folder), shift
        self.headings = []

    def render(self, source):
        """Return ``source``, the Markdown of one cell, as HTML."""
        return MarkdownWithMath(renderer=self).render(source)

    def heading(self, text, level, **attributes):
        name = slug(as_text(text))
        taken = {n for _, n, _ in self.headings}
        name = next(n for n in (name, *(f"{name}-{k}" for k in range(2, 99))) if n not in taken)
        self.headings.append((level, name, text))
        name, label, tag = html.escape(name), html.escape(self.words["link"]), f"h{level + self.shift}"
        return f'<{tag} id="{name}">{text} <a class="anchor" href="#{name}" aria-label="{label}">#</a></{tag}>\n'

    def paragraph(self, text):
        mark = ' class="predict"' if text.startswith(f"<strong>{self.words['predict']}") else ""
        return f"<p{mark}>{text}</p>\n"

    def link(self, text, url, title=None):
        file, mark, anchor = url.partition("#")
        if file.endswith(".ipynb") and Path(file).stem in self.notebooks:
            url = f"{Path(file).stem}.html{mark if anchor else ''}{slug(anchor)}"
        elif not file and anchor:
            url = f"#{slug(anchor)}"
        elif not re.match(r"https?://|mailto:", url):
            return text  # a file of the course that isn't published
        return f'<a href="{html.escape(url)}">{text}</a>'

    def image(self, text, url, title=None):
        path = self.folder / url
        if not path.is_file():
            raise ValueError(f"picture: expected a file beside the notebook, got {url!r}")
        data = base64.b64encode(path.read_bytes()).decode()
        return f'<img src="data:{mimetypes.guess_type(path)[0]};base64,{data}" alt="{html.escape(text)}">'

    def table(self, text):
        return f'<div class="scroll" tabindex="0"><table>{text}</table></div>\n'

    def table_cell(self, text, align=None, head=False):
        tag = "th" if head and text.strip() else "td"  # an empty heading would be read aloud
        style = f' style="text-align:{align}"' if align else ""
        formulas = " ".join(re.findall(r'alttext="([^"]*)"', text)) if tag == "th" else ""
        if formulas:  # a formula alone counts as an empty heading
            text = text.replace("<math ", '<math aria-hidden="true" ') + f'<span class="unseen">{formulas}</span>'
        scope = ' scope="col"' * (tag == "th")
        return f"<{tag}{scope}{style}>{text}</{tag}>\n"

    def block_math(self, body):
        return f'<span class="formula" tabindex="0">{mathml(body, "block")}</span>'

    def inline_math(self, body):
        return mathml(body, "inline")

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def highlighting():
    """Return the style sheet of highlighted code, for a light page and for a dark one."""
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"


def code_html(source):
    """Return Python code, highlighted."""
    shown = highlight(source, get_lexer_by_name("ipython3"), HtmlFormatter(wrapcode=True))
    return shown.replace("<pre>", '<pre tabindex="0">')


def output_html(output, words):
    """Return one output of a code cell: a picture with its alternative text, a table, or text as it is."""
    data = output.get("data", {})
    plain = "".join(data.get("text/plain", ""))
    if found := picture_in(output):
        return _figure(*found, output, plain, words)
    if "text/html" in data:
        return f'<div class="scroll" tabindex="0">{"".join(data["text/html"])}</div>'
    if output.output_type == "error":
        plain = strip_ansi("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
    text = "".join(output.get("text", plain)).rstrip("\n")
    return f'<pre class="text" tabindex="0">{html.escape(text)}</pre>' if text else ""


def _figure(alt, width, height, png, output, plain, words):
    if not alt.strip():
        raise ValueError(f"picture: expected alternative text, got {alt!r}")
    size = f'width="{width}" height="{height}" style="--w: {width}; --h: {height}"'
    image = f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" {size}>'
    if not plain.startswith("Explorer: "):
        return f"<figure>{image}</figure>"
    numbers = re.split(r"\s{2,}", html.escape(plain.removeprefix("Explorer: ")))
    readout = " ".join(f"<code>{number}</code>" for number in numbers)
    caption = f'<figcaption>{readout}<p class="still">{html.escape(words["still"])}</p></figcaption>'
    return getattr(explorers, output.metadata["text/html"]["explorer"])().html(f"<figure>{image}{caption}</figure>")

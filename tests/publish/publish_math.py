"""Formulas for pages that load nothing: LaTeX to MathML, which browsers draw themselves, and a font for it."""

import base64
import html
import io
import re
from importlib import util
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from fontTools import subset
from fontTools.ttLib import TTFont
from latex2mathml.converter import convert

ACCENTS = "~^¯→˙¨"
SPACE = {"width": "0.167em"}
TIGHT = {"lspace": "0", "rspace": "0"}


def mathml(latex, display):
    """Return the formula as MathML, ``display`` "block" or "inline"; raises ValueError for a command it can't say."""
    source = re.sub(r"\\(begin|end)\{(aligned|align|split)\}", r"\\\1{align*}", latex.strip())
    words_whole = re.sub(r"\\mathrm\{([A-Za-z]{2,})\}", r"{\\operatorname{\1}}", source)
    root = ElementTree.fromstring(convert(words_whole, xmlns="", display=display))
    for element in list(root.iter()):
        if "\\" in (element.text or ""):
            raise ValueError(f"formula: can't say {element.text!r} in MathML, got {latex!r}")
        _mend(element)
    root.set("alttext", " ".join(source.split()))
    return ElementTree.tostring(root, encoding="unicode")


def _mend(element):
    """Correct what the converter leaves rough: primes, fences, accents, signs, named functions, spaces."""
    text = element.text or ""
    if element.tag == "mo" and len(text) > 1 and text.isalpha():
        element.tag = "mi"  # max, diag
    elif element.tag == "mi" and text in ("⟨", "⟩"):
        element.tag = "mo"
        element.attrib |= {"stretchy": "false", **TIGHT}
    elif element.tag == "mo" and text in ("|", "‖") and "fence" not in element.attrib:
        element.attrib |= {"stretchy": "false", **TIGHT}
    elif element.tag == "mo" and text in ("/", "∂"):
        element.attrib |= TIGHT
    elif element.tag == "mover" and len(element) == 2 and (element[1].text or "?") in ACCENTS:
        element.set("accent", "true")
    elif element.tag in ("msup", "msubsup"):
        _bring_prime_down(element)
    elif element.tag in ("mrow", "math", "mtd", "mstyle"):
        _mark_signs(element)
        _space_functions(element)


def _bring_prime_down(element):
    """Put a prime beside its letter: the glyph is raised already, as an exponent it would be tiny and too high."""
    above = element[-1]
    prime = above[0] if len(above) else above
    if not set(prime.text or "?") <= set("′″"):
        return
    base = ElementTree.Element("mrow")
    base.append(element[0])
    ElementTree.SubElement(base, "mo", TIGHT).text = prime.text
    element[0] = base
    if len(above):
        above.remove(prime)
    else:
        element.remove(above)
        element.tag = {"msup": "mrow", "msubsup": "msub"}[element.tag]


def _mark_signs(row):
    """A minus after another sign or bracket belongs to what follows: no space between them."""
    for before, element in pairwise(row):
        opens = before.tag == "mo" and before.text not in (")", "]", "}", "|", "‖", "⟩", "!", "′")
        if opens and element.tag == "mo" and element.text in ("−", "+", "±"):
            element.set("form", "prefix")


def _space_functions(row):
    """Put thin spaces around sin, log ... as TeX does: not before brackets, nor beside signs."""
    parts = []
    for before, element in pairwise([None, *row]):
        pair = before is not None and (_is_function(before), _is_function(element))
        if pair and (pair[0] and _is_plain(element) or pair[1] and _is_plain(before)):
            parts.append(ElementTree.Element("mspace", SPACE))
        parts.append(element)
    row[:] = parts


def _is_function(element):
    base = element[0] if element.tag in ("msub", "msup", "msubsup", "munder") and len(element) else element
    return base.tag == "mi" and len(base.text or "") > 1 and base.text.isalpha()


def _is_plain(element):
    first = element[0] if element.tag == "mrow" and len(element) else element
    return first.tag not in ("mo", "mspace")


def math_font(pages):
    """Return a @font-face rule that holds the glyphs of all formulas in ``pages``; empty if there are none.

    STIX Two Math, the font that comes with ziamath: phones and many computers have no font for formulas.
    """
    formulas = re.findall(r"<math.*?</math>", "".join(pages), re.S)
    if not formulas:
        return ""
    seen = {ord(c) for c in html.unescape(re.sub(r"<[^>]+>", "", "".join(formulas)))}
    alphabets = [*range(0x20, 0x7F), *range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E, 0x221A]
    folder = Path(util.find_spec("ziamath").submodule_search_locations[0])
    font = TTFont(folder / "fonts" / "STIXTwoMath-Regular.ttf")
    tool = subset.Subsetter(subset.Options(layout_features=["*"], hinting=False, notdef_outline=True))
    tool.populate(unicodes=seen | set(alphabets))
    tool.subset(font)
    font.flavor, buffer = "woff", io.BytesIO()
    font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'@font-face {{ font-family: "Course Math"; src: url(data:font/woff;base64,{data}) format("woff"); }}'

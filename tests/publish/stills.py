"""``make stills``: each explorer's picture, for where neither a kernel nor a script runs, and one that moves.

With NAMES=... only those of some explorers are made.

Chromium draws it at twice the pixels, with its settings and its readout under it. ``made_of`` says what went into it:
a test compares, so that no still is older than its explorer.
"""

import base64
import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from lstm_lib import explorers
from lstm_lib.explorers.base import STILLS
from lstm_lib.plots import small_png
from tests.browser import browser

LIST = STILLS / "made_of.json"
MOTION = STILLS / "motion.gif"  # in the README
WIDTH = 720  # in CSS pixels
# the controls give way to a line that names their settings, under the picture, above the readout
NAME_SETTINGS = """root => {
    const said = row => (row.querySelector('.value') ?? row.querySelector('option:checked')).textContent;
    const settings = [...root.querySelectorAll('.row')].map(row => `${row.firstChild.textContent}: ${said(row)}`);
    const readout = root.querySelector('.readout').textContent;
    root.querySelector('.controls').remove();
    const line = document.createElement('div');
    line.textContent = settings.join('   ') + '\\n' + readout.replaceAll('\\n', '   ');
    line.style = 'white-space: pre-wrap; flex: 1 0 100%; padding-left: 16px';
    root.append(line);
}"""


def page(content, title="Explorer", language="en"):
    """Return an HTML page that holds ``content`` and may ask nobody for anything."""
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    return f"""<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}"></head>
<body style="margin: 0"><main>{content}</main></body></html>"""


def made_of(explorer):
    """Return a hash of all that decides what the page of an explorer looks like."""
    parts = [explorer._esm, explorer._css, explorer.controls, explorer.words, _coarse(explorer.data)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _coarse(data):
    """Return ``data`` with six digits of each number: the last ones differ between processors."""
    if isinstance(data, dict):
        return {str(name): _coarse(part) for name, part in data.items()}
    if isinstance(data, str):  # packed
        data = np.frombuffer(base64.b64decode(data)).tolist()
    return [_coarse(part) for part in data] if isinstance(data, list | tuple) else data and f"{data:.6g}"


def motion(folder):
    """Write MOTION: an explorer whose first control goes down and up again, once a second and a half."""
    frames, path = [], Path(folder, "page.html")
    path.write_text(page(explorers.gates().html()), encoding="utf-8")
    with browser.chromium(900, 560) as context:
        tab = context.new_page()
        tab.goto(path.as_uri())
        tab.locator(".xp .picture > svg").wait_for()
        tab.locator(".xp input[type=range]").first.focus()
        for _ in range(11):
            image = Image.open(io.BytesIO(tab.locator(".xp").screenshot()))
            frames.append(image.convert("RGB").quantize(48))
            tab.keyboard.press("ArrowLeft")
            tab.wait_for_timeout(50)
    frames += frames[-2:0:-1]  # and back
    frames[0].save(MOTION, save_all=True, append_images=frames[1:], duration=140, loop=0, optimize=True)
    print(MOTION.name, f"{MOTION.stat().st_size / 1000:.0f} kB")


def main(names):
    if browser.missing():
        sys.exit(browser.missing())
    if unknown := sorted(set(names) - set(explorers.__all__)):
        sys.exit(f"names: expected some of {', '.join(explorers.__all__)}, got {', '.join(unknown)}")
    found = json.loads(LIST.read_text(encoding="utf-8")) if names else {}
    with tempfile.TemporaryDirectory() as folder, browser.chromium(WIDTH, 700, device_scale_factor=2) as context:
        for name in names or explorers.__all__:
            explorer, path = getattr(explorers, name)(), Path(folder, "page.html")
            path.write_text(page(explorer.html()), encoding="utf-8")
            tab = context.new_page()
            tab.goto(path.as_uri())
            tab.locator(".xp").evaluate(NAME_SETTINGS)
            tab.locator(".xp .picture > svg").wait_for()
            tab.wait_for_timeout(300)
            tab.locator(".xp").screenshot(path=STILLS / f"{name}.png")
            with Image.open(STILLS / f"{name}.png") as image:
                small = small_png(np.asarray(image.convert("RGB")))
            (STILLS / f"{name}.png").write_bytes(small)
            found[name] = made_of(explorer)
            print(name, f"{len(small) / 1000:.0f} kB")
    if not names or "gates" in names:
        with tempfile.TemporaryDirectory() as folder:
            motion(folder)
    found = {name: found[name] for name in explorers.__all__ if name in found}
    LIST.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""``make bench``: from the key press to the new pixels in Chromium, for every explorer of the course.

Each explorer is measured as it is and drawn the plain way: ``interactive_output`` with a new inline figure a move.
Name some to measure only those. On an idle 2-core machine (load 1.0 at the start, its own) it printed:

                  in the kernel  key to pixels  the plain way   ratio
    exploding         12     15      46     62     356    587     7.8
    forgetting        17     18      56     78     371    586     6.6
    gates              7      8      52     72     218    421     4.2
    memory             7      7      42     70     156    260     3.7
    vanishing         13     14      56     72     306    490     5.4
    wiping            11     13      47     74     349    599     7.5

On slower or busier machines (load 1 to 4) the medians were 63, 48 and 59 to 72. JupyterLab, its server and Chromium
alone take 38 of them (a toy of 1.5 by 1 inches; 51 to 53 at full size). Tried on that toy: 256 colours chosen anew for
each frame, 43 to 48, and no faster on a busy machine; but colours that stand still drift by up to 9 of 255. A data
address instead of a blob: no faster.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lstm_lib import explorers
from tests.browser import browser

PRESSES = 40
SETUP = """import ipywidgets as widgets
import matplotlib.pyplot as plt
from lstm_lib import explorers
%matplotlib inline"""
PLAIN = """
twin = explorers.{name}()
for control in twin.controls.values():
    control.unobserve(twin._on_change, "value")

def draw(**values):
    figure = plt.figure(figsize=twin.canvas.figure.get_size_inches(), dpi=twin.canvas.figure.dpi, layout="constrained")
    print(twin._update(twin._make(figure), **values))
    plt.show()

widgets.VBox([*twin.controls.values(), widgets.interactive_output(draw, twin.controls)])"""
# from the key's own time stamp to the moment after the frame in which the new picture is complete
ARM = """output => {
    const image = () => Array.from(output.querySelectorAll('img')).pop();
    const before = image().src;
    window.took = null;
    window.addEventListener('keydown', key => {
        const look = () => {
            const now = image();
            if (now && now.src !== before && now.complete && now.naturalWidth)
                setTimeout(() => { window.took = performance.now() - key.timeStamp; });
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, {once: true, capture: true});
}"""


def key_to_pixels(page, output):
    """Return the milliseconds of PRESSES moves of the output's first slider, right and left in turn."""
    output.scroll_into_view_if_needed()
    output.locator("img").last.wait_for()
    output.locator(".noUi-handle").first.focus()
    times = []
    for k in range(PRESSES + 3):
        output.evaluate(ARM)
        page.keyboard.press("ArrowLeft" if k % 2 else "ArrowRight")
        page.wait_for_function("() => window.took !== null", timeout=20_000)
        times.append(page.evaluate("() => window.took"))
        page.wait_for_timeout(150)  # a pause as between two looks, so that no move waits for the one before
    return times[3:]  # the first ones warm up


def in_kernel(name):
    """Return the milliseconds that one move of the first control with ends takes in Python."""
    explorer = getattr(explorers, name)()
    control = next(c for c in explorer.controls.values() if c.has_trait("readout_format") or c.has_trait("index"))
    trait = "index" if control.has_trait("index") else "value"
    start = getattr(control, trait)
    other = (start + 1) % len(control.options) if trait == "index" else start + control.step
    times = []
    for k in range(PRESSES):
        began = time.perf_counter()
        setattr(control, trait, start if k % 2 else other)
        times.append(1000 * (time.perf_counter() - began))
    return times


def figures(times):
    return f"{statistics.median(times):6.0f} {sorted(times)[int(0.95 * len(times))]:6.0f}"


def main(names):
    if browser.missing():
        sys.exit(browser.missing())
    print("milliseconds, median and 95th percentile; load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))
    print(f"{'':12}{'in the kernel':>15}{'key to pixels':>15}{'the plain way':>15}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as root, browser.chromium() as context, browser.lab(root) as (address, token):
        for name in names or explorers.__all__:
            browser.write(Path(root, f"{name}.ipynb"), SETUP, f"explorers.{name}()", PLAIN.format(name=name))
            with browser.running(context, address, token, f"{name}.ipynb") as page:
                outputs = page.locator(".jp-OutputArea-output:has(.noUi-handle)")
                outputs.nth(1).wait_for()
                ours, plain = (key_to_pixels(page, outputs.nth(k)) for k in (0, 1))
            ratio = statistics.median(plain) / statistics.median(ours)
            columns = "".join(f"{figures(t):>15}" for t in (in_kernel(name), ours, plain))
            print(f"{name:12}{columns}{ratio:8.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

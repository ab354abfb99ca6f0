"""``make bench-explorers``: from the key press to the new pixels in Chromium, for every explorer of the course.

Beside each stands, in the same page and run, an empty round trip (a slider of ipywidgets whose value the kernel writes
into a label), and the time that one move takes in the page's script alone. Name some explorers to measure only those.
On an idle machine of two cores (load 2 as it began) it printed, median and 95th percentile:

              empty round trip            in Lab         in a page      script alone
    exploding            24     58          7     10          4      4          1      3
    forgetting           25     59          9     14          7     14          3      4
    gates                28     59          7     12          3      4          0      1
    memory               26     60          8     10          3      4          0      1
    opening              25     59          8     12          4      6          1      2
    shapes               25     58          7     12          3      3          0      1
    step                 26     59          7     11          3      4          1      1
    vanishing            27     57          8     14          4      8          1      2
    wiping               25     58          7      9          3      4          1      1
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from lstm_lib import explorers
from tests.browser import browser
from tests.publish.stills import page as html_page

PRESSES = 40
EMPTY = """import ipywidgets
slider = ipywidgets.IntSlider(50)
label = ipywidgets.Label("50")
slider.observe(lambda change: setattr(label, "value", str(change.new)), "value")
ipywidgets.VBox([slider, label])"""
# from the key's own time stamp to the moment after the frame that shows the change
ARM = """([output, shown]) => {
    const look = () => Array.from(output.querySelectorAll(shown), n => n.getAttribute('d') || n.textContent).join();
    const before = look();
    window.took = null;
    window.addEventListener('keydown', key => {
        const ask = () => {
            if (look() !== before) setTimeout(() => { window.took = performance.now() - key.timeStamp; });
            else requestAnimationFrame(ask);
        };
        requestAnimationFrame(ask);
    }, {once: true, capture: true});
}"""
SCRIPT = """field => { // milliseconds of script, layout and style of one move, without waiting for a frame
    const times = [];
    for (let k = 0; k < 60; k++) {
        const began = performance.now();
        if (field.tagName === 'SELECT') field.selectedIndex = k % 2;
        else field.value = +field.value + (k % 2 ? -1 : 1) * field.step;
        field.dispatchEvent(new Event('input', {bubbles: true}));
        field.closest('.xp').getBoundingClientRect();
        times.push(performance.now() - began);
    }
    return times.slice(10);
}"""
FIELD, SHOWN = ".xp input, .xp select", ".xp .line, .xp .readout"


def presses(page, output, knob, shown):
    """Return the milliseconds from key to pixels of PRESSES moves of ``knob``; ``shown`` is what must change."""
    output.scroll_into_view_if_needed()
    output.locator(knob).first.focus()
    times = []
    for k in range(PRESSES + 3):
        page.evaluate(ARM, [output.element_handle(), shown])
        page.keyboard.press("ArrowUp" if k % 2 else "ArrowDown")
        page.wait_for_function("() => window.took !== null", timeout=20_000)
        times.append(page.evaluate("() => window.took"))
        page.wait_for_timeout(150)  # a pause as between two looks, so that no move waits for the one before
    return times[3:]  # the first ones warm up


def figures(times):
    return f"{statistics.median(times):8.0f} {sorted(times)[int(0.95 * len(times))]:6.0f}"


def static(context, folder, name):
    """Return the same for the explorer in a page from the disk, and the milliseconds of its script."""
    path, page = Path(folder, "page.html"), context.new_page()
    path.write_text(html_page(getattr(explorers, name)().html()), encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".picture > svg").wait_for()
    times = presses(page, page.locator("main"), FIELD, SHOWN)
    script = page.locator(FIELD).first.evaluate(SCRIPT)
    page.close()
    return times, script


def main(names):
    if browser.missing():
        sys.exit(browser.missing())
    print("milliseconds, median and 95th percentile; load of the machine", *(f"{n:.1f}" for n in os.getloadavg()))
    print(f"{'':12}{'empty round trip':>18}{'in Lab':>18}{'in a page':>18}{'script alone':>18}")
    with tempfile.TemporaryDirectory() as root, browser.chromium(1366, 768) as context, browser.lab(root) as lab:
        for name in names or explorers.__all__:
            browser.write(Path(root, f"{name}.ipynb"), EMPTY, f"from lstm_lib import explorers\nexplorers.{name}()")
            with browser.running(context, *lab, f"{name}.ipynb") as page:
                outputs = page.locator(".jp-OutputArea-output")
                page.locator(".picture > svg").wait_for()
                empty = presses(page, outputs.nth(0), ".noUi-handle", ".widget-label:last-child")
                ours = presses(page, outputs.nth(1), FIELD, SHOWN)
            columns = "".join(f"{figures(t):>18}" for t in (empty, ours, *static(context, root, name)))
            print(f"{name:12}{columns}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

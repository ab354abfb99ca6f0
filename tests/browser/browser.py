"""A real JupyterLab in a headless Chromium: start both, run a notebook, press keys, look at an explorer's picture.

Nothing here reaches the internet: Chromium resolves no name, JupyterLab asks for no news, updates or extensions.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.tools.hygiene import METADATA

try:
    from playwright.sync_api import TimeoutError, sync_playwright
except ImportError:
    sync_playwright = None

CHROMIUM = shutil.which("chromium")
DISABLED = ("background-networking", "component-update", "gpu", "quic", "sync")
CHROMIUM_FLAGS = [f"--disable-{part}" for part in DISABLED] + ["--no-first-run"]
CHROMIUM_FLAGS += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
QUIET = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": QUIET,
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},  # what a test runs stays as it was on disk
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
}
EXPLORER = ".jp-OutputArea-output:has(.xp)"
KERNEL_IDLE = """() => {
    const widget = window.jupyterapp?.shell?.currentWidget;
    return widget?.context?.sessionContext?.session?.kernel?.status === 'idle';
}"""
RUN_ALL = """async seconds => {
    const late = new Promise((_, no) => setTimeout(() => no(new Error(`not done after ${seconds} s`)), 1000 * seconds));
    await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
    await Promise.race([window.jupyterapp.commands.execute('notebook:run-all-cells'), late]);
}"""
CELLS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
    .filter(cell => cell.type === 'code')
    .map(cell => ({id: cell.id, tags: cell.getMetadata('tags') || [], count: cell.executionCount,
                   outputs: cell.outputs.toJSON()}))"""


def missing():
    """Return what the browser tests lack on this machine, as a sentence; None if they can run."""
    if CHROMIUM is None:
        return "the browser tests need Chromium (on Debian: apt install chromium)"
    if sync_playwright is None:
        return "the browser tests need Playwright (pip install -r requirements.txt)"
    return None


def marks():
    """Return the marks of a module of browser tests: what is missing skips them, but on CI it makes them fail.

    pytest reports the skips as one line only if no test has a mark of its own: parameters come from fixtures there.
    """
    skipped = missing() and not os.environ.get("CI")
    return [pytest.mark.browser] + [pytest.mark.skip(reason=missing())] * bool(skipped)


def write(path, *sources):
    """Write a notebook with these code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)


@contextlib.contextmanager
def lab(root, **variables):
    """Run JupyterLab on the folder ``root`` with a configuration of its own; yields its address and its token.

    ``variables`` go into the environment of the server and of its kernels.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port, token = probe.getsockname()[1], secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as home:
        folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR")
        folders += ("JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
        settings = Path(home, "JUPYTER_CONFIG_DIR", "labconfig", "default_setting_overrides.json")
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(SETTINGS))
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
        command += [f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True"]
        command += ["--LabApp.extension_manager=readonly"]
        command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        with open(Path(home, "log"), "w+") as log:
            env = {**os.environ, **variables, **{name: str(Path(home, name)) for name in folders}}
            server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
            try:
                _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, Path(home, "log"))
                yield f"http://127.0.0.1:{port}", token
            finally:
                server.terminate()
                try:
                    server.wait(20)
                except subprocess.TimeoutExpired:
                    server.kill()


def _wait_for(address, server, log, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def chromium(width=1400, height=1100, **options):
    """Run Debian's Chromium; yields a Playwright context, which opens pages. A test fails without it."""
    if missing():
        pytest.fail(missing())
    flags = CHROMIUM_FLAGS + ["--no-sandbox"] * (os.geteuid() == 0)  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        try:
            yield browser.new_context(viewport={"width": width, "height": height}, **options)
        finally:
            browser.close()


@contextlib.contextmanager
def running(context, address, token, name, seconds=240, run=True):
    """Open the notebook ``name`` in a page of its own, run all its cells, and yield the page; shut down its kernel.

    ``page.strangers`` lists the addresses outside this machine that the page asked for; not ``run``: only open it.
    """
    page = context.new_page()
    page.strangers = []
    known = (address, address.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: request.url.startswith(known) or page.strangers.append(request.url))
    try:
        page.goto(f"{address}/lab/tree/{name}?token={token}&reset", wait_until="domcontentloaded")
        _wait_for_kernel(page, name)
        if run:
            page.evaluate(RUN_ALL, seconds)
            _wait_for_kernel(page, name)
        yield page
    finally:
        with contextlib.suppress(Exception):  # the page may be gone; then the server ends the kernel
            page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
        page.close()


def _wait_for_kernel(page, name):
    try:
        page.wait_for_function(KERNEL_IDLE, timeout=60_000)
    except TimeoutError:
        dialogs = page.locator(".jp-Dialog-content").all_inner_texts()
        raise AssertionError(f"{name}: no idle kernel after 60 s; dialogs in the page: {dialogs}") from None


def kernel_process(page):
    """Return the /proc folder of the page's kernel; None where there is no /proc."""
    kernel = page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.id")
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # a process may end while we look
            if f"kernel-{kernel}.json".encode() in (folder / "cmdline").read_bytes():
                return folder
    return None


def problems(page):
    """Return what went wrong in the page: errors without the tag, stderr, cells that didn't run, broken widgets."""
    found = []
    for cell in page.evaluate(CELLS):
        if cell["count"] is None:
            found.append(f"cell {cell['id']!r} did not run")
        for output in cell["outputs"]:
            if output["output_type"] == "error" and "raises-exception" not in cell["tags"]:
                found.append(f"cell {cell['id']!r}: {output['ename']}: {output['evalue']}")
            if output["output_type"] == "stream" and output["name"] == "stderr":
                found.append(f"cell {cell['id']!r} writes to stderr: {''.join(output['text'])[:200]!r}")
    found += page.locator(".jupyter-widgets-error-widget").all_inner_texts()
    return found


def explorers_promised(page):
    """Return the readout of each explorer that the outputs of the page promise, by the text beside the widget."""
    return [text for cell in page.evaluate(CELLS) for text in _readouts(cell)]


def explorer_cells(page):
    """Return the ids of the cells that show an explorer, after that of the cell that they need."""
    cells = page.evaluate(CELLS)
    return [cell["id"] for cell in cells if cell["id"] == "setup" or _readouts(cell)]


def _readouts(cell):
    texts = ["".join(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"]]
    return [text.removeprefix("Explorer: ") for text in texts if text.startswith("Explorer:")]

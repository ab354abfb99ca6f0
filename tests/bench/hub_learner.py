"""What one learner of ``make hub`` does, through the web as a browser would: see hub.py."""

import asyncio
import json
import os
import time
import uuid

import httpx
from nbformat.v4 import output_from_msg
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

START, NOTEBOOK = "notebooks/00_start_here.ipynb", "notebooks/01_vanishing_gradients.ipynb"
ANSWER, BLANK, TRIES = "exercise-steps-left-answer", "steps = ...", {"steps = 65": "Not yet", "steps = 66": "Correct"}
MARK = "(corrected)"  # what the teacher writes, and where: notebook, cell, in which line
CORRECTIONS = {
    "other cells": ((START, "title", ""), (NOTEBOOK, "exercise-slope-of-step", "")),
    "the line of the answer": ((NOTEBOOK, ANSWER, BLANK),),
}
OUTPUTS = ("stream", "display_data", "execute_result", "error")


class Learner:
    """One learner at the hub: what they do is a method each; how long it took, what failed, what an update left."""

    def __init__(self, name, address, repository):
        self.name, self.address = name, address
        self.seconds, self.failure, self.left, self.outcome = {}, None, {}, None
        self.http = httpx.AsyncClient(base_url=f"http://{address}", follow_redirects=True, timeout=300)
        self.link = {"repo": f"file://{repository}", "branch": "main", "targetpath": "course"}
        self.notebook = self.socket = None

    async def work(self, steps):
        """Take the ``steps``: (what it is called, its method, seconds it may take, ...), up to the first that fails."""
        for label, method, limit, *arguments in steps:
            if self.failure is None:
                start = time.perf_counter()
                try:
                    async with asyncio.timeout(limit):
                        await getattr(self, method)(*arguments)
                    self.seconds[label] = time.perf_counter() - start
                except TimeoutError:
                    self.failure = label, f"took longer than {limit} s"
                except Exception as error:  # a report, not a crash: the others go on
                    self.failure = label, f"{type(error).__name__}: {error}"[:300]

    async def ask(self, method, path, **more):
        """Return the answer to a request; one that is refused raises RuntimeError."""
        answer = await self.http.request(method, path, **more)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def api(self, method, path, **more):
        """Return what the learner's own server answers to a request of its API."""
        return (await self.ask(method, f"/user/{self.name}/api/{path}", **more)).json()

    async def close(self):
        """Close the connections; the kernel and the server go on."""
        if self.socket:
            self.socket.close()
        await self.http.aclose()

    async def enter(self):
        """Log in as a browser does, and load nbgitpuller's page until the server that brings it is up."""
        await self.ask("GET", "/hub/login")
        form = {"username": self.name, "password": os.environ["HUB_PASSWORD"], "_xsrf": self.xsrf()}
        await self.ask("POST", "/hub/login", data=form)
        while True:
            page = await self.ask("GET", "/hub/user-redirect/git-pull", params=self.link)
            if page.url.path == f"/user/{self.name}/git-pull":
                break
            await asyncio.sleep(1)
        headers = {"X-XSRFToken": self.xsrf()}
        token = await self.ask("POST", f"/hub/api/users/{self.name}/tokens", headers=headers, json={})
        self.http.headers["Authorization"] = f"token {token.json()['token']}"

    def xsrf(self):
        return self.http.cookies.get("_xsrf", path="/hub/")

    async def pull(self):
        """Let nbgitpuller fetch the course, or bring it up to date: what its page does."""
        last = {}
        async with self.http.stream("GET", f"/user/{self.name}/git-pull/api", params=self.link) as answer:
            async for line in answer.aiter_lines():
                last = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else last
        if last.get("phase") != "finished":
            raise RuntimeError(f"nbgitpuller: {last.get('message') or last or answer.status_code}")

    async def run_all(self):
        """Open notebook 01, run every cell in a kernel of its own, save it."""
        await self.open()
        await self.run_cells()
        await self.save()

    async def open(self):
        """Open notebook 01 and start its kernel."""
        path = f"course/{NOTEBOOK}"
        self.notebook = await self.stored()
        wanted = {"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        kernel = (await self.api("POST", "sessions", json=wanted))["kernel"]["id"]
        url = f"ws://{self.address}/user/{self.name}/api/kernels/{kernel}/channels"
        self.socket = await websocket_connect(HTTPRequest(url, headers=dict(self.http.headers), request_timeout=300))

    async def stored(self, path=NOTEBOOK):
        """Return a notebook as it lies on the learner's disk."""
        return (await self.api("GET", f"contents/course/{path}"))["content"]

    async def run_cells(self, start=0, stop=None):
        """Run the cells from ``start`` to before ``stop``, and see that the library is the learner's own copy."""
        for cell in self.notebook["cells"][start:stop]:
            if cell["cell_type"] == "code":
                await self.run(cell)
        if f"/{self.name}/course/lstm_lib/" not in (
            text := await self.type("import lstm_lib; print(lstm_lib.__file__)")
        ):
            raise RuntimeError(f"expected the library from the learner's own copy, got {text}")

    async def type(self, code):
        """Run a line of the learner's own, in a cell that is not kept."""
        return await self.run({"source": code, "id": "typed", "metadata": {}})

    async def run(self, cell):
        """Run a cell, put its outputs into it, and return what it printed; RuntimeError if it fails."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        header |= {"session": self.name, "username": self.name}
        content = {"code": cell["source"], "silent": False, "store_history": True, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {"cellId": cell["id"]}, "channel": "shell"}
        await self.socket.write_message(json.dumps(message | {"content": content}))
        cell["outputs"] = [output async for output in self.outputs(cell, header["msg_id"])]
        for output in cell["outputs"]:
            if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get("tags", ()):
                raise RuntimeError(f"{cell['id']}: {output['ename']}: {output['evalue']}")
        return "".join(output.get("text", "") for output in cell["outputs"])

    async def outputs(self, cell, request):
        """Yield the outputs of the ``request`` to run this cell, until it is done."""
        while True:
            text = await self.socket.read_message()
            if text is None:
                raise RuntimeError(f"{cell['id']}: the connection to the kernel ended")
            if isinstance(text, bytes):  # a widget's arrays
                continue
            message = json.loads(text)
            kind, content = message["msg_type"], message["content"]
            state = content["execution_state"] if kind == "status" else None
            if state in ("dead", "restarting", "autorestarting"):
                raise RuntimeError(f"{cell['id']}: the kernel died")
            if message["parent_header"].get("msg_id") != request:
                continue
            if kind == "execute_input":
                cell["execution_count"] = content["execution_count"]
            if kind in OUTPUTS:
                yield output_from_msg(message)
            if state == "idle":
                return

    async def exercise(self):
        """Put an answer into the cell, a wrong one and then the right one, check it, and save."""
        cell, blank = cell_of(self.notebook, ANSWER), BLANK
        for answer, said in TRIES.items():
            cell["source"], blank = cell["source"].replace(blank, answer), answer
            if said not in (text := await self.run(cell)):
                raise RuntimeError(f"{answer}: expected {said!r}, got {text!r}")
            await self.save()

    async def save(self):
        model = {"type": "notebook", "format": "json", "content": self.notebook}
        await self.api("PUT", f"contents/course/{NOTEBOOK}", json=model)

    async def update(self, correction):
        """Open the link again, and see what became of the answer and of the teacher's corrections."""
        await self.pull()
        for path, cell, _ in CORRECTIONS[correction]:
            notebook = await self.stored(path)
            self.left[correction, f"the correction in {path[10:12]} {cell}"] = MARK in cell_of(notebook, cell)["source"]
            if path == NOTEBOOK:
                self.left[correction, "the learner's answer"] = list(TRIES)[-1] in cell_of(notebook, ANSWER)["source"]


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)

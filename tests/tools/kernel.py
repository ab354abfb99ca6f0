"""A kernel of its own for a test: run cells one by one, as JupyterLab does, with their ids; get what they print."""

import contextlib
import os
import queue

from jupyter_client.manager import start_new_kernel


class Kernel:
    """A running kernel; ``run(source, cell_id)`` returns its printed text, or the error as "Name: message"."""

    def __init__(self, client, manager):
        self.client, self.manager = client, manager

    def run(self, source, cell_id=None, seconds=120):
        """Run ``source`` and return the text of all its outputs, with that of an error at the end."""
        return self.outputs(self.start(source, cell_id), seconds)

    def start(self, source, cell_id=None):
        """Start to run ``source`` and return the id of the request."""
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def outputs(self, request, seconds=120):
        """Collect the text of the request with this id until the kernel is idle."""
        text = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"nothing came for {seconds} s after {''.join(text)!r}") from None
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return "".join(text)
            if kind == "stream":
                text.append(content["text"])
            elif kind in ("display_data", "execute_result"):
                text.append(content["data"].get("text/plain", "") + "\n")
            elif kind == "error":
                text.append(f"{content['ename']}: {content['evalue']}\n")


def memory_mb(process, file="status", line="VmHWM:"):
    """Return what a line of a file in a process's /proc folder says, in MB; as it is, the peak of its resident size."""
    words = (process / file).read_text(encoding="utf-8").split()
    return int(words[words.index(line) + 1]) / 1024


@contextlib.contextmanager
def kernel(folder, **env):
    """Start a kernel in ``folder`` with these variables in its environment; yields a Kernel, ends it as Lab does."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **env}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environment)
    try:
        yield Kernel(client, manager)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)

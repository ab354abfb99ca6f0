"""The JupyterHub of ``make hub``: one machine, 127.0.0.1 only, no protection of learners from each other.

For a real class exchange the spawner, the authenticator and the addresses: TEACHING.md, *A server for the room*.
"""

import json
import os
from pathlib import Path

c = get_config()  # noqa: F821
folder = Path(os.environ["HUB_FOLDER"])  # holds a folder for each learner, by name
public, api, hub = os.environ["HUB_PORTS"].split()

c.JupyterHub.bind_url = f"http://127.0.0.1:{public}"
c.JupyterHub.hub_port = int(hub)
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{api}"

c.JupyterHub.authenticator_class = "shared-password"  # whoever knows it can log in under any name
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"  # a process of whoever started the hub; it isolates nobody
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "{username}")
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # all press the button in the same second
c.Spawner.environment = {
    "PYTHONPATH": lambda spawner: str(folder / spawner.user.name / "course"),  # each has the library in their own copy
    "OMP_NUM_THREADS": "1",  # a must on shared cores
    "HUB_FOLDER": str(folder),  # by this make hub knows its processes
}


def small_disk(spawner):
    """Give one learner's server a small disk: tests/bench/hub_trouble.py."""
    if spawner.user.name == os.environ.get("HUB_SMALL"):
        spawner.cmd = [*json.loads(os.environ["HUB_SMALL_DISK"]), *spawner.cmd]
        spawner.args = ["--allow-root"]


c.Spawner.pre_spawn_hook = small_disk

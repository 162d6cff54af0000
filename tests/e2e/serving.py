"""Serves a department to the browser tests, and does on request what an administrator would do.

    python tests/e2e/serving.py FOLDER

It makes the store in FOLDER, prints its port once it listens, and then reads lines: `end NAME` ends every session of a
person. It stops when its input ends.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvicorn

from dashboard.actions import open_desk_store, submit
from dashboard.domain.access import operator
from dashboard.jobs import Running
from dashboard.settings import ROOT, Settings
from dashboard.store import create_ring
from dashboard.store.crypto import write_secret
from tests.department import COMPANY, MASTER, desk_of, founding
from tests.selling import give_passwords, sell


def make_store(home: Path) -> None:
    """The department with its sales and passwords, where the settings look for it."""
    settings = Settings(home=home, _env_file=None)
    write_secret(settings.master_key_path, MASTER)
    store = open_desk_store(settings.store_file, create_ring(settings.keyring_file, MASTER)[0])
    store.found_company(COMPANY)
    submit(store, operator(), founding(), why="founded")
    department = desk_of(store)
    sell(department)
    give_passwords(store, department.people)
    store.close()


class Announcing(uvicorn.Server):
    """A server that says on which port it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        sys.stdout.write(f"{self.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


def obey(server: uvicorn.Server) -> None:
    """Do what is asked until nothing more can come."""
    for line in sys.stdin:
        verb, _, name = line.strip().partition(" ")
        desk = Running.desk
        if verb == "end" and desk is not None:
            people = dict(desk.store.reference("person").select("name", "id").iter_rows())
            desk.store.logins.set_password(operator(), people[name], "nobody knows it")
            sys.stdout.write("done\n")
            sys.stdout.flush()
    server.should_exit = True


def main() -> None:
    """Make the store and serve it."""
    home = Path(sys.argv[1])
    os.chdir(ROOT)  # Streamlit reads its configuration from here
    os.environ["SALES_HOME"] = str(home)
    make_store(home)
    server = Announcing(
        uvicorn.Config("dashboard.asgi:app", port=0, access_log=False, log_level="warning", timeout_graceful_shutdown=3)
    )
    threading.Thread(target=obey, args=(server,), daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()

"""Serves a department to the browser tests, and does on request what an administrator would do.

    python tests/e2e/serving.py FOLDER [--port N] [--heartbeat SECONDS]

It makes the store in FOLDER when there is none, prints its port once it listens, and then reads lines: `VERB NAME`, see
VERBS. It stops when its input ends.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import bcrypt
import polars as pl
import uvicorn

from dashboard.actions import open_desk_store, submit
from dashboard.cli.serve import SERVER
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.jobs import Desk, Running
from dashboard.settings import ROOT, Settings
from dashboard.store import create_ring
from dashboard.store.crypto import write_secret
from dashboard.ui import sessions
from tests.department import COMPANY, MASTER, desk_of, founding
from tests.selling import CHEAP_ROUNDS, PASSWORD, give_passwords, sell


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


def reset(desk: Desk, person: str) -> None:
    """A password that nobody knows."""
    desk.store.logins.set_password(operator(), person, "nobody knows it")


def set_password(desk: Desk, person: str, *, must_change: bool) -> None:
    """The tests' password, for good or once."""
    found = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(CHEAP_ROUNDS)).decode()
    desk.store.logins.set_password(operator(), person, found, must_change=must_change)


def update(desk: Desk, person: str, **values: object) -> None:
    """Change a person."""
    submit(desk.store, operator(), [Change("person", "update", pl.DataFrame({"id": [person], **values}))])


def log_in(desk: Desk, person: str) -> str:
    """A new session, as the login form opens it."""
    return desk.store.logins.open(desk.store.actor(person))


def leave_alone(desk: Desk, person: str) -> None:
    """Nobody has used the person's sessions for half a day."""
    with desk.store.engine.writing() as cursor:
        cursor.execute("UPDATE login_sessions SET idle_until = opened_at WHERE person_id = $1", [person])
    desk.store.logins.forget()


VERBS: dict[str, Callable[[Desk, str], str | None]] = {
    "log_in": log_in,
    "ready": lambda _desk, _person: None,
    "count": lambda desk, _person: desk.refresh("write"),
    "end": reset,
    "allow": lambda desk, person: set_password(desk, person, must_change=False),
    "due": lambda desk, person: set_password(desk, person, must_change=True),
    "disable": lambda desk, person: update(desk, person, active=[False]),
    "enable": lambda desk, person: update(desk, person, active=[True]),
    "promote": lambda desk, person: update(desk, person, roles=[["leader"]]),
    "idle": leave_alone,
}


def obey(server: uvicorn.Server) -> None:
    """Do what is asked until nothing more can come."""
    for line in sys.stdin:
        verb, _, name = line.strip().partition(" ")
        desk = ready()
        people = dict(desk.store.reference("person").select("name", "id").iter_rows())
        sys.stdout.write(f"done {VERBS[verb](desk, people.get(name, '')) or ''}\n")
        sys.stdout.flush()
    server.should_exit = True


def ready() -> Desk:
    """The desk once it has its numbers."""
    tick = threading.Event()
    while Running.desk is None or Running.desk.marts is None:
        tick.wait(0.05)
    return Running.desk


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--heartbeat", type=float, default=sessions.HEARTBEAT_SECONDS)
    return parser.parse_args()


def main() -> None:
    """Make the store and serve it."""
    asked = arguments()
    os.chdir(ROOT)  # Streamlit reads its configuration from here
    os.environ["SALES_HOME"] = str(asked.folder)
    if not Settings(home=asked.folder, _env_file=None).store_file.exists():
        make_store(asked.folder)
    sessions.HEARTBEAT_SECONDS = asked.heartbeat
    server = Announcing(uvicorn.Config("dashboard.asgi:app", port=asked.port, **SERVER, timeout_graceful_shutdown=3))
    threading.Thread(target=obey, args=(server,), daemon=True).start()
    server.run()


if __name__ == "__main__":
    main()

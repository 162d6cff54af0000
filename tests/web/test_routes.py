"""Every address of the application is declared, and a stranger gets at each what was declared; a new one fails here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from enum import StrEnum
from functools import cache

import httpx
import pytest

from dashboard.domain.access import DEFAULTS, Actor, Role
from dashboard.settings import ROOT
from dashboard.sitemap import PAGES, Entry, is_offered
from tests.served import Served

ASK = """
import json
from dashboard.asgi import app
routes = app._build_starlette_app().routes
print(json.dumps([[route.path, sorted(getattr(route, "methods", None) or [])] for route in routes]))
"""


class For(StrEnum):
    """Whom an address answers."""

    ANYBODY = "anybody"  # it tells nothing about anybody
    SESSIONS = "sessions"  # whoever is logged in
    TICKETS = "tickets"  # a page that was given a ticket
    NOBODY = "nobody"
    GATES = "gates"  # REST: see dashboard/api/gates.py and the tests of its document
    WIRE = "wire"  # the pages' websocket: strangers get the login form, see test_hostile_clients.py


ROUTES: dict[str, For] = {
    "/api": For.GATES,
    "/session/open": For.TICKETS,
    "/session/close": For.TICKETS,
    "/_stcore/stream": For.WIRE,
    "/_stcore/health": For.ANYBODY,
    "/_stcore/host-config": For.ANYBODY,
    "/_stcore/bidi-components/{path:path}": For.ANYBODY,
    "": For.ANYBODY,
    "/media/{file_id:path}": For.SESSIONS,
    "/_stcore/upload_file/{session_id}/{file_id}": For.SESSIONS,
    "/_stcore/metrics": For.NOBODY,
    "/component/{path:path}": For.NOBODY,
    "/auth/login": For.NOBODY,
    "/auth/logout": For.NOBODY,
    "/oauth2callback": For.NOBODY,
    "/_stcore/agent/interact": For.NOBODY,
    "/_stcore/agent/openapi.json": For.NOBODY,
    "/_stcore/agent/mcp": For.NOBODY,
}
"""Every address of the server, also those that Streamlit brings."""

STATUSES = {
    For.ANYBODY: {200, 204, 404, 405},
    For.SESSIONS: {401},
    For.TICKETS: {403},
    For.NOBODY: {404},
}
"""What a stranger is answered."""


@cache
def served() -> dict[str, set[str]]:
    """Path → methods of everything that the application serves, as it is put together."""
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, set[str]] = {}
    for path, methods in json.loads(done.stdout.splitlines()[-1]):
        found.setdefault(path, set()).update(methods)
    return found


def test_every_route_is_declared_and_nothing_else() -> None:
    assert served().keys() == ROUTES.keys()


@pytest.mark.parametrize("path", [path for path, whom in ROUTES.items() if whom in STATUSES])
def test_a_stranger_gets_what_was_declared(server: Served, path: str) -> None:
    address = server.address + re.sub(r"{.*?}", "x", path)
    for method in served()[path] or {"GET"}:
        answer = httpx.request(method, address)
        assert answer.status_code in STATUSES[ROUTES[path]], (method, path, answer.status_code)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_every_page_file_is_declared_once() -> None:
    files = {f"pages/{file.name}" for file in (ROOT / "pages").glob("*.py")}
    assert sorted(entry.file for entry in PAGES) == sorted(files)
    assert len({entry.slug for entry in PAGES}) == len(PAGES)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.slug)
def test_every_page_declares_whom_it_is_for(entry: Entry) -> None:
    assert entry.families or entry.reaches or entry.right
    if entry.right:
        assert any((grant.entity, grant.action) == entry.right for grant in DEFAULTS), "a right that nobody has"


def test_a_page_that_declares_nothing_is_for_nobody() -> None:
    everything = Actor(person_id="x", name="x", roles=tuple(Role))
    assert not is_offered(Entry("forgotten", "pages/forgotten.py", ":material/help:"), everything)

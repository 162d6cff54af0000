"""How a login made on a page becomes a cookie that no script can read: a ticket, posted once by the page itself.

A websocket cannot set a cookie. So the run leaves a ticket for one minute, a script of ours on the page posts it to
this server, and the answer sets the cookie; the secret itself is never on the page.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import threading
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.i18n import Language, translate
from dashboard.jobs import Running
from dashboard.ui import cookies
from dashboard.ui.house import HOUSE

OPEN_PATH, CLOSE_PATH = "/session/open", "/session/close"
TICKET_SECONDS = 60.0
TICKETS_MOST = 10_000
BODY_MOST = 1024
NO_CONTENT = 204
PENDING, UNKEPT = "handover_pending", "handover_unkept"

SCRIPT = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = (parentElement.host ?? parentElement).closest("[data-testid='stElementContainer']");
  if (box) box.style.position = "absolute"; // nothing on the page moves for it
  fetch(data.path, {
    method: "POST",
    credentials: "same-origin",
    cache: "no-store",
    headers: { "Content-Type": "text/plain" },
    body: data.ticket,
  }).then((answer) => setTriggerValue("done", answer.status), () => setTriggerValue("done", 0));
}
"""


class Tickets:
    """What was handed out and not used yet: the hash of each ticket, the secret it stands for, and until when."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.waiting: dict[str, tuple[str, float]] = {}

    def issue(self, secret: str) -> str:
        """A new ticket."""
        ticket, moment = secrets.token_urlsafe(32), self.clock()
        with self.lock:
            self.waiting = {key: found for key, found in self.waiting.items() if found[1] > moment}
            if len(self.waiting) < TICKETS_MOST:
                self.waiting[hashed(ticket)] = (secret, moment + TICKET_SECONDS)
        return ticket

    def burn(self, ticket: str) -> str | None:
        """The secret that a ticket stands for, once and within its time."""
        with self.lock:
            secret, until = self.waiting.pop(hashed(ticket), ("", 0.0))
        return secret if self.clock() < until else None


def hashed(ticket: str) -> str:
    """What is kept of a ticket."""
    return hashlib.sha256(ticket.encode()).hexdigest()


TICKETS = Tickets()


def keep(token: str) -> None:
    """Have the browser keep a session's secret."""
    st.session_state[PENDING] = {"path": OPEN_PATH, "ticket": TICKETS.issue(token)}


def drop() -> None:
    """Have the browser forget it."""
    st.session_state[PENDING] = {"path": CLOSE_PATH, "ticket": secrets.token_urlsafe(8)}


def show(language: Language) -> None:
    """Let the page post what is pending; it says so when the browser keeps no cookie."""
    st.fragment(post)(language)


def post(language: Language) -> None:
    """The part of the page that posts; nothing is to be seen of it but a failure."""
    if UNKEPT in st.session_state:
        st.caption(translate("session.unkept", language))
    pending = st.session_state.get(PENDING)
    if pending is not None:
        poster()(key="handover", data=pending, on_done_change=done)


@cache
def poster() -> Any:
    """The component."""
    return st.components.v2.component("session_handover", js=SCRIPT)


def done() -> None:
    """The browser has its answer."""
    result = st.session_state.get("handover")
    pending = st.session_state.pop(PENDING, None)
    if pending is not None and pending["path"] == OPEN_PATH and getattr(result, "done", None) != NO_CONTENT:
        st.session_state[UNKEPT] = True


async def open_session(request: Request) -> Response:
    """Set the cookie for a ticket."""
    refusal = HOUSE.refusal_of_a_post(request)
    if refusal is not None:
        return refusal
    body = await body_of(request)
    token = TICKETS.burn(body) if body else None
    seconds = await asyncio.to_thread(seconds_left, token)
    if token is None or seconds <= 0:
        return PlainTextResponse("Forbidden", status_code=403)
    cookie = cookies.written(token, seconds, safe=HOUSE.is_safe(request.scope))
    return Response(status_code=NO_CONTENT, headers={"Set-Cookie": cookie})


async def close_session(request: Request) -> Response:
    """Expire the cookie of a session that ended; one that another login of this browser has set meanwhile stays."""
    refusal = HOUSE.refusal_of_a_post(request)
    if refusal is not None:
        return refusal
    safe = HOUSE.is_safe(request.scope)
    if await asyncio.to_thread(seconds_left, cookies.secret_in(request.headers, safe=safe)) > 0:
        return Response(status_code=NO_CONTENT)
    return Response(status_code=NO_CONTENT, headers={"Set-Cookie": cookies.expired(safe=safe)})


def seconds_left(token: str | None) -> int:
    """How long a session may last at most; 0 when it is over or there is none."""
    desk = Running.desk
    if token is None or desk is None or not desk.store.logins.lasts(token):
        return 0
    left = desk.store.logins.session(token).valid_until - desk.store.logins.clock()
    return int(left.total_seconds())


async def body_of(request: Request) -> str | None:
    """A small body; None for anything else."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > BODY_MOST:
            return None
    return content.decode("ascii", "replace")


ROUTES = [
    Route(OPEN_PATH, open_session, methods=["POST"]),
    Route(CLOSE_PATH, close_session, methods=["POST"]),
]

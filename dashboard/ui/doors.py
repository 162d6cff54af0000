"""The doors of the server: what a stranger may reach, and whose page's memory a browser may come back to.

Streamlit serves everybody: whoever holds the number of a page's memory takes it over, uploads and downloads ask for
nothing, and one message empties everybody's caches. So each request passes here first.

- It must be addressed to this server by a name that the settings know.
- Counters, the agent's routes, Streamlit's own login and custom components of others are closed.
- Uploads and downloads need the session's cookie; an upload also the page that it belongs to.
- A websocket must come from a page of ours. Its cookie or the login made on it says who it is. Without either it is a
  stranger's: few at a time, small and rare messages, and nothing but running the page, which shows the login form.
- The number of a page's memory is dropped unless the cookie opens the session that the memory belongs to.
- When a session ends, the next message runs the whole page anew: no callback and no fragment runs for it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.i18n import translate
from dashboard.jobs import Running
from dashboard.settings import ROOT
from dashboard.ui import connections, cookies
from dashboard.ui.connections import STRANGER_MOST_BYTES, Connection
from dashboard.ui.house import HOUSE
from dashboard.ui.web import headers_of, language_asked, with_headers

STREAM = "/_stcore/stream"
UPLOADS, DOWNLOADS = "/_stcore/upload_file/", "/media/"
CLOSED = ("/_stcore/metrics/", "/_stcore/agent/", "/_stcore/script-health-check/")
CLOSED_HERE = ("/auth/", "/oauth2callback/", "/component/")
"""Streamlit answers these without asking who is there, or they are its own ways to log in."""

STRANGERS_SAY = ("rerun_script", "app_heartbeat")
EVERYBODY_SAYS = (*STRANGERS_SAY, "stop_script", "file_urls_request", "backend_operation_request")
"""The messages that are passed on. Nobody needs to empty caches, to read git or to change how the server runs."""

SCRIPT = str(ROOT / "dashboard" / "app.py")
POLICY_VIOLATION, TOO_BIG = 1008, 1009
MISDIRECTED = 421
PROTOCOL = "sec-websocket-protocol"


class Doors:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        if scope["type"] == "http":
            await self.answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.connect(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers, path = Headers(scope=scope), f"{scope['path'].rstrip('/')}/"
        refusal: tuple[int, str] | None = None
        if not HOUSE.knows(headers.get("host", "")):
            refusal = (MISDIRECTED, translate("session.unknown_host", language_asked(headers)))
        elif any(door in path for door in CLOSED) or path.startswith(CLOSED_HERE):
            refusal = (404, "Not Found")
        elif path.startswith((UPLOADS, DOWNLOADS)) and not await is_let_in(scope, path):
            refusal = (401, "Unauthorized")
        sender = with_headers(send, headers_of(scope["path"], safe=HOUSE.is_safe(scope)))
        if refusal is None:
            await self.app(scope, receive, sender)
        else:
            await PlainTextResponse(refusal[1], status_code=refusal[0])(scope, receive, sender)

    async def connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One websocket, from the handshake to its end."""
        headers = Headers(scope=scope)
        if scope["path"] != STREAM or not HOUSE.knows(headers.get("host", "")) or not HOUSE.is_own_page(headers):
            await refuse(receive, send)
            return
        token = await token_of(scope)
        connection = connections.OPEN.admit((scope.get("client") or ("",))[0], token)
        if connection is None:
            await refuse(receive, send)
            return
        try:
            wire = Wire(connection, receive, send)
            await self.app(handshake(scope, connection), wire.receive, wire.send)
        finally:
            connections.OPEN.leave(connection)


class Wire:
    """The messages of one connection."""

    def __init__(self, connection: Connection, receive: Receive, send: Send) -> None:
        self.connection = connection
        self.incoming, self.outgoing = receive, send
        self.closed = False

    async def receive(self) -> Message:
        """The next message that may pass."""
        while True:
            message = await self.incoming()
            content = message.get("bytes")
            if message["type"] != "websocket.receive" or content is None:
                return message
            code = self.too_much(content)
            if code is not None:
                return await self.close(code)
            passed = await self.passed(content)
            if passed is not None:
                return {**message, "bytes": passed}

    def too_much(self, content: bytes) -> int | None:
        """Why a stranger's connection is closed; None for a message that may be read."""
        if self.connection.token is not None:
            return None
        if len(content) > STRANGER_MOST_BYTES:
            return TOO_BIG
        return None if self.connection.messages.take() else POLICY_VIOLATION

    async def passed(self, content: bytes) -> bytes | None:
        """What is passed on of a message; None for nothing. What cannot be read is left to Streamlit to refuse."""
        token = self.connection.token
        if token is not None and not await asyncio.to_thread(lasts, token):
            self.connection.ended = True
        known = self.connection.token is not None and not self.connection.ended
        said = BackMsg()
        try:
            said.ParseFromString(content)
        except Exception:  # noqa: BLE001  (whatever it is: Streamlit closes the connection for it)
            return content
        if said.WhichOneof("type") not in (EVERYBODY_SAYS if known else STRANGERS_SAY):
            return None
        if known or not said.HasField("rerun_script"):
            return content
        said.rerun_script.ClearField("fragment_id")
        if self.connection.ended:
            said.rerun_script.ClearField("widget_states")
        return bytes(said.SerializeToString())

    async def close(self, code: int) -> Message:
        """Close the connection; the application sees that it is gone."""
        await self.send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    async def send(self, message: Message) -> None:
        """Send what the application says, without telling where and on what it runs; nothing after the end."""
        if self.closed:
            return
        self.closed = message["type"] == "websocket.close"
        content = message.get("bytes")
        if content is not None and SCRIPT.encode() in content:
            message = {**message, "bytes": discreet(content, tell_version=self.connection.was_known)}
        await self.outgoing(message)


def discreet(content: bytes, *, tell_version: bool) -> bytes:
    """A message without the script's path and the versions; a page that logged in reloads when the server is newer."""
    said = ForwardMsg()
    said.ParseFromString(content)
    if said.HasField("new_session"):
        said.new_session.main_script_path = "app"
        machine = said.new_session.initialize.environment_info
        machine.python_version, machine.server_os = "", ""
        if not tell_version:
            machine.streamlit_version = ""
    return bytes(said.SerializeToString())


def handshake(scope: Scope, connection: Connection) -> Scope:
    """The handshake as the application gets it: with our mark, and without a memory that belongs to somebody else."""
    inner = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=inner)
    wanted = [value.strip() for value in ",".join(headers.getlist(PROTOCOL)).split(",")][:3]
    if wanted[2:] and not connections.OPEN.is_bound(wanted[2], connection.token):
        wanted = wanted[:2]
    del headers[PROTOCOL]
    if wanted[0]:
        headers[PROTOCOL] = ", ".join(wanted)
    headers[connections.HEADER] = connection.id
    return inner


async def refuse(receive: Receive, send: Send) -> None:
    """Answer 403 to a handshake."""
    await receive()
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})


async def is_let_in(scope: Scope, path: str) -> bool:
    """Whether an upload or a download comes from somebody who is logged in; an upload for their own page."""
    token = await token_of(scope)
    if token is None or not path.startswith(UPLOADS):
        return token is not None
    return connections.OPEN.is_bound(path.removeprefix(UPLOADS).partition("/")[0], token)


async def token_of(scope: Scope) -> str | None:
    """The secret in the cookie when it opens a session at this moment."""
    token = cookies.secret_in(Headers(scope=scope), safe=HOUSE.is_safe(scope))
    return token if token is not None and await asyncio.to_thread(lasts, token) else None


def lasts(token: str) -> bool:
    """Whether a session counts at this moment."""
    desk: Any = Running.desk
    return desk is not None and bool(desk.store.logins.lasts(token))

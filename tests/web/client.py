"""A client that speaks Streamlit's protocol by hand, so that it can say what no browser would."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboard.i18n import translate

PATIENCE = 20.0
COOKIE = "sid"


@dataclass
class Client:
    """One websocket and what it has been shown."""

    wire: ClientConnection
    address: str
    page_session: str = ""
    script_hash: str = ""
    elements: dict[tuple[int, ...], Any] = field(default_factory=dict)
    said: list[ForwardMsg] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that is on the page, as text."""
        return "\n".join(text_format.MessageToString(element, as_utf8=True) for element in self.elements.values())

    @property
    def sees_the_login_form(self) -> bool:
        """Whether there is the login form, and nothing of a person."""
        return self.find("text_input", translate("login.username", "zh")) is not None and not self.sees_a_page

    @property
    def sees_a_page(self) -> bool:
        """Whether there is what only somebody who logged in gets."""
        return self.find("button", translate("shell.log_out", "zh")) is not None

    def of(self, kind: str) -> Iterator[Any]:
        """The elements of a kind."""
        yield from (getattr(found, kind) for found in self.elements.values() if found.WhichOneof("type") == kind)

    def find(self, kind: str, label: str) -> Any:
        """The element of a kind with a label; None when there is none."""
        return next((found for found in self.of(kind) if found.label == label), None)

    def send(self, said: BackMsg) -> None:
        """Send a message."""
        self.wire.send(said.SerializeToString())

    def run(self, *states: WidgetState, page: str = "", query: str = "", fragment: str = "") -> Client:
        """Run the page and take in what it shows."""
        said = BackMsg()
        said.rerun_script.page_name = page
        said.rerun_script.query_string = query
        said.rerun_script.fragment_id = fragment
        said.rerun_script.widget_states.widgets.extend(states)
        self.send(said)
        self.take_in()
        return self

    def take_in(self) -> None:
        """Read until a run is over."""
        while True:
            message = ForwardMsg.FromString(self.receive())
            self.said.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page_session = message.new_session.initialize.session_id
                if not message.metadata.run.fragment_ids:
                    self.elements.clear()
            elif kind == "delta":
                self.place(message)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def place(self, message: ForwardMsg) -> None:
        """Put an element where it belongs; a new block removes what was there."""
        path = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "new_element":
            self.elements[path] = message.delta.new_element
        else:
            self.elements.pop(path, None)

    def receive(self) -> bytes:
        """The next message. Raises ConnectionClosed."""
        found = self.wire.recv(timeout=PATIENCE)
        assert isinstance(found, bytes)
        return found

    def log_in(self, username: str, password: str) -> Client:
        """Fill in and send the login form."""
        return self.run(
            typed(self.find("text_input", translate("login.username", "zh")).id, username),
            typed(self.find("text_input", translate("login.password", "zh")).id, password),
            pressed(self.find("button", translate("login.submit", "zh")).id),
        )

    def press(self, label: str) -> Client:
        """Press a button."""
        return self.run(pressed(self.find("button", label).id))

    def handover(self) -> dict[str, str]:
        """What the page would post so that the browser gets its cookie."""
        return dict(next(json.loads(found.json) for found in self.of("bidi_component") if "ticket" in found.json))

    def cookie(self) -> str:
        """The secret that the browser gets for the login made here."""
        answer = self.post(**self.handover())
        assert answer.status_code == 204, answer.text
        return answer.cookies[COOKIE]

    def post(self, path: str, ticket: str, origin: str | None = None) -> httpx.Response:
        """What the page posts."""
        return httpx.post(f"{self.address}{path}", content=ticket, headers={"Origin": origin or self.address})


def typed(widget: str, content: str) -> WidgetState:
    """The state of a text field."""
    return WidgetState(id=widget, string_value=content)


def pressed(widget: str) -> WidgetState:
    """The state of a button that was just pressed."""
    return WidgetState(id=widget, trigger_value=True)


Connect = Callable[..., Any]


@contextmanager
def visiting(
    address: str,
    cookie: str | None = None,
    *,
    resume: str | None = None,
    origin: str | None = "",
    headers: dict[str, str] | None = None,
    compression: str | None = None,
) -> Iterator[Client]:
    """A websocket to the application; `origin` None sends none."""
    protocols = ["streamlit", *(["x", resume] if resume else [])]
    more = {"Accept-Language": "zh-CN", **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {}), **(headers or {})}
    with connect(
        f"ws://{urlsplit(address).netloc}/_stcore/stream",
        origin=Origin(origin or address) if origin is not None else None,
        subprotocols=[Subprotocol(name) for name in protocols],
        additional_headers=more,
        compression=compression,
        max_size=None,
        open_timeout=PATIENCE,
    ) as wire:
        yield Client(wire, address)


def refused(address: str, **more: Any) -> int:
    """The status with which a handshake is refused; 101 when it is not."""
    try:
        with visiting(address, **more):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code

"""People who write to a running server until it dies: programs over REST, and people at the form on Today.

Each write leaves a text of its own. A write is acknowledged once its answer has arrived: the whole answer of a request,
or the line on the page that says what was updated and offers to take it back.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dashboard.i18n import translate
from tests.api.calling import V1
from tests.web.client import Client, pressed, typed, visiting

DONE = re.compile(r"today_undo_deal_(\d+)$")
"""The key of the button that takes an update back: it tells the revision that wrote the update."""

PATIENCE_SECONDS = 60
GONE = (httpx.TransportError, ConnectionClosed, InvalidHandshake, OSError)
"""What a client meets when its server is no more."""


class Request(NamedTuple):
    """A request that may be sent once more."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, str]


class Acknowledged(NamedTuple):
    """One write that somebody was told of. request, answer: of a program, to be repeated."""

    entity: str
    record: str
    text: str
    revision: int
    request: Request | None = None
    answer: bytes = b""


@dataclass
class Traffic:
    """What was written so far by all. begin: passed once everybody is ready; most: writes of everybody together."""

    begin: threading.Barrier
    most: int
    tried: list[str] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)
    more: threading.Condition = field(default_factory=threading.Condition)

    def texts(self, writer: str) -> Iterator[str]:
        """A text for each write that is left to be made."""
        self.begin.wait(PATIENCE_SECONDS)
        while True:
            with self.more:
                if len(self.tried) == self.most:
                    return
                self.tried.append(f"{writer} wrote {len(self.tried)}")
                text = self.tried[-1]
            yield text

    def tell(self, write: Acknowledged) -> None:
        """A write was acknowledged."""
        with self.more:
            self.acknowledged.append(write)
            self.more.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many writes were acknowledged, or somebody met something that should not be."""
        with self.more:
            arrived = self.more.wait_for(lambda: len(self.acknowledged) >= count or self.problems, PATIENCE_SECONDS * 5)
        assert arrived, f"{len(self.acknowledged)} of {count} after a long time"

    def problem(self, problem: BaseException) -> None:
        """Something that should not be."""
        with self.more:
            self.problems.append(problem)
            self.more.notify_all()


@dataclass(frozen=True)
class Writer:
    """Somebody who writes. cookie: of their session; deals: which they work on, and some that others work on too."""

    name: str
    person: str
    cookie: str
    deals: tuple[str, ...]
    dice: random.Random


def start(
    traffic: Traffic, address: str, work: Callable[[Traffic, str, Writer], None], who: Writer
) -> threading.Thread:
    """Somebody at work in a thread of their own, until the server is gone."""

    def run() -> None:
        try:
            work(traffic, address, who)
        except GONE:
            pass  # the server was killed
        except BaseException as problem:  # noqa: BLE001  (a thread keeps what it met for the test)
            traffic.problem(problem)

    thread = threading.Thread(target=run, name=who.name)
    thread.start()
    return thread


# -- programs ---------------------------------------------------------------------------------------------------------


def program(traffic: Traffic, address: str, who: Writer) -> None:
    """Change next steps and write down calls over REST."""
    with client_of(address, who) as client:
        for text in traffic.texts(who.name):
            deal = who.dice.choice(who.deals)
            send(traffic, client, call_of(who, deal, text) if who.dice.random() < 0.3 else step_of(client, deal, text))


def client_of(address: str, who: Writer) -> httpx.Client:
    """A program of somebody."""
    known = {"Authorization": f"Bearer {who.cookie}"}
    return httpx.Client(base_url=address, headers=known, timeout=PATIENCE_SECONDS)


def step_of(client: httpx.Client, deal: str, text: str) -> Request:
    """Another next step, at the version that the deal has now."""
    seen = client.get(f"{V1}/deals/{deal}").raise_for_status().headers["etag"]
    headers = {"If-Match": seen, "Idempotency-Key": text.replace(" ", "-")}
    return Request("PATCH", f"{V1}/deals/{deal}", headers, {"next_step": text})


def call_of(who: Writer, deal: str, text: str) -> Request:
    """A call about a deal."""
    body = {"deal_id": deal, "author_id": who.person, "kind": "call", "direction": "outgoing", "summary": text}
    happened = dt.datetime.now(dt.UTC).isoformat()
    headers = {"Idempotency-Key": text.replace(" ", "-")}
    return Request("POST", f"{V1}/interactions", headers, body | {"happened_at": happened})


def send(traffic: Traffic, client: httpx.Client, request: Request) -> None:
    """One write; somebody who was quicker refuses it."""
    answer = sent(client, request)
    if answer.status_code == httpx.codes.PRECONDITION_FAILED:
        return
    assert answer.is_success, answer.text
    row = answer.json()
    entity, text = ("deal", "next_step") if request.method == "PATCH" else ("interaction", "summary")
    traffic.tell(Acknowledged(entity, row["id"], row[text], row["revision"], request, answer.content))


def sent(client: httpx.Client, request: Request) -> httpx.Response:
    """The answer to a request."""
    return client.request(request.method, request.path, headers=request.headers, json=request.body)


# -- people at the form -----------------------------------------------------------------------------------------------


def visitor(traffic: Traffic, address: str, who: Writer) -> None:
    """Update deals on Today: what happened, and the next step."""
    with visiting(address, who.cookie) as client:
        client.run(page="today")
        for text in traffic.texts(who.name):
            update(traffic, client, who.dice.choice(who.deals), text)


def update(traffic: Traffic, client: Client, deal: str, text: str) -> None:
    """Open the form of a deal, fill it in and send it."""
    told_before = revisions_told(client)
    if keyed(client, f"today_save_{deal}") is None:  # it stays open after a refusal
        client.run(pressed(keyed(client, f"today_open_{deal}")), page="today")
    filled = [
        typed(labelled(client, "text_area", "today.quick.happened"), text),
        typed(labelled(client, "text_input", "today.quick.next_step"), text),
        pressed(keyed(client, f"today_save_{deal}")),
    ]
    try:
        client.run(*filled, page="today")
    finally:  # what had arrived when the server died was told as well
        for revision in revisions_told(client) - told_before:
            traffic.tell(Acknowledged("deal", deal, text, revision))


def keyed(client: Client, key: str) -> Any:
    """The number of the button with a key; None when it is not on the page."""
    return next((button.id for button in client.of("button") if button.id.endswith(key)), None)


def labelled(client: Client, kind: str, label: str) -> str:
    """The input with a label."""
    return str(client.find(kind, translate(label, "zh")).id)


def revisions_told(client: Client) -> set[int]:
    """The revisions of the updates that the page says were made."""
    return {int(found[1]) for button in client.of("button") if (found := DONE.search(button.id))}

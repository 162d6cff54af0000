"""Every verb of the sale: allowed, refused by state, by role and by a stale version, repeated, at once, and told after.

What is written at all has a new revision; what is refused leaves the revision of the store as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.api.addresses import address_of
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from tests.api.calling import Api, Person
from tests.verbs.row import Row, Wish
from tests.verbs.stock import WHY, Stock
from tests.verbs.table import ROWS

OK = (200, 201, 204)
TOLD = {403, 404, 409, 412, 422}
"""How whoever came second is refused."""
ONLOOKER = "head"


@dataclass(frozen=True)
class Done:
    """A verb that was done: what stood before, the answer, the moment before and the revision after."""

    wish: Wish
    key: str
    version: int | None
    before: dict[str, Any]
    answer: Any
    since: datetime
    revision: int

    @property
    def record(self) -> str:
        """The record that tells of it."""
        return str(self.answer.json()["id"]) if self.wish.row.makes else self.wish.record


@dataclass
class Proof:
    """The department, its people at the interface, and the records of each row, made when they are first asked for."""

    api: Api
    stock: Stock
    people: dict[str, Person] = field(default_factory=dict)
    wishes: dict[str, list[Wish]] = field(default_factory=dict)
    finished: dict[str, Done] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Somebody, logged in."""
        return self.people.setdefault(name, self.api(name)) if name not in self.people else self.people[name]

    def wish(self, row: Row, place: int) -> Wish:
        """One of three records of a row: to be refused, to be done, to be done by several at once."""
        if row.name not in self.wishes:
            records = row.ready(self.stock, 3)
            self.wishes[row.name] = [Wish(row, record, row.body(self.stock, record)) for record in records]
        return self.wishes[row.name][place]

    def seen(self, row: Row, record: str) -> dict[str, Any]:
        """The record in the address of a row as it is now."""
        return self.read(row.entity, record) if row.verb != "create" else {}

    def read(self, entity: str, record: str) -> dict[str, Any]:
        """A record as it is now."""
        return dict(self.person(ONLOOKER).get(f"/{address_of(entity_of(entity))}/{record}"))

    def done(self, row: Row) -> Done:
        """The verb done once, by whoever may."""
        if row.name not in self.finished:
            wish, key, since = self.wish(row, 1), new_id(), now()
            before = self.seen(row, wish.record)
            answer = wish.send(self.person(row.by), before.get("version"), key)
            found = Done(wish, key, before.get("version"), before, answer, since, self.revision)
            self.finished[row.name] = found
        return self.finished[row.name]

    @property
    def revision(self) -> int:
        """The last revision of the store."""
        return self.api.desk.store.revision


@pytest.fixture(scope="module")
def proof(api: Api) -> Iterator[Proof]:
    """Everything that rows need."""
    yield Proof(api, Stock(api.desk))
    assert api.desk.store.check() == []


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def rows_for(kind: str) -> Any:
    """The rows for which a proof makes sense."""
    return pytest.mark.parametrize("row", [row for row in ROWS if kind not in row.missing], ids=lambda row: row.name)


@rows_for("allowed")
def test_whoever_may_does_it(proof: Proof, row: Row) -> None:
    done = proof.done(row)
    assert done.answer.status_code in OK, done.answer.text
    after = proof.read(row.subject, done.record)
    assert {name: after[name] for name in row.becomes} == dict(row.becomes)


@rows_for("state")
def test_it_is_refused_in_another_state(proof: Proof, row: Row) -> None:
    assert row.wrong is not None
    [record] = row.wrong.ready(proof.stock, 1)
    wish, before = Wish(row, record, (row.wrong.body or row.body)(proof.stock, record)), proof.revision
    answer = wish.send(proof.person(row.by), proof.seen(row, record).get("version"))
    assert answer.status_code == row.wrong.status, answer.text
    assert row.wrong.status in OK or answer.json()["code"] == row.wrong.code, answer.text
    assert proof.revision == before


@rows_for("role")
def test_it_is_refused_to_whoever_may_not(proof: Proof, row: Row) -> None:
    wish, before = proof.wish(row, 0), proof.revision
    version = proof.seen(row, wish.record).get("version")
    told = {who: wish.send(proof.person(who), version).status_code for who in row.never}
    assert told == dict(row.never)
    assert proof.revision == before


@rows_for("stale")
def test_it_is_refused_for_a_version_that_somebody_has_overtaken(proof: Proof, row: Row) -> None:
    wish, before = proof.wish(row, 0), proof.revision
    version = proof.seen(row, wish.record)["version"]
    answer = wish.send(proof.person(row.by), version - 1)
    assert (answer.status_code, answer.json()["code"]) == (412, "record.stale"), answer.text
    assert proof.revision == before


@rows_for("repeated")
def test_the_same_request_once_more_is_the_same_answer_and_no_second_effect(proof: Proof, row: Row) -> None:
    done, before = proof.done(row), proof.revision
    again = done.wish.send(proof.person(row.by), done.version, done.key)
    assert (again.status_code, again.content) == (done.answer.status_code, done.answer.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert proof.revision == before


@rows_for("at_once")
def test_of_two_who_click_twice_at_once_one_has_an_effect(proof: Proof, row: Row) -> None:
    wish = proof.wish(row, 2)
    version, before = proof.seen(row, wish.record).get("version"), proof.revision
    wishes = {row.by: wish, row.rival: wish.by(proof.stock, rival=True)}
    people, keys = {who: proof.person(who) for who in wishes}, {who: new_id() for who in wishes}
    answers = at_once([(lambda who=who: wishes[who].send(people[who], version, keys[who])) for who in wishes] * 2)
    told = dict(zip([*wishes, *wishes], answers, strict=False))
    twice = {who: [answers[place] for place, one in enumerate([*wishes, *wishes]) if one == who] for who in told}
    won = [who for who, both in twice.items() if both[0].status_code in OK]
    lost = {answer.status_code for who, both in twice.items() if who not in won for answer in both}
    assert len(won) == (2 if row.each else 1), {who: [one.text for one in both] for who, both in twice.items()}
    assert all(twice[who][0].content == twice[who][1].content for who in won)
    assert lost <= TOLD
    assert proof.revision == before + len(won)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """The answers of calls that begin at the same moment."""
    together = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        together.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


@rows_for("allowed")
def test_history_says_who_when_before_after_and_why(proof: Proof, row: Row) -> None:
    done = proof.done(row)
    address = f"/{address_of(entity_of(row.subject))}/{done.record}"
    change = next(
        one
        for one in proof.person(ONLOOKER).get(f"{address}/history", limit=500)["items"]
        if one["version"] == (1 if row.makes else done.version + 1)
    )
    assert (change["verb"], change["actor_id"]) == (row.written, proof.stock.at[f"@{row.by}"])
    assert WHY in (change["why"] or ""), change
    assert done.since <= datetime.fromisoformat(change["recorded_at"]) <= now()
    assert change["effective_at"] == change["recorded_at"]
    assert change["changed"]
    assert change["before"] == {} if row.makes else change["before"] == {n: done.before[n] for n in change["changed"]}
    assert change["after"].items() >= {n: v for n, v in row.becomes.items() if n in change["changed"]}.items()
    assert change["after"] != change["before"]

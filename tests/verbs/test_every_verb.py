"""Every verb of the sale: allowed, refused by state, by role and by a stale version, repeated, at once, and told after.

What is written at all has a new revision; what is refused leaves the revision of the store as it was.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from dashboard.api.addresses import address_of
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from tests.api.calling import Api, Person
from tests.verbs.row import PROOFS, Row, Wish
from tests.verbs.stock import WHY, Stock, spoken
from tests.verbs.table import ROWS, declared

OK = (200, 201, 204)
TOLD = {403, 404, 409, 412, 422}
"""How whoever came second is refused."""


@dataclass(frozen=True)
class Done:
    """A verb that was done: the key, the version that was seen, what stood before, the answer, the moment before."""

    wish: Wish
    key: str
    version: int | None
    before: dict[str, Any]
    answer: Any
    since: datetime

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
        if name not in self.people:
            self.people[name] = self.api(name)
        return self.people[name]

    def wish(self, row: Row, place: int) -> Wish:
        """One of three records of a row: to be refused, to be done, to be done by several at once."""
        if row.name not in self.wishes:
            records = self.stock.some(row.ready, 3)
            self.wishes[row.name] = [row.wish(self.stock, record) for record in records]
        return self.wishes[row.name][place]

    def version(self, wish: Wish) -> int | None:
        """The version of the record in the address, which a new one has not."""
        return None if wish.row.verb == "create" else self.api.desk.version(wish.row.entity, wish.record)

    def read(self, row: Row, entity: str, record: str) -> dict[str, Any]:
        """A record as it is now, as the onlooker of a row reads it."""
        return dict(self.person(row.onlooker).get(f"/{address_of(entity_of(entity))}/{record}"))

    def done(self, row: Row) -> Done:
        """The verb done once, by whoever may."""
        if row.name not in self.finished:
            wish, key, since = self.wish(row, 1), new_id(), now()
            before, version = {} if row.makes else self.read(row, row.entity, wish.record), self.version(wish)
            answer = wish.send(self.person(row.by), version, key)
            self.finished[row.name] = Done(wish, key, version, before, answer, since)
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


def rows_for(kind: str) -> pytest.MarkDecorator:
    """The rows for which a proof makes sense."""
    return pytest.mark.parametrize("row", [row for row in ROWS if kind not in row.missing], ids=lambda row: row.name)


@rows_for("allowed")
def test_whoever_may_does_it(proof: Proof, row: Row) -> None:
    done = proof.done(row)
    assert done.answer.status_code in OK, done.answer.text
    after = proof.read(row, row.subject, done.record)
    wanted = spoken(proof.stock.said(row.becomes))
    assert {name: same(after[name], wanted[name]) for name in wanted} == dict.fromkeys(wanted, True)


@rows_for("state")
def test_it_is_refused_in_another_state(proof: Proof, row: Row) -> None:
    assert row.wrong is not None
    [record] = proof.stock.some(row.wrong.ready, 1)
    wish, before = row.wish(proof.stock, record, row.wrong.body), proof.revision
    answer = wish.send(proof.person(row.wrong.by or row.by), proof.version(wish))
    if row.wrong.code is None:
        assert answer.status_code in OK, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (row.wrong.status, row.wrong.code), answer.text
    assert proof.revision == before


@rows_for("role")
def test_it_is_refused_to_whoever_may_not(proof: Proof, row: Row) -> None:
    wish, before = proof.wish(row, 0), proof.revision
    version = proof.version(wish)
    told = {who: wish.send(proof.person(who), version).status_code for who in row.never}
    assert told == dict(row.never)
    assert proof.revision == before


@rows_for("stale")
def test_it_is_refused_for_another_version_than_the_last(proof: Proof, row: Row) -> None:
    wish, before = proof.wish(row, 0), proof.revision
    last = proof.version(wish)
    assert last is not None
    answer = wish.send(proof.person(row.by), last - 1)
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
def test_of_two_at_once_one_of_whom_clicks_twice_one_has_an_effect(proof: Proof, row: Row) -> None:
    wish = proof.wish(row, 2)
    version, before = proof.version(wish), proof.revision
    wishes = {row.by: wish, row.rival: row.wish(proof.stock, wish.record, row.other)}
    sent = {who: partial(one.send, proof.person(who), version, new_id()) for who, one in wishes.items()}
    clicks = [row.by, row.rival, row.by]
    answers = list(zip(clicks, at_once([sent[who] for who in clicks]), strict=True))
    won = {who for who, answer in answers if answer.status_code in OK}
    assert len(won) == (2 if row.each else 1), [answer.text for _, answer in answers]
    assert len({answer.content for who, answer in answers if who in won}) == len(won)
    assert {answer.status_code for who, answer in answers if who not in won} <= TOLD
    assert proof.revision == before + len(won)


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
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
    version = 1 if row.makes or done.version is None else done.version + 1
    changes = {one["version"]: one for one in proof.person(row.onlooker).get(f"{address}/history", limit=500)["items"]}
    change, after = changes[version], proof.read(row, row.subject, done.record)
    assert (change["verb"], change["actor_id"]) == (row.written, proof.stock.at[f"@{row.by}"])
    assert WHY in change["why"]
    assert done.since <= datetime.fromisoformat(change["recorded_at"]) <= now()
    assert change["effective_at"] == change["recorded_at"]
    if row.makes:
        assert (change["changed"], change["before"]) == (["*"], {})
    else:
        assert bool(change["changed"]) is not row.silent
        assert change["before"] == {name: done.before[name] for name in change["changed"]}
        assert [name for name in change["changed"] if change["after"][name] == change["before"][name]] == []
    if max(changes) == version:  # what follows by itself is told by changes of its own
        assert change["after"] == {name: after[name] for name in change["after"]}


def same(value: Any, wanted: Any) -> bool:
    """Whether a record says what was wanted of it; numbers whatever their places."""
    return Decimal(value) == wanted if isinstance(wanted, int) and isinstance(value, str) else value == wanted


def test_every_declared_verb_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    table = [(row.entity, row.verb) for row in ROWS]
    assert sorted(table) == sorted(declared())
    with capsys.disabled():
        for row in ROWS:
            for kind, why in row.missing.items():
                sys.stdout.write(f"\n{row.name}: {kind} is not tried: {why}")
    assert all(kind in PROOFS for row in ROWS for kind in row.missing)
    assert all(row.wrong or "state" in row.missing for row in ROWS)

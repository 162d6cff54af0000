"""One row of the table: a verb, a record that waits for it, one that does not, who may, and what is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.api.addresses import address_of
from dashboard.api.orders import MAKERS
from dashboard.domain.entities import entity_of
from tests.api.calling import Person
from tests.verbs.stock import WHY, Stock, spoken

Ready = Callable[[Stock, int], list[str]]
Body = Callable[[Stock, str], Mapping[str, Any]]
PROOFS = ("allowed", "state", "role", "stale", "repeated", "at_once")


def nothing(_stock: Stock, _record: str) -> Mapping[str, Any]:
    """What a verb is told that needs no telling."""
    return {}


@dataclass(frozen=True)
class Wrong:
    """A record with which the verb is refused, how, and what is sent if it is something else."""

    ready: Ready
    code: str = "verb.not_allowed"
    body: Body | None = None
    status: int = 409


@dataclass(frozen=True)
class Row:
    """A verb. Where `create` is meant, `ready` makes what the new record hangs on.

    by: who does it; rival: who does it at the same moment, told what `other` says; never: who is refused, and how;
    becomes: what the record says afterwards; each: whether both may have theirs when at once; missing: which proofs
    make no sense here, and why.
    """

    entity: str
    verb: str
    ready: Ready
    body: Body = nothing
    wrong: Wrong | None = None
    by: str = "rep"
    rival: str = "manager"
    other: Body | None = None
    never: Mapping[str, int] = field(default_factory=lambda: {"leader": 403, "stranger": 404})
    becomes: Mapping[str, Any] = field(default_factory=dict)
    each: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.entity}-{self.verb}"

    @property
    def makes(self) -> str | None:
        """What the verb makes a new one of."""
        return self.entity if self.verb == "create" else MAKERS.get((self.entity, self.verb), (None,))[0]

    @property
    def written(self) -> str:
        """What history calls it."""
        return "create" if self.makes else {"quick": "update"}.get(self.verb, self.verb)

    @property
    def subject(self) -> str:
        """The entity whose record tells of it."""
        return self.makes or self.entity


@dataclass(frozen=True)
class Wish:
    """A row with a record: what somebody sends."""

    row: Row
    record: str
    body: Mapping[str, Any]

    def send(self, person: Person, version: int | None = None, key: str | None = None) -> Any:
        """One request, of the version that was seen, under a key."""
        row, address = self.row, f"/{address_of(entity_of(self.row.entity))}"
        headers = {} if version is None or row.verb == "create" else {"If-Match": f'"{version}"'}
        headers |= {} if key is None else {"Idempotency-Key": key}
        body = spoken(self.body) | {"why": WHY}
        if row.verb == "create":
            return person.call("POST", address, headers, json=body)
        if row.verb == "update":
            return person.call("PATCH", f"{address}/{self.record}", headers, json=body)
        if row.verb == "archive":
            return person.call("DELETE", f"{address}/{self.record}", headers, params={"why": WHY})
        return person.call("POST", f"{address}/{self.record}/{row.verb}", headers, json=body)

    def by(self, stock: Stock, *, rival: bool = False) -> Wish:
        """The same as the rival says it."""
        said = self.row.other if rival and self.row.other else self.row.body
        return Wish(self.row, self.record, said(stock, self.record))

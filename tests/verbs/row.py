"""One row of the table: a verb, a record that waits for it, one that does not, who may, and what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.api.addresses import address_of
from dashboard.api.orders import MAKERS
from dashboard.domain.entities import entity_of
from tests.api.calling import Person
from tests.contracting import PDF
from tests.verbs.stock import WHY, Ready, Stock, Values, spoken

PROOFS = ("allowed", "state", "role", "stale", "repeated", "at_once")
FILE = {"file": ("plan.pdf", PDF, "application/pdf")}
STRANGERS = {"leader": 403, "stranger": 404}
"""Leaders only read; a rep of another team does not know of it."""


@dataclass(frozen=True)
class Wrong:
    """A record with which the verb is refused, and the code of the refusal.

    code: None where nothing is refused and nothing happens; body, by: what is sent, and who sends it, if other than
    what the row says; status: of the refusal.
    """

    ready: Ready
    code: str | None = "verb.not_allowed"
    body: Values | None = None
    by: str | None = None
    status: int = 409


@dataclass(frozen=True)
class Row:
    """A verb. Of `create` and the makers a new record tells, of all others the one in the address.

    ready: makes the records, of `create` those that the new one hangs on; body: what is sent; by: who does it; rival:
    who does it at the same moment and sends `other`; never: who is refused, and with which status; becomes: what the
    record says afterwards; each: whether both have an effect when at once; silent: whether the record itself stays as
    it is; onlooker: who reads of it; missing: which proofs make no sense here, and why.
    """

    entity: str
    verb: str
    ready: Ready
    body: Values = field(default_factory=dict)
    wrong: Wrong | None = None
    by: str = "rep"
    rival: str = "manager"
    other: Values | None = None
    never: Mapping[str, int] = field(default_factory=lambda: STRANGERS)
    becomes: Values = field(default_factory=dict)
    each: bool = False
    silent: bool = False
    onlooker: str = "head"
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.entity}-{self.verb}"

    @property
    def makes(self) -> str | None:
        """What the verb makes a new one of."""
        made = {"create": self.entity, "files": "attachment"}
        return made.get(self.verb) or MAKERS.get((self.entity, self.verb), (None,))[0]

    @property
    def written(self) -> str:
        """What history calls it."""
        return "create" if self.makes else {"quick": "update"}.get(self.verb, self.verb)

    @property
    def subject(self) -> str:
        """The entity whose record tells of it."""
        return self.makes or self.entity

    def wish(self, stock: Stock, record: str, body: Values | None = None) -> Wish:
        """What somebody sends about a record, or of a new one that hangs on it."""
        told = self.body if body is None else body
        said = stock.new(self.entity, told, record) if self.verb == "create" else stock.said(told, record)
        return Wish(self, record, said)


@dataclass(frozen=True)
class Wish:
    """A row with a record and what is said of it."""

    row: Row
    record: str
    body: Values

    def send(self, person: Person, version: int | None = None, key: str | None = None) -> Any:
        """One request, of the version that was seen, under a key."""
        address, verb = f"/{address_of(entity_of(self.row.entity))}", self.row.verb
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        headers |= {} if key is None else {"Idempotency-Key": key}
        body = spoken(self.body) | {"why": WHY}
        if verb == "create":
            return person.call("POST", address, headers, json=body)
        if verb == "update":
            return person.call("PATCH", f"{address}/{self.record}", headers, json=body)
        if verb == "archive":
            return person.call("DELETE", f"{address}/{self.record}", headers, params={"why": WHY})
        if verb == "files":
            return person.call("POST", f"{address}/{self.record}/files", headers, files=FILE, data=body)
        return person.call("POST", f"{address}/{self.record}/{verb}", headers, json=body)

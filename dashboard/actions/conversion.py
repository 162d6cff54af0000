"""A lead becomes a customer, a contact and perhaps a deal: in one change-set, linked both ways, and only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from dashboard.actions import duplicates
from dashboard.actions.duplicates import Match, Reason
from dashboard.actions.offers import refusal
from dashboard.actions.records import check_seen, row_frame
from dashboard.domain.access import Action, Actor, system
from dashboard.domain.changes import Change, ChangeSet
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.domain.labels import coded
from dashboard.domain.queries import Condition, Operator, any_of
from dashboard.errors import Forbidden, Invalid, NotFound, Problem, SalesDeskError
from dashboard.store import Store
from dashboard.store.rights import allowed

Values = Mapping[str, Any]
Row = dict[str, Any]

FOLLOW_UP = ("next_step", "next_step_on")
CARRIED: dict[str, dict[str, str]] = {
    "customer": {
        "name": "company",
        **{
            name: name for name in ("industry_id", "region_id", "source_id", "level", "need_tags", "address", "website")
        },
    },
    "contact": {
        "name": "person_name",
        "job_title": "job_title",
        "influence": "authority",
        "phone": "phone",
        "email": "email",
        "wechat": "wechat",
    },
    "deal": {
        "name": "company",
        "amount": "budget",
        "currency": "currency",
        **{name: name for name in ("region_id", "source_id", "need_tags")},
    },
}
"""What each new record takes from the lead: its field ← the lead's."""

LINKS = {"contact": ("customer_id",), "deal": ("customer_id", "contact_id", "lead_id")}
"""What of each new record follows from the conversion itself and is not for anybody to say."""


@dataclass(frozen=True)
class Part:
    """A record that the lead becomes: one that is there already, or a new one with these values beside the lead's."""

    record_id: str | None = None
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """How to convert a lead that was seen at `version` (None: as it is now).

    contact: None for nobody; one without id is looked for at a customer that is there already. deal: None for none.
    """

    lead_id: str
    version: int | None = None
    customer: Part = Part()
    contact: Part | None = Part()
    deal: Part | None = None
    why: str | None = None


@dataclass(frozen=True)
class Converted:
    """What a lead became; `again`: it had become that before."""

    lead_id: str
    customer_id: str
    contact_id: str | None
    deal_id: str | None
    again: bool = False


@dataclass(frozen=True)
class Found:
    """A customer that may be the lead's, why, and how sure that is (0 to 100)."""

    customer_id: str
    name: str
    reason: Reason
    score: int


def convert(
    store: Store, actor: Actor, asked: Asked, today: date, then: Callable[[Any], None] | None = None
) -> Converted:
    """Convert a lead; the same person asking for the same once more gets what it became.

    then: see `Store.apply`; not called where nothing was written. Fields of problems are named like `deal.amount`.
    Raises NotFound, Forbidden, Invalid, Refused (verb.not_allowed, unique.taken), Stale.
    """
    with store.engine.lock:  # nobody writes between the look and the write
        if not actor.grants("lead", Action.UPDATE):
            raise Forbidden("access.forbidden", entity="lead", action=str(Action.UPDATE))
        seen = store.get(actor, "lead", asked.lead_id)
        if before := converted_before(store, actor, asked, seen):
            return before
        admit(store, actor, asked, seen)
        lead = store.get(system(), "lead", asked.lead_id)  # what is masked for the person is carried over all the same
        way = Way(store, actor, asked, lead, today)
        changes = list(way.changes())
        try:
            store.apply(ChangeSet(actor, tuple(changes), way.why, details={"lead": lead["number"]}), then)
        except SalesDeskError as problem:
            placed(problem, changes)
            raise
        return Converted(asked.lead_id, way.customer_id, way.contact_id, way.deal_id)


def admit(store: Store, actor: Actor, asked: Asked, seen: Row) -> None:
    """Refuse before anything is made of the lead. Raises Forbidden, Stale, Refused, as the store would at the end."""
    if Action.UPDATE not in allowed(store, actor, "lead", asked.lead_id, [Action.UPDATE]):
        raise Forbidden("access.forbidden", entity="lead", action=str(Action.UPDATE))
    check_seen("lead", seen, asked.version)
    if impossible := refusal(entity_of("lead"), "convert", seen, seen["archived_at"] is not None):
        raise impossible


def converted_before(store: Store, actor: Actor, asked: Asked, lead: Values) -> Converted | None:
    """What the lead became when the same person asked for the same before, else None."""
    if lead["status"] != "converted":
        return None
    last = store.history(actor, "lead", asked.lead_id).filter(pl.col("verb") == "convert").tail(1)
    mine = last.height == 1 and last["actor_id"][0] == actor.person_id
    seen = asked.version in (None, last["version"][0] - 1) if last.height else False
    same = (
        asked.customer.record_id in (None, lead["customer_id"])
        and (asked.contact is None or asked.contact.record_id in (None, lead["contact_id"]))
        and (asked.deal is None) == (lead["deal_id"] is None)
    )
    if not (mine and seen and same):
        return None
    return Converted(asked.lead_id, lead["customer_id"], lead["contact_id"], lead["deal_id"], again=True)


class Way:
    """The changes that convert one lead."""

    def __init__(self, store: Store, actor: Actor, asked: Asked, lead: Row, today: date) -> None:
        self.store, self.actor, self.asked, self.lead, self.today = store, actor, asked, lead, today
        check_links(asked)
        self.owner_id = lead["owner_id"] or actor.person_id
        self.customer = self.there("customer", asked.customer.record_id)
        self.contact = self.known_contact()
        self.customer_id = self.customer["id"] if self.customer else new_id()
        self.contact_id = self.contact["id"] if self.contact else new_id() if self.wants_contact else None
        self.deal_id = new_id() if asked.deal else None

    @property
    def why(self) -> str:
        """The reason that stands in the history of every record: which lead it was, and what the person said."""
        lead = f"{self.lead['number']} {self.lead['company']}"
        if self.asked.why:
            return coded("conversion.lead_because", lead=lead, said=self.asked.why)
        return coded("conversion.lead", lead=lead)

    @property
    def wants_contact(self) -> bool:
        """Whether there is somebody to talk to: asked for, or known to the lead."""
        part = self.asked.contact
        return part is not None and bool(part.values or carried("contact", self.lead).keys() - {"influence"})

    def there(self, entity: str, record_id: str | None) -> Row | None:
        """A record that is there already, with every field. Raises Invalid for one that the person may not read."""
        if record_id is None:
            return None
        try:
            if self.store.get(self.actor, entity, record_id)["archived_at"] is None:
                return self.store.get(system(), entity, record_id)
        except NotFound:
            pass
        raise missing(entity)

    def known_contact(self) -> Row | None:
        """The contact that was named, or one of the customer with the lead's phone, e-mail or name."""
        part = self.asked.contact
        if part is None or self.customer is None:
            if part and part.record_id:
                raise missing("contact")
            return None
        if part.record_id:
            found = self.there("contact", part.record_id)
            if found and found["customer_id"] != self.customer["id"]:
                raise missing("contact")
            return found
        wanted = {**carried("contact", self.lead), **part.values}
        same = [Condition(name, Operator.EQ, value) for name in SAME_PERSON if (value := wanted.get(name))]
        if not same:
            return None
        there = [Condition("customer_id", Operator.EQ, self.customer["id"]), any_of(*same)]
        ids = self.store.find(system(), "contact", there, fields=[])["id"].to_list()
        mine = self.store.find(self.actor, "contact", [Condition("id", Operator.IN, ids)], fields=[], limit=1)["id"]
        return self.there("contact", mine[0]) if mine.len() else None

    def changes(self) -> Iterator[Change]:
        """In the order in which one points at the other."""
        yield from self.customer_change()
        yield from self.contact_change()
        if self.asked.deal is not None:
            yield self.new("deal", self.deal_id, self.asked.deal, self.deal_facts())
        yield self.lead_change()

    def lead_change(self) -> Change:
        """What the lead became; one that was nobody's is the person's, and its next step is no longer its own."""
        row = {
            "id": self.lead["id"],
            "version": self.lead["version"] if self.asked.version is None else self.asked.version,
            "converted_on": self.today,
            "customer_id": self.customer_id,
            "contact_id": self.contact_id,
            "deal_id": self.deal_id,
        }
        row |= {} if self.lead["owner_id"] else {"owner_id": self.owner_id}
        row |= dict.fromkeys(FOLLOW_UP) if self.moved_on and self.lead["next_step"] else {}
        return changing("lead", "convert", row)

    def customer_change(self) -> Iterator[Change]:
        """The new customer, or what an old one did not know yet."""
        if self.customer is None:
            facts = {"owner_id": self.owner_id, "created_on": self.today, **self.next_step(for_deal=False)}
            yield self.new("customer", self.customer_id, self.asked.customer, facts)
        else:
            yield from self.filled("customer", self.customer, self.next_step(for_deal=False))

    def contact_change(self) -> Iterator[Change]:
        """The new contact, or what an old one did not know yet."""
        if self.contact is not None:
            yield from self.filled("contact", self.contact, {})
        elif self.contact_id is not None:
            assert self.asked.contact is not None
            facts = {"customer_id": self.customer_id, "main": self.customer is None, "name": self.lead["company"]}
            made = self.new("contact", self.contact_id, self.asked.contact, facts)
            yield made if self.customer is None else self.added(made, self.customer)

    def added(self, contact: Change, customer: Row) -> Change:
        """A contact for a customer that is there: converting carries it to a colleague's, whose main one stays."""
        if customer["owner_id"] is None or self.may_update("customer", customer):
            return contact
        return replace(contact, rows=contact.rows.with_columns(main=pl.lit(value=False)), carried=True)

    def deal_facts(self) -> Row:
        """What a deal is besides what it takes from the lead."""
        links = {"customer_id": self.customer_id, "contact_id": self.contact_id, "lead_id": self.lead["id"]}
        return {**links, "owner_id": self.owner_id, "created_on": self.today, **self.next_step(for_deal=True)}

    @property
    def moved_on(self) -> bool:
        """Whether somebody else takes the next step: the deal, else a customer that has none of its own."""
        if self.asked.deal is not None or self.customer is None:
            return True
        return self.customer["next_step"] is None and self.may_update("customer", self.customer)

    def may_update(self, entity: str, there: Row) -> bool:
        """Whether the person may change a record."""
        return Action.UPDATE in allowed(self.store, self.actor, entity, there["id"], [Action.UPDATE])

    def next_step(self, *, for_deal: bool) -> Row:
        """What to do next goes to the deal, else to the customer."""
        mine = self.moved_on and for_deal == (self.asked.deal is not None)
        return {name: self.lead[name] for name in FOLLOW_UP} if mine else {}

    def new(self, entity: str, record_id: str | None, part: Part, facts: Values) -> Change:
        """A record of its own: what follows, what the lead says, what the person said; the last word counts."""
        row = {**facts, **carried(entity, self.lead), **part.values}
        filled = {name: value for name, value in row.items() if value is not None and value != []}
        return changing(entity, "create", {"id": record_id, **filled})

    def filled(self, entity: str, there: Row, more: Values) -> Iterator[Change]:
        """What the lead knows and a record does not, where the person may change it; nothing is overwritten."""
        given = {**more, **carried(entity, self.lead)}
        row = {name: value for name, value in given.items() if there.get(name) in (None, [])}
        if given.get("need_tags") and there.get("need_tags"):
            row["need_tags"] = list(dict.fromkeys([*there["need_tags"], *given["need_tags"]]))
        row = {name: value for name, value in row.items() if value is not None}
        if row and self.may_update(entity, there):
            yield changing(entity, "update", {"id": there["id"], "version": there["version"], **row})


SAME_PERSON = ("phone", "email", "name")


def carried(entity: str, lead: Values) -> Row:
    """What a lead has to give to a record of `entity`."""
    known = {name: lead[source] for name, source in CARRIED[entity].items()}
    known = {name: value for name, value in known.items() if value is not None and value != []}
    if "amount" not in known:
        known.pop("currency", None)
    return known


def changing(entity: str, verb: str, row: Row) -> Change:
    """One row as a change."""
    return Change(entity, verb, row_frame(entity_of(entity), row))


def check_links(asked: Asked) -> None:
    """Raises Invalid (field.not_allowed) when somebody says what a new record hangs on."""
    parts = {"contact": asked.contact, "deal": asked.deal}
    wrong = [
        Problem(None, f"{entity}.{name}", "field.not_allowed", {"field": name})
        for entity, part in parts.items()
        if part
        for name in LINKS[entity]
        if name in part.values
    ]
    if wrong:
        raise Invalid(wrong)


def missing(entity: str) -> Invalid:
    """There is no such record that the person may point at."""
    name = f"{entity}_id"
    return Invalid((Problem(None, name, "reference.not_found", {"field": name, "entity": "lead"}),))


def placed(problem: SalesDeskError, changes: list[Change]) -> None:
    """Say of which record a field is that does not fit."""
    if not isinstance(problem, Invalid) or problem.change is None:
        return
    entity = changes[problem.change].entity
    if entity != "lead":
        problem.problems = tuple(
            Problem(None, f"{entity}.{found.field}" if found.field else None, found.code, found.values)
            for found in problem.problems
        )


def likely(store: Store, actor: Actor, lead: Values) -> list[Found]:
    """The customers within reach that may be the lead's, the likeliest first: themselves or a contact of theirs."""
    matches = duplicates.likely(store, actor, "lead", lead, lead.get("id")).matches
    by: dict[str, Match] = {}
    for match in matches:
        customer = match.id if match.entity == "customer" else match.customer_id
        if customer:
            by.setdefault(customer, match)
    there = [Condition("id", Operator.IN, list(by))]
    names = dict(store.find(actor, "customer", there, fields=["name"]).select("id", "name").iter_rows())
    return [Found(one, names[one], match.reason, match.score) for one, match in by.items() if one in names]

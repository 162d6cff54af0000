"""Whether a record that is being captured may be in the system already: who looks alike, and why.

Only records within reach are named. One exception: an exact match of phone, e-mail or credit code beyond reach says
that there is one, and nothing else; such questions are limited in number, and each answer is audited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard.domain.access import Action, Actor, operator
from dashboard.domain.companies import LEAST_BRAND, Alike, alike, parts
from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Entity
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid
from dashboard.store import Store
from dashboard.store.audit import Entry
from dashboard.store.crypto import normalised
from dashboard.store.names import PERSON, keys_of
from dashboard.store.store import TOLD

Values = Mapping[str, Any]
MOST = 5
SHORTEST = {"phone": 7, "email": 6, "credit_code": 15}
"""Characters from which a value may stand for somebody."""


class Reason(StrEnum):
    """Why a record may be the same."""

    PHONE = "phone"
    EMAIL = "email"
    CREDIT_CODE = "credit_code"
    NAME = "same"
    PERSON = "person"
    SIMILAR = "similar"
    SOUND = "sound"


EXACT: dict[str, tuple[str, ...]] = {
    "phone": ("lead", "customer", "contact"),
    "email": ("lead", "contact"),
    "credit_code": ("customer",),
}
"""The values that stand for one company or person, and which kinds of records have them."""

COMPANY: dict[str, tuple[str, ...]] = {"lead": ("company",), "customer": ("name", "aliases")}
"""The names of companies."""

COMPARED: dict[str, tuple[str, ...]] = {
    "lead": ("company", "phone", "email"),
    "customer": ("name", "credit_code", "phone"),
    "contact": ("name", "phone", "email"),
}
"""What of a record is compared while it is captured."""

OWN: dict[str, tuple[str, ...]] = {
    "lead": ("customer_id", "contact_id"),
    "contact": ("customer_id",),
}
"""What belongs to a record, so that it is no other: what a lead became, the customer of a contact."""


@dataclass(frozen=True)
class Match:
    """A record that may be the same: what it is called, why, and how sure that is (0 to 100)."""

    entity: str
    id: str
    title: str
    number: str | None
    reason: Reason
    score: int = 100
    customer_id: str | None = None  # of a contact


@dataclass(frozen=True)
class Answer:
    """matches: the likeliest within reach; elsewhere: the fields whose very value stands in a record beyond it."""

    matches: tuple[Match, ...]
    elsewhere: tuple[str, ...] = ()


def likely(store: Store, actor: Actor, entity: str, values: Values, record_id: str | None = None) -> Answer:
    """The likely duplicates of what is being captured; record_id: the record itself, when it exists already.

    Raises Forbidden for whoever makes and changes no such records, Limited for too many questions.
    """
    if entity not in COMPARED or not any(actor.grants(entity, action) for action in (Action.CREATE, Action.UPDATE)):
        raise Forbidden("access.forbidden", entity=entity, action=str(Action.CREATE))
    asked = {name: str(values[name]).strip() for name in COMPARED[entity] if values.get(name)}
    aside = {record_id, *(values.get(name) for name in OWN.get(entity, ()))} - {None}
    found: dict[str, Match] = {}
    elsewhere: list[str] = []
    for field in EXACT:
        if speaks(field, asked.get(field)):
            for match in exact(store, actor, field, asked[field], aside):
                found.setdefault(match.id, match)
            if beyond(store, actor, entity, field, asked[field], {*found, *aside}):
                elsewhere.append(field)
    for match in named(store, actor, entity, asked, values, aside):
        found.setdefault(match.id, match)
    ranked = sorted(found.values(), key=lambda match: (-match.score, match.entity, match.title))
    return Answer(tuple(ranked[:MOST]), tuple(elsewhere))


def speaks(field: str, value: str | None) -> bool:
    """Whether a value is complete enough to stand for somebody."""
    kind = next(entity_of(name).by_name[field].kind for name in EXACT[field])
    return value is not None and len(normalised(kind, value)) >= SHORTEST[field]


def spellings(field: str, value: str) -> list[str]:
    """A value as records may hold it."""
    return sorted({value, value.upper(), value.casefold()}) if field == "credit_code" else [value]


def exact(store: Store, actor: Actor, field: str, value: str, aside: set[Any]) -> Iterator[Match]:
    """The records within reach that show this very value."""
    where = [Condition(field, Operator.IN, spellings(field, value))]
    for name in EXACT[field]:
        declared = entity_of(name)
        if not actor.grants(name, Action.READ):
            continue
        try:
            rows = store.find(actor, name, where, fields=shown(declared), limit=MOST + len(aside))
        except Invalid:
            continue  # the field is masked for this person
        for row in rows.iter_rows(named=True):
            if row["id"] not in aside:
                yield match_of(declared, row, Reason(field))


def shown(declared: Entity) -> list[str]:
    """What is read of a record that is named: what it is called, and of a contact whose it is."""
    return [str(declared.title), "customer_id"] if declared.name == "contact" else [str(declared.title)]


def match_of(declared: Entity, row: Mapping[str, Any], reason: Reason, score: int = 100) -> Match:
    """A row that was found."""
    title = str(row[str(declared.title)] or "")
    return Match(declared.name, row["id"], title, row["number"], reason, score, row.get("customer_id"))


def beyond(store: Store, actor: Actor, entity: str, field: str, value: str, known: set[Any]) -> bool:
    """Whether a record that the actor was not shown holds this very value; it is audited that this was told."""
    store.questions.ask(actor, field, value)
    where = [Condition(field, Operator.IN, spellings(field, value))]
    for name in EXACT[field]:
        rows = store.find(operator(), name, where, fields=[], limit=MOST + len(known))
        others = [row for row in rows["id"] if row not in known]
        if others:
            if store.questions.first_told(actor, field, value):
                details: dict[str, object] = {"asked": entity, "field": field, "id": others[0]}
                store.note(actor, [Entry(TOLD, name, None, 1, None, details)])
            return True
    return False


def named(
    store: Store, actor: Actor, entity: str, asked: Mapping[str, str], values: Values, aside: set[Any]
) -> Iterator[Match]:
    """The records within reach that are called alike: companies by their names, contacts of the same customer."""
    if entity == "contact":
        yield from same_person(store, actor, asked.get("name"), values.get("customer_id"), aside)
        return
    name = next((asked[field] for field in COMPANY[entity] if field in asked), None)
    if name is None or len(parts(name).core) < LEAST_BRAND:
        return
    for other, ids in store.names.companies(name).items():
        wanted = [record for record in ids if record not in aside]
        if wanted and actor.grants(other, Action.READ):
            yield from companies(store, actor, other, name, wanted)


def companies(store: Store, actor: Actor, entity: str, name: str, ids: list[str]) -> Iterator[Match]:
    """Those of the records that may be the company of this name."""
    declared, asked = entity_of(entity), parts(name)
    where = [Condition("id", Operator.IN, ids)]
    for row in store.find(actor, entity, where, fields=list(COMPANY[entity])).iter_rows(named=True):
        names = [row[COMPANY[entity][0]], *(row.get("aliases") or ())]
        found = [hit for each in names if each and (hit := alike(asked, parts(each)))]
        if found:
            how, score = max(found, key=lambda hit: hit[1])
            yield match_of(declared, row, REASONS[how], score)


REASONS = {Alike.SAME: Reason.NAME, Alike.SIMILAR: Reason.SIMILAR, Alike.SOUND: Reason.SOUND}


def same_person(
    store: Store, actor: Actor, name: str | None, customer_id: str | None, aside: set[Any]
) -> Iterator[Match]:
    """The contacts of a customer who are called like this."""
    if not name or not customer_id:
        return
    where, asked = [Condition("customer_id", Operator.EQ, customer_id)], keys_of(name, PERSON)
    for row in store.find(actor, "contact", where, fields=shown(entity_of("contact"))).iter_rows(named=True):
        brand, _, sound, *_ = keys_of(str(row["name"]), PERSON)
        if row["id"] not in aside and (brand == asked[0] or sound == asked[2]):
            yield match_of(entity_of("contact"), row, Reason.PERSON if brand == asked[0] else Reason.SOUND)

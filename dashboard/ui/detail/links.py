"""Ways from a record to those it belongs together with: a lead and what it became, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.seeing import seen
from dashboard.ui.detail.values import Record, heading_of
from dashboard.ui.markdown import plain
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit

PAGES = {"lead": "leads", "customer": "customers", "deal": "deals", "contract": "contracts", "order": "orders"}
AHEAD: dict[str, tuple[str, ...]] = {
    "lead": ("customer_id", "deal_id"),
    "deal": ("lead_id", "customer_id"),
    "contract": ("customer_id", "deal_id", "amends_id", "amended_by_id"),
    "order": ("customer_id", "deal_id", "contract_id"),
    "contact": ("customer_id",),
}
"""The fields of a record that lead on."""
BACK: dict[str, tuple[tuple[str, str], ...]] = {
    "customer": (("lead", "customer_id"),),
    "deal": (("contract", "deal_id"), ("order", "deal_id")),
    "contract": (("order", "contract_id"), ("contract", "amends_id")),
}
"""What points at a record: entity and field."""
REVERSED = {"amends_id": "amended_by_id", "amended_by_id": "amends_id"}
"""Fields whose own name says more than the kind of record they lead to, and what they are from the other side."""
MOST = 5


def show(visit: Visit, entity: Entity, record: Record) -> None:
    """A link to each of them that the person may read."""
    found = {row["id"]: (name, word, row) for name, word, row in related(visit, entity, record)}
    if found:
        with st.container(horizontal=True, gap="small", key=f"{entity.name}_links"):
            for name, word, row in found.values():
                label = f"{word} {heading_of(entity_of(name), row, visit.language)}"
                ways.to_record(visit, PAGES[name], row["id"], plain(label))


def related(visit: Visit, entity: Entity, record: Record) -> Iterator[tuple[str, str, Record]]:
    """What belongs together with a record: its entity, what it is to the record, and its row."""
    for field in AHEAD.get(entity.name, ()):
        if record.get(field):
            target = str(entity.by_name[field].to)
            word = word_of(visit, target, field if field in REVERSED else None)
            yield from ((target, word, row) for row in rows(visit, target, "id", str(record[field])))
    for name, field in BACK.get(entity.name, ()):
        word = word_of(visit, name, REVERSED.get(field))
        yield from ((name, word, row) for row in rows(visit, name, field, record["id"]))


def word_of(visit: Visit, entity: str, field: str | None) -> str:
    """What a record is to another: the field that leads there where it says more, else its kind."""
    return field_label(entity, field, visit.language) if field else entity_label(entity, visit.language)


def rows(visit: Visit, name: str, field: str, value: str) -> Iterator[Record]:
    """The records of an entity with this value, as far as the person may read them."""
    shown = seen(visit.actor, entity_of(name))
    if visit.actor.grants(name, Action.READ) and (field == "id" or field in shown):
        title = entity_of(name).title
        title = title if title in seen(visit.actor, entity_of(name)) else None
        where = [Condition(field, Operator.EQ, value)]
        fields = [title] if title and title in shown else []
        found = visit.desk.store.find(visit.actor, name, where, fields=fields, limit=MOST)
        yield from found.iter_rows(named=True)

"""What a record is made of: the products of a deal, whose credit it is, who takes part; shown where there are some."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.seeing import seen
from dashboard.ui.detail.values import Record, names_in, written
from dashboard.ui.visit import Visit

MOST = 50
TALLEST = 250  # pixels

PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "deal": {
        "deal_product": ("product_id", "quantity", "price", "amount"),
        "deal_credit": ("person_id", "share", "amount"),
        "deal_participant": ("person_id", "part"),
    },
    "order": {
        "order_line": ("product_id", "quantity", "price", "discount", "amount"),
        "shipment": ("carrier", "tracking_number", "promised_on", "shipped_on", "delivered_on"),
        "return": ("returned_on", "quantity", "amount", "reason_id", "remark"),
        "payment": ("paid_on", "amount", "method", "remark"),
    },
}
"""The parts of an entity, and what is shown of each."""


def show(visit: Visit, entity: Entity, record: Record) -> None:
    """A small table for each kind of part that there is."""
    for name, fields in PARTS.get(entity.name, {}).items():
        part = entity_of(name)
        shown = [field for field in fields if field in seen(visit.actor, part)]
        if shown and visit.actor.grants(name, Action.READ):
            where = [Condition(f"{entity.name}_id", Operator.EQ, record["id"])]
            found = visit.desk.store.find(visit.actor, name, where, fields=shown, limit=MOST)
            if found.height:
                table(visit, part, shown, found, record)


def table(visit: Visit, part: Entity, shown: list[str], found: pl.DataFrame, record: Record) -> None:
    """The rows in words; amounts are in the currency of the record that they are a part of."""
    rows = found.to_dicts()
    names = names_in(visit, part, rows)
    lines = [[written(visit, part, name, row[name], record, names) for name in shown] for row in rows]
    label = entity_label(part.name, visit.language, many=True)
    st.subheader(label, anchor=False)
    st.dataframe(
        pl.DataFrame(lines, schema=dict.fromkeys(shown, pl.String), orient="row"),
        hide_index=True,
        column_config={name: field_label(part.name, name, visit.language) for name in shown},
        height=min(TALLEST, 41 + 35 * len(rows)),
        key=f"parts_{part.name}",
        alt=label,
    )

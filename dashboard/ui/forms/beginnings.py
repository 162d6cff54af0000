"""What a new record takes over from the one that it is made for: a contract from its deal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.ui.forms import inputs
from dashboard.ui.visit import Visit

TAKEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("contract", "deal_id"): ("name", "customer_id", "contact_id", "owner_id", "amount", "currency"),
}
"""The fields that a new record of an entity takes over from what a field of it points at, under the same names."""


def of(visit: Visit, entity: str, told: Mapping[str, str]) -> dict[str, Any]:
    """The values as the inputs hold them, as far as the person may read them."""
    found: dict[str, Any] = {}
    declared = entity_of(entity)
    for (name, field), taken in TAKEN.items():
        if name == entity and field in told and (target := declared.by_name[field].to):
            rows = visit.desk.store.find(visit.actor, target, [Condition("id", Operator.EQ, told[field])]).to_dicts()
            known = {one: rows[0][one] for one in taken if one in rows[0]} if rows else {}
            found |= {one: inputs.as_typed(declared.by_name[one], value) for one, value in known.items() if value}
    return found

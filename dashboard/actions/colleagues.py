"""Whom somebody may name beside themselves: the active people of the department, by name and nothing else."""

from __future__ import annotations

from dashboard.domain.access import Action, Actor, system
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.errors import Forbidden
from dashboard.store import Store

NAMED = {"deal_credit": "person_id", "deal_participant": "person_id"}
"""Where a colleague is named who need not be within reach: who shares the credit for a deal, or takes part in it."""


def may_name(actor: Actor, entity: str | None = None) -> bool:
    """Whether a person may make such a row, of one kind or of any."""
    return any(actor.grants(name, Action.CREATE) for name in ([entity] if entity else NAMED))


def colleagues(store: Store, actor: Actor) -> dict[str, str]:
    """Id → name, by name. Raises Forbidden for whoever has nothing to name them in."""
    if not may_name(actor):
        raise Forbidden("access.forbidden", entity="person", action=str(Action.READ))
    active = [Condition("active", Operator.EQ, value=True)]
    found = store.find(system(), "person", active, sort=[Sort("name")], fields=["name"])
    return dict(found.select("id", "name").iter_rows())

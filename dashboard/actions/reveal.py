"""A masked personal detail shown in clear to whoever may ask for it, with a reason, each time noted in the audit."""

from __future__ import annotations

from dashboard.domain.access import Action, Actor, operator
from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Group
from dashboard.domain.seeing import seen
from dashboard.errors import Forbidden, Invalid, Problem
from dashboard.store import Store
from dashboard.store.audit import Entry
from dashboard.store.rights import allowed

REVEAL = "reveal"
SHORTEST_REASON = 4  # characters


def revealable(actor: Actor, entity: str) -> tuple[str, ...]:
    """The personal fields of an entity that a person sees at all, where some grant lets them reveal."""
    if not actor.grants(entity, Action.REVEAL):
        return ()
    declared = entity_of(entity)
    return tuple(name for name in seen(actor, declared) if declared.by_name[name].group is Group.PERSONAL)


def reveal(store: Store, actor: Actor, entity: str, record_id: str, field: str, why: str) -> str | None:
    """The value in clear. It is noted before it is shown.

    Raises NotFound for a record out of reach, Forbidden without the right, Invalid (reveal.needs_why, field.unknown).
    """
    now = store.still(actor)
    store.get(now, entity, record_id)
    if Action.REVEAL not in allowed(store, now, entity, record_id, [Action.REVEAL]):
        raise Forbidden("access.forbidden", entity=entity, action=str(Action.REVEAL))
    if field not in revealable(now, entity):
        raise Invalid([Problem(None, field, "field.unknown", {"field": field})])
    if len(why.strip()) < SHORTEST_REASON:
        raise Invalid([Problem(None, "why", "reveal.needs_why", {"n": SHORTEST_REASON})])
    store.note(now, [Entry(REVEAL, entity, record_id, 1, why.strip(), {"fields": [field]})])
    value = store.get(operator(), entity, record_id)[field]
    return None if value is None else str(value)

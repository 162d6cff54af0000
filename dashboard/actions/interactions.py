"""Logging an interaction: what happened with a lead, a customer or a deal, and what is to be done next about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.actions.records import row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor
from dashboard.domain.changes import Change
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, STEP
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import NotFound, Refused, Stale
from dashboard.store import Store
from dashboard.store.rights import allowed

Values = Mapping[str, Any]

LOG = "log"
ABOUT = ("deal", "lead", "customer")
"""What an interaction may be about, the closest first: its next step is the record's."""


def log(store: Store, actor: Actor, token: str, values: Values, seen: int | None = None) -> None:
    """Write an interaction and the next step of what it is about, as one change-set; sent twice it is written once.

    token: its id, made once for each form; seen: the version of the record that was on the screen, None for whatever
    it is now. Raises NotFound, Invalid, Forbidden, Refused, Stale.
    """
    if written(store, actor, token):
        return
    row = {"id": token, "author_id": actor.person_id, **{name: value for name, value in values.items() if value}}
    create = Change("interaction", "create", row_frame(entity_of("interaction"), row))
    try:
        submit(store, actor, [create, *following(store, actor, values, seen)])
    except (Refused, Stale):
        if not written(store, actor, token):
            raise


def written(store: Store, actor: Actor, token: str) -> bool:
    """Whether the interaction of a form is there already."""
    return store.count(actor, "interaction", [Condition("id", Operator.EQ, token)], archived=True) > 0


def following(store: Store, actor: Actor, values: Values, seen: int | None = None) -> list[Change]:
    """What an interaction changes on the record that it is about: its next step, where the person may change it."""
    entity = next((name for name in ABOUT if values.get(f"{name}_id")), None)
    told = {name: values[name] for name in (STEP, DAY) if values.get(name)}
    if entity is None or not told:
        return []
    try:
        record = store.get(actor, entity, str(values[f"{entity}_id"]))
    except NotFound:
        return []  # the interaction itself is refused for that
    told = {name: value for name, value in told.items() if record.get(name) != value}
    if not told or not may_follow(store, actor, entity, record):
        return []
    row = {"id": record["id"], "version": record["version"] if seen is None else seen, **told}
    return [Change(entity, "update", row_frame(entity_of(entity), row))]


def may_follow(store: Store, actor: Actor, entity: str, record: Values) -> bool:
    """Whether a person may say what is to be done next about a record."""
    update = Action.UPDATE in allowed(store, actor, entity, str(record["id"]), [Action.UPDATE])
    return update and record["archived_at"] is None

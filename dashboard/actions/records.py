"""One record at a time, as forms write it: create once, change what was changed, take one step of its life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor
from dashboard.domain.casting import DTYPES, SYSTEM_DTYPES
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Stale
from dashboard.store import Store
from dashboard.store.belonging import RELEASE

Values = Mapping[str, Any]

PLAIN_VERBS: dict[str, Action] = {
    "update": Action.UPDATE,
    "assign": Action.ASSIGN,
    "claim": Action.CLAIM,
    "release": Action.RELEASE,
    "archive": Action.ARCHIVE,
    "restore": Action.ARCHIVE,
    "snooze": Action.UPDATE,
}
"""What may be done to a record beside the verbs of its life cycle, and the right that each needs."""


def create(store: Store, actor: Actor, entity: str, record_id: str, values: Values, why: str | None = None) -> None:
    """Make a record under an id that the form has held since it was opened: a second submit changes nothing.

    Raises what `submit` raises.
    """
    with store.engine.lock:  # nobody writes between the look and the write
        same = [Condition("id", Operator.EQ, record_id)]
        if store.count(actor, entity, same, archived=True) == 0:
            declared = entity_of(entity)
            submit(store, actor, [Change(entity, "create", row_frame(declared, {"id": record_id, **values}))], why=why)


def change(
    store: Store, actor: Actor, entity: str, record_id: str, version: int, values: Values, why: str | None = None
) -> None:
    """Set fields of a record as it was seen at `version`; a second submit of the same changes nothing.

    Raises what `submit` raises; Stale only when somebody else's values stand there.
    """
    if not values:
        return
    try:
        take(store, actor, entity, "update", record_id, version, values, why)
    except Stale as stale:
        theirs = stale.values["theirs"]
        assert isinstance(theirs, dict)
        if not is_there(entity_of(entity), values, theirs):
            raise


def take(
    store: Store,
    actor: Actor,
    entity: str,
    verb: str,
    record_id: str,
    version: int,
    values: Values | None = None,
    why: str | None = None,
) -> Applied:
    """One verb on one record as it was seen. Raises what `submit` raises."""
    row = {"id": record_id, "version": version, **(values or {})}
    return submit(store, actor, [Change(entity, verb, row_frame(entity_of(entity), row))], why=why or None)


def check_seen(entity: str, record: Values, version: int | None) -> None:
    """Raises Stale when a record is not any more as it was seen; `version` None: nobody says how it was seen."""
    if version not in (None, record["version"]):
        mine = {"id": record["id"], "version": version}
        raise Stale("record.stale", entity=entity, id=record["id"], mine=mine, theirs=record, rows=1)


def needs_why(entity: str, verb: str) -> bool:
    """Whether a verb must say why."""
    if verb == RELEASE:
        return True
    cycle = LIFECYCLES.get(entity)
    step = cycle.verb(verb) if cycle else None
    return step is not None and step.why


def is_there(entity: Entity, values: Values, record: Values) -> bool:
    """Whether a record holds all of the values already."""
    wanted = row_frame(entity, dict(values))
    names = [name for name in wanted.columns if name in record]
    if len(names) < wanted.width:
        return False
    found = row_frame(entity, {name: record[name] for name in names})
    typed = [pl.col(name).cast(DTYPES[entity.by_name[name].kind], strict=False) for name in names]
    return wanted.select(typed).equals(found.select(typed))


def row_frame(entity: Entity, row: dict[str, Any]) -> pl.DataFrame:
    """A row as a change carries it; numbers travel as exact text, which the store turns into their type."""
    schema, exact = {}, {}
    for name, value in row.items():
        dtype = DTYPES[entity.by_name[name].kind] if name in entity.by_name else SYSTEM_DTYPES.get(name, pl.String())
        number = isinstance(dtype, pl.Decimal)
        schema[name] = pl.String() if number else dtype
        exact[name] = None if value is None else format(value, "f") if number and not isinstance(value, str) else value
    return pl.DataFrame([exact], schema=schema, orient="row")

"""The same new value for many records: shown before it is written, then written as one change-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.actions.records import row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, ownership_of
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.validation import cast
from dashboard.errors import Forbidden, Refused
from dashboard.store import Store

MOST = 500
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a bulk change would do: records that change, with the fields as they are now, and how many do not.

    rows: id, version, the entity's title and the changed fields as they stand; same: records that hold the values
    already; beyond: records that the person may read but not change.
    """

    entity: str
    values: dict[str, Any]
    rows: pl.DataFrame
    same: int
    beyond: int


def preview(store: Store, actor: Actor, entity: str, ids: Sequence[str], values: Values) -> Preview:
    """What setting `values` on these records would change.

    Raises Forbidden, Invalid, Refused (bulk.too_many, bulk.nothing).
    """
    wanted = list(dict.fromkeys(ids))
    if not values:
        raise Refused("bulk.nothing")
    if len(wanted) > MOST:
        raise Refused("bulk.too_many", n=len(wanted), limit=MOST)
    if not actor.grants(entity, action_of(entity, values)):
        raise Forbidden("access.forbidden", entity=entity, action=str(action_of(entity, values)))
    declared = entity_of(entity)
    same_ids = [Condition("id", Operator.IN, wanted)]
    names = [*((declared.title,) if declared.title else ()), *values]
    fields = list(dict.fromkeys(names))
    readable = store.count(actor, entity, same_ids)
    found = store.find(actor, entity, same_ids, fields=fields, action=action_of(entity, values))
    fresh = cast(declared, row_frame(declared, dict(values)))
    differs = pl.any_horizontal(
        [pl.col(name).ne_missing(pl.lit(fresh[name][0], fresh.schema[name])) for name in values]
    )
    rows = found.filter(differs)
    shown = list(dict.fromkeys(["id", "version", "number", *fields]))
    return Preview(entity, dict(values), rows.select(shown), found.height - rows.height, readable - found.height)


def apply(store: Store, actor: Actor, seen: Preview, why: str | None = None) -> Applied:
    """Write what was shown, all or nothing: a record that changed since then refuses the whole.

    Raises what `submit` raises.
    """
    if seen.rows.height == 0:
        raise Refused("bulk.nothing")
    declared = entity_of(seen.entity)
    one = row_frame(declared, dict(seen.values))
    rows = seen.rows.select("id", "version").join(one, how="cross")
    return submit(store, actor, [Change(seen.entity, "update", rows)], why=why or None)


def action_of(entity: str, values: Values) -> Action:
    """The right that a bulk change needs."""
    return Action.ASSIGN if set(values) & set(ownership_of(entity_of(entity)).people) else Action.UPDATE

"""The same new value for many records: shown before it is written, then written as one change-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import polars as pl

from dashboard.actions.gates import refusals
from dashboard.actions.records import row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, ownership_of
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import entity_of
from dashboard.domain.gates import FIELDS
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.validation import cast
from dashboard.errors import Forbidden, Refused
from dashboard.store import Store

STAGE = "stage_id"
JUDGED = ("stage_type", *FIELDS)
"""What a move of a deal is judged by."""
MOST = 5_000
"""How many records one bulk change may reach."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a bulk change would do: records that change, with the fields as they are now, and how many do not.

    rows: id, version, the entity's title and the changed fields as they stand; same: records that hold the values
    already; beyond: records that the person may read but not change; refused: those that cannot be changed so, like
    `rows`, and reasons: why, by id.
    """

    entity: str
    values: dict[str, Any]
    rows: pl.DataFrame
    same: int
    beyond: int
    refused: pl.DataFrame = dataclass_field(default_factory=pl.DataFrame)
    reasons: Mapping[str, Refused] = dataclass_field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The verb that changes them."""
        if self.entity == "deal" and STAGE in self.values:
            return "advance"
        return "assign" if set(self.values) <= set(ownership_of(entity_of(self.entity)).people) else "update"


def preview(store: Store, actor: Actor, entity: str, ids: Sequence[str], values: Values) -> Preview:
    """What setting `values` on these records would change; raises what `preview_of_all` raises."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise Refused("bulk.too_many", n=len(wanted), limit=MOST)
    return preview_of_all(store, actor, entity, [Condition("id", Operator.IN, wanted)], values)


def preview_of_all(
    store: Store, actor: Actor, entity: str, where: Sequence[Condition], values: Values, *, archived: bool = False
) -> Preview:
    """What setting `values` would change on every record that fulfils the conditions.

    Raises Forbidden, Invalid, Refused (bulk.too_many, bulk.nothing).
    """
    if not values:
        raise Refused("bulk.nothing")
    action = action_of(entity, values)
    if not actor.grants(entity, action):
        raise Forbidden("access.forbidden", entity=entity, action=str(action))
    readable = store.count(actor, entity, where, archived=archived)
    if readable > MOST:
        raise Refused("bulk.too_many", n=readable, limit=MOST)
    declared = entity_of(entity)
    moves = entity == "deal" and STAGE in values
    names = [*((declared.title,) if declared.title else ()), *values, *(JUDGED if moves else ())]
    fields = list(dict.fromkeys(names))
    found = store.find(actor, entity, where, fields=fields, action=action, archived=archived)
    reached = store.ids(actor, entity, action, list(values))
    found = found if reached is None else found.filter(pl.col("id").is_in(reached.to_list()))
    fresh = cast(declared, row_frame(declared, dict(values)))
    differs = pl.any_horizontal(
        [pl.col(name).ne_missing(pl.lit(fresh[name][0], fresh.schema[name])) for name in values]
    )
    rows = found.filter(differs)
    shown = list(dict.fromkeys(["id", "version", "number", *fields]))
    beyond, same = max(readable - found.height, 0), found.height - rows.height
    if not moves:
        return Preview(entity, dict(values), rows.select(shown), same, beyond)
    reasons = refusals(store, rows, str(values[STAGE]))
    stays = rows["id"].is_in(list(reasons))
    return Preview(entity, dict(values), rows.filter(~stays), same, beyond, rows.filter(stays), reasons)


def apply(store: Store, actor: Actor, seen: Preview, why: str | None = None) -> Applied:
    """Write what was shown, all or nothing: a record that changed since then refuses the whole.

    Raises what `submit` raises.
    """
    if seen.rows.height == 0:
        raise Refused("bulk.nothing")
    return submit(store, actor, [change_of(seen)], why=why or None)


def change_of(seen: Preview) -> Change:
    """What was shown as a change."""
    one = row_frame(entity_of(seen.entity), dict(seen.values))
    return Change(seen.entity, seen.verb, seen.rows.select("id", "version").join(one, how="cross"))


def changed_since(store: Store, actor: Actor, seen: Preview) -> pl.DataFrame:
    """The records of a preview that are no longer as they were shown, or not there for the person any more."""
    where = [Condition("id", Operator.IN, seen.rows["id"].to_list())]
    now = store.find(actor, seen.entity, where, fields=[]).select("id", now="version")
    return seen.rows.join(now, on="id", how="left", maintain_order="left").filter(
        pl.col("now").ne_missing(pl.col("version"))
    )


def given_up(seen: Preview, name: str) -> dict[str | None, int]:
    """How many records each present value of a field loses, most first."""
    counts = seen.rows.group_by(name).len().sort("len", name, descending=[True, False])
    return dict(counts.iter_rows())


def action_of(entity: str, values: Values) -> Action:
    """The right that a bulk change needs."""
    return Action.ASSIGN if set(values) & set(ownership_of(entity_of(entity)).people) else Action.UPDATE

"""What a record is made of (its lines, credits, clauses) as a whole: the rows of a form are one change-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.actions.records import is_there, row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import Actor
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Invalid, Problem, SalesDeskError, Stale
from dashboard.store import Store

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One part as it shall be. id: a new one has held it since its row was added; version: that was seen, None for a
    new one; values: the fields that the person set, all of a new one."""

    id: str
    version: int | None
    values: Values = field(default_factory=dict)


def save_parts(
    store: Store,
    actor: Actor,
    parent: str,
    parent_id: str,
    version: int,
    part: str,
    rows: Sequence[Row],
    *,
    seen: Mapping[str, int],
    parent_values: Values | None = None,
    why: str | None = None,
) -> Applied | None:
    """Make the parts of a record these rows: new ones are made, changed ones changed, those not among them archived.

    version: of the parent as it was seen; seen: id and version of every part on the screen; parent_values: fields of
    the parent that are set with them. A second submit of the same rows changes nothing and gives None.
    Raises what `submit` raises; Stale when the parent or its parts are no longer as they were seen. An Invalid names
    the row among `rows`.
    """
    with store.engine.lock:  # nobody writes between the look and the write
        record = store.get(actor, parent, parent_id)
        now = parts_of(store, actor, parent, parent_id, part)
        rows = returned(store, actor, parent, parent_id, part, rows)
        if is_done(part, now, rows) and is_there(entity_of(parent), parent_values or {}, record):
            return None
        versions = {row["id"]: row["version"] for row in now}
        if versions != dict(seen) or record["version"] != version:
            raise Stale("record.stale", entity=parent, id=parent_id, theirs=record)
        changes, places = changes_of(parent, parent_id, version, part, seen, rows, parent_values or {})
        try:
            return submit(store, actor, changes, why=why or None)
        except SalesDeskError as problem:
            placed(problem, places)
            raise


def parts_of(store: Store, actor: Actor, parent: str, parent_id: str, part: str) -> list[dict[str, Any]]:
    """The parts of a record that the actor may read, in their order."""
    where = [Condition(f"{parent}_id", Operator.EQ, parent_id)]
    found = store.find(actor, part, where)
    by_rank = "rank" in found.columns
    return found.sort(["rank", "id"] if by_rank else ["id"], nulls_last=True).to_dicts()


def is_done(part: str, now: Sequence[Values], rows: Sequence[Row]) -> bool:
    """Whether the parts are these rows already."""
    there = {row["id"]: row for row in now}
    entity = entity_of(part)
    return there.keys() == {row.id for row in rows} and all(is_there(entity, row.values, there[row.id]) for row in rows)


def returned(store: Store, actor: Actor, parent: str, parent_id: str, part: str, rows: Sequence[Row]) -> list[Row]:
    """The rows; a new one is the one that it was before it was taken away, where there can be only one such."""
    keys = [key for key in entity_of(part).unique_together if f"{parent}_id" in key]
    fresh = [row for row in rows if row.version is None]
    if not keys or not fresh:
        return list(rows)
    where = [Condition(f"{parent}_id", Operator.EQ, parent_id)]
    kept = {row.id for row in rows}
    earlier = {
        tuple(one[name] for name in keys[0]): one
        for one in store.find(actor, part, where, archived=True).to_dicts()
        if one["id"] not in kept
    }
    found = []
    for row in rows:
        known = {**row.values, f"{parent}_id": parent_id}
        one = earlier.get(tuple(known.get(name) for name in keys[0])) if row.version is None else None
        found.append(Row(one["id"], one["version"], row.values) if one else row)
    return found


def changes_of(
    parent: str,
    parent_id: str,
    version: int,
    part: str,
    seen: Mapping[str, int],
    rows: Sequence[Row],
    parent_values: Values,
) -> tuple[list[Change], list[int | None]]:
    """The changes, and beside each the place of its row: first what goes, so that what comes finds room."""
    made: list[tuple[Change, int | None]] = []
    kept = {row.id for row in rows}
    made += [(change(part, "archive", one, seen[one]), None) for one in seen if one not in kept]
    if parent_values:
        made.append((change(parent, "update", parent_id, version, parent_values), None))
    for place, row in enumerate(rows):
        if row.version is None:
            values = {**row.values, f"{parent}_id": parent_id}
            made.append((Change(part, "create", row_frame(entity_of(part), {"id": row.id, **values})), place))
            continue
        back = row.id not in seen
        if back:
            made.append((change(part, "restore", row.id, row.version), place))
        if row.values:
            made.append((change(part, "update", row.id, row.version + back, row.values), place))
    return [one for one, _ in made], [place for _, place in made]


def change(entity: str, verb: str, record_id: str, version: int, values: Values | None = None) -> Change:
    """One verb on one record as it was seen."""
    return Change(entity, verb, row_frame(entity_of(entity), {"id": record_id, "version": version, **(values or {})}))


def placed(problem: SalesDeskError, places: Sequence[int | None]) -> None:
    """Say the place of the row instead of the place in its change."""
    if isinstance(problem, Invalid) and problem.change is not None:
        place = places[problem.change]
        problem.problems = tuple(Problem(place, found.field, found.code, found.values) for found in problem.problems)

"""Logging an interaction: what happened with a lead, a customer or a deal, and what is to be done next about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from dashboard.actions.records import row_frame
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor
from dashboard.domain.changes import Change
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, STEP
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Refused, Stale
from dashboard.store import Store
from dashboard.store.rights import allowed

Values = Mapping[str, Any]
Row = dict[str, Any]

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
        submit(store, actor, [create, *following(store, actor, [values], seen)])
    except (Refused, Stale):
        if not written(store, actor, token):
            raise


def written(store: Store, actor: Actor, token: str) -> bool:
    """Whether the interaction of a form is there already."""
    return store.count(actor, "interaction", [Condition("id", Operator.EQ, token)], archived=True) > 0


def following(
    store: Store, actor: Actor, talks: Iterable[Values], seen: int | None = None, effective_at: datetime | None = None
) -> list[Change]:
    """What interactions change on the records that they are about: the next steps, where the person may change them.

    The last one that says something counts. effective_at: when it was said (naive UTC), None for now; a next step takes
    no effect before what was stated of its record last.
    """
    said: dict[str, dict[str, Row]] = {}
    for values in talks:
        entity = next((name for name in ABOUT if values.get(f"{name}_id")), None)
        told = {name: values[name] for name in (STEP, DAY) if values.get(name)}
        if entity and told:
            steps = said.setdefault(entity, {})
            steps[str(values[f"{entity}_id"])] = steps.get(str(values[f"{entity}_id"]), {}) | told
    parts = (stepping(store, actor, entity, steps, seen, effective_at) for entity, steps in said.items())
    return [change for part in parts for change in part]


def stepping(
    store: Store, actor: Actor, entity: str, steps: Mapping[str, Row], seen: int | None, effective_at: datetime | None
) -> Iterator[Change]:
    """The next steps of records of one kind, as far as they are others than those that stand there."""
    if not actor.grants(entity, Action.UPDATE):
        return
    mine = [Condition("id", Operator.IN, list(steps))]
    found = store.find(actor, entity, mine, fields=[STEP, DAY], action=Action.UPDATE)
    alike: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for record in found.iter_rows(named=True):
        told = {name: value for name, value in steps[record["id"]].items() if record[name] != value}
        if not told:
            continue
        row = {"id": record["id"], "version": record["version"] if seen is None else seen, **told}
        if effective_at:
            stated = store.history(actor, entity, record["id"])["effective_at"].max()
            row["effective_at"] = max(effective_at, stated)  # type: ignore[type-var]
        alike.setdefault(tuple(told), []).append(row_frame(entity_of(entity), row))
    for rows in alike.values():
        yield Change(entity, "update", pl.concat(rows))


def may_follow(store: Store, actor: Actor, entity: str, record: Values) -> bool:
    """Whether a person may say what is to be done next about a record."""
    update = Action.UPDATE in allowed(store, actor, entity, str(record["id"]), [Action.UPDATE])
    return update and record["archived_at"] is None

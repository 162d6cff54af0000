"""Records on which nobody works return to the pool: what will return when, and the job that does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, system
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_ids
from dashboard.domain.pool import OWNER, POOL, nearest, returning
from dashboard.store import Store, pooling

WHY = "pool.{reason} {days}"
"""The reason as it is stored; in words it is the text why.pool.<reason>."""


def coming(store: Store, entity: str, *, owner: str | None = None, record: str | None = None) -> pl.DataFrame:
    """When records will return to the pool and why: of everybody, of one owner, or one record; see `pool.returning`."""

    def read(cursor: Any) -> pl.DataFrame:
        held = pooling.held(cursor, entity, store.company.zone, owner=owner, record=record)
        rules, parents = pooling.rules(cursor), pooling.parents(cursor)
        teams = {team: nearest(rules, parents, entity, team) for team in held["team_id"].unique()}
        return returning(held, teams)

    return store.once(entity, ("returning", owner, record), read)


def within_reach(store: Store, actor: Actor, entity: str) -> pl.DataFrame:
    """What will return to the pool of the records that a person may read."""
    found, ids = coming(store, entity), store.ids(actor, entity)
    return found if ids is None else found.filter(pl.col("id").is_in(ids))


def recycle(store: Store, today: date, moment: datetime) -> int:
    """Return what is due, as one change-set with a reason for each record; returns how many that were.

    Done twice on a day, the second time finds nothing: what is in the pool is not held.
    """
    with store.engine.lock:  # nobody writes between the look and the write
        changes = [change for entity in sorted(pooling.POOLED) for change in changes_of(store, entity, today, moment)]
        if changes:
            submit(store, system(), changes, why="pool")
    return sum(change.rows.height for change in changes if change.verb == "release")


def changes_of(store: Store, entity: str, today: date, moment: datetime) -> Iterator[Change]:
    """The releases of what is due, one change for each reason, and the runs that tell of them."""
    due = coming(store, entity).filter((pl.col("due_on") <= today) & ~pl.col("protected"))
    for (reason, days), part in due.group_by("reason", "days", maintain_order=True):
        why = WHY.format(reason=reason, days=days)
        nobody = pl.lit(None, pl.String).alias(OWNER)
        yield Change(entity, "release", part.select("id", "version", nobody, pl.col("team_id").alias(POOL)), why)
        yield Change("pool_run", "create", runs(entity, part, why, moment))


def runs(entity: str, part: pl.DataFrame, why: str, moment: datetime) -> pl.DataFrame:
    """One run for each record: by which rule, from whom, why."""
    return part.select(
        new_ids(part.height),
        "rule_id",
        pl.lit(entity).alias("entity"),
        pl.col("id").alias("record_id"),
        pl.col(OWNER).alias("person_id"),
        pl.lit("done").alias("status"),
        pl.lit(moment, pl.Datetime("us")).alias("decided_at"),
        pl.lit(why).alias("reason"),
    )


def without_owner(store: Store, actor: Actor, entity: str) -> pl.DataFrame:
    """What belongs to somebody who is no longer active, of the records that a person may assign: id, owner_id."""

    def read(cursor: Any) -> pl.DataFrame:
        return pooling.left_behind(cursor, entity)

    found = store.once(entity, ("left behind",), read)
    ids = store.ids(actor, entity, Action.ASSIGN)
    return found if ids is None else found.filter(pl.col("id").is_in(ids))

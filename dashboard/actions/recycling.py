"""Records on which nobody works return to the pool: what will return when, and the job that does it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, system
from dashboard.domain.changes import Applied, Change
from dashboard.domain.ids import new_ids
from dashboard.domain.pool import OWNER, POOL, nearest, returning
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.store import Store, pooling

WHY = "pool.{reason} {days}"
"""The reason as it is stored; in words it is the text why.pool.<reason>."""
LOOKED_AT, RUNS = 2_000, 3
"""How many records of the latest runs are looked at, and how many runs are offered to be taken back."""


def coming(store: Store, entity: str, *, owner: str | None = None, record: str | None = None) -> pl.DataFrame:
    """When records will return to the pool and why: of everybody, of one owner, or one record; see `pool.returning`.

    Those of everybody are worked out once for all owners: it costs little more than those of one.
    """
    if owner is not None:
        return coming(store, entity).filter(pl.col(OWNER) == owner)

    def read(cursor: Any) -> pl.DataFrame:
        held = pooling.held(cursor, entity, store.company.zone, record=record)
        rules, parents = pooling.rules(cursor), pooling.parents(cursor)
        teams = {team: nearest(rules, parents, entity, team) for team in held["team_id"].unique()}
        return returning(held, teams, store.company.zone)

    return store.once(entity, ("returning", record), read)


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
            submit(store, system(), changes, why="machine.recycled")
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


@dataclass(frozen=True)
class Taken:
    """What one run took from people and still lies in the pool: kind of record → id, version, owner_id before it."""

    moment: datetime
    records: dict[str, pl.DataFrame]

    @property
    def count(self) -> int:
        """How many records that are."""
        return sum(frame.height for frame in self.records.values())


def last_runs(store: Store, actor: Actor) -> list[Taken]:
    """The latest runs of which a person may give something back to whoever had it, the last one first."""
    mine = [entity for entity in sorted(pooling.POOLED) if actor.grants(entity, Action.ASSIGN)]
    if not mine or not actor.grants("pool_run", Action.READ):
        return []
    newest = [Sort("decided_at", descending=True)]
    fields = ["entity", "record_id", "person_id", "decided_at"]
    done = [Condition("status", Operator.EQ, "done"), Condition("decided_at", Operator.NULL, value=False)]
    runs = store.find(actor, "pool_run", done, sort=newest, limit=LOOKED_AT, fields=fields)
    if runs.is_empty():
        return []
    here = pl.concat([still_pooled(store, actor, entity, runs) for entity in mine])
    return [
        Taken(moment, {name: part.drop("entity", "decided_at") for (name,), part in rows.group_by("entity")})
        for (moment,), rows in here.sort("decided_at", descending=True).group_by("decided_at", maintain_order=True)
    ][:RUNS]


def still_pooled(store: Store, actor: Actor, entity: str, runs: pl.DataFrame) -> pl.DataFrame:
    """What the runs took and nobody claimed or moved since, so far as the person may assign it."""
    mine = runs.filter(pl.col("entity") == entity).unique("record_id", keep="first", maintain_order=True)
    active = store.reference("person").filter("active")["id"].to_list()
    where = [Condition("id", Operator.IN, mine["record_id"].to_list()), Condition(OWNER, Operator.NULL, value=True)]
    now = store.find(actor, entity, where, fields=["id"], action=Action.ASSIGN) if mine.height else pl.DataFrame()
    if now.is_empty():
        now = pl.DataFrame(schema={"id": pl.String, "version": pl.Int64})
    found = now.select("id", "version").join(mine, left_on="id", right_on="record_id")
    found = found.filter(pl.col("person_id").is_in(active))
    return found.select("id", "version", pl.col("person_id").alias(OWNER), "entity", "decided_at")


def give_back(store: Store, actor: Actor, taken: Taken, why: str) -> Applied:
    """Assign what a run took to whoever had it, as one change-set. Raises what `submit` raises."""
    changes = [Change(entity, "assign", frame) for entity, frame in taken.records.items() if frame.height]
    return submit(store, actor, changes, why=why)

"""How much work is due for each person, against the hours of a week, and which of their next steps are overdue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import polars as pl

from dashboard.domain.access import Action, Actor, Visibility
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, FOLLOWED, late
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.seeing import seen
from dashboard.store import Store
from dashboard.store.totals import totals

WEEK_DAYS = 7
WITHOUT_EFFORT_HOURS = 1.0
"""What a task counts that says nothing about its effort, as in the metric task_completion."""

SCHEMA = {"person": pl.String, "hours": pl.Float64, "capacity": pl.Float64, "tasks": pl.Int64, "deals": pl.Int64}


def workload(store: Store, actor: Actor, today: date, teams: Collection[str] = ()) -> pl.DataFrame:
    """Each active person in scope who has work or capacity: person, hours, capacity (or null), tasks, deals.

    hours: of open tasks that are overdue or due within a week; deals: open ones, as owner; teams: only their members.
    """
    if not all(actor.grants(entity, Action.READ) for entity in ("person", "task", "deal")):
        return pl.DataFrame(schema=SCHEMA)
    people = people_of(store, actor, teams)
    due = due_tasks(people, today)
    owned = [
        Condition("stage_type", Operator.EQ, "open"),
        Condition("owner_id", Operator.IN, people["person"].to_list()),
    ]
    told = totals(store, actor, "task", ["assignee_id"], ["effort_hours"], due)
    silent = [*due, Condition("effort_hours", Operator.NULL, value=True)]
    untold = totals(store, actor, "task", ["assignee_id"], [], silent).rename({"n": "untold"})
    deals = totals(store, actor, "deal", ["owner_id"], [], owned).rename({"owner_id": "person", "n": "deals"})
    tasks = told.join(untold, on="assignee_id", how="left").select(
        pl.col("assignee_id").alias("person"),
        pl.col("n").alias("tasks"),
        hours=pl.col("effort_hours").cast(pl.Float64).fill_null(0)
        + pl.col("untold").fill_null(0) * WITHOUT_EFFORT_HOURS,
    )
    found = people.join(tasks, on="person", how="left").join(deals, on="person", how="left")
    counted = found.with_columns(pl.col("tasks", "deals").fill_null(0), pl.col("hours").fill_null(0.0))
    busy = (pl.col("tasks") > 0) | (pl.col("deals") > 0) | pl.col("capacity").is_not_null()
    return counted.filter(busy).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def due_tasks(people: pl.DataFrame, today: date) -> list[Condition]:
    """Which tasks of these people are work of this week: open ones that are overdue or due within it."""
    return [
        Condition("status", Operator.EQ, "open"),
        Condition("due_on", Operator.LT, today + timedelta(days=WEEK_DAYS)),
        Condition("assignee_id", Operator.IN, people["person"].to_list()),
    ]


def late_steps(store: Store, actor: Actor, today: date, teams: Collection[str] = ()) -> pl.DataFrame:
    """How many next steps of each active person in scope are overdue, whoever has none left out.

    person, late, and a column of counts for each entity that is followed up, as far as the actor sees its next steps.
    """
    counts = pl.DataFrame(schema={"person": pl.String, "entity": pl.String, "n": pl.Int64})
    for entity, where in late_records(store, actor, today, teams).items():
        found = totals(store, actor, entity, ["owner_id"], [], where)
        counts.extend(found.select(person="owner_id", entity=pl.lit(entity), n=pl.col("n").cast(pl.Int64)))
    each = [pl.col("n").filter(pl.col("entity") == entity).sum().alias(entity) for entity in FOLLOWED]
    return counts.group_by("person").agg(*each, late=pl.col("n").sum())


def late_records(
    store: Store, actor: Actor, today: date, teams: Collection[str] = (), person: str | None = None
) -> dict[str, list[Condition]]:
    """By entity: which records have an overdue next step, of one person in scope or of all of them."""
    if not actor.grants("person", Action.READ):
        return {}
    people = people_of(store, actor, teams)["person"].to_list()
    whose = Condition("owner_id", Operator.IN, [one for one in people if person in {None, one}])
    told = [entity for entity in FOLLOWED if seen(actor, entity_of(entity)).get(DAY) is Visibility.CLEAR]
    return {entity: [whose, *late(entity, today)] for entity in told}


def people_of(store: Store, actor: Actor, teams: Collection[str]) -> pl.DataFrame:
    """The active people whose results the actor may see: person, capacity."""
    scope = store.people_in_scope(actor)
    where = [Condition("active", Operator.EQ, value=True), Condition("team_id", Operator.NULL, value=False)]
    if scope is not None:
        where.append(Condition("id", Operator.IN, scope.to_list()))
    if teams:
        where.append(Condition("team_id", Operator.IN, list(teams)))
    found = store.find(actor, "person", where, fields=["weekly_capacity_hours"])
    return found.select(person="id", capacity=pl.col("weekly_capacity_hours").cast(pl.Float64))

"""What the pool's rules are judged by: how many records somebody holds and claimed, and whose a record was before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, union_all

from dashboard.domain.entities import RECORDS
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.pool import COLUMNS, ENDED, OWNER, POOL, Allowance, Rule, nearest
from dashboard.store.engine_duckdb import SMALL, frame, rows
from dashboard.store.schema import history_of, table_of
from dashboard.store.staging import staged

POOLED = frozenset(name for name, entity in RECORDS.items() if POOL in entity.by_name)
"""The entities that have a pool."""
MACHINES = ("operator", "system")
STATED = ("id", "version", "effective_at", "recorded_at", "verb", "why", "actor_id", OWNER, POOL)


def rules(cursor: duckdb.DuckDBPyConnection) -> list[Rule]:
    """The rules in force."""
    table = table_of("pool_rule")
    live = select(*(table.c[name] for name in COLUMNS)).where(table.c.archived_at.is_(None), table.c.active)
    return [Rule(*row) for row in rows(cursor, live)]


def parents(cursor: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """The team above each team."""
    table = table_of("team")
    return dict(rows(cursor, select(table.c.id, table.c.parent_id)))


def rule_of(cursor: duckdb.DuckDBPyConnection, entity: str, team_id: str | None) -> Rule | None:
    """The rule that holds for a team."""
    return nearest(rules(cursor), parents(cursor), entity, team_id)


def homes(cursor: duckdb.DuckDBPyConnection, people: Sequence[str]) -> dict[str, str | None]:
    """The team of each person."""
    table = table_of("person")
    return dict(rows(cursor, select(table.c.id, table.c.team_id).where(table.c.id.in_(list(people)))))


def allowance(
    cursor: duckdb.DuckDBPyConnection, entity: str, person_id: str, team_id: str | None, today: date, zone: str
) -> Allowance:
    """What the rules of a person's team still allow the person on a business day."""
    table, log = table_of(entity), history_of(entity)
    held = select(func.count()).where(table.c[OWNER] == person_id, worked_on(entity))
    midnight = datetime.combine(today, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    claimed = select(func.count()).where(
        log.c.verb == "claim", log.c.actor_id == person_id, log.c.recorded_at >= midnight
    )
    rule = rule_of(cursor, entity, team_id)
    return Allowance(rule, int(rows(cursor, held)[0][0]), int(rows(cursor, claimed)[0][0]))


def worked_on(entity: str) -> ColumnElement[bool]:
    """Whether somebody may still work on a record."""
    table = table_of(entity)
    going_on = table.c[LIFECYCLES[entity].field].not_in(ENDED[entity]) if entity in ENDED else true()
    return and_(table.c.archived_at.is_(None), going_on)


def belongings(cursor: duckdb.DuckDBPyConnection, entity: str, ids: pl.Series | None = None) -> pl.DataFrame:
    """Since when records are whose they are, one row each; of every record when `ids` is None.

    Columns: id; since, verb, why, actor_id: of the last change of owner or pool; pool_before: the pool it was in until
    then; last_owner: who has it, or had it last; freed_at: when that ended, for a record without owner.
    """
    log = history_of(entity)
    about = or_(log.c.changed == "*", *(log.c.changed.contains(f",{name},", autoescape=True) for name in (OWNER, POOL)))
    statement = select(*(log.c[name] for name in STATED)).where(about)
    if ids is None:
        found = frame(cursor, statement)
    elif ids.len() <= SMALL:
        found = frame(cursor, statement.where(log.c.id.in_(ids.to_list())))
    else:
        with staged(cursor, pl.DataFrame({"id": ids.unique()}), {}) as source:
            found = frame(cursor, statement.where(log.c.id.in_(select(source.c.id))))
    owned, told = pl.col(OWNER).is_not_null(), pl.col("actor_id").is_in(MACHINES)
    moment = pl.when(told).then("effective_at").otherwise("recorded_at")  # what a person states may be convenient
    freed = moment.filter(pl.col("version") > pl.col("version").filter(owned).max().fill_null(0))
    return (
        found.sort("id", "version")
        .group_by("id", maintain_order=True)
        .agg(
            pl.col("effective_at").last().alias("since"),
            pl.col("verb", "why", "actor_id").last(),
            pl.col(POOL).shift(1).last().alias("pool_before"),
            pl.col(OWNER).filter(owned).last().alias("last_owner"),
            freed.first().alias("freed_at"),
        )
    )


def held(cursor: duckdb.DuckDBPyConnection, entity: str, zone: str, *, record: str | None = None) -> pl.DataFrame:
    """What active people in teams hold and work on: of everybody, or one record.

    Columns: id, version, owner_id, team_id (of the owner); days in the company's zone: since_on (when the owner got
    it), contact_on (the last interaction), deal_on (the last day on which a deal began or was closed); open_deals.
    """
    table, people = table_of(entity), table_of("person")
    picked = select(table.c.id, table.c.version, table.c[OWNER], people.c.team_id).join(
        people, people.c.id == table.c[OWNER]
    )
    picked = picked.where(worked_on(entity), people.c.active, people.c.team_id.is_not(None))
    picked = picked.where(table.c.id == record) if record else picked
    rows_held = frame(cursor, picked)
    some = rows_held["id"] if record else None
    past = belongings(cursor, entity, some).select("id", since_on=local_day("since", zone))
    found = rows_held.join(past, on="id", how="left")
    found = found.join(contacts(cursor, entity, some, zone), on="id", how="left")
    return found.join(deals(cursor, entity, some), on="id", how="left").with_columns(pl.col("open_deals").fill_null(0))


def local_day(column: str, zone: str) -> pl.Expr:
    """The business day of an instant."""
    return pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def contacts(cursor: duckdb.DuckDBPyConnection, entity: str, ids: pl.Series | None, zone: str) -> pl.DataFrame:
    """The last interaction with each record: id, contact_on. Those about a deal are with its customer too."""
    talks, about = table_of("interaction"), table_of("deal")
    key, live = talks.c[f"{entity}_id"], talks.c.archived_at.is_(None)
    parts = [select(key.label("id"), talks.c.happened_at).where(live, among(key, ids))]
    if entity == "customer":
        through = select(about.c.customer_id.label("id"), talks.c.happened_at)
        through = through.join_from(talks, about, about.c.id == talks.c.deal_id)
        parts.append(through.where(live, among(about.c.customer_id, ids)))
    inner = union_all(*parts).subquery()
    last = select(inner.c.id, func.max(inner.c.happened_at).label("contact_at"))
    found = frame(cursor, last.group_by(inner.c.id))
    return found.select("id", local_day("contact_at", zone).alias("contact_on"))


def deals(cursor: duckdb.DuckDBPyConnection, entity: str, ids: pl.Series | None) -> pl.DataFrame:
    """The last deal of each customer: id, deal_on, open_deals; a lead has none, it becomes one."""
    table = table_of("deal")
    none: list[ColumnElement[bool]] = [] if entity == "customer" else [false()]
    latest = func.max(func.greatest(table.c.created_on, func.coalesce(table.c.closed_on, table.c.created_on)))
    still_open = func.count().filter(table.c.stage_type == "open")
    statement = select(table.c.customer_id.label("id"), latest.label("deal_on"), still_open.label("open_deals"))
    statement = statement.where(table.c.archived_at.is_(None), among(table.c.customer_id, ids), *none)
    return frame(cursor, statement.group_by(table.c.customer_id))


def among(column: ColumnElement[str], ids: pl.Series | None) -> ColumnElement[bool]:
    """Whether a column names one of the records; whether it names any when `ids` is None."""
    return column.is_not(None) if ids is None else column.in_(ids.to_list())

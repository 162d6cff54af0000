"""The revision log: what was when, for people, for undo, and as facts for the ETL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import BigInteger, BindParameter, ColumnElement, Float, bindparam, cast, select

from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fields import Kind
from dashboard.store.engine_duckdb import frame, large_frame
from dashboard.store.schema import history_of

FACT_COLUMNS = ("id", "version", "revision", "effective_at", "recorded_at", "verb", "changed", "archived_at")
FLOATS = (Kind.SHARE, Kind.NUMBER, Kind.PRICE)


def facts(
    cursor: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], since: int = 0, until: int | None = None
) -> pl.DataFrame:
    """History rows with a revision above `since` and up to `until`, for the ETL.

    Columns: FACT_COLUMNS, then the asked fields: money as Int64 in 1/10,000, shares, numbers and prices as Float64.
    """
    entity = entity_of(name)
    log = history_of(entity.name)
    wanted = [log.c[column] for column in FACT_COLUMNS] + [fact(entity, column) for column in columns]
    statement = select(*wanted)
    if since:
        statement = statement.where(log.c.revision > inline(since))
    if until is not None:
        statement = statement.where(log.c.revision <= inline(until))
    money = [name for name in columns if name in entity.by_name and entity.by_name[name].kind is Kind.MONEY]
    # a decimal with four places is kept as so many ten-thousandths: no sum of any size can overflow on the way
    return large_frame(cursor, statement).with_columns(pl.col(money).to_physical().cast(pl.Int64))


def inline(number: int) -> BindParameter[int]:
    """A number that stands in the statement itself."""
    return bindparam(None, number, BigInteger, literal_execute=True)


def fact(entity: Entity, column: str) -> ColumnElement[Any]:
    """A column in the type that marts carry."""
    log = history_of(entity.name)
    field = entity.by_name.get(column)
    if field is None:
        return log.c[column]
    if field.kind in FLOATS:
        return cast(log.c[column], Float(53)).label(column)
    return log.c[column]


def of_record(cursor: duckdb.DuckDBPyConnection, name: str, record_id: str) -> pl.DataFrame:
    """Every history row of a record in storage form, oldest first."""
    log = history_of(entity_of(name).name)
    return frame(cursor, select(log).where(log.c.id == record_id).order_by(log.c.version))


def of_revision(cursor: duckdb.DuckDBPyConnection, name: str, revision: int) -> pl.DataFrame:
    """The history rows that one change-set wrote in an entity, in storage form."""
    log = history_of(entity_of(name).name)
    return frame(cursor, select(log).where(log.c.revision == revision).order_by(log.c.id, log.c.version))


def before(cursor: duckdb.DuckDBPyConnection, name: str, revision: int) -> pl.DataFrame:
    """For each record that a change-set touched: its last history row from before it, in storage form."""
    log = history_of(entity_of(name).name)
    touched = select(log.c.id).where(log.c.revision == revision)
    older = frame(cursor, select(log).where(log.c.id.in_(touched), log.c.revision < revision))
    return older.sort("id", "version").group_by("id", maintain_order=True).last()

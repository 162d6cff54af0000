"""One record, or a few, at a time: the hot path of every form and call.

Statements are kept compiled, and rows are fetched as they are, because compiling and carrying columns cost more than
finding a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import ARRAY, String, any_, select

from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import entity_of
from dashboard.store.engine_duckdb import Prepared, prepare, slot
from dashboard.store.schema import table_of
from dashboard.store.scope import near, scope_of

POLARS_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
    "BYTEA": pl.Binary(),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
    "DECIMAL(18,6)": pl.Decimal(18, 6),
    "DECIMAL(9,6)": pl.Decimal(9, 6),
}
Rows = list[tuple[Any, ...]]


@cache
def storage_schema(name: str) -> dict[str, pl.DataType]:
    """The Polars types of an entity's storage columns."""
    return {column.name: POLARS_TYPES[column.sql_type] for column in entity_of(name).value_columns}


def framed(name: str, columns: Sequence[str], found: Rows) -> pl.DataFrame:
    """Rows of an entity's storage columns as a frame."""
    types = storage_schema(name)
    return pl.DataFrame(found, schema={column: types[column] for column in columns}, orient="row")


def row_within(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    record_id: str,
    actor: Actor | None,
    action: Action,
    columns: tuple[str, ...],
    *,
    flagged: bool = False,
) -> Rows:
    """Some columns of the row within the actor's reach, or no row; without actor, whatever the reach.

    flagged: where the rules of the reach show fields differently, a 1 or a 0 for each of them follows the columns.
    """
    for statement in statements_within(name, actor, action, columns, flagged=flagged):
        found = cursor.execute(statement.text, statement.bound({"record_id": record_id})).fetchall()
        if found:
            return found
    return []


@lru_cache(maxsize=4096)
def statements_within(
    name: str, actor: Actor | None, action: Action, columns: tuple[str, ...], *, flagged: bool
) -> tuple[Prepared, ...]:
    """The statements that read one row within reach: where most rows are found by themselves, then in full."""
    table = table_of(name)
    one = select(*(table.c[column] for column in columns)).where(table.c.id == slot("record_id"))
    if actor is None:
        return (prepare(one),)
    scope = scope_of(actor, entity_of(name), action)
    flags = scope.flags if flagged else []
    close = None if flags else near(scope)
    reaches = [scope.rows] if close is None else [close, scope.rows]
    return tuple(prepare(one.add_columns(*flags).where(reach)) for reach in reaches)


@lru_cache(maxsize=4096)
def among_values(name: str, key: str, columns: tuple[str, ...], *, archived: bool) -> Prepared:
    """The statement that reads the current rows whose `key` is among some texts: live ones, or archived ones."""
    table = table_of(name)
    kept = table.c.archived_at.is_not(None) if archived else table.c.archived_at.is_(None)
    wanted = table.c[key] == any_(slot("wanted", ARRAY(String())))
    return prepare(select(*(table.c[column] for column in columns)).where(kept, wanted))

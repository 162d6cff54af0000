"""Counts and sums of the records an actor may see, in groups: one statement, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from sqlalchemy import ColumnElement, FromClause, case, func, literal_column, select

from dashboard.domain.access import Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition
from dashboard.store.engine_duckdb import frame
from dashboard.store.records import Reader
from dashboard.store.schema import table_of
from dashboard.store.scope import Scope, scope_of

if TYPE_CHECKING:
    from dashboard.store.store import Store


def totals(
    store: Store,
    actor: Actor,
    name: str,
    by: Sequence[str],
    add: Sequence[str],
    where: Sequence[Condition] = (),
    archived: bool = False,
) -> pl.DataFrame:
    """The fields of `by`, `n`, and the sum of each field of `add`, over the records that `find` would list.

    A row counts as empty in a field that it hides from the actor. Raises Invalid (field.unknown) for a field that every
    row hides.
    """
    entity = entity_of(name)
    scope, table, reader = scope_of(actor, entity), table_of(entity.name), store.reader
    keys = [visible(reader, scope, table, field).label(field) for field in by]
    sums = [func.sum(visible(reader, scope, table, field)).label(field) for field in add]
    statement = select(*keys, func.count().label("n"), *sums).select_from(table)
    statement = statement.where(scope.rows, *reader.conditions(scope, table, where))
    if not archived:
        statement = statement.where(table.c.archived_at.is_(None))
    statement = statement.group_by(*(literal_column(str(place + 1)) for place in range(len(keys))))
    with store.reading() as cursor:
        return frame(cursor, statement)


def visible(reader: Reader, scope: Scope, table: FromClause, name: str) -> ColumnElement[Any]:
    """A column that is empty in the rows that hide it."""
    field = reader.comparable(scope, name)
    column: ColumnElement[Any] = table.c[field.name]
    return column if scope.uniform else case((scope.rows_showing((field,)), column))

"""Counts and sums of the records an actor may see, in groups: one statement, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
from sqlalchemy import ColumnElement, FromClause, case, func, literal_column, select

from dashboard.domain.access import Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, named
from dashboard.store.engine_duckdb import frame
from dashboard.store.listing import Moment, past
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
    *,
    archived: bool = False,
    moment: Moment | None = None,
) -> pl.DataFrame:
    """The fields of `by`, `n`, and the sum of each field of `add`, over the records that `find` would list.

    archived: archived records too; moment: as of a past day. A row counts as empty in a field that it hides from the
    actor. Raises Invalid (field.unknown) for a field that every row hides.
    """
    entity, reader = entity_of(name), store.reader
    scope, table = scope_of(actor, entity), table_of(entity.name)
    fields = [entity.by_name[field] for field in {*by, *add, *named(where)} if field in entity.by_name]

    def read(cursor: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        source: FromClause = table if moment is None else past(cursor, entity, moment, fields)
        keys = [visible(reader, scope, source, field).label(field) for field in by]
        sums = [func.sum(visible(reader, scope, source, field)).label(field) for field in add]
        statement = select(*keys, func.count().label("n"), *sums).select_from(table)
        if source is not table:
            statement = statement.join(source, source.c.id == table.c.id)
        statement = statement.where(scope.rows, *reader.conditions(scope, source, where))
        if not archived:
            statement = statement.where(source.c.archived_at.is_(None))
        return frame(cursor, statement.group_by(*(literal_column(str(at + 1)) for at in range(len(keys)))))

    return store.once(name, ("totals", actor, by, add, where, archived, moment), read)


def visible(reader: Reader, scope: Scope, source: FromClause, name: str) -> ColumnElement[Any]:
    """A column that is empty in the rows that hide it."""
    field = reader.comparable(scope, name)
    column: ColumnElement[Any] = source.c[field.name]
    return column if scope.uniform else case((scope.rows_showing((field,)), column))

"""Frames on their way into tables: few rows travel as bound values, many as an Arrow table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import Insert, String, Table, Update, column, false, insert, null, select, table, update, values
from sqlalchemy.sql import FromClause
from sqlalchemy.types import TypeEngine

from dashboard.store.engine_duckdb import SMALL, Prepared, compiled, prepare, slot

STAGED = "staged"


@contextmanager
def staged(
    cursor: duckdb.DuckDBPyConnection, frame: pl.DataFrame, types: dict[str, TypeEngine[Any]]
) -> Iterator[FromClause]:
    """The frame as something a statement can select from, under the name `staged`."""
    if frame.height <= SMALL:
        yield literal_rows(frame, types)
        return
    cursor.register(STAGED, frame.to_arrow())
    try:
        yield table(STAGED, *(column(name, types.get(name, String())) for name in frame.columns))
    finally:
        cursor.unregister(STAGED)


def literal_rows(frame: pl.DataFrame, types: dict[str, TypeEngine[Any]]) -> FromClause:
    """The frame as bound values; no row is spelled as a selection of nothing, because VALUES needs one."""
    columns = [column(name, types.get(name, String())) for name in frame.columns]
    if frame.height == 0:
        return select(*(null().cast(each.type).label(each.name) for each in columns)).where(false()).subquery(STAGED)
    return values(*columns, name=STAGED).data(frame.rows())


def types_of(target: Table, **more: TypeEngine[Any]) -> dict[str, TypeEngine[Any]]:
    """The column types of a table, and of columns that only the staged frame has."""
    return {name: target.c[name].type for name in target.c.keys()} | more  # noqa: SIM118  (a column collection)


def insert_rows(cursor: duckdb.DuckDBPyConnection, target: Table, frame: pl.DataFrame) -> None:
    """Insert a frame whose columns are columns of the table."""
    if frame.height == 0:
        return
    frame = frame.select([column.name for column in target.c if column.name in frame.columns])
    if frame.height <= SMALL:
        text = insert_text(target, tuple(frame.columns), frame.height)
        cursor.execute(text, [value for row in frame.rows() for value in row])
        return
    with staged(cursor, frame, types_of(target)) as source:
        statement = insert(target).from_select(frame.columns, select(*(source.c[name] for name in frame.columns)))
        run_compiled(cursor, compiled(statement))


@lru_cache(maxsize=2048)
def insert_text(target: Table, names: tuple[str, ...], count: int) -> str:
    """The text of an insert of `count` rows of bound values, in row order."""
    blank: list[dict[str, Any]] = [dict.fromkeys(names) for _ in range(count)]
    text, _ = compiled(insert(target).values(blank))
    return text


def alteration(target: Table, source: FromClause, set_names: tuple[str, ...]) -> Update:
    """The update of `target` from staged rows."""
    return update(target).values({name: source.c[name] for name in set_names}).where(target.c.id == source.c.id)


def logging(target: Table, log: Table, source: FromClause, stamps: tuple[str, ...]) -> Insert:
    """The history rows: the record after the change, and the stamps of the change."""
    kept = [column.name for column in log.c if column.name not in stamps]
    picked = select(*(target.c[name] for name in kept), *(source.c[name] for name in stamps))
    return insert(log).from_select([*kept, *stamps], picked.join(source, source.c.id == target.c.id))


def alter_rows(
    cursor: duckdb.DuckDBPyConnection, target: Table, log: Table, frame: pl.DataFrame, stamps: tuple[str, ...]
) -> None:
    """Set the columns of `frame` on the rows it names by id, and write one history row for each."""
    set_names = tuple(name for name in frame.columns if name in target.c and name != "id")
    with staged(cursor, frame, types_of(log)) as source:
        run_compiled(cursor, compiled(alteration(target, source, set_names)))
        run_compiled(cursor, compiled(logging(target, log, source, stamps)))


def alter_row(
    cursor: duckdb.DuckDBPyConnection, target: Table, log: Table, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The same for one row that is wholly known: the hot path of every form, in two statements that touch one row.

    before: the stored row; after: its id, the columns to set, and the stamps of the change.
    """
    set_names = tuple(name for name in after if name in target.c and name != "id")
    change = row_update(target, set_names)
    values = {f"set_{name}": after[name] for name in set_names} | {"record_id": after["id"]}
    cursor.execute(change.text, change.bound(values))
    record = before | after
    names = tuple(column.name for column in log.c)
    cursor.execute(insert_text(log, names, 1), [record[name] for name in names])


@lru_cache(maxsize=2048)
def row_update(target: Table, names: tuple[str, ...]) -> Prepared:
    """The statement that sets columns of the row whose id is `record_id`."""
    slots = {name: slot(f"set_{name}", target.c[name].type) for name in names}
    return prepare(update(target).where(target.c.id == slot("record_id")).values(slots))


def run_compiled(cursor: duckdb.DuckDBPyConnection, statement: tuple[str, Sequence[Any]]) -> None:
    """Run a compiled statement."""
    text, bound = statement
    if bound:
        cursor.execute(text, list(bound))
    else:
        cursor.execute(text)

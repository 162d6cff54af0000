"""Values on their way between a change-set and the storage columns: lists as JSON text, personal details as ciphers."""

from __future__ import annotations

import duckdb
import polars as pl

from dashboard.domain.entities import Entity, Field
from dashboard.domain.fields import Kind, columns_of
from dashboard.store.subjects import Subjects, encrypt


def stored(
    cursor: duckdb.DuckDBPyConnection, subjects: Subjects, index_key: bytes, entity: Entity, frame: pl.DataFrame
) -> pl.DataFrame:
    """The frame in storage form: every field column replaced by its storage columns."""
    fields = [field for field in entity.all_fields if field.name in frame.columns]
    lists = [
        tags_as_json(field.name)
        for field in fields
        if field.kind is Kind.TAGS and frame.schema[field.name] != pl.String
    ]
    frame = frame.with_columns(lists) if lists else frame
    hidden = [field for field in fields if field.encrypted]
    if not hidden:
        return frame
    columns = [
        column for field in hidden for column in cipher_columns(cursor, subjects, index_key, entity, field, frame)
    ]
    return frame.drop([field.name for field in hidden]).with_columns(columns)


def cipher_columns(
    cursor: duckdb.DuckDBPyConnection,
    subjects: Subjects,
    index_key: bytes,
    entity: Entity,
    field: Field,
    frame: pl.DataFrame,
) -> list[pl.Series]:
    """Cipher text and keyed hashes of one personal field."""
    ids, values = frame["id"].to_list(), frame[field.name].to_list()
    keys = subjects.ensure(cursor, [row for row, value in zip(ids, values, strict=True) if value is not None])
    sealed = [
        encrypt(keys[row], index_key, entity, field, row, value) if value is not None else (None, None, None)
        for row, value in zip(ids, values, strict=True)
    ]
    types = (pl.Binary, pl.String, pl.String)
    return [
        pl.Series(column.name, [parts[at] for parts in sealed], dtype=types[at])
        for at, column in enumerate(columns_of(field))
    ]


def tags_as_json(name: str) -> pl.Expr:
    """A list of texts as JSON text; null stays null."""
    escaped = pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    joined = pl.col(name).list.eval(escaped).list.join('","')
    text = (
        pl.when(pl.col(name).list.len() == 0)
        .then(pl.lit("[]"))
        .otherwise(pl.concat_str(pl.lit('["'), joined, pl.lit('"]')))
    )
    return pl.when(pl.col(name).is_not_null()).then(text).alias(name)


def compared(entity: Entity, column: str) -> str:
    """The storage column that tells whether a field changed: its keyed hash where the cipher text differs each time."""
    field = entity.by_name.get(column)
    return f"{column}_hash" if field is not None and field.encrypted else column

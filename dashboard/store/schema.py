"""The tables that follow from the declarations, as SQLAlchemy tables and as the text of the first migration."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from dashboard.domain import fields as declared
from dashboard.domain.entities import ENTITIES, Entity
from dashboard.store.migrate import Cursor

METADATA = MetaData()
BUILDING = Lock()

TYPES: dict[str, TypeEngine[Any]] = {
    "VARCHAR": String(),
    "BIGINT": BigInteger(),
    "BOOLEAN": Boolean(),
    "DATE": Date(),
    "TIMESTAMP": DateTime(),
    "BYTEA": LargeBinary(),
    "DECIMAL(18,4)": Numeric(18, 4),
    "DECIMAL(18,6)": Numeric(18, 6),
    "DECIMAL(9,6)": Numeric(9, 6),
}

OWN_TABLES: dict[str, tuple[declared.Column, ...]] = {
    "schema_migrations": (
        declared.Column(name="number", sql_type="BIGINT", nullable=False),
        declared.Column(name="name", sql_type="VARCHAR", nullable=False),
        declared.Column(name="checksum", sql_type="VARCHAR", nullable=False),
        declared.Column(name="applied_at", sql_type="TIMESTAMP", nullable=False),
    ),
    "company_settings": (
        declared.Column(name="name", sql_type="VARCHAR", nullable=False),
        declared.Column(name="setting", sql_type="VARCHAR"),
    ),
    "number_series": (
        declared.Column(name="entity", sql_type="VARCHAR", nullable=False),
        declared.Column(name="calendar_year", sql_type="BIGINT", nullable=False),
        declared.Column(name="last_number", sql_type="BIGINT", nullable=False),
    ),
    "name_keys": (
        *(
            declared.Column(name=name, sql_type="VARCHAR", nullable=False)
            for name in ("id", "entity", "record_id", "field", "brand", "core", "sound", "spoken", "initials")
        ),
        declared.Column(name="revision", sql_type="BIGINT", nullable=False),
    ),
    "job_times": (
        declared.Column(name="job", sql_type="VARCHAR", nullable=False),
        declared.Column(name="due_at", sql_type="TIMESTAMP", nullable=False),
    ),
}
OWN_KEYS = {
    "schema_migrations": ("number",),
    "company_settings": ("name",),
    "number_series": ("entity", "calendar_year"),
    "job_times": ("job",),
    "name_keys": ("id",),
}


def uniques(entity: Entity) -> tuple[tuple[str, ...], ...]:
    """The column sets that the engine keeps unique, beside the primary key."""
    own = (("source", "external_id"),) if not entity.log else ()
    return own + tuple((field.name,) for field in entity.fields if field.unique) + entity.unique_together


@cache
def table_of(name: str) -> Table:
    """The table of current records of an entity."""
    entity = ENTITIES[name]
    return build(entity.plural, entity.value_columns, ("id",), uniques(entity))


@cache
def history_of(name: str) -> Table:
    """The revision log of an entity: one row for each change of each record."""
    entity = ENTITIES[name]
    return build(entity.history, entity.history_columns, ("id", "version"))


@cache
def own_table(name: str) -> Table:
    """One of the store's own small tables."""
    return build(name, OWN_TABLES[name], OWN_KEYS[name])


def build(
    name: str,
    columns: tuple[declared.Column, ...],
    key: tuple[str, ...],
    unique: tuple[tuple[str, ...], ...] = (),
) -> Table:
    """A table of declared columns with a primary key and unique constraints; no foreign keys, no other index.

    Several threads may ask for it first at the same time: a cache alone lets each of them build it.
    """
    with BUILDING:
        known = METADATA.tables.get(name)
        if known is not None:
            return known
        return Table(
            name,
            METADATA,
            *(Column(c.name, TYPES[c.sql_type], nullable=c.nullable and c.name not in key) for c in columns),
            PrimaryKeyConstraint(*key),
            *(UniqueConstraint(*names) for names in unique),
        )


def create_statement(
    name: str,
    columns: tuple[declared.Column, ...],
    key: tuple[str, ...],
    unique: tuple[tuple[str, ...], ...] = (),
) -> str:
    """The portable CREATE TABLE text of a table."""
    lines = [f"    {c.name} {c.sql_type}{'' if c.nullable and c.name not in key else ' NOT NULL'}" for c in columns]
    lines.append(f"    PRIMARY KEY ({', '.join(key)})")
    lines.extend(f"    UNIQUE ({', '.join(names)})" for names in unique)
    return f"CREATE TABLE {name} (\n" + ",\n".join(lines) + "\n);\n"


def declared_schema() -> str:
    """The statements that make every table from nothing: the text of the first migration."""
    parts = [
        create_statement(name, columns, OWN_KEYS[name])
        for name, columns in OWN_TABLES.items()
        if name != "schema_migrations"
    ]
    for entity in ENTITIES.values():
        parts.append(create_statement(entity.plural, entity.value_columns, ("id",), uniques(entity)))
        if not entity.log:
            parts.append(create_statement(entity.history, entity.history_columns, ("id", "version")))
    return "\n".join(parts)


def tables() -> dict[str, tuple[declared.Column, ...]]:
    """Every table by name with its declared columns."""
    found = dict(OWN_TABLES)
    for entity in ENTITIES.values():
        found[entity.plural] = entity.value_columns
        if not entity.log:
            found[entity.history] = entity.history_columns
    return found


FOUND = """SELECT table_name, column_name, upper(data_type), numeric_precision, numeric_scale, is_nullable
FROM information_schema.columns WHERE table_catalog = current_database() AND table_schema = current_schema()"""
SPOKEN = {
    "CHARACTER VARYING": "VARCHAR",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "BLOB": "BYTEA",
}
"""What the engines call the types that we declare."""


def differences(cursor: Cursor) -> list[str]:
    """What the tables of a store have that is not declared, or lack; either engine."""
    cursor.execute(FOUND)
    found = {
        (table, column, type_named(*kind), nullable == "YES") for table, column, *kind, nullable in cursor.fetchall()
    }
    wanted = {
        (table, column.name, column.sql_type, column.nullable and column.name not in key_of(table))
        for table, columns in tables().items()
        for column in columns
    }
    missing, foreign = sorted(wanted - found), sorted(found - wanted)
    return [f"missing: {' '.join(map(str, row))}" for row in missing] + [
        f"unknown: {' '.join(map(str, row))}" for row in foreign
    ]


def type_named(name: str, precision: int | None, scale: int | None) -> str:
    """A type as we declare it."""
    if name == "NUMERIC":
        return f"DECIMAL({precision},{scale})"
    return SPOKEN.get(name, name)


def key_of(table: str) -> tuple[str, ...]:
    """The primary key of a table."""
    return OWN_KEYS.get(table) or (("id", "version") if table.endswith("_history") else ("id",))

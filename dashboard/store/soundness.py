"""What no query can see: whether the audit chain is whole, the schema as declared, and every personal detail opens."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
from sqlalchemy import Table, select

from dashboard.domain.entities import RECORDS, Entity, Field
from dashboard.store import audit, crypto
from dashboard.store.checks import Finding
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import differences, history_of, table_of
from dashboard.store.subjects import KEYS, Subjects, decrypt


def chain_findings(
    cursor: duckdb.DuckDBPyConnection, key: bytes, inside: audit.Head, outside: audit.Head | None
) -> Iterator[Finding]:
    """The chain from its start, and its end against the copy outside the file."""
    broken = audit.broken(cursor, key)
    if broken is not None:
        yield Finding("audit_chain", 1, f"sequence {broken}")
    if outside != inside:
        yield Finding("anchor", 1, f"{outside} is not {inside}")


def schema_findings(cursor: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Tables and columns that are not as declared."""
    found = differences(cursor)
    if found:
        yield Finding("schema", len(found), found[0])


def key_findings(cursor: duckdb.DuckDBPyConnection, subjects: Subjects) -> Iterator[Finding]:
    """Data keys that do not open with the ring."""
    found = rows(cursor, select(KEYS.c.id, KEYS.c.key_id, KEYS.c.wrapped).where(KEYS.c.erased_at.is_(None)))
    lost = [row[0] for row in found if subjects.opened(row[0], row[1], bytes(row[2])) is None]
    if lost:
        yield Finding("data_keys", len(lost), lost[0])


def cipher_findings(cursor: duckdb.DuckDBPyConnection, subjects: Subjects, index_key: bytes) -> Iterator[Finding]:
    """Ciphers, in records and histories, that do not open in their place or whose keyed hash is not theirs."""
    for entity in RECORDS.values():
        for field in (field for field in entity.fields if field.encrypted):
            for table in (table_of(entity.name), history_of(entity.name)):
                lost = unopened(cursor, subjects, index_key, entity, field, table)
                if lost:
                    yield Finding(f"cipher_{table.name}_{field.name}", len(lost), lost[0])


def unopened(
    cursor: duckdb.DuckDBPyConnection, subjects: Subjects, index_key: bytes, entity: Entity, field: Field, table: Table
) -> list[str]:
    """The ids of records whose cipher does not open although their data key does, and of those with another's hash."""
    sealed = table.c[field.name]
    found = rows(cursor, select(table.c.id, sealed, table.c[f"{field.name}_hash"]).where(sealed.is_not(None)))
    ciphers = subjects.existing(cursor, [row[0] for row in found])
    lost = []
    for record_id, cipher_text, keyed in found:
        if record_id in ciphers:
            plain = decrypt(ciphers[record_id], entity, field, record_id, cipher_text)
            if plain is None or crypto.keyed_hash(index_key, field.kind, plain) != keyed:
                lost.append(record_id)
    return lost

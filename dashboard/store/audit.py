"""The audit trail: one entry for each change of a change-set and each login, chained by HMAC-SHA256.

Each entry's code covers its content and the code of the entry before, so a changed, removed or inserted entry shows.
The head is also kept outside the file (see anchor), so a cut-off tail shows too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Actor
from dashboard.domain.ids import new_id
from dashboard.store.engine_duckdb import frame, rows
from dashboard.store.schema import table_of
from dashboard.store.staging import insert_rows

ENTRIES = table_of("audit_entry")
START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What is noted about one change: who, by which way, what, on how many records, why."""

    verb: str
    entity: str | None = None
    record_id: str | None = None
    records: int = 0
    why: str | None = None
    details: dict[str, object] | None = None


@dataclass(frozen=True)
class Head:
    """The end of the chain."""

    sequence: int
    revision: int
    mac: str


def head(cursor: duckdb.DuckDBPyConnection) -> Head:
    """The last entry, or the start of an empty chain."""
    last = rows(
        cursor,
        select(ENTRIES.c.sequence, ENTRIES.c.revision, ENTRIES.c.mac).order_by(ENTRIES.c.sequence.desc()).limit(1),
    )
    return Head(*last[0]) if last else Head(0, 0, START)


def append(
    cursor: duckdb.DuckDBPyConnection,
    key: bytes,
    last: Head,
    revision: int,
    moment: datetime,
    actor: Actor,
    entries: list[Entry],
) -> Head:
    """Write entries behind `last` and return the new head."""
    written = []
    for entry in entries:
        row = {
            "id": new_id(),
            "sequence": last.sequence + 1,
            "revision": revision,
            "recorded_at": moment,
            "actor_id": actor.person_id,
            "via": actor.via,
            "verb": entry.verb,
            "entity": entry.entity,
            "record_id": entry.record_id,
            "records": entry.records,
            "why": entry.why,
            "details": json.dumps(entry.details, ensure_ascii=False, sort_keys=True, default=str)
            if entry.details
            else None,
            "previous": last.mac,
        }
        row["mac"] = code(key, row)
        last = Head(last.sequence + 1, revision, str(row["mac"]))
        written.append(row)
    insert_rows(cursor, ENTRIES, pl.DataFrame(written, schema=SCHEMA))
    return last


SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "id": pl.String,
    "sequence": pl.Int64,
    "revision": pl.Int64,
    "recorded_at": pl.Datetime("us"),
    "actor_id": pl.String,
    "via": pl.String,
    "verb": pl.String,
    "entity": pl.String,
    "record_id": pl.String,
    "records": pl.Int64,
    "why": pl.String,
    "details": pl.String,
    "previous": pl.String,
    "mac": pl.String,
}


def code(key: bytes, row: dict[str, object]) -> str:
    """The entry's HMAC over every column but the code itself, in declared order."""
    values = [row[name] for name in SCHEMA if name != "mac"]
    content = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def broken(cursor: duckdb.DuckDBPyConnection, key: bytes) -> int | None:
    """The sequence number of the first entry that does not fit the chain; None when it is whole."""
    entries = frame(cursor, select(*(ENTRIES.c[name] for name in SCHEMA)).order_by(ENTRIES.c.sequence))
    previous, expected = START, 1
    for row in entries.iter_rows(named=True):
        if (
            row["sequence"] != expected
            or row["previous"] != previous
            or not hmac.compare_digest(code(key, row), row["mac"])
        ):
            return expected
        previous, expected = row["mac"], expected + 1
    return None

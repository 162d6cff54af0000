"""Reading the audit trail, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl
from sqlalchemy import select

from dashboard.store.engine_duckdb import frame
from dashboard.store.schema import table_of

ENTRIES = table_of("audit_entry")


@dataclass(frozen=True)
class Search:
    """Which entries: by entity, record, person and verb, recorded in [since, until), below a sequence number."""

    entity: str | None = None
    record_id: str | None = None
    actor_id: str | None = None
    verb: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None
    limit: int = 50


def entries(cursor: duckdb.DuckDBPyConnection, search: Search) -> pl.DataFrame:
    """The entries, newest first."""
    limits = [
        ENTRIES.c[name] == value
        for name in ("entity", "record_id", "actor_id", "verb")
        if (value := getattr(search, name)) is not None
    ]
    if search.since is not None:
        limits.append(ENTRIES.c.recorded_at >= search.since)
    if search.until is not None:
        limits.append(ENTRIES.c.recorded_at < search.until)
    if search.below is not None:
        limits.append(ENTRIES.c.sequence < search.below)
    return frame(cursor, select(ENTRIES).where(*limits).order_by(ENTRIES.c.sequence.desc()).limit(search.limit))

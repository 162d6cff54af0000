"""Audits: each file of data/checks is one query whose rows are faults."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb

from dashboard.domain.entities import RECORDS
from dashboard.store.engine_duckdb import rows

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checks"


class Finding(NamedTuple):
    """One audit that found faults: its name, how many rows, and the first of them."""

    check: str
    rows: int
    first: str


def run_all(cursor: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> list[Finding]:
    """Every shipped audit and the reference audit that follows from the declaration."""
    queries = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))}
    queries |= reference_queries()
    found = []
    for name, query in queries.items():
        faults = rows(cursor, query)
        if faults:
            found.append(Finding(name, len(faults), str(faults[0])))
    return found


def reference_queries() -> dict[str, str]:
    """For each reference field: the rows that point at nothing. There are no foreign keys, so this is their audit."""
    return {
        f"reference_{entity.name}_{field.name}": (
            f"SELECT id, {field.name} FROM {entity.plural} WHERE {field.name} IS NOT NULL "  # noqa: S608  (declared names)
            f"AND {field.name} NOT IN (SELECT id FROM {RECORDS[field.to].plural})"
        )
        for entity in RECORDS.values()
        for field in entity.all_fields
        if field.to is not None
    }

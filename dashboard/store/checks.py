"""Audits: each file of data/checks and each invariant of the declarations is one query whose rows are faults."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb

from dashboard.store import invariants
from dashboard.store.engine_duckdb import rows

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checks"


class Finding(NamedTuple):
    """One audit that found faults: its name, how many rows, and the first of them."""

    check: str
    rows: int
    first: str


def queries(folder: Path = FOLDER) -> dict[str, str]:
    """Every audit by name: the shipped files, and what follows from the declarations."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))} | invariants.queries()


def run_all(cursor: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> list[Finding]:
    """What the audits found."""
    found = []
    for name, query in queries(folder).items():
        faults = rows(cursor, query)
        if faults:
            found.append(Finding(name, len(faults), str(faults[0])))
    return found

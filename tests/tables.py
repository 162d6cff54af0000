"""What stands in a store's tables, as fingerprints: a refused action must leave every one of them as it was."""

from __future__ import annotations

from dashboard.store import Store
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import tables


def fingerprints(store: Store) -> dict[str, tuple[int, int]]:
    """For each table how many rows it has and a sum over the hash of each of them."""
    with store.reading() as cursor:
        return {name: fingerprint(cursor, name) for name in tables()}


def fingerprint(cursor: object, name: str) -> tuple[int, int]:
    """One table's fingerprint: it changes with any byte of any row."""
    found = rows(cursor, f"SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {name} t")  # type: ignore[arg-type]
    return int(found[0][0]), int(found[0][1])

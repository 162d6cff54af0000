"""An import batch remembers the change-sets that wrote it and that undid it."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.store import Derivation, Transaction

REVISIONS = {"committed": "committed_revision", "undone": "undone_revision"}


def derive(open_: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with the revision in which their status began."""
    rows = change.rows
    if "status" not in rows.columns:
        return rows, []
    begun = [
        pl.when(pl.col("status") == status).then(pl.lit(open_.revision, pl.Int64)).alias(name)
        for status, name in REVISIONS.items()
        if (rows["status"] == status).any()
    ]
    return rows.with_columns(begun), []


DERIVATION = Derivation(reads=(), apply=derive)

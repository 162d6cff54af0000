"""Web forms: the sites that may send are whole origins, and nothing else."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.errors import Invalid, Problem
from dashboard.store import Derivation, Transaction

ORIGIN = r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$"
"""What a browser sends as Origin (RFC 6454): scheme, host in lower case, and a port where it is not the usual one."""


def derive(_open: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with each origin once. Raises Invalid (web_form.origin)."""
    rows = change.rows
    if "origins" not in rows.columns:
        return rows, []
    bare = pl.element().str.strip_chars().str.to_lowercase().str.strip_chars_end("/")
    rows = rows.with_columns(pl.col("origins").list.eval(bare).list.unique(maintain_order=True))
    wrong = rows["origins"].list.eval(~pl.element().str.contains(ORIGIN)).list.any().fill_null(value=False).arg_true()
    if wrong.len():
        raise Invalid((Problem(wrong[0], "origins", "web_form.origin", {"field": "origins"}),))
    return rows, []


DERIVATION = Derivation(reads=(), apply=derive)

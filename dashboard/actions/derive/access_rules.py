"""Rules about the grants: only what exists, and nothing that hands out or loses the keys."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.domain.access_rules import rule_of
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

LINE = ("role", "entity", "action")
READS = (*LINE, "reaches", "shows")


def derive(_open: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are. Raises Refused (access_rule.*) for a rule that may not be."""
    rows = change.rows
    before: list[dict[str, Any]]
    if change.verb == "create":
        before = [{}] * rows.height
    else:  # stored lists are JSON
        before = current.with_columns(pl.col("reaches").str.json_decode(pl.List(pl.String))).to_dicts()
    for at, row in enumerate(rows.to_dicts()):
        stored = before[at]
        if any(name in row and name in stored and row[name] != stored[name] for name in LINE):
            raise Refused("access_rule.line")
        rule_of(stored | row)
    return rows, []


DERIVATION = Derivation(reads=READS, apply=derive)

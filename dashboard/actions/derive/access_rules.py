"""Rules about the grants: only what exists, and nothing that hands out or loses the keys."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.domain.access_rules import rule_of
from dashboard.domain.changes import Change
from dashboard.domain.entities import ENTITIES
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
        whole = before[at] | row
        if all(whole.get(name) is not None for name in (*LINE, "shows")) and known(whole):
            rule_of(whole)
    return rows, []


def known(row: dict[str, Any]) -> bool:
    """Whether the words of choice are such; others are refused where every declared choice is."""
    choices = {name: ENTITIES["access_rule"].by_name[name].choices for name in ("role", "shows", "reaches")}
    return (
        row["role"] in choices["role"]
        and row["shows"] in choices["shows"]
        and set(row.get("reaches") or ()) <= set(choices["reaches"])
    )


DERIVATION = Derivation(reads=READS, apply=derive)

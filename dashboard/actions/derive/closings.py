"""What a lost deal must say: why, to whom, and in words where the reason says too little."""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive.money import value_of
from dashboard.errors import Invalid, Problem
from dashboard.store import Transaction

UNKNOWN = "unknown"


def explained(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows of lost deals; history that names no competitor gets the one that is not known.

    Raises Invalid (deal.needs_note) for a person who gives a reason that needs a note, and none.
    """
    competitor = value_of(rows, current, "competitor_id", pl.String())
    if open_.stating:
        known = open_.rows_of("list_value", ("code",), list="competitor", code=UNKNOWN)["id"]
        usual = known[0] if known.len() else None
        return rows.with_columns(competitor.fill_null(usual).alias("competitor_id"))
    asked = open_.rows_of("list_value", ("needs_note",), list="lost_reason")
    needing = asked.filter(pl.col("needs_note").fill_null(value=False))["id"].to_list()
    reason = value_of(rows, current, "lost_reason_id", pl.String())
    note = value_of(rows, current, "close_note", pl.String()).str.strip_chars().fill_null("")
    silent = (reason.is_in(needing).fill_null(value=False) & (note == "")).arg_true()
    if silent.len():
        raise Invalid((Problem(silent[0], "close_note", "deal.needs_note"),))
    return rows

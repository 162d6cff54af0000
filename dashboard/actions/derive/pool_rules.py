"""Rules of the pool: one for each team and kind of record, so that everybody can say which one holds."""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive.money import value_of
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

ABOUT = ("team_id", "entity")


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are. Raises Refused (pool.rule_exists) for a second rule about the same."""
    if change.verb != "archive":
        after = change.rows.select("id", *(value_of(change.rows, current, name, pl.String()) for name in ABOUT))
        others = open_.rows_of("pool_rule", ABOUT).filter(~pl.col("id").is_in(after["id"].to_list()))
        if pl.concat([after, others.select(after.columns)]).select(ABOUT).is_duplicated().any():
            raise Refused("pool.rule_exists")
    return change.rows, []


DERIVATION = Derivation(reads=ABOUT, apply=derive)
"""What a rule of the pool must fit."""

"""What the rules took from people is undone as soon as it is theirs again, whoever gave it back and on which way."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.pool import OWNER, POOL
from dashboard.store import Derivation, Transaction
from dashboard.store.belonging import ASSIGN

RUN, DONE, UNDONE = "pool_run", "done", "undone"


def undone(open_: Transaction, change: Change, current: pl.DataFrame) -> list[Change]:
    """The last runs that took the records from those to whom they are assigned out of the pool now."""
    if change.verb != ASSIGN or OWNER not in change.rows.columns:
        return []
    back = change.rows.select("id", OWNER).filter(current[POOL].is_not_null())
    runs = open_.lookup(RUN, "record_id", back["id"], ("entity", "person_id", "status", "decided_at"))
    last = runs.filter(entity=change.entity).sort("decided_at", "id").unique("record_id", keep="last")
    taken = last.filter(status=DONE).join(back, left_on=["record_id", "person_id"], right_on=["id", OWNER])
    if taken.is_empty():
        return []
    return [Change(RUN, "update", taken.select("id", status=pl.lit(UNDONE)))]


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are, and the runs that are undone."""
    return change.rows, undone(open_, change, current)


CUSTOMER = Derivation(reads=(POOL,), apply=derive)

"""What holds for the stages themselves: there is always one of each type, and a type that was used stays."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

STAGE = "stage"
TYPES = ("open", "won", "lost")


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are. Raises Invalid (stage.type_used) for a new type of a stage that deals have entered."""
    rows = change.rows
    if change.verb == "archive" or (change.verb == "update" and {"active", "type"} & set(rows.columns)):
        open_.touch(STAGE, rows["id"], open_.when(rows))
    if change.verb == "update" and "type" in rows.columns:
        moved = rows["id"].filter(rows["type"].ne_missing(current["type"]))
        used = open_.used("deal", "stage_id", moved)
        if used:
            place = rows["id"].to_list().index(used[0])
            raise Invalid((Problem(place, "type", "stage.type_used"),))
    return rows, []


def settle(open_: Transaction) -> list[Change]:
    """Nothing follows. Raises Refused (stage.last) when no stage of a type is in use any more."""
    if open_.touched.get(STAGE):
        rows = open_.rows_of(STAGE, ("type", "active"))
        left = set(rows.filter(pl.col("active").fill_null(value=True))["type"])
        for kind in TYPES:
            if kind not in left:
                raise Refused("stage.last", entity="deal", type=kind)
    return []


DERIVATION = Derivation(reads=("type", "active"), apply=derive, settle=settle)

"""What follows from the steps of a lead: links and the end of its time in the pool, or the reason why it was closed."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dashboard.actions.derive import pool_runs
from dashboard.actions.derive.money import value_of
from dashboard.actions.derive.reasons import Reason, check_reason
from dashboard.domain.changes import Change
from dashboard.store import Derivation, Transaction

REASON = Reason("reason_id", "reason_note")
MADE = ("customer_id", "contact_id", "deal_id")
"""The fields of a lead that say what it became; of the same names in what hangs on it."""

HANGING: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "interaction": ("lead_id", MADE, {}),
    "consent": ("lead_id", ("customer_id", "contact_id"), {}),
    "task": ("lead_id", ("customer_id", "deal_id"), {"status": "open"}),
    "attachment": ("record_id", ("customer_id", "deal_id"), {}),
}
"""What hangs on a lead: the field that says so, what is linked, and which of it (all that is not archived)."""


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows, and the links of what hangs on them; an earlier link stays as it is. Raises as `check_reason` does."""
    rows = change.rows
    if change.verb == "reopen":
        return rows.with_columns(pl.lit(None).alias(name) for name in (REASON.field, REASON.note)), []
    check_reason(open_, REASON, rows, current)
    if change.verb != "convert":
        return rows, pool_runs.undone(open_, change, current)
    rows = rows.with_columns(pl.lit(None, pl.String).alias("pool_team_id"))
    made = pl.DataFrame(
        {"lead": rows["id"], "moment": open_.when(rows)}
        | {f"{name}|made": value_of(rows, current, name, pl.String()) for name in MADE}
    )
    return rows, list(links(open_, made))


def links(open_: Transaction, made: pl.DataFrame) -> Iterator[Change]:
    """One change for each kind of record that hangs on the leads, and one for deals that do not say their lead yet."""
    deals = open_.lookup("deal", "id", made["deal_id|made"], ("lead_id",)).filter(pl.col("lead_id").is_null())
    if deals.height:
        mine = deals.join(made, left_on="id", right_on="deal_id|made", how="left", maintain_order="left")
        moment = pl.max_horizontal("moment", open_.last_stated("deal", mine["id"])).alias("effective_at")
        yield Change("deal", "update", mine.select("id", moment, lead_id="lead"))
    for entity, (key, names, only) in HANGING.items():
        found = open_.lookup(entity, key, made["lead"], (*names, *only))
        found = found.filter(pl.lit(value=True), *(pl.col(name) == value for name, value in only.items()))
        if found.height:
            both = found.join(made, left_on=key, right_on="lead", how="left", maintain_order="left")
            stated = open_.last_stated(entity, both["id"])
            moment = pl.max_horizontal("moment", stated).alias("effective_at")
            values = [pl.coalesce(name, f"{name}|made").alias(name) for name in names]
            yield Change(entity, "update", both.select("id", *values, moment))


DERIVATION = Derivation(reads=("pool_team_id", REASON.note, *MADE), apply=derive)

"""Which team and region a person was in at a moment: what a closing copies, also when it is entered later."""

from __future__ import annotations

import polars as pl

from dashboard.store import Transaction

HOME = ("team_id", "region_id")


def homes_at(open_: Transaction, people: pl.Series, moments: pl.Series) -> pl.DataFrame:
    """team_id and region_id of each person at the moment beside it; before a person's first record, those of it."""
    asked = pl.DataFrame({"place": pl.int_range(people.len(), eager=True), "id": people, "at": moments}).sort("at")
    lived = open_.stated("person", people, HOME).sort("effective_at", "version").select("id", "effective_at", *HOME)
    known = [
        asked.join_asof(
            lived, left_on="at", right_on="effective_at", by="id", strategy=strategy, check_sortedness=False
        )
        for strategy in ("backward", "forward")
    ]
    found = known[0].with_columns(
        pl.when(pl.col("effective_at").is_null()).then(known[1][name]).otherwise(pl.col(name)).alias(name)
        for name in HOME
    )
    return found.sort("place").select(HOME)

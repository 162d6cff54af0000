"""What follows from a history: each record's last state, and each deal's entries into stages."""

from __future__ import annotations

import polars as pl

from etl.marts.histories import FIRST, in_force
from etl.marts.sources import Source

WON_RANK = 1_000_000
"""The rank of every won stage: above all."""

NO_RANK = -1
"""The rank of lost stages, and of "nothing came after"."""

LEVELS = 2**21

VISIT = pl.col("row").cast(pl.UInt64) * 2**32 + pl.col("stage_id").to_physical().fill_null(2**32 - 1)
"""One number for a deal and a stage."""

RANK_AT_ENTRY = (
    pl.when(pl.col("stage_type") == "won")
    .then(WON_RANK)
    .when(pl.col("stage_type") == "lost")
    .then(NO_RANK)
    .otherwise(pl.col("stage_rank").fill_null(NO_RANK))
    .cast(pl.Int32)
)


def derive(source: Source, history: pl.DataFrame, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The frames that follow from a history (or a part of one), by name.

    rows: `row` and `id` of the records, one for each record in the history, in order of `row`.
    `<entity>`: id, archived, the columns of the source, as they are after the last row; a deal also has peak (Int32,
    the highest rank it has reached so far) and stage_since (Datetime, entry into its current stage).
    `deal_stage`: see `stage_entries`.
    """
    whole = in_force(source, history)
    last = whole.filter((pl.col("row") != pl.col("row").shift(-1)).fill_null(True))
    state = rows.select("id").hstack(last.select("archived", *source.columns))
    if source.entity != "deal":
        return {source.entity: state}
    entries = stage_entries(whole)
    return {"deal": state.hstack(progress(entries)), "deal_stage": entries}


def stage_entries(history: pl.DataFrame) -> pl.DataFrame:
    """One row per deal and entry into a stage, in order; the stage a deal is created in counts.

    row (UInt32, the deal), stage_id and stage_type (Categorical), rank (Int32 at entry: won is WON_RANK, lost NO_RANK),
    entered_at, left_at (Datetime, null while it stays), first (Boolean: never in that stage before), peak_after (Int32:
    the highest rank of all later entries, NO_RANK when there is none).
    """
    moved = FIRST | pl.col("stage_id").ne_missing(pl.col("stage_id").shift())
    stays_same = (pl.col("row") == pl.col("row").shift(-1)).fill_null(False)
    return (
        history.lazy()
        .select(
            "row", "stage_id", "stage_type", RANK_AT_ENTRY.alias("rank"), pl.col("effective_at").alias("entered_at")
        )
        .filter(moved)
        .with_columns(
            pl.when(stays_same).then(pl.col("entered_at").shift(-1)).alias("left_at"),
            VISIT.is_first_distinct().alias("first"),
            peak_after(pl.col("rank")).alias("peak_after"),
        )
        .collect()
    )


def peak_after(rank: pl.Expr) -> pl.Expr:
    """The highest rank among the later entries of the same deal, NO_RANK when there is none (Int32).

    Rows are sorted by deal. One running maximum from the end serves all deals, because a deal that stands further
    up is lifted above every deal below it.
    """
    lifted = (pl.col("row").max() - pl.col("row")).cast(pl.Int64) * LEVELS + rank - NO_RANK
    so_far = lifted.cum_max(reverse=True) % LEVELS + NO_RANK
    later = (pl.col("row") == pl.col("row").shift(-1)).fill_null(False)
    return pl.when(later).then(so_far.shift(-1)).otherwise(NO_RANK).cast(pl.Int32)


def progress(entries: pl.DataFrame) -> pl.DataFrame:
    """One row per deal: peak, the highest rank so far, and stage_since, the entry into the current stage."""
    first = entries.filter(FIRST)
    return first.select(pl.max_horizontal("rank", "peak_after").alias("peak")).with_columns(
        entries.filter(pl.col("left_at").is_null())["entered_at"].alias("stage_since")
    )

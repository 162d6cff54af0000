"""From lines to the rows of an answer: group, add the interval and the reasons, put in order."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dashboard.domain.statistics import ratio, wilson_bounds
from etl.marts import View
from etl.marts.histories import FIRST
from etl.metrics.inquiries import Inquiry
from etl.metrics.questions import Note

COUNT = pl.len().cast(pl.Int64)
NOTHING = pl.lit(None, dtype=pl.Float64)


def grouped(lines: pl.DataFrame, by: Iterable[str], *sums: pl.Expr) -> pl.DataFrame:
    """One row per combination of dimensions, or one row in all; keys are String, rows in order of the keys."""
    keys = list(by)
    if not keys:
        return lines.select(sums)
    rows = lines.group_by(keys).agg(sums)
    return rows.with_columns(pl.col(keys).cast(pl.String)).sort(keys, nulls_last=True)


def shares(rows: pl.DataFrame, part: str, why_empty: str) -> pl.DataFrame:
    """The rows with value = part / n, its interval, and the reason where n is 0."""
    low, high = wilson_bounds(pl.col(part), pl.col("n"))
    reason = pl.when(pl.col("n") == 0).then(pl.lit(why_empty))
    return rows.with_columns(
        ratio(pl.col(part), pl.col("n")).alias("value"), low.alias("low"), high.alias("high"), reason.alias("reason")
    )


def shaped(inquiry: Inquiry, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The columns of an answer: dimensions, value, n, low, high, reason, then the metric's own."""
    defaults = {"low": NOTHING, "high": NOTHING, "reason": pl.lit(None, dtype=pl.String)}
    missing = [value.alias(name) for name, value in defaults.items() if name not in rows.columns]
    return rows.with_columns(missing).select(*inquiry.by, "value", "n", "low", "high", "reason", *columns)


def in_stage_order(inquiry: Inquiry, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the same group stand in the order of the pipeline: by rank, then won, then lost."""
    order = stages(inquiry).select(pl.col("id").alias("stage"), "place")
    others = [name for name in inquiry.by if name != "stage"]
    placed = rows.join(order, on="stage", how="left", maintain_order="left")
    return placed.sort([*others, "place", "stage"], nulls_last=True).drop("place")


def stages(inquiry: Inquiry) -> pl.DataFrame:
    """All stages in the order of the pipeline: id, type, rank (Int64), probability, in_use (Boolean), place (UInt32).

    in_use: active as of the day, and there by then: set up with the first stages, added before, or entered by a deal.
    """
    view = inquiry.view
    kinds = pl.col("type").replace_strict({"open": 0, "won": 1, "lost": 2}, return_dtype=pl.Int8)
    ordered = view.reference("stage").sort(kinds, "rank", "id", nulls_last=True).with_row_index("place")
    there = (
        pl.col("there")
        | pl.col("row").is_in(founding_rows(view).implode())
        | pl.col("id").is_in(entered(view).implode())
    )
    in_use = there & ~pl.col("archived") & pl.col("active").fill_null(True)
    return ordered.select("id", "type", "rank", "probability", in_use.alias("in_use"), "place")


def founding_rows(view: View) -> pl.Series:
    """The stages that were set up first, all at once: there from the beginning, whenever that was recorded."""
    begun = view.marts["stage_history"].filter(FIRST)
    return begun.filter(pl.col("recorded_at") == pl.col("recorded_at").min())["row"]


def entered(view: View) -> pl.Series:
    """The stages that any deal has entered."""
    return view.stage_entries()["stage_id"].unique().cast(pl.String) if not view.whole else pl.Series(dtype=pl.String)


def noted(*found: tuple[str, int]) -> tuple[Note, ...]:
    """The notes whose count is not zero."""
    return tuple((code, {"n": n}) for code, n in found if n)

"""How deals move through the stages: entries, step conversion by cohort and by flow, the funnel."""

from __future__ import annotations

import polars as pl

from dashboard.domain.statistics import ratio, wilson_bounds
from etl.marts import NO_RANK, WON_RANK
from etl.marts.states import VISIT, peak_after
from etl.metrics.dimensions import deal_dimensions, narrowed, periods
from etl.metrics.inquiries import Inquiry
from etl.metrics.money import amount_in_scope, counted_once, with_product
from etl.metrics.questions import Note
from etl.metrics.shaping import COUNT, grouped, in_stage_order, noted, shaped, shares, stages

Found = tuple[pl.DataFrame, tuple[Note, ...]]

OPEN = pl.col("stage_type") == "open"


def entry_lines(inquiry: Inquiry, entries: pl.DataFrame) -> pl.DataFrame:
    """Stage entries of the population's deals with the dimensions of the deal; periods are those of the entry.

    `stage` is the stage entered, `open_now` whether the deal is open as of the day.
    """
    deals = deal_dimensions(inquiry, inquiry.records("deal").with_columns(OPEN.alias("open_now")), None)
    dimensions = [name for name in deals.columns if name in inquiry.needed and name != "stage"]
    entered = entries.select("row", pl.col("stage_id").alias("stage"), "rank", "entered_at", "peak_after")
    lines = entered.join(
        deals.select("row", "id", "open_now", *dimensions), on="row", how="inner", maintain_order="left"
    )
    dated = lines.with_columns(periods(inquiry.needed, inquiry.local_day("entered_at")))
    return narrowed(inquiry, with_product(inquiry, dated))


def first_entries(inquiry: Inquiry) -> pl.DataFrame:
    """The first entries into each stage that lie in the window."""
    entered = pl.col("entered_at")
    inside = inquiry.at_or_after_start(entered) & inquiry.before_end(entered)
    lines = entry_lines(inquiry, inquiry.view.stage_entries().filter(pl.col("first") & inside))
    return counted_once(inquiry, lines, "row", "stage")


def stage_entered(inquiry: Inquiry) -> Found:
    """value: distinct deals whose first entry into the stage lies in the window; n is the same number."""
    rows = with_every_stage(
        inquiry, grouped(first_entries(inquiry), inquiry.by, COUNT.alias("n")), ["open", "won", "lost"]
    )
    return shaped(inquiry, in_stage_order(inquiry, rows.with_columns(pl.col("n").alias("value")))), ()


def step_entries(inquiry: Inquiry) -> pl.DataFrame:
    """The first entries into open stages, with whether the deal later went further."""
    lines = first_entries(inquiry).filter(pl.col("rank").is_between(0, WON_RANK, closed="left"))
    return lines.with_columns((pl.col("peak_after") > pl.col("rank")).alias("passed"))


def step_conversion(inquiry: Inquiry) -> Found:
    """value: of n deals that first entered the stage in the window, the share that later went further or won.

    passed (Int64), open (Int64: not passed and still open), open_share (Float64).
    """
    return conversion(inquiry, step_entries(inquiry))


def stays(inquiry: Inquiry) -> pl.DataFrame:
    """One row per deal and open stage it was in at any time in the window, with whether it then moved further."""
    entered, left, start = pl.col("entered_at"), pl.col("left_at"), inquiry.instant_of_start()
    present = inquiry.at_or_after_start(entered) | left.is_null() | (pl.lit(True) if start is None else left > start)
    known = inquiry.view.stage_entries().filter(inquiry.before_end(entered))
    ahead = known.with_columns(
        peak_after(pl.col("rank")).alias("peak_after")
    )  # what came after the window is not known
    there = ahead.filter(present & pl.col("rank").is_between(0, WON_RANK, closed="left"))
    once = there.filter(VISIT.is_first_distinct())
    lines = counted_once(inquiry, entry_lines(inquiry, once), "row", "stage")
    return lines.with_columns((pl.col("peak_after") > pl.col("rank")).alias("passed"))


def step_conversion_flow(inquiry: Inquiry) -> Found:
    """value: of n deals that were in the stage at any time in the window, the share that moved further in the window.

    passed (Int64), open (Int64: not passed and still open), open_share (Float64).
    """
    return conversion(inquiry, stays(inquiry))


def conversion(inquiry: Inquiry, lines: pl.DataFrame) -> Found:
    """Rows of n, passed and open per group."""
    still_open = (~pl.col("passed") & pl.col("open_now")).sum().cast(pl.Int64).alias("open")
    rows = grouped(lines, inquiry.by, COUNT.alias("n"), pl.col("passed").sum().cast(pl.Int64), still_open)
    rated = shares(with_every_stage(inquiry, rows, ["open"]), "passed", "no_entries").with_columns(
        ratio(pl.col("open"), pl.col("n")).alias("open_share")
    )
    return shaped(inquiry, in_stage_order(inquiry, rated), "passed", "open", "open_share"), ()


def with_every_stage(inquiry: Inquiry, rows: pl.DataFrame, types: list[str]) -> pl.DataFrame:
    """The rows and, when nothing but stages is grouped by, the asked stages that nobody entered, with zeros."""
    if inquiry.by != ("stage",):
        return rows
    wanted = stages(inquiry).filter(pl.col("type").is_in(types) & pl.col("in_use"))
    named = narrowed(inquiry, wanted.select(pl.col("id").alias("stage")), *(inquiry.question.where.keys() - {"stage"}))
    missing = named.join(rows, on="stage", how="anti")
    return pl.concat([rows, missing], how="diagonal").with_columns(pl.exclude("stage").fill_null(0))


def cohort(inquiry: Inquiry) -> pl.DataFrame:
    """The deals created in the window, with amount (Int64) in scope; `where` a stage: those that reached it."""
    deals = inquiry.records("deal").filter(inquiry.within("created_on"))
    lines = with_product(inquiry, deal_dimensions(inquiry, deals, pl.col("created_on")))
    kept = counted_once(inquiry, narrowed(inquiry, lines, "stage"))
    if "stage" in inquiry.question.where:
        wanted = ladder(inquiry).filter(pl.col("stage").is_in(inquiry.question.where["stage"]))
        kept = kept.filter(pl.col("peak") >= wanted["level"].min())
    return kept.with_columns(amount_in_scope(inquiry, kept).alias("amount"))


def ladder(inquiry: Inquiry) -> pl.DataFrame:
    """The steps of the funnel in order: stage, level (Int32, the rank to be reached), next_level (of the one after)."""
    ranked = stages(inquiry).filter((pl.col("type") != "lost") & pl.col("in_use"))
    level = pl.when(pl.col("type") == "won").then(WON_RANK).otherwise("rank").cast(pl.Int32)
    steps = ranked.select(pl.col("id").alias("stage"), level.alias("level")).sort("level", maintain_order=True)
    return steps.with_columns(pl.col("level").shift(-1).fill_null(WON_RANK + 1).alias("next_level"))


def funnel(inquiry: Inquiry) -> Found:
    """value: of n deals created in the window, how many reached the stage (highest rank so far, or won).

    of_previous and of_first (Float64: shares of the stage before and of the first), low and high (of of_previous);
    amount (Int64, 1/10,000: latest amounts of the deals that reached it), amount_of_previous, amount_of_first; open
    (Int64: deals that are open and went no further), open_share (Float64, of value).
    """
    deals = cohort(inquiry)
    dimensions = [name for name in inquiry.by if name != "stage"]
    by_peak = grouped(
        deals.with_columns(pl.col("peak").alias("level_reached")),
        [*dimensions, "level_reached"],
        COUNT.alias("deals"),
        pl.col("amount").sum().alias("amount"),
        OPEN.sum().cast(pl.Int64).alias("open"),
    ).with_columns(pl.col("level_reached").cast(pl.Int32))
    rows = reached(inquiry, by_peak, dimensions)
    columns = ("of_previous", "of_first", "amount", "amount_of_previous", "amount_of_first", "open", "open_share")
    return shaped(inquiry, rows, *columns), noted(("without_amount", deals["amount"].null_count()))


def reached(inquiry: Inquiry, by_peak: pl.DataFrame, dimensions: list[str]) -> pl.DataFrame:
    """Counts by the highest rank added up from each stage upwards, group by group in the order of the pipeline."""
    if not dimensions:  # an empty cohort reached every stage 0 times
        nobody = {"level_reached": NO_RANK, "deals": 0, "amount": 0, "open": 0}
        by_peak = pl.concat([by_peak, pl.DataFrame([nobody], schema=by_peak.schema)])
    there, step = pl.col("level_reached") >= pl.col("level"), pl.col("level_reached") < pl.col("next_level")
    sums = (
        by_peak.join(ladder(inquiry).with_row_index("place"), how="cross")
        .group_by(*dimensions, "stage", "place")
        .agg(
            pl.col("deals").filter(there).sum().alias("value"),
            pl.col("amount").filter(there).sum().alias("amount"),
            pl.col("open").filter(there & step).sum().alias("open"),
            pl.col("deals").sum().alias("n"),
        )
    )
    ordered = sums.sort([*dimensions, "place"], nulls_last=True)
    return ordered.with_columns(
        *steps(pl.col("value"), dimensions, ""),
        *steps(pl.col("amount"), dimensions, "amount_"),
        ratio(pl.col("open"), pl.col("value")).alias("open_share"),
    )


def steps(value: pl.Expr, dimensions: list[str], prefix: str) -> list[pl.Expr]:
    """A value's shares of the stage before and of the first; a count's also with the Wilson interval."""
    groups = [pl.col(name) for name in dimensions] or [pl.repeat(0, pl.len())]
    before, first = value.shift().over(groups), value.first().over(groups)
    found = [ratio(value, before).alias(f"{prefix}of_previous"), ratio(value, first).alias(f"{prefix}of_first")]
    if prefix:
        return found
    low, high = wilson_bounds(value, before)
    return [*found, low.alias("low"), high.alias("high")]

"""Money that is open and money that is won: pipeline, weighted pipeline, won amount, credit, run rate."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from dashboard.domain.calendars import COUNTRIES, WorkCalendar
from dashboard.domain.periods import Period
from dashboard.domain.statistics import divided, times_share
from etl.metrics.dimensions import CLOSED, deal_dimensions, narrowed
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry
from etl.metrics.money import WON, money_lines
from etl.metrics.shaping import grouped, noted, shaped, stages

DEALS = pl.col("row").n_unique().cast(pl.Int64)
MONEY = pl.col("money")


def open_lines(inquiry: Inquiry) -> pl.DataFrame:
    """Money lines of open deals; with a window, of those expected to close in it."""
    return lines(
        inquiry, inquiry.records("deal").filter(~CLOSED & inquiry.within("expected_close_on")), "expected_close_on"
    )


def won_lines(inquiry: Inquiry, uncredited: bool = True) -> pl.DataFrame:
    """Money lines of the deals won in the window, by close date."""
    return lines(inquiry, inquiry.records("deal").filter(WON & inquiry.within("closed_on")), "closed_on", uncredited)


def lines(inquiry: Inquiry, deals: pl.DataFrame, day: str, uncredited: bool = True) -> pl.DataFrame:
    """Deals as filtered money lines; periods are those of `day`."""
    dated = deal_dimensions(inquiry, deals, pl.col(day)).drop("person_team", "person_region", strict=False)
    return narrowed(inquiry, money_lines(inquiry, dated, uncredited))


def without_amount(found: pl.DataFrame) -> tuple[str, int]:
    """How many deals of the lines have no amount in the company currency."""
    return "without_amount", found.filter(MONEY.is_null())["row"].n_unique()


def summed(inquiry: Inquiry, found: pl.DataFrame) -> Found:
    """value: the money of the lines; n: distinct deals; without_amount (Int64): those of them without one."""
    missing = pl.col("row").filter(MONEY.is_null()).n_unique().cast(pl.Int64)
    rows = grouped(found, inquiry.by, DEALS.alias("n"), MONEY.sum().alias("value"), missing.alias("without_amount"))
    return shaped(inquiry, rows, "without_amount"), noted(without_amount(found))


def open_pipeline(inquiry: Inquiry) -> Found:
    """value: latest amounts of open deals; n: how many deals; without_amount (Int64)."""
    return summed(inquiry, open_lines(inquiry))


def won_amount(inquiry: Inquiry) -> Found:
    """value: won amounts closed in the window, as credited to people in scope; n: deals; without_amount (Int64).

    Where everybody is in scope, what nobody is credited with counts too, for no person.
    """
    return summed(inquiry, won_lines(inquiry))


def credit_lines(inquiry: Inquiry) -> pl.DataFrame:
    """The stored credits of the deals won in the window."""
    return won_lines(inquiry, uncredited=False)


def credit(inquiry: Inquiry) -> Found:
    """value: the money credited to people in scope at the win; n: deals; without_amount (Int64)."""
    return summed(inquiry, credit_lines(inquiry))


def weighted_lines(inquiry: Inquiry) -> pl.DataFrame:
    """Open lines with `weighted` (Int64) and `by_stage`: whether the probability is the stage's."""
    own = pl.col("probability").is_not_null()
    usual = stages(inquiry).select(
        pl.col("id").cast(pl.Categorical()).alias("stage_id"), pl.col("probability").alias("stage_probability")
    )
    known = open_lines(inquiry).join(usual, on="stage_id", how="left", maintain_order="left")
    return known.with_columns(
        times_share(MONEY, pl.coalesce("probability", "stage_probability")).alias("weighted"), (~own).alias("by_stage")
    )


def weighted_pipeline(inquiry: Inquiry) -> Found:
    """value: amount × probability, rounded to the cent per line, of n open deals expected to close in the window.

    open (Int64, 1/10,000: the same amounts unweighted), won (Int64: what was won in the window, not part of value).
    """
    found = weighted_lines(inquiry)
    won = won_lines(inquiry).with_columns(MONEY.alias("won")).select("won", *inquiry.by)
    rows = grouped(
        pl.concat([found, won], how="diagonal"),
        inquiry.by,
        pl.col("row").drop_nulls().n_unique().cast(pl.Int64).alias("n"),
        pl.col("weighted").sum().alias("value"),
        MONEY.sum().alias("open"),
        pl.col("won").sum().alias("won"),
    )
    return shaped(inquiry, rows, "open", "won"), noted(
        without_amount(found),
        ("probability_of_stage", found.filter("by_stage")["row"].n_unique()),
        ("without_probability", found.filter(pl.col("weighted").is_null() & MONEY.is_not_null())["row"].n_unique()),
    )


def run_rate(inquiry: Inquiry) -> Found:
    """value: won so far / working days so far × working days in the period, rounded to the cent; n: deals.

    won (Int64, 1/10,000), days_so_far and days (Int64: working days; the question's day counts as passed).
    """
    asked = inquiry.question
    assert asked.since is not None
    assert asked.until is not None
    period, calendar = Period(asked.since, asked.until), calendar_of(inquiry)
    passed = min(asked.day + timedelta(days=1), period.until)
    so_far = calendar.count(period.since, passed) if passed > period.since else 0
    days = calendar.count(period.since, period.until)
    why = "not_started" if passed <= period.since else "no_working_day_yet"
    rows = grouped(won_lines(inquiry), inquiry.by, DEALS.alias("n"), MONEY.sum().alias("won"))
    projected = (divided(pl.col("won").cast(pl.Int128) * days, so_far * 100) * 100).cast(pl.Int64) if so_far else None
    filled = rows.with_columns(
        (pl.lit(None, dtype=pl.Int64) if projected is None else projected).alias("value"),
        pl.lit(None if so_far else why, dtype=pl.String).alias("reason"),
        pl.lit(so_far, dtype=pl.Int64).alias("days_so_far"),
        pl.lit(days, dtype=pl.Int64).alias("days"),
    )
    return shaped(inquiry, filled, "won", "days_so_far", "days"), ()


def calendar_of(inquiry: Inquiry) -> WorkCalendar:
    """The company calendar as of the day; public holidays where it says nothing."""
    days = inquiry.view.reference("calendar_day").filter(~pl.col("archived")).select("day", "working")
    return WorkCalendar(dict(days.iter_rows()), COUNTRIES.get(inquiry.zone))

"""How deals end: the win rate by close date and by creation, and how long a won deal took."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.domain.statistics import ratio
from etl.metrics.dimensions import CLOSED, deal_dimensions, narrowed
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry
from etl.metrics.money import WON, counted_once, with_product
from etl.metrics.shaping import COUNT, grouped, noted, shaped, shares

MATURE_AT = 0.9
"""A cohort is judged once its youngest deal is older than this quantile of the cycles of won deals."""


def lines(inquiry: Inquiry, deals: pl.DataFrame, day: str) -> pl.DataFrame:
    """Deals with their dimensions, filtered, one row per deal in each group."""
    dated = with_product(inquiry, deal_dimensions(inquiry, deals, pl.col(day)))
    return counted_once(inquiry, narrowed(inquiry, dated))


def closed_deals(inquiry: Inquiry) -> pl.DataFrame:
    """The deals closed in the window, with `counts`: whether the loss is for a reason that counts."""
    deals = inquiry.records("deal").filter(CLOSED & inquiry.within("closed_on"))
    reasons = inquiry.view.reference("list_value")
    excluded = reasons.filter(~pl.col("counts").fill_null(True))["id"].implode()
    never = ~WON & pl.col("lost_reason_id").cast(pl.String).is_in(excluded).fill_null(False)
    return lines(inquiry, deals.with_columns((~never).alias("counts")), "closed_on")


def judged_deals(inquiry: Inquiry) -> pl.DataFrame:
    """The closed deals that count in the win rate."""
    return closed_deals(inquiry).filter("counts")


def win_rate(inquiry: Inquiry) -> Found:
    """value: won / (won + lost) of deals closed in the window, without losses for a reason that does not count.

    won, lost, excluded (Int64).
    """
    counts = pl.col("counts")
    deals = closed_deals(inquiry)
    rows = grouped(
        deals,
        inquiry.by,
        counts.sum().cast(pl.Int64).alias("n"),
        WON.sum().cast(pl.Int64).alias("won"),
        (counts & ~WON).sum().cast(pl.Int64).alias("lost"),
        (~counts).sum().cast(pl.Int64).alias("excluded"),
    )
    answer = shaped(inquiry, shares(rows, "won", "nothing_closed"), "won", "lost", "excluded")
    return answer, noted(("excluded_losses", distinct(deals.filter(~counts))))


def created_deals(inquiry: Inquiry) -> pl.DataFrame:
    """The deals created in the window."""
    return lines(inquiry, inquiry.records("deal").filter(inquiry.within("created_on")), "created_on")


def win_rate_created(inquiry: Inquiry) -> Found:
    """value: of n deals created in the window, the share that is won as of the day.

    won, open (Int64), open_share (Float64), matured (Boolean: nothing is open, or the youngest deal is older than 90 %
    of won deals were when they closed).
    """
    deals = created_deals(inquiry)
    rows = grouped(
        deals,
        inquiry.by,
        COUNT.alias("n"),
        WON.sum().cast(pl.Int64).alias("won"),
        (~CLOSED).sum().cast(pl.Int64).alias("open"),
        pl.col("created_on").max().alias("youngest"),
    )
    marked = rows.with_columns(
        matured(inquiry).alias("matured"), ratio(pl.col("open"), pl.col("n")).alias("open_share")
    )
    answer = shaped(inquiry, shares(marked, "won", "nothing_created"), "won", "open", "open_share", "matured")
    return answer, noted(("not_matured", answer.filter(~pl.col("matured")).height))


def matured(inquiry: Inquiry) -> pl.Expr:
    """Whether a cohort can be judged, from its columns open and youngest."""
    usual = cycle_quantile(inquiry)
    done = pl.col("open") == 0
    return done if usual is None else done | (age_days(inquiry.question.day) > usual)


def age_days(day: date) -> pl.Expr:
    """How old the youngest deal is."""
    return (pl.lit(day) - pl.col("youngest")).dt.total_days()


def cycle_quantile(inquiry: Inquiry) -> float | None:
    """The MATURE_AT quantile of the cycles (days) of the population's won deals; None without any."""
    won = inquiry.records("deal").filter(WON)
    return won.select(cycle_days().quantile(MATURE_AT, interpolation="linear")).item()  # type: ignore[no-any-return]


def cycle_days() -> pl.Expr:
    """From the first creation to the last close, in days."""
    return (pl.col("closed_on") - pl.col("created_on")).dt.total_days().cast(pl.Float64)


def won_deals(inquiry: Inquiry) -> pl.DataFrame:
    """The won deals closed in the window that say when they were created, with `days`."""
    deals = inquiry.records("deal").filter(WON & inquiry.within("closed_on"))
    return lines(inquiry, deals.with_columns(cycle_days().alias("days")).drop_nulls("days"), "closed_on")


def sales_cycle_days(inquiry: Inquiry) -> Found:
    """value: the median days from creation to close of n won deals; mean (Float64)."""
    days = pl.col("days")
    rows = grouped(
        won_deals(inquiry), inquiry.by, COUNT.alias("n"), days.median().alias("value"), days.mean().alias("mean")
    )
    reason = pl.when(pl.col("n") == 0).then(pl.lit("nothing_won"))
    return shaped(inquiry, rows.with_columns(reason.alias("reason")), "mean"), ()


def distinct(deals: pl.DataFrame) -> int:
    """How many deals there are, whatever the grouping."""
    return deals["row"].n_unique()

"""What customers say: satisfaction, ranked by what is certain about it."""

from __future__ import annotations

import polars as pl

from dashboard.domain.periods import starts_of
from etl.metrics.dimensions import narrowed, periods, with_team_then
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry
from etl.metrics.shaping import COUNT, grouped, shaped, shares

SATISFIED_FROM = 4
ENOUGH_RATINGS = 5


def rated(inquiry: Inquiry) -> pl.DataFrame:
    """The ratings given in the window, with their dimensions; a person's team is that of the day."""
    ratings = inquiry.records("rating").filter(inquiry.within("rated_on"))
    if inquiry.needed & {"team", "region"}:
        ratings = with_team_then(inquiry, ratings, "person_id", after(pl.col("rated_on"), inquiry.zone))
        ratings = ratings.with_columns(pl.col("person_team").alias("team"), pl.col("person_region").alias("region"))
    named = ratings.with_columns(
        pl.col("person_id").alias("person"),
        pl.col("customer_id").alias("customer"),
        *periods(inquiry.needed, pl.col("rated_on")),
    )
    return narrowed(inquiry, named)


def after(day: pl.Expr, zone: str) -> pl.Expr:
    """The first instant (naive UTC) after a business day."""
    return starts_of(day.dt.offset_by("1d"), zone)


def csat(inquiry: Inquiry) -> Found:
    """value: the share of n ratings that are 4 or 5; rows ranked by the interval's lower bound.

    satisfied (Int64), enough (Boolean: at least 5 ratings, as an appraisal asks for).
    """
    satisfied = (pl.col("score") >= SATISFIED_FROM).sum().cast(pl.Int64).alias("satisfied")
    rows = shares(grouped(rated(inquiry), inquiry.by, COUNT.alias("n"), satisfied), "satisfied", "no_ratings")
    ranked = rows.with_columns((pl.col("n") >= ENOUGH_RATINGS).alias("enough"))
    in_order = ranked.sort("low", descending=True, nulls_last=True, maintain_order=True)
    return shaped(inquiry, in_order, "satisfied", "enough"), ()

"""Whether orders arrive on the day that was promised."""

from __future__ import annotations

import polars as pl

from etl.metrics.dimensions import narrowed, periods, with_team_then
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry
from etl.metrics.service import after
from etl.metrics.shaping import COUNT, grouped, noted, shaped, shares

ORDERED = ("confirmed", "closed")
UNDER_WAY = ("none", "partial", "shipped")


def arrivals(inquiry: Inquiry) -> pl.DataFrame:
    """Orders that were confirmed, with the day on which the last of their goods arrived: arrived (Date, null before).

    What all came back had arrived first, where it is known when.
    """
    shipments = inquiry.records("shipment").group_by("order_id").agg(pl.col("delivered_on").max().alias("last"))
    orders = inquiry.records("order").filter(pl.col("status").cast(pl.String).is_in(ORDERED))
    found = orders.join(shipments, left_on="id", right_on="order_id", how="left", maintain_order="left")
    there = pl.col("delivery_state").cast(pl.String).is_in(["delivered", "returned"])
    return found.with_columns(pl.when(there).then("last").alias("arrived"))


def late_or_there(inquiry: Inquiry) -> pl.DataFrame:
    """The orders promised in the window that arrived, or should have by now, with their dimensions.

    on_time, open (Boolean: arrived by the promised day; not there although that day has passed).
    """
    promised, arrived = pl.col("promised_on"), pl.col("arrived")
    missing = pl.col("delivery_state").cast(pl.String).is_in(UNDER_WAY) & (pl.col("status") == "confirmed")
    open_ = missing & (promised < inquiry.question.day)
    orders = arrivals(inquiry).filter(promised.is_not_null() & inquiry.within("promised_on"))
    judged = orders.filter(arrived.is_not_null() | open_)
    if inquiry.needed & {"team", "region"}:
        judged = with_team_then(inquiry, judged, "owner_id", after(promised, inquiry.zone))
        places = (pl.col("person_team").alias("team"), pl.coalesce("region_id", "person_region").alias("region"))
        judged = judged.with_columns(places)
    named = judged.with_columns(
        pl.col("owner_id").alias("person"),
        pl.col("customer_id").alias("customer"),
        (arrived <= promised).fill_null(False).alias("on_time"),
        arrived.is_null().alias("open"),
        *periods(inquiry.needed, promised),
    )
    return narrowed(inquiry, named)


def delivery_on_time(inquiry: Inquiry) -> Found:
    """value: the share of n orders that arrived on or before the promised day; on_time, late, open (Int64).

    late: arrived after it; open: not there although it has passed. Orders that arrived in the window without a promise
    are left out and counted in a note.
    """
    counts = [pl.col(name).sum().cast(pl.Int64).alias(name) for name in ("on_time", "open")]
    rows = shares(grouped(late_or_there(inquiry), inquiry.by, COUNT.alias("n"), *counts), "on_time", "no_deliveries")
    answer = rows.with_columns((pl.col("n") - pl.col("on_time") - pl.col("open")).alias("late"))
    without = arrivals(inquiry).filter(pl.col("promised_on").is_null() & pl.col("arrived").is_not_null())
    notes = noted(("without_promise", without.filter(inquiry.within("arrived")).height))
    return shaped(inquiry, answer, "on_time", "late", "open"), notes

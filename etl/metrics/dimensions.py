"""What records are grouped and filtered by: one column per dimension that a question names."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from etl.metrics.inquiries import Inquiry

CLOSED = pl.col("stage_type").is_in(["won", "lost"])

TRUNCATED: dict[str, str] = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}

OF_A_DEAL: dict[str, pl.Expr] = {
    # A closed deal keeps the owner, team and region it closed with; an open one has those of its owner now.
    "person": pl.when(CLOSED).then("closed_owner_id").otherwise("owner_id"),
    "team": pl.when(CLOSED).then("closed_team_id").otherwise("person_team"),
    "region": pl.when(CLOSED).then("closed_region_id").otherwise(pl.coalesce("region_id", "person_region")),
    "source": pl.col("source_id"),
    "customer": pl.col("customer_id"),
    "stage": pl.col("stage_id"),
    "lost_reason": pl.col("lost_reason_id"),
    "category": pl.col("forecast_category"),
    "industry": pl.col("customer_industry"),
}


def deal_dimensions(inquiry: Inquiry, deals: pl.DataFrame, day: pl.Expr | None) -> pl.DataFrame:
    """Deals with a column per needed dimension but `product`; periods are those of `day` (Date)."""
    frame = deals
    if inquiry.needed & {"team", "region"}:
        frame = with_team_now(inquiry, frame, "owner_id")
    if "industry" in inquiry.needed:
        customers = inquiry.view.reference("customer")
        industries = customers.select(
            pl.col("id").alias("customer_id"), pl.col("industry_id").alias("customer_industry")
        )
        frame = frame.join(industries, on="customer_id", how="left", maintain_order="left")
    found = [OF_A_DEAL[name].alias(name) for name in sorted(inquiry.needed & OF_A_DEAL.keys())]
    return frame.with_columns(*found, *periods(inquiry.needed, day))


def periods(needed: Iterable[str], day: pl.Expr | None) -> list[pl.Expr]:
    """The first day of the calendar periods that hold `day`."""
    if day is None:
        return []
    return [day.dt.truncate(TRUNCATED[name]).alias(name) for name in sorted(needed) if name in TRUNCATED]


def with_team_now(inquiry: Inquiry, frame: pl.DataFrame, person: str) -> pl.DataFrame:
    """The frame with person_team and person_region of the person as of the question's day."""
    people = inquiry.view.reference("person").select(
        pl.col("id").cast(frame.schema[person]).alias(person),
        pl.col("team_id").alias("person_team"),
        pl.col("region_id").alias("person_region"),
    )
    return frame.join(people, on=person, how="left", maintain_order="left")


def with_team_then(inquiry: Inquiry, frame: pl.DataFrame, person: str, moment: pl.Expr) -> pl.DataFrame:
    """The frame with person_team and person_region of the person just before a moment (Datetime, naive UTC).

    A moment before the person was recorded takes what was recorded first.
    """
    known = people_through_time(inquiry, person, frame.schema[person])
    first = known.unique(person, keep="first", maintain_order=True).drop("moment", "known")
    asked = frame.with_row_index("at").with_columns(moment.cast(pl.Datetime("us")).alias("moment"))
    then = asked.sort("moment").join_asof(
        known.sort("moment", maintain_order=True),
        on="moment",
        by=person,
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    earliest = then.join(first, on=person, how="left", suffix="_first", maintain_order="left").sort("at")
    places = ("person_team", "person_region")
    chosen = [pl.when("known").then(name).otherwise(f"{name}_first").alias(name) for name in places]
    return earliest.select(*frame.columns, *chosen)


def people_through_time(inquiry: Inquiry, person: str, dtype: pl.DataType) -> pl.DataFrame:
    """One row per change of a person, in order: the person's id, moment, person_team, person_region, known (true)."""
    ids = inquiry.view.marts["person"].select(pl.col("id").cast(dtype).alias(person)).with_row_index("row")
    changes = inquiry.view.timeline("person").join(ids, on="row", how="left", maintain_order="left")
    return changes.select(
        person,
        pl.col("effective_at").alias("moment"),
        pl.col("team_id").alias("person_team"),
        pl.col("region_id").alias("person_region"),
        pl.lit(True).alias("known"),
    )


def narrowed(inquiry: Inquiry, frame: pl.DataFrame, *beside: str) -> pl.DataFrame:
    """The rows that `where` keeps; `beside` names the dimensions that were filtered already."""
    for name, keys in inquiry.question.where.items():
        if name not in beside:
            frame = frame.filter(keeps(name, keys))
    return frame


def keeps(name: str, keys: list[str]) -> pl.Expr:
    """Whether a dimension's key is one of `keys`; "" stands for none."""
    kept = pl.col(name).cast(pl.String).is_in([key for key in keys if key])
    return kept.fill_null("" in keys)

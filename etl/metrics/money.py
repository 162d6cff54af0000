"""Deals as lines of money: who is credited with how much of each, to the cent.

A won deal has the shares that were stored when it was won. Any other deal is split by its credit rows as they stand,
by largest remainder, or belongs wholly to its owner. Only the shares of the people in scope are lines; what nobody is
credited with counts where everybody is in scope.
"""

from __future__ import annotations

import polars as pl

from dashboard.domain.statistics import MILLION, split
from etl.metrics.dimensions import with_team_now
from etl.metrics.inquiries import Inquiry

PLACES = {"person": "person_id", "team": "team_id", "region": "region_id"}
"""The dimensions that a line has of its own, and the columns of a credit that hold them."""

WON = pl.col("stage_type") == "won"


def money_lines(inquiry: Inquiry, deals: pl.DataFrame, uncredited: bool = True) -> pl.DataFrame:
    """One row per deal, credited person and, where it is asked for, product.

    The columns of `deals`, with person, team and region those of the credit, and money (Int64, 1/10,000; null where the
    deal has no amount). uncredited: whether what nobody is credited with is a line too, of no person.
    """
    given = inquiry.view.records("deal_credit").rename(
        {"id": "credit_id", "region_id": "credit_region", "amount": "part"}
    )
    open_or_lost = deals.filter(~WON)
    parts = [won_lines(deals.filter(WON), given, uncredited)]
    if not open_or_lost.is_empty():
        parts.append(shared_lines(inquiry, open_or_lost, given))
    lines = of_people(inquiry, pl.concat(parts))
    return by_product(inquiry, lines) if "product" in inquiry.needed else lines


def won_lines(deals: pl.DataFrame, given: pl.DataFrame, uncredited: bool) -> pl.DataFrame:
    """The stored shares of won deals, and what is left of a deal's amount."""
    own = deals.drop(*PLACES, strict=False)
    stored = own.join(given, left_on="id", right_on="deal_id", how="inner", maintain_order="left")
    lines = placed(stored, pl.col("person_id"), pl.col("team_id"), pl.col("credit_region"), pl.col("part"), own)
    if not uncredited:
        return lines
    sums = lines.group_by("id").agg(pl.col("money").sum().alias("given"))
    left = pl.col("base_amount") - pl.col("given").fill_null(0)
    rest = own.join(sums, on="id", how="left", maintain_order="left").with_columns(left.alias("left"))
    rest = rest.filter((pl.col("left") != 0) | (pl.col("left").is_null() & pl.col("given").is_null()))
    nobody = pl.lit(None, dtype=pl.Categorical())
    return pl.concat(
        [lines, placed(rest, nobody, pl.col("closed_team_id"), pl.col("closed_region_id"), pl.col("left"), own)]
    )


def shared_lines(inquiry: Inquiry, deals: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """The amounts of deals that are not won, split by their credit rows, else the owner's."""
    own = deals.drop(*PLACES, "person_team", "person_region", strict=False)
    several = own.join(given, left_on="id", right_on="deal_id", how="inner", maintain_order="left")
    weighted = several.with_columns((pl.col("share") * MILLION).round(0).cast(pl.Int64).alias("weight"))
    parts = weighted.with_columns(split(weighted, "row", "base_amount", "weight", "credit_id").alias("money"))
    alone = own.join(several, on="row", how="anti", maintain_order="left")
    alone = alone.with_columns(pl.col("owner_id").alias("person_id"), pl.col("base_amount").alias("money"))
    keep = [*own.columns, "person_id", "money"]
    both = with_team_now(inquiry, pl.concat([parts.select(keep), alone.select(keep)]), "person_id")
    region = pl.coalesce("region_id", "person_region")
    return placed(both, pl.col("person_id"), pl.col("person_team"), region, pl.col("money"), own)


def placed(
    frame: pl.DataFrame, person: pl.Expr, team: pl.Expr, region: pl.Expr, money: pl.Expr, deals: pl.DataFrame
) -> pl.DataFrame:
    """The columns of `deals` with person, team, region and money."""
    kept = [name for name in deals.columns if name not in ("person_team", "person_region")]
    places = [person.alias("person"), team.alias("team"), region.alias("region")]
    return frame.select(*kept, *places, money.cast(pl.Int64).alias("money"))


def of_people(inquiry: Inquiry, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of the people in scope."""
    people = inquiry.population.people
    if people is None:
        return lines
    return lines.filter(pl.col("person").cast(pl.String).is_in(people.unique().implode()).fill_null(False))


def by_product(inquiry: Inquiry, lines: pl.DataFrame) -> pl.DataFrame:
    """Each line split over the deal's products by their amounts, in equal parts where one has none.

    A deal without products stays one line of no product.
    """
    products = products_of(inquiry)
    each = lines.with_row_index("line").join(
        products, left_on="id", right_on="deal_id", how="left", maintain_order="left"
    )
    known = pl.col("amount").is_not_null().all().over("line") & (pl.col("amount").sum().over("line") > 0)
    weighted = each.with_columns(pl.when(known).then("amount").otherwise(1).cast(pl.Int64).alias("weight"))
    parts = split(weighted, "line", "money", "weight", "product")
    return weighted.with_columns(parts.alias("money")).drop("line", "amount", "weight")


def products_of(inquiry: Inquiry) -> pl.DataFrame:
    """One row per deal and product: deal_id, product, amount (Int64, null where a line has none)."""
    lines = inquiry.view.records("deal_product")
    amount = pl.when(pl.col("amount").is_not_null().all()).then(pl.col("amount").sum())
    return lines.group_by("deal_id", pl.col("product_id").alias("product"), maintain_order=True).agg(amount)


def with_product(inquiry: Inquiry, deals: pl.DataFrame) -> pl.DataFrame:
    """One row per deal and product where products are asked for, else the deals as they are."""
    if "product" not in inquiry.needed:
        return deals
    products = products_of(inquiry).drop("amount")
    return deals.join(products, left_on="id", right_on="deal_id", how="left", maintain_order="left")


def counted_once(inquiry: Inquiry, rows: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Rows that a filter on products doubled, once per group again."""
    if "product" not in inquiry.needed or "product" in inquiry.by:
        return rows
    return rows.unique([*(key or ("row",))], maintain_order=True)


def amount_in_scope(inquiry: Inquiry, deals: pl.DataFrame) -> pl.Series:
    """The part of each deal's amount that is credited to people in scope (Int64); null where it has no amount."""
    if inquiry.population.people is None:
        return deals["base_amount"]
    everything = money_lines(inquiry, deals.drop("product", strict=False).unique("row", maintain_order=True))
    total = everything.group_by("row").agg(pl.col("money").sum())
    found = deals.select("row", "base_amount").join(total, on="row", how="left", maintain_order="left")
    return found.select(pl.when(pl.col("base_amount").is_not_null()).then(pl.col("money").fill_null(0)))["money"]

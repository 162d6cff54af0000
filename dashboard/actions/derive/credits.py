"""Credit for a won deal: each person's part of the money, by largest remainder to the cent (Hamilton's method)."""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive.money import UNITS, as_money
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_ids
from dashboard.errors import Refused
from dashboard.store import Transaction

CENTS = 100
MONEY = pl.Decimal(18, 4)
SHARE_UNITS = 1_000_000


def credit_changes(open_: Transaction, won: pl.DataFrame) -> list[Change]:
    """The credit rows of won deals: made for the owner where nobody is credited, else with their money filled in.

    won: id, owner_id, base_amount, effective_at. Raises Refused (credit.not_whole) when shares do not sum to 1.
    """
    rows = open_.lookup("deal_credit", "deal_id", won["id"], ("person_id", "share"))
    existing = won.select(deal_id="id").join(rows, on="deal_id", how="inner")
    uncredited = won.join(rows.select(id="deal_id").unique(), on="id", how="anti").filter(
        pl.col("owner_id").is_not_null()
    )
    fresh = uncredited.select(
        pl.lit(None, pl.String).alias("id"), deal_id="id", person_id="owner_id", share=pl.lit(1).cast(pl.Decimal(9, 6))
    )
    wanted = pl.concat([existing.select("id", "deal_id", "person_id", "share"), fresh])
    if wanted.height == 0:
        return []
    parts = with_amounts(
        wanted.join(
            won.select("base_amount", "effective_at", deal_id="id"), on="deal_id", how="left", maintain_order="left"
        )
    )
    parts = with_homes(open_, parts)
    old, new = parts.filter(pl.col("id").is_not_null()), parts.filter(pl.col("id").is_null())
    changes = []
    if old.height:
        changes.append(
            Change("deal_credit", "update", old.select("id", "amount", "team_id", "region_id", "effective_at"))
        )
    if new.height:
        columns = ("id", "deal_id", "person_id", "share", "amount", "team_id", "region_id", "effective_at")
        changes.append(Change("deal_credit", "create", new.with_columns(new_ids(new.height)).select(columns)))
    return changes


def uncredit_changes(open_: Transaction, deals: pl.DataFrame) -> list[Change]:
    """The credit rows of reopened deals: the shares stay, the money goes. deals: id, effective_at."""
    rows = open_.lookup("deal_credit", "deal_id", deals["id"], ())
    if rows.height == 0:
        return []
    emptied = rows.join(deals.select("effective_at", deal_id="id"), on="deal_id", how="left").select(
        "id",
        pl.lit(None, MONEY).alias("amount"),
        pl.lit(None, pl.String).alias("team_id"),
        pl.lit(None, pl.String).alias("region_id"),
        "effective_at",
    )
    return [Change("deal_credit", "update", emptied)]


def with_amounts(parts: pl.DataFrame) -> pl.DataFrame:
    """The rows with `amount`: floors of share × money in cents, the cents left over to the largest remainders.

    parts: deal_id, person_id, share, base_amount. Equal remainders go in the order of person ids.
    """
    share = (pl.col("share").cast(pl.Decimal(38, 6)) * SHARE_UNITS).cast(pl.Int128)
    cents = (pl.col("base_amount").cast(pl.Decimal(38, 4)) * CENTS).cast(pl.Int128)
    exact = parts.with_row_index("at").with_columns(share.alias("share_units"), cents.alias("cents"))
    sums = exact.group_by("deal_id").agg(pl.col("share_units").sum().alias("whole"))
    wrong = sums.filter(pl.col("whole") != SHARE_UNITS)
    if wrong.height:
        raise Refused("credit.not_whole", id=wrong["deal_id"][0], share=float(wrong["whole"][0]) / SHARE_UNITS)
    exact = exact.with_columns(
        (pl.col("share_units") * pl.col("cents") // SHARE_UNITS).alias("floor"),
        (pl.col("share_units") * pl.col("cents") % SHARE_UNITS).alias("remainder"),
    ).sort(["deal_id", "remainder", "person_id"], descending=[False, True, False])
    left = exact.group_by("deal_id", maintain_order=True).agg(
        (pl.col("cents").first() - pl.col("floor").sum()).alias("left")
    )
    exact = exact.join(left, on="deal_id", how="left", maintain_order="left").with_columns(
        pl.int_range(pl.len()).over("deal_id").alias("place")
    )
    total = pl.col("floor") + (pl.col("place") < pl.col("left")).cast(pl.Int128)
    amount = as_money(total * (UNITS // CENTS))
    return exact.with_columns(amount.alias("amount")).sort("at").select(*parts.columns, "amount")


def with_homes(open_: Transaction, parts: pl.DataFrame) -> pl.DataFrame:
    """The rows with the team and region that each person is in."""
    people = open_.lookup("person", "id", parts["person_id"], ("team_id", "region_id"))
    homes = people.select(person_id="id", team_id="team_id", region_id="region_id")
    return parts.join(homes, on="person_id", how="left", maintain_order="left")

"""Credit for a won deal: each person's part of the money, by largest remainder to the cent (Hamilton's method)."""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive.homes import HOME, homes_at
from dashboard.actions.derive.money import UNITS, as_money
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_ids
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

CENTS = 100
MONEY = pl.Decimal(18, 4)
SHARE_UNITS = 1_000_000
FILLED = ("amount", "team_id", "region_id")
KEPT = ("deal_id", "person_id", "share", *FILLED)


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are; whose shares they change is settled at the end of the change-set, when all are written."""
    rows = change.rows
    follows = "amount" in rows.columns  # it comes from the deal itself
    if not follows and (change.verb != "update" or {"share", "deal_id"} & set(rows.columns)):
        for frame in (rows, current):
            if "deal_id" in frame.columns:
                open_.touch("deal", frame["deal_id"], open_.when(rows))
    return rows, []


def settle(open_: Transaction) -> list[Change]:
    """The credit of won deals whose shares were changed, so that the parts sum to the deal again."""
    touched = open_.touched.get("deal")
    if not touched:
        return []
    deals = open_.lookup("deal", "id", pl.Series(list(touched)), ("owner_id", "stage_type", "base_amount"))
    moments = pl.DataFrame({"id": list(touched), "effective_at": list(touched.values())})
    if not open_.stating:
        whole_or_none(open_, deals.filter(pl.col("stage_type") != "won"))
    won = deals.filter(pl.col("stage_type") == "won").join(moments, on="id")
    return credit_changes(open_, won) if won.height else []


def credit_changes(open_: Transaction, won: pl.DataFrame) -> list[Change]:
    """The credit rows of won deals: made for the owner where nobody is credited, else with their money filled in.

    won: id, owner_id, base_amount, effective_at. Raises Refused (credit.not_whole) when shares do not sum to 1.
    """
    rows = open_.lookup("deal_credit", "deal_id", won["id"], KEPT)
    wanted = pl.concat([rows.select("id", *KEPT), owners(open_, won, rows)], how="diagonal")
    if wanted.height == 0:
        return []
    money = won.select("base_amount", "effective_at", deal_id="id")
    parts = with_homes(open_, wanted.join(money, on="deal_id", how="left", maintain_order="left"))
    parts = not_before(open_, with_amounts(parts.drop("amount")))
    old, new = parts.filter(pl.col("id").is_not_null()), parts.filter(pl.col("id").is_null())
    back = old.filter("gone")
    new = new.with_columns(new_ids(new.height)) if new.height else new
    return [
        Change("deal_credit", verb, frame.select(columns))
        for verb, frame, columns in (
            ("restore", back, ("id", "effective_at")),
            ("update", old, ("id", "share", *FILLED, "effective_at")),
            ("create", new, ("id", "deal_id", "person_id", "share", *FILLED, "effective_at")),
        )
        if frame.height
    ]


def whole_or_none(open_: Transaction, deals: pl.DataFrame) -> None:
    """Shares that people agree on before the deal is won are whole too. Raises Refused (credit.not_whole)."""
    rows = open_.lookup("deal_credit", "deal_id", deals["id"], ("share",))
    refuse_parts(rows.with_columns(share_units=(pl.col("share").cast(pl.Decimal(38, 6)) * SHARE_UNITS).cast(pl.Int128)))


def refuse_parts(parts: pl.DataFrame) -> None:
    """Raises Refused (credit.not_whole) for a deal whose shares do not sum to one. parts: deal_id, share_units."""
    sums = parts.group_by("deal_id").agg(pl.col("share_units").sum().alias("whole"))
    wrong = sums.filter(pl.col("whole") != SHARE_UNITS)
    if wrong.height:
        raise Refused("credit.not_whole", id=wrong["deal_id"][0], share=float(wrong["whole"][0]) * 100 / SHARE_UNITS)


def owners(open_: Transaction, won: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The whole credit for the owners of deals that credit nobody; a row of theirs that was taken away comes back."""
    alone = won.filter(~pl.col("id").is_in(rows["deal_id"].to_list()), pl.col("owner_id").is_not_null())
    taken = open_.lookup("deal_credit", "deal_id", alone["id"], ("person_id",), archived=True)
    whole = alone.select(deal_id="id", person_id="owner_id", share=pl.lit(1).cast(pl.Decimal(9, 6)))
    found = whole.join(taken, on=["deal_id", "person_id"], how="left", maintain_order="left")
    return found.with_columns(gone=pl.col("id").is_not_null())


def uncredit_changes(open_: Transaction, deals: pl.DataFrame) -> list[Change]:
    """The credit rows of reopened deals: the shares stay, the money goes. What the owner alone had by the win goes too,
    so that the next win is its owner's. deals: id, effective_at, closed_owner_id."""
    rows = open_.lookup("deal_credit", "deal_id", deals["id"], ("person_id",))
    if rows.height == 0:
        return []
    closings = deals.select("effective_at", "closed_owner_id", deal_id="id")
    rows = not_before(open_, rows.join(closings, on="deal_id", how="left", maintain_order="left"))
    alone = (pl.len().over("deal_id") == 1) & (pl.col("person_id") == pl.col("closed_owner_id"))
    rows = rows.with_columns(alone=alone.fill_null(value=False))
    gone = rows.filter("alone").select("id", "effective_at")
    emptied = rows.filter(~pl.col("alone")).select(
        "id",
        pl.lit(None, MONEY).alias("amount"),
        pl.lit(None, pl.String).alias("team_id"),
        pl.lit(None, pl.String).alias("region_id"),
        "effective_at",
    )
    return [Change("deal_credit", verb, part) for verb, part in (("archive", gone), ("update", emptied)) if part.height]


def not_before(open_: Transaction, parts: pl.DataFrame) -> pl.DataFrame:
    """The rows with `effective_at` no earlier than what was last stated about them, so that nothing is overtaken."""
    stated = open_.last_stated("deal_credit", parts["id"])
    return parts.with_columns(pl.max_horizontal("effective_at", stated).alias("effective_at"))


def with_amounts(parts: pl.DataFrame) -> pl.DataFrame:
    """The rows with `amount`: floors of share × money in cents, the cents left over to the largest remainders.

    parts: deal_id, person_id, share, base_amount. Equal remainders go in the order of person ids.
    """
    share = (pl.col("share").cast(pl.Decimal(38, 6)) * SHARE_UNITS).cast(pl.Int128)
    cents = (pl.col("base_amount").cast(pl.Decimal(38, 4)) * CENTS).cast(pl.Int128)
    exact = parts.with_row_index("at").with_columns(share.alias("share_units"), cents.alias("cents"))
    refuse_parts(exact)
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
    """The rows with the team and region that each person was in; a row that has its money keeps what it has."""
    homes = homes_at(open_, parts["person_id"], parts["effective_at"])
    fresh = parts["amount"].is_null()
    return parts.with_columns(
        pl.select(pl.when(fresh).then(homes[home]).otherwise(parts[home]).alias(home)).to_series() for home in HOME
    )


DERIVATION = Derivation(reads=("deal_id",), apply=derive, settle=settle)

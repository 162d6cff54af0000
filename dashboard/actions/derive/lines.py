"""The amount of a line follows from quantity, price and discount; a deal that takes its amount from its lines follows.

A line without a price keeps the amount that it was given, and so does one of an import or of the operator that states
both: history stays as it was.
"""

from __future__ import annotations

import polars as pl

from dashboard.actions.derive.money import CENT, MONEY, RATE, RATE_UNITS, as_money, held, value_of
from dashboard.domain.changes import Change
from dashboard.domain.statistics import divided
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

LINE = "deal_product"
FACTORS = ("quantity", "price", "discount")
WEIGHTY = {*FACTORS, "amount", "deal_id"}
MOST = 1e14
"""The first amount that is too large to be kept."""
LINES, TYPED = "deal with lines", "deal with a typed amount"
"""Deals to settle: those whose lines changed, and those whose amount somebody typed."""


def with_amounts(open_: Transaction, verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with the amount that follows. Raises Invalid (field.too_high) when it cannot be kept."""
    given = {*FACTORS, "amount"} & set(rows.columns)
    if verb not in ("create", "update") or not given:
        return rows
    quantity, price, discount = (value_of(rows, current, name, RATE) for name in FACTORS)
    stated = value_of(rows, current, "amount", MONEY)
    size = quantity.cast(pl.Float64) * price.cast(pl.Float64)
    lost = (size.abs() >= MOST).fill_null(value=False).arg_true()
    if lost.len():
        raise Invalid((Problem(lost[0], "amount", "field.too_high", {"field": "amount"}),))
    follows = price.is_not_null()
    if "amount" in rows.columns:
        follows = follows & stated.is_null() if open_.stating else follows
    else:  # what a price made does not outlive it
        stated = pl.select(pl.when(value_of(current, current, "price", RATE).is_null()).then(stated)).to_series()
    amount = pl.select(pl.when(follows).then(product(quantity, price, discount)).otherwise(stated).alias("amount"))
    return rows.with_columns(amount.to_series())


def product(quantity: pl.Series, price: pl.Series, discount: pl.Series) -> pl.Series:
    """quantity × price × (1 − discount), half away from zero to the cent; exact."""
    frame = pl.DataFrame({"quantity": quantity, "price": price, "discount": discount.fill_null(0)})
    units = [(pl.col(name).cast(pl.Decimal(38, 6)) * RATE_UNITS).cast(pl.Int128) for name in FACTORS]
    exact = units[0] * units[1] * (pl.lit(RATE_UNITS).cast(pl.Int128) - units[2])
    in_cents = divided(exact, RATE_UNITS**3 // 100)
    return frame.select(as_money(in_cents * CENT).alias("amount"))["amount"]


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The lines with their amounts; their deals are settled when all lines of the change-set are written."""
    rows = with_amounts(open_, change.verb, change.rows, current)
    if change.verb != "update" or WEIGHTY & set(rows.columns):
        for frame in (rows, current):
            if "deal_id" in frame.columns:
                open_.touch(LINES, frame["deal_id"], open_.when(rows))
    return rows, []


def settle(open_: Transaction) -> list[Change]:
    """The amounts of deals that take them from their lines. Raises Refused: deal.amount_from_lines."""
    typed = open_.touched.get(TYPED, {})
    touched = {**open_.touched.get(LINES, {}), **typed}
    if not touched:
        return []
    deals = open_.lookup("deal", "id", pl.Series(list(touched)), ("amount_from", "amount"))
    deals = deals.filter(pl.col("amount_from") == "lines")
    if deals.is_empty():
        return []
    lines = open_.lookup(LINE, "deal_id", deals["id"], ("amount",))
    sums = lines.filter(pl.col("amount").is_not_null()).group_by("deal_id").agg(pl.col("amount").sum().alias("whole"))
    found = deals.join(sums, left_on="id", right_on="deal_id", how="left", maintain_order="left")
    found = found.filter(pl.col("whole").ne_missing(pl.col("amount")))
    refuse_typed(found.filter(pl.col("id").is_in(list(typed))))
    if found.is_empty():
        return []
    moments = pl.Series([touched[key] for key in found["id"]], dtype=pl.Datetime("us"))
    stated = open_.last_stated("deal", found["id"])
    rows = found.select("id", amount=held(found["whole"])).with_columns(
        pl.select(effective_at=pl.max_horizontal(moments, stated)).to_series()
    )
    return [Change("deal", "update", rows)]


def refuse_typed(wrong: pl.DataFrame) -> None:
    """An amount that somebody typed into a deal that takes it from its lines. Raises Refused."""
    if wrong.height:
        whole = wrong["whole"][0]
        raise Refused("deal.amount_from_lines", id=wrong["id"][0], amount=whole if whole is None else whole.normalize())


DERIVATION = Derivation(reads=("deal_id", *FACTORS, "amount"), apply=derive, settle=settle)

"""How far an order is delivered and paid and a contract fulfilled: derived from facts, one definition for all who ask.

Facts are columns of numbers, a row for each record; the states are words of the fields that are named like them here.
Nothing here depends on the day: what does (late, expired, lapsed) is asked as a condition, see standings.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

DELIVERY_STATES = ("none", "partial", "shipped", "delivered", "returned")
"""Nothing has left; something has; everything has left; everything arrived; all that had left came back."""

PAYMENT_STATES = ("unpaid", "partial", "paid")
FULFILMENT_STATES = ("none", "partial", "fulfilled")

FOLLOWING: dict[str, frozenset[str]] = {
    "order": frozenset({"delivery_state", "payment_state", "total_amount", "paid", "due"}),
    "contract": frozenset({"fulfilment", "paid"}),
    "payment_plan": frozenset({"state", "paid"}),
}
"""By entity: the fields that nobody sets, because they follow from other records."""

CAUSES: dict[str, dict[str, str]] = {
    "order": {"shipment": "order_id", "return": "order_id", "payment": "order_id"},
    "contract": {"order": "contract_id", "payment": "contract_id", "obligation": "contract_id"},
}
"""What they follow from: the records, and the field of theirs that points here."""

PLAN_STAYS = {"signed": "contract.plan_agreed", "terminated": "contract.plan_ended"}
"""The steps of a contract in which its payment plan stays as it is, and the code of the refusal."""

DELIVERY_FACTS = ("ordered", "shipped", "delivered", "returned")
"""Quantities of an order, summed over its lines; none of them more than was ordered."""


def delivery_state() -> pl.Expr:
    """The word for `ordered`, `shipped`, `delivered` and `returned`."""
    ordered, shipped, delivered, returned = (pl.col(name) for name in DELIVERY_FACTS)
    return (
        pl.when(shipped <= 0).then(pl.lit("none"))
        .when(returned >= shipped).then(pl.lit("returned"))
        .when(delivered >= ordered).then(pl.lit("delivered"))
        .when(shipped >= ordered).then(pl.lit("shipped"))
        .otherwise(pl.lit("partial"))
    )  # fmt: skip


def payment_state(owed: str = "owed", paid: str = "paid") -> pl.Expr:
    """The word for what is owed in the end and what was paid of it; without an amount nothing can be paid in full, and
    where nothing came nothing is paid, even if nothing is owed."""
    wanted, given = pl.col(owed), pl.col(paid)
    return (
        pl.when(wanted.is_not_null() & (given > 0) & (given >= wanted)).then(pl.lit("paid"))
        .when(given > 0).then(pl.lit("partial"))
        .otherwise(pl.lit("unpaid"))
    )  # fmt: skip


CONTRACT_FACTS = ("duties", "duties_done", "amount", "paid", "orders", "orders_begun", "orders_done")
"""Of a contract: obligations, what it is worth and what was paid, orders that are not cancelled."""


def fulfilment() -> pl.Expr:
    """The word for a contract: fulfilled when nothing is missing and something was to be done, partial when something
    is done already."""
    worth = pl.col("amount").fill_null(Decimal(0))
    something = (pl.col("duties") > 0) | (pl.col("orders") > 0) | (worth > 0)
    duties, orders = pl.col("duties_done") >= pl.col("duties"), pl.col("orders_done") >= pl.col("orders")
    begun = (pl.col("duties_done") > 0) | (pl.col("orders_begun") > 0) | (pl.col("paid") > 0)
    return (
        pl.when(something & duties & orders & (pl.col("paid") >= worth)).then(pl.lit("fulfilled"))
        .when(begun).then(pl.lit("partial"))
        .otherwise(pl.lit("none"))
    )  # fmt: skip


def spread(rows: pl.DataFrame, spare: Mapping[str, Decimal]) -> pl.Series:
    """What each row gets of money that names only what the rows belong to: the earlier rows first, each until it is
    covered.

    rows: of, wanted, own (what was paid for just this row), in the order in which they are covered.
    """
    left = dict(spare)
    found = [taken(left, row) for row in rows.select("of", "wanted", "own").iter_rows(named=True)]
    return pl.Series("more", found, dtype=pl.Decimal(18, 4))


def taken(left: dict[str, Decimal], row: Mapping[str, Any]) -> Decimal:
    """What a row takes of what is left."""
    missing = max((row["wanted"] or Decimal(0)) - row["own"], Decimal(0))
    part = min(missing, left.get(row["of"], Decimal(0)))
    if part > 0:
        left[row["of"]] -= part
    return Decimal(part)

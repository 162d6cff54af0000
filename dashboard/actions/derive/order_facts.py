"""What has happened to orders, read anew from their lines, shipments, returns and payments; set-based throughout."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

import polars as pl

from dashboard.actions.derive.money import MONEY
from dashboard.domain.fulfilment import DELIVERY_FACTS, spread
from dashboard.store import Transaction

QUANTITY = pl.Decimal(38, 6)
PAYMENT = ("amount", "currency", "order_id", "plan_id")
"""What is asked of a contract's payments, by its orders and by itself."""

VIRTUAL = ""
"""The line of an order without any: one piece that is shipped as a whole."""


class Look(Protocol):
    """Whatever finds records by a field: an open change-set, or a reader with a reach of their own."""

    def lookup(self, entity: str, key: str, values: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        """Records that are not archived, with `key`, `id` and the columns."""


def goods(open_: Look, orders: pl.Series) -> pl.DataFrame:
    """Of each line of the orders: order_id, line, ordered, shipped, delivered, returned; one virtual line where there
    is none. A shipment without lines carries everything."""
    lines = open_.lookup("order_line", "order_id", orders, ("quantity",))
    known = lines.select("order_id", line="id", ordered=pl.col("quantity").cast(QUANTITY))
    bare = orders.filter(~orders.is_in(known["order_id"].to_list())).unique()
    one = pl.lit(Decimal(1)).cast(QUANTITY)
    known = pl.concat([known, pl.DataFrame({"order_id": bare}).select("order_id", line=pl.lit(VIRTUAL), ordered=one)])
    return known.join(moved(open_, orders, known), on=["order_id", "line"], how="left").with_columns(
        pl.col(name).fill_null(Decimal(0)) for name in DELIVERY_FACTS[1:]
    )


def moved(open_: Look, orders: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """What left, arrived and came back of each line, never more than was ordered."""
    shipments = open_.lookup("shipment", "order_id", orders, ("shipped_on", "delivered_on")).select(
        "order_id", "shipped_on", "delivered_on", shipment="id"
    )
    left = shipments.filter(pl.col("shipped_on").is_not_null() | pl.col("delivered_on").is_not_null())
    parts = open_.lookup("shipment_line", "shipment_id", left["shipment"], ("order_line_id", "quantity"))
    listed = parts.select(shipment="shipment_id", line="order_line_id", quantity=pl.col("quantity").cast(QUANTITY))
    whole = left.filter(~pl.col("shipment").is_in(listed["shipment"].to_list())).join(known, on="order_id")
    everything = pl.concat(
        [
            listed.join(left, on="shipment").select("order_id", "line", "quantity", "delivered_on"),
            whole.select("order_id", "line", "delivered_on", quantity="ordered").select(
                "order_id", "line", "quantity", "delivered_on"
            ),
        ]
    )
    arrived = pl.col("quantity").filter(pl.col("delivered_on").is_not_null()).sum()
    sums = everything.group_by("order_id", "line").agg(shipped=pl.col("quantity").sum(), delivered=arrived)
    capped = known.join(sums, on=["order_id", "line"], how="left").with_columns(
        pl.min_horizontal(pl.col(name).fill_null(Decimal(0)), "ordered").alias(name)
        for name in ("shipped", "delivered")
    )
    came = open_.lookup("return", "order_id", orders, ("order_line_id", "quantity"))
    back = (
        came.with_columns(line=pl.col("order_line_id").fill_null(VIRTUAL))
        .group_by("order_id", "line")
        .agg(returned=pl.col("quantity").cast(QUANTITY).sum())
    )
    return capped.join(back, on=["order_id", "line"], how="left").select("order_id", "line", *DELIVERY_FACTS[1:])


def delivered(open_: Look, orders: pl.Series) -> pl.DataFrame:
    """The facts of the delivery: id, ordered, shipped, delivered, returned."""
    return goods(open_, orders).group_by(id="order_id").agg(pl.col(name).sum() for name in DELIVERY_FACTS)


def returned_money(open_: Transaction, orders: pl.Series) -> pl.DataFrame:
    """What returns took off the orders: order_id, returned_amount."""
    found = open_.lookup("return", "order_id", orders, ("amount",))
    return found.group_by("order_id").agg(returned_amount=pl.col("amount").sum().cast(MONEY))


def siblings(open_: Transaction, orders: pl.Series, contracts: pl.Series) -> pl.Series:
    """The orders and every other one of their contracts and of these: they share what was paid for the contract."""
    own = open_.lookup("order", "id", orders, ("contract_id",))
    every = pl.concat([contracts.rename("contract_id"), own["contract_id"]]).drop_nulls().unique()
    others = open_.lookup("order", "contract_id", every, ())["id"]
    return pl.concat([orders.rename("id"), others]).unique()


def with_paid(open_: Transaction, orders: pl.DataFrame) -> pl.DataFrame:
    """The orders with `paid`: what names them, and their part of what names only their contract, the earliest first.

    orders: id, contract_id, currency, ordered_on, owed; of a contract every order. Money covers only what is owed in
    its own currency.
    """
    direct = open_.lookup("payment", "order_id", orders["id"], ("amount",))
    own = direct.group_by(id="order_id").agg(own=pl.col("amount").sum())
    shared = open_.lookup("payment", "contract_id", orders["contract_id"], PAYMENT).filter(pl.col("order_id").is_null())
    found = orders.join(own, on="id", how="left").with_columns(
        own=pl.col("own").fill_null(Decimal(0)), of=pl.format("{} {}", "contract_id", "currency"), wanted="owed"
    )
    sums = shared.group_by(of=pl.format("{} {}", "contract_id", "currency")).agg(pl.col("amount").sum())
    found = found.sort("ordered_on", "id", nulls_last=True)
    more = spread(found, dict(sums.iter_rows()))
    return found.with_columns(paid=(pl.col("own") + more).cast(MONEY))

"""No more is shipped of an order line than was ordered, and nothing of another order: held when a change-set ends.

A shipment without lines carries all that others leave of an order.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dashboard.actions.derive.money import value_of
from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

LINE = "order_line"
PART, WHOLE, EMPTIED = "shipment_line", "orders shipped as a whole", "shipments that lost a line"
WEIGHTY = {"quantity", "order_line_id", "shipment_id", "order_id"}


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are; the order lines that they weigh on are looked at when all is written."""
    new_line = change.entity == LINE and change.verb == "create"  # nothing is shipped of it yet
    if not new_line and (change.verb != "update" or WEIGHTY & set(change.rows.columns)):
        name = "id" if change.entity == LINE else "order_line_id"
        for frame in (change.rows, current):
            if name in frame.columns:
                open_.touch(LINE, frame[name], open_.when(change.rows))
    if change.entity == PART and (change.verb == "archive" or "shipment_id" in change.rows.columns) and current.height:
        open_.touch(EMPTIED, current["shipment_id"], open_.when(change.rows))
    return change.rows, []


def derive_shipment(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are; a shipment that comes back or goes to another order weighs on the lines that it holds."""
    if change.verb == "restore" or {"order_id", "shipped_on", "delivered_on"} & set(change.rows.columns):
        orders = value_of(change.rows, current, "order_id", pl.String())
        open_.touch(WHOLE, orders, open_.when(change.rows))
    if change.verb == "restore" or "order_id" in change.rows.columns:
        lines = open_.lookup("shipment_line", "shipment_id", change.rows["id"], (f"{LINE}_id",))[f"{LINE}_id"]
        open_.touch(LINE, lines, pl.Series([open_.moment] * lines.len(), dtype=pl.Datetime("us")))
    return change.rows, []


def settle(open_: Transaction) -> list[Change]:
    """Nothing follows. Raises Refused: shipment.too_much, order.nothing_to_ship, shipment.last_line,
    shipment.other_order."""
    if not open_.stating:
        refuse_nothing(open_, texts(open_.touched.get(WHOLE, {})))
        refuse_emptied(open_, texts(open_.touched.get(EMPTIED, {})))
    touched = open_.touched.get(LINE)
    if not touched:
        return []
    ordered = open_.lookup(LINE, "id", pl.Series(list(touched)), ("quantity", "order_id"))
    parts = open_.lookup("shipment_line", "order_line_id", ordered["id"], ("quantity", "shipment_id"))
    shipments = open_.lookup("shipment", "id", parts["shipment_id"], ("order_id",))
    shipped = parts.join(shipments, left_on="shipment_id", right_on="id", suffix="_there").join(
        ordered, left_on="order_line_id", right_on="id", suffix="_ordered"
    )
    other = shipped.filter(pl.col("order_id") != pl.col("order_id_ordered"))
    if other.height:
        raise Refused("shipment.other_order", id=other["order_line_id"][0])
    sums = shipped.group_by("order_line_id").agg(pl.col("quantity").sum(), pl.col("quantity_ordered").first())
    over = sums.filter(pl.col("quantity") > pl.col("quantity_ordered"))
    if over.height:
        line, shipped_now, most = over.row(0)
        raise Refused("shipment.too_much", id=line, ordered=most.normalize(), shipped=shipped_now.normalize())
    return []


def texts(values: Iterable[str]) -> pl.Series:
    """Ids as a series."""
    return pl.Series(list(values), dtype=pl.String)


def sent(open_: Transaction, key: str, values: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The shipments that left, and their lines."""
    found = open_.lookup("shipment", key, values, ("order_id", "shipped_on", "delivered_on"))
    left = found.filter(pl.any_horizontal(pl.col("shipped_on", "delivered_on").is_not_null()))
    return left, open_.lookup(PART, "shipment_id", left["id"], ("order_line_id", "quantity"))


def refuse_nothing(open_: Transaction, orders: pl.Series) -> None:
    """Raises Refused (order.nothing_to_ship) for a shipment without lines where others leave nothing of the order."""
    if orders.is_empty():
        return
    left, parts = sent(open_, "order_id", orders)
    wholes = left.filter(~pl.col("id").is_in(parts["shipment_id"].to_list())).group_by("order_id").len("wholes")
    lines = open_.lookup(LINE, "order_id", wholes["order_id"], ("quantity",))
    sums = parts.group_by("order_line_id").agg(listed=pl.col("quantity").sum())
    rest = lines.join(sums, left_on="id", right_on="order_line_id", how="left")
    open_lines = rest.group_by("order_id").agg(more=(pl.col("quantity") > pl.col("listed").fill_null(0)).any())
    over = wholes.join(open_lines, on="order_id").filter((pl.col("wholes") > 1) | ~pl.col("more"))
    if over.height:
        raise Refused("order.nothing_to_ship", entity="order", id=over["order_id"][0])


def refuse_emptied(open_: Transaction, shipments: pl.Series) -> None:
    """Raises Refused (shipment.last_line) for a shipment that would carry everything once its last line is gone."""
    if shipments.is_empty():
        return
    left, parts = sent(open_, "id", shipments)
    empty = left.filter(~pl.col("id").is_in(parts["shipment_id"].to_list()))
    if empty.height:
        raise Refused("shipment.last_line", entity="shipment", id=empty["id"][0])


DERIVATION = Derivation(reads=("order_line_id",), apply=derive, settle=settle)
ORDER_LINE = Derivation(reads=(), apply=derive)
SHIPMENT = Derivation(reads=(), apply=derive_shipment)

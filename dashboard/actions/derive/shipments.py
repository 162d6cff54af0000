"""No more is shipped of an order line than was ordered, and nothing of another order: held when a change-set ends."""

from __future__ import annotations

import polars as pl

from dashboard.domain.changes import Change
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

LINE = "order_line"
WEIGHTY = {"quantity", "order_line_id", "shipment_id", "order_id"}


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are; the order lines that they weigh on are looked at when all is written."""
    new_line = change.entity == LINE and change.verb == "create"  # nothing is shipped of it yet
    if not new_line and (change.verb != "update" or WEIGHTY & set(change.rows.columns)):
        name = "id" if change.entity == LINE else "order_line_id"
        for frame in (change.rows, current):
            if name in frame.columns:
                open_.touch(LINE, frame[name], open_.when(change.rows))
    return change.rows, []


def derive_shipment(open_: Transaction, change: Change, _current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows as they are; a shipment that comes back or goes to another order weighs on the lines that it holds."""
    if change.verb == "restore" or "order_id" in change.rows.columns:
        lines = open_.lookup("shipment_line", "shipment_id", change.rows["id"], (f"{LINE}_id",))[f"{LINE}_id"]
        open_.touch(LINE, lines, pl.Series([open_.moment] * lines.len(), dtype=pl.Datetime("us")))
    return change.rows, []


def settle(open_: Transaction) -> list[Change]:
    """Nothing follows. Raises Refused: shipment.too_much, shipment.other_order."""
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


DERIVATION = Derivation(reads=("order_line_id",), apply=derive, settle=settle)
ORDER_LINE = Derivation(reads=(), apply=derive)
SHIPMENT = Derivation(reads=(), apply=derive_shipment)

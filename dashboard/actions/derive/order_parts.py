"""What weighs on orders: their lines, shipments, returns. Each is looked at as it is written, the order at the end."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from dashboard.actions.derive import lines, shipments
from dashboard.actions.derive.money import CENT, MONEY, RATE, RATE_UNITS, UNITS, as_money, value_of
from dashboard.actions.derive.order_facts import returned_money
from dashboard.actions.derive.orders import BACK, LINE, OF_LINES, ORDER, with_tax
from dashboard.domain.changes import Change
from dashboard.domain.orders import CHANGEABLE
from dashboard.domain.statistics import divided
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

OPEN_TO_SHIP = ("confirmed", "closed")
LINE_WEIGHTY = frozenset({*lines.FACTORS, "amount", "order_id", "product_id"})
SHIPMENT_WEIGHTY = frozenset({"order_id", "shipped_on", "delivered_on"})
PART_WEIGHTY = frozenset({"shipment_id", "order_line_id", "quantity"})
RETURN_WEIGHTY = frozenset({"order_id", "order_line_id", "quantity", "amount"})


def weighs(change: Change, weighty: frozenset[str]) -> bool:
    """Whether a change may make a difference to what it is a part of."""
    return change.verb != "update" or bool(weighty & set(change.rows.columns))


def touch(open_: Transaction, key: str, change: Change, current: pl.DataFrame) -> None:
    """Note the orders that the rows name, before and after."""
    for frame in (change.rows, current):
        if "order_id" in frame.columns:
            open_.touch(
                key, frame["order_id"].drop_nulls(), open_.when(change.rows).filter(frame["order_id"].is_not_null())
            )


def derive_line(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The lines with their amounts. Raises Refused (order.fixed, order.needs_why) where the order stands fast."""
    rows = lines.with_amounts(open_, change.verb, change.rows, current)
    change = Change(LINE, change.verb, rows)
    if weighs(change, LINE_WEIGHTY):
        if not open_.stating:
            may_change(open_, change, current)
        touch(open_, OF_LINES, change, current)
    return shipments.derive(open_, change, current)


def may_change(open_: Transaction, change: Change, current: pl.DataFrame) -> None:
    """Raises Refused when the lines of their orders may not change any more, or not without a reason."""
    named = [frame["order_id"] for frame in (change.rows, current) if "order_id" in frame.columns]
    ids = pl.concat([pl.Series("order_id", [], dtype=pl.String), *named])  # a new line may lack its order
    for status in open_.lookup(ORDER, "id", ids, ("status",))["status"].unique().to_list():
        rule = CHANGEABLE.get(status)
        if rule is not None and not rule.with_reason:
            raise Refused("order.fixed", field="amount", state=status, entity="order")
        if rule is not None and not open_.why:
            raise Refused("order.needs_why", field="amount", entity="order")


def derive_shipment(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The shipments as they are. Raises Refused (shipment.not_confirmed) when goods of an order leave that may not."""
    if weighs(change, SHIPMENT_WEIGHTY):
        leaving = {"shipped_on", "delivered_on"} & set(change.rows.columns) or change.verb == "restore"
        if leaving and not open_.stating:
            may_leave(open_, change.rows, current)
        touch(open_, ORDER, change, current)
        touch(open_, BACK, change, current)
    return shipments.derive_shipment(open_, change, current)


def may_leave(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Refused (shipment.not_confirmed)."""
    ids = value_of(rows, current, "order_id", pl.String())
    out = pl.select(
        pl.any_horizontal(
            value_of(rows, current, name, pl.Date()).is_not_null() for name in ("shipped_on", "delivered_on")
        )
    ).to_series()
    orders = open_.lookup(ORDER, "id", ids.filter(out), ("status",))
    wrong = orders.filter(~pl.col("status").is_in(OPEN_TO_SHIP))
    if wrong.height:
        raise Refused("shipment.not_confirmed", id=wrong["id"][0], state=wrong["status"][0], entity="order")


def derive_part(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The lines of shipments as they are; their orders are settled."""
    if weighs(change, PART_WEIGHTY):
        for frame in (change.rows, current):
            if "shipment_id" in frame.columns:
                of = open_.lookup("shipment", "id", frame["shipment_id"], ("order_id",))
                at = pl.DataFrame({"id": frame["shipment_id"], "at": open_.when(change.rows)})
                found = at.join(of, on="id")
                open_.touch(ORDER, found["order_id"], found["at"])
                open_.touch(BACK, found["order_id"], found["at"])
    return shipments.derive(open_, change, current)


def derive_return(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The returns, one without an amount at its part of the line."""
    rows = change.rows
    if change.verb == "create":
        rows = with_amount(open_, rows)
    change = Change("return", change.verb, rows)
    if weighs(change, RETURN_WEIGHTY):
        touch(open_, BACK, change, current)
    return rows, []


def with_amount(open_: Transaction, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the amount that the returned quantity has in the line with its tax, where none is given; never more
    than is left of the order."""
    nothing = rows.clear(rows.height)
    wanted, line, stated = (
        value_of(rows, nothing, name, dtype)
        for name, dtype in (("quantity", RATE), ("order_line_id", pl.String()), ("amount", MONEY))
    )
    known = open_.lookup(LINE, "id", line, ("quantity", "amount", "order_id"))
    orders_ = open_.lookup(ORDER, "id", known["order_id"], ("amount", "tax", "total_amount"))
    left = orders_.join(returned_money(open_, orders_["id"]), left_on="id", right_on="order_id", how="left").select(
        order_id="id",
        net="amount",
        tax="tax",
        left=(pl.col("total_amount") - pl.col("returned_amount").fill_null(Decimal(0))).cast(MONEY),
    )
    known = known.join(left, on="order_id", how="left").select(
        "left", line="id", whole="quantity", worth=with_tax("amount", "net", "tax")
    )
    frame = pl.DataFrame({"line": line, "back": wanted, "stated": stated}).join(
        known, on="line", how="left", maintain_order="left"
    )
    units = [
        (pl.col(name).cast(pl.Decimal(38, places)) * size).cast(pl.Int128)
        for name, places, size in (("back", 6, RATE_UNITS), ("worth", 4, UNITS), ("whole", 6, RATE_UNITS))
    ]
    some = pl.col("whole") > 0
    whole = pl.when(some).then(units[2]).otherwise(1)
    part = pl.when(some).then(as_money(divided(units[0] * units[1], whole * CENT) * CENT))
    return rows.with_columns(
        frame.select(amount=pl.coalesce("stated", pl.min_horizontal(part, "left")).cast(MONEY))["amount"]
    )


ORDER_LINE = Derivation(reads=("order_id", *lines.FACTORS, "amount"), apply=derive_line)
SHIPMENT = Derivation(reads=("order_id", "shipped_on", "delivered_on"), apply=derive_shipment)
SHIPMENT_LINE = Derivation(reads=("order_line_id", "shipment_id"), apply=derive_part, settle=shipments.settle)
RETURN = Derivation(reads=("order_id",), apply=derive_return)

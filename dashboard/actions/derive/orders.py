"""What follows from an order's verbs, lines, shipments, returns and payments: its amounts and its two states.

What may still change of a confirmed order is a table here; a cancelled order owes nothing.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from dashboard.actions.derive import money
from dashboard.actions.derive.money import CENT, MONEY, RATE, as_money, held, value_of
from dashboard.actions.derive.order_facts import delivered, goods, returned_money, siblings, with_paid
from dashboard.domain.changes import Change
from dashboard.domain.fulfilment import delivery_state, payment_state
from dashboard.domain.orders import CHANGEABLE
from dashboard.domain.statistics import divided
from dashboard.errors import Invalid, Problem, Refused
from dashboard.store import Derivation, Transaction

ORDER, LINE = "order", "order_line"
OF_LINES, TYPED, PAID, BACK = "order with lines", "order with an amount", "order that was paid", "order with a return"
ANEW = "order that is looked at anew"
"""Orders of a change-set: whose lines changed, whose amount was typed, which were paid, what left or came back, and
those of which nothing is taken as it stands."""

GOODS = (OF_LINES, BACK, ANEW)
"""Without any of these no order is delivered any further than it was."""

TAX_UNITS = 1_000_000
NONE = pl.lit(Decimal(0))
PRICED = ("amount", "tax_rate", "tax", "freight")
WEIGHTY = frozenset({*PRICED, "contract_id", "currency", "ordered_on"})
STATES = ("total_amount", "paid", "due", "delivery_state", "payment_state")
READS = (
    *PRICED,
    "amount_from",
    "currency",
    "rate",
    "base_amount",
    "contract_id",
    "owner_id",
    "ordered_on",
    "promised_on",
    "closed_team_id",
    "status",
    *STATES,
)
SETTLED = (*PRICED, "amount_from", "status", "contract_id", "currency", "ordered_on", *STATES)


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows with tax and base amount; the states are settled when the change-set is written.

    Raises Refused (order.*) for what may not happen to an order any more.
    """
    rows, verb = change.rows, change.verb
    if "delivery_state" in rows.columns and verb != "create":  # settled
        return money.ORDER.apply(open_, change, current)
    if not open_.stating and verb in PERMITTED:
        PERMITTED[verb](open_, rows, current)
    if {"contract_id", "currency"} & set(rows.columns):
        rows = settled_alike(open_, rows, current)
    rows = taxed(open_, rows, current)
    if "amount" in rows.columns and verb in ("create", "update"):
        rows = typed(open_, verb, rows)
    if verb in ("create", "cancel") or WEIGHTY & set(rows.columns):
        rows = owing(verb, rows, current)
    weighed = weighs(verb, rows, current)
    if verb == "create" or looked_at_anew(verb, rows):
        open_.touch(ANEW, rows["id"], open_.when(rows))
    open_.touch(ORDER, rows["id"].filter(weighed), open_.when(rows).filter(weighed))
    return money.ORDER.apply(open_, Change(ORDER, verb, rows), current)


def settled_alike(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows in the currency of their contracts. Raises Refused (order.other_currency) for those in another one.

    History that states both stays as it was.
    """
    contract, currency = (value_of(rows, current, name, pl.String()) for name in ("contract_id", "currency"))
    known = open_.lookup("contract", "id", contract, ("currency",)).select("id", own="currency")
    found = pl.DataFrame({"id": contract, "currency": currency}).join(known, on="id", how="left", maintain_order="left")
    other = found.filter(pl.col("currency") != pl.col("own"))
    if other.height and not open_.stating:
        raise Refused("order.other_currency", currency=other["own"][0])
    return rows.with_columns(found.select(pl.coalesce("currency", "own").alias("currency")).to_series())


def weighs(verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> pl.Series:
    """Which rows must be settled: those whose amounts hang on payments or on other orders of a contract.

    What the order alone tells stands in its row already, and its lines, shipments and returns speak for themselves.
    """
    columns = set(rows.columns)
    everything = looked_at_anew(verb, rows)
    if everything or not (verb in ("create", "cancel") or WEIGHTY & columns):
        return pl.Series([everything] * rows.height, dtype=pl.Boolean)
    paid = value_of(current, current, "paid", MONEY) if verb != "create" else value_of(rows, rows, "paid", MONEY)
    frame = pl.DataFrame(
        {
            "paid": paid,
            "contract": value_of(rows, current, "contract_id", pl.String()),
            "before": value_of(current, current, "contract_id", pl.String()),
        }
    )
    hangs = (pl.col("paid") > 0) | pl.col("contract").is_not_null() | pl.col("before").is_not_null()
    return frame.select(hangs.fill_null(value=False).alias("weighs"))["weighs"]


def looked_at_anew(verb: str, rows: pl.DataFrame) -> bool:
    """Whether a change says nothing of the orders themselves: they go, come back, or are settled once more."""
    return verb in ("archive", "restore") or not set(rows.columns) - {"id", "version"}


def taxed(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with the tax that follows from the rate; a tax that is typed instead leaves no rate.

    History that states both stays as it was.
    """
    if not {"tax_rate", "tax", "amount"} & set(rows.columns):
        return rows
    if "tax" in rows.columns and "tax_rate" not in rows.columns:
        return rows.with_columns(tax_rate=pl.lit(None, pl.Decimal(9, 6)))
    rate, amount = value_of(rows, current, "tax_rate", RATE), value_of(rows, current, "amount", MONEY)
    follows = rate.is_not_null()
    if open_.stating and "tax" in rows.columns:
        follows = follows & rows["tax"].is_null()
    if not follows.any():
        return rows
    tax = pl.select(pl.when(follows).then(tax_of(amount, rate)).otherwise(value_of(rows, current, "tax", MONEY)))
    return rows.with_columns(tax.to_series().alias("tax"))


def owing(verb: str, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with what follows for total, due and payment state, as far as the order alone tells it."""
    names = ("amount", "tax", "freight", "total_amount", "paid", "due")
    frame = pl.DataFrame({name: value_of(rows, current, name, MONEY) for name in names})
    frame = frame.with_columns(held(frame.select(whole=total_of())["whole"]), paid=pl.col("paid").fill_null(NONE))
    returned = (pl.col("total_amount") - pl.col("due") - pl.col("paid")).fill_null(NONE)
    owed = NONE.cast(MONEY) if verb == "cancel" else (pl.col("whole") - returned).cast(MONEY)
    frame = frame.with_columns(owed=owed)
    found = frame.select(
        "paid", total_amount="whole", due=(pl.col("owed") - pl.col("paid")).cast(MONEY), payment_state=payment_state()
    )
    return rows.with_columns(found.iter_columns())


def total_of() -> pl.Expr:
    """Amount, tax and freight together; nothing where none of them is known."""
    names = ("amount", "tax", "freight")
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    parts = [pl.col(name).fill_null(NONE) for name in names]
    return pl.when(known).then(parts[0] + parts[1] + parts[2])


def tax_of(amount: pl.Series, rate: pl.Series) -> pl.Series:
    """amount × rate, half away from zero to the cent."""
    frame = pl.DataFrame({"amount": amount, "rate": rate})
    units = (pl.col("amount").cast(pl.Decimal(38, 4)) * money.UNITS).cast(pl.Int128)
    millionths = (pl.col("rate").cast(pl.Decimal(38, 6)) * TAX_UNITS).cast(pl.Int128)
    return frame.select(tax=as_money(divided(units * millionths, CENT * TAX_UNITS) * CENT))["tax"]


def with_tax(part: str, amount: str, tax: str) -> pl.Expr:
    """A part of an order's amount with its part of the tax, half away from zero to the cent."""
    units = [(pl.col(name).cast(pl.Decimal(38, 4)) * money.UNITS).cast(pl.Int128) for name in (part, amount, tax)]
    taxed_ = (pl.col(amount) > 0) & (pl.col(tax) > 0)
    more = as_money(divided(units[0] * units[2], pl.when(taxed_).then(units[1] * CENT).otherwise(1)) * CENT)
    return pl.when(taxed_).then((pl.col(part) + more).cast(MONEY)).otherwise(pl.col(part).cast(MONEY))


def typed(open_: Transaction, verb: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with an amount that is typed. Raises Refused (order.amount_from_lines) where it follows from lines."""
    given = rows.filter(pl.col("amount").is_not_null())["id"]
    if verb == "update" and not open_.stating:
        lines = open_.lookup(LINE, "order_id", rows["id"], ("amount",))
        if lines.height:
            raise Refused("order.amount_from_lines", id=lines["order_id"][0])
    open_.touch(TYPED, given, pl.Series([open_.moment] * given.len(), dtype=pl.Datetime("us")))
    return rows.with_columns(amount_from=pl.lit("typed"))


# -- what may still happen --------------------------------------------------------------------------------------------


TOLD_BY_VERBS = ("id", "version", "status", "cancel_note")
"""What verbs tell of an order beside its fields."""


def may_change(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Refused: order.fixed for what stays as it was confirmed, order.needs_why for what needs a reason."""
    for name in rows.columns:
        if name not in current.columns or name in TOLD_BY_VERBS:
            continue
        changed = current.filter(rows[name].ne_missing(current[name]))
        for status in changed["status"].unique().to_list():
            may_be_other(open_, status, name)


def may_be_other(open_: Transaction, status: str, name: str) -> None:
    """Raises Refused when a field of an order in this state may not change, or not without a reason."""
    rule = CHANGEABLE.get(status)
    if rule is None or name in rule.freely:
        return
    if name not in rule.with_reason:
        raise Refused("order.fixed", field=name, state=status, entity="order")
    if not open_.why:
        raise Refused("order.needs_why", field=name, entity="order")


def may_confirm(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Invalid without a promised day, Refused (order.empty) without lines and amount."""
    promised = value_of(rows, current, "promised_on", pl.Date())
    if promised.null_count():
        raise Invalid((Problem(promised.is_null().arg_true()[0], "promised_on", "field.required", {}),))
    lines = open_.lookup(LINE, "order_id", rows["id"], ())["order_id"].to_list()
    bare = rows.filter(~rows["id"].is_in(lines) & value_of(rows, current, "amount", MONEY).is_null())
    if bare.height:
        raise Refused("order.empty", id=bare["id"][0])


def may_cancel(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Refused as `may_change`, and (order.shipped) while something of it is on its way or with the customer."""
    may_change(open_, rows, current)
    out = goods(open_, rows["id"]).filter(pl.col("shipped") > pl.col("returned"))
    if out.height:
        raise Refused("order.shipped", id=out["order_id"][0])


def may_close(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> None:
    """Raises Refused as `may_change`, and (order.not_delivered) when not everything arrived and nobody says why."""
    may_change(open_, rows, current)
    if open_.why:
        return
    states = delivered(open_, rows["id"]).with_columns(state=delivery_state())
    missing = states.filter(~pl.col("state").is_in(["delivered", "returned"]))
    if missing.height:
        raise Refused("order.not_delivered", id=missing["id"][0])


PERMITTED = {"update": may_change, "confirm": may_confirm, "cancel": may_cancel, "close": may_close}


# -- when all is written ----------------------------------------------------------------------------------------------


def settle(open_: Transaction) -> list[Change]:
    """The amounts and states of the orders that were touched. Raises Refused: payment.too_much, return.*."""
    touched = {key: at for kind in (ORDER, OF_LINES, PAID, BACK) for key, at in open_.touched.get(kind, {}).items()}
    contracts = open_.touched.get("contract", {})
    if not touched and not contracts:
        return []
    asked = siblings(open_, pl.Series("id", list(touched), dtype=pl.String), texts(list(contracts)))
    before = open_.lookup(ORDER, "id", asked, SETTLED)
    if before.is_empty():
        return []
    after = states(open_, summed(open_, before))
    refuse_too_much(open_, after.with_columns(was_paid=before["paid"]))
    refuse_returns(open_, after)
    changed = pl.any_horizontal(
        pl.col(name).ne_missing(before[name]) for name in ("amount", "amount_from", "tax", *STATES)
    )
    rows = after.filter(changed)
    if rows.is_empty():
        return []
    at = {**dict.fromkeys(rows["id"], open_.moment), **touched}
    rows = not_before(open_, rows, [at[key] for key in rows["id"]])
    return [Change(ORDER, "update", part) for part in parted(before, rows)]


def texts(values: list[str]) -> pl.Series:
    """Ids as a column."""
    return pl.Series("id", values, dtype=pl.String)


def parted(before: pl.DataFrame, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows whose amount changes with it, and the others without: their rate stays as it is."""
    names = ["id", *STATES, *(["effective_at"] if "effective_at" in rows.columns else [])]
    was = rows.select("id").join(before.select("id", "amount"), on="id", how="left", maintain_order="left")["amount"]
    moved = rows["amount"].ne_missing(was)
    parts = [rows.filter(moved).select(*names, "amount", "amount_from", "tax"), rows.filter(~moved).select(*names)]
    return [part for part in parts if part.height]


def not_before(open_: Transaction, rows: pl.DataFrame, moments: list[object]) -> pl.DataFrame:
    """The rows with the moment of what they follow from, but not before what was stated of them last."""
    at = pl.Series("effective_at", moments, dtype=pl.Datetime("us"))
    if open_.effective_at is None and (at == open_.moment).all():
        return rows
    stated = open_.last_stated(ORDER, rows["id"])
    return rows.with_columns(pl.select(effective_at=pl.max_horizontal(at, stated)).to_series())


def summed(open_: Transaction, orders: pl.DataFrame) -> pl.DataFrame:
    """The orders with the sum of their lines as amount, where lines changed and nobody typed one with them."""
    wanted = open_.touched.get(OF_LINES, {}).keys() - open_.touched.get(TYPED, {}).keys()
    if not wanted:
        return orders
    lines = open_.lookup(LINE, "order_id", texts(list(wanted)), ("amount",))
    sums = lines.filter(pl.col("amount").is_not_null()).group_by(id="order_id").agg(whole=pl.col("amount").sum())
    found = orders.join(sums, on="id", how="left", maintain_order="left")
    follows = pl.col("id").is_in(list(wanted)) & (pl.col("whole").is_not_null() | (pl.col("amount_from") == "lines"))
    found = found.with_columns(
        amount=pl.when(follows).then(held(found["whole"])).otherwise("amount"),
        amount_from=pl.when(follows).then(pl.lit("lines")).otherwise("amount_from"),
    )
    tax = tax_of(found["amount"], found["tax_rate"].cast(RATE))
    return found.with_columns(tax=pl.when(follows & pl.col("tax_rate").is_not_null()).then(tax).otherwise("tax"))


def states(open_: Transaction, orders: pl.DataFrame) -> pl.DataFrame:
    """The orders with total, paid, due and the two states."""
    kept = orders.drop("paid", "due", "total_amount", "payment_state")
    kept = kept.join(returned_money(open_, orders["id"]), left_on="id", right_on="order_id", how="left")
    kept = kept.with_columns(total_amount=held(kept.select(whole=total_of())["whole"]))
    less = (pl.col("total_amount") - pl.col("returned_amount").fill_null(NONE)).cast(MONEY)
    kept = kept.with_columns(owed=pl.when(pl.col("status") == "cancelled").then(NONE.cast(MONEY)).otherwise(less))
    found = with_paid(open_, kept)
    if any(open_.touched.get(kind) for kind in GOODS):
        facts = delivered(open_, orders["id"])
        found = found.join(facts, on="id", how="left").with_columns(delivery_state=delivery_state())
    found = found.with_columns(due=(pl.col("owed") - pl.col("paid")).cast(MONEY), payment_state=payment_state())
    return orders.select("id").join(found, on="id", how="left", maintain_order="left")


def refuse_too_much(open_: Transaction, orders: pl.DataFrame) -> None:
    """Raises Refused (payment.too_much) for orders that are paid beyond their total, or now beyond what is owed.

    A cancelled order keeps what was paid and takes no more. Of history that is stated nobody knows whether the money
    came before the return.
    """
    paid_now = pl.col("id").is_in([] if open_.stating else list(open_.touched.get(PAID, {})))
    cancelled = pl.col("status") == "cancelled"
    too_much = (pl.col("own") > pl.col("total_amount")) | (paid_now & (pl.col("own") > pl.col("owed")))
    more = paid_now & (pl.col("paid") > pl.col("was_paid").fill_null(NONE))
    over = orders.filter(pl.when(cancelled).then(more).otherwise(too_much))
    if over.height:
        row = over.row(0, named=True)
        left = max(row["owed"], Decimal(0))
        raise Refused("payment.too_much", id=row["id"], owed=left.normalize(), paid=row["own"].normalize())


def refuse_returns(open_: Transaction, orders: pl.DataFrame) -> None:
    """Raises Refused: return.not_shipped, return.too_much, return.other_order, return.of_cancelled."""
    touched = texts(list(open_.touched.get(BACK, {})))
    if touched.is_empty():
        return
    lines = goods(open_, touched)
    over = lines.filter(pl.col("returned") > pl.col("shipped"))
    if over.height:
        row = over.row(0, named=True)
        raise Refused("return.not_shipped", id=row["order_id"], shipped=row["shipped"].normalize())
    found = open_.lookup("return", "order_id", touched, ("order_line_id", "amount", "quantity"))
    if not open_.stating:
        refuse_unsent(lines, found)
        cancelled = orders.filter(pl.col("status") == "cancelled")["id"].to_list()
        kept = lines.filter(pl.col("order_id").is_in(cancelled) & (pl.col("shipped") > pl.col("returned")))
        if kept.height:
            raise Refused("return.of_cancelled", id=kept["order_id"][0])
    own = open_.lookup(LINE, "id", found["order_line_id"], ("order_id", "amount"))
    of_lines = found.join(own, left_on="order_line_id", right_on="id", suffix="_of_line")
    of_lines = of_lines.join(orders.select(order_id="id", whole="amount", tax="tax"), on="order_id", how="left")
    other = of_lines.filter(pl.col("order_id") != pl.col("order_id_of_line"))
    if other.height:
        raise Refused("return.other_order", id=other["id"][0])
    by_line = of_lines.group_by("order_line_id").agg(
        pl.col("amount").sum(), most=with_tax("amount_of_line", "whole", "tax").first()
    )
    totals = orders.select(order_id="id", most="total_amount")
    by_order = found.group_by("order_id").agg(pl.col("amount").sum()).join(totals, on="order_id")
    for sums in (by_line, by_order):
        much = sums.filter(pl.col("amount") > pl.col("most"))
        if much.height:
            raise Refused("return.too_much", id=much.row(0)[0], most=much["most"][0].normalize())


def refuse_unsent(lines: pl.DataFrame, returns: pl.DataFrame) -> None:
    """Raises Refused (return.not_shipped) when more came back of an order than left, whether or not lines are named."""
    left = lines.group_by("order_id").agg(pl.col("shipped").sum())
    back = returns.group_by("order_id").agg(pl.col("quantity").sum())
    over = back.join(left, on="order_id").filter(pl.col("quantity") > pl.col("shipped"))
    if over.height:
        row = over.row(0, named=True)
        raise Refused("return.not_shipped", id=row["order_id"], shipped=row["shipped"].normalize())


DERIVATION = Derivation(reads=READS, apply=derive, settle=settle)

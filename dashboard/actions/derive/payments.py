"""Payments, what was planned of them, and how far a contract is fulfilled by them, its duties and its orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from dashboard.actions.derive import money, order_facts
from dashboard.actions.derive.money import MONEY, value_of
from dashboard.actions.derive.orders import ORDER, PAID, texts
from dashboard.domain.changes import Change
from dashboard.domain.fulfilment import PLAN_STAYS, fulfilment, payment_state, spread
from dashboard.errors import Refused
from dashboard.store import Derivation, Transaction

CONTRACT, PLAN, PAYMENT = "contract", "payment_plan", "payment"
TARGETS = {"order_id": ORDER, "plan_id": PLAN, "contract_id": CONTRACT}
WEIGHTY = frozenset({*TARGETS, "amount", "currency"})
PLANNED = frozenset({"contract_id", "label", "due_on", "amount", "rank"})
OVERPAID = "contract that was paid"
NONE = pl.lit(Decimal(0))


def derive(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The payments with contract, currency and base amount.

    Raises Refused: payment.other_currency, payment.other_plan, payment.other_contract.
    """
    rows, verb = change.rows, change.verb
    weighs = verb != "update" or bool(WEIGHTY & set(rows.columns))
    if weighs and verb in ("create", "update"):
        rows = completed(open_, rows, current)
    if weighs:
        for frame in (rows, current):
            for name, key in (("order_id", PAID), ("contract_id", CONTRACT), ("contract_id", OVERPAID)):
                if name in frame.columns:
                    there = frame[name].is_not_null()
                    open_.touch(key, frame[name].filter(there), open_.when(rows).filter(there))
    return money.PAYMENT.apply(open_, Change(PAYMENT, verb, rows), current)


def completed(open_: Transaction, rows: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with the contract of their order or plan row, and the currency of what is paid; an order that belongs to
    a contract is not paid for another one."""
    text = pl.String()
    order, plan, contract, currency = (
        value_of(rows, current, name, text) for name in ("order_id", "plan_id", "contract_id", "currency")
    )
    orders = open_.lookup(ORDER, "id", order, ("contract_id", "currency")).select("id", "contract_id", "currency")
    plans = open_.lookup(PLAN, "id", plan, ("contract_id",)).select("id", "contract_id")
    frame = pl.DataFrame({"order": order, "plan": plan, "contract": contract, "currency": currency})
    frame = frame.join(orders, left_on="order", right_on="id", how="left", maintain_order="left", suffix="_order")
    frame = frame.join(plans, left_on="plan", right_on="id", how="left", maintain_order="left", suffix="_plan")
    frame = frame.with_columns(contract=pl.coalesce("contract", "contract_id_plan", "contract_id"))
    if frame.filter(pl.col("contract_id_plan") != pl.col("contract")).height:
        raise Refused("payment.other_plan")
    if frame.filter(pl.col("contract_id") != pl.col("contract")).height:
        raise Refused("payment.other_contract")
    contracts = open_.lookup(CONTRACT, "id", frame["contract"], ("currency",)).select(
        "id", currency_contract="currency"
    )
    frame = frame.join(contracts, left_on="contract", right_on="id", how="left", maintain_order="left")
    own = pl.coalesce("currency_order", "currency_contract")
    frame = frame.with_columns(currency=pl.coalesce("currency", own), own=own)
    wrong = frame.filter(pl.col("currency") != pl.col("own"))
    if wrong.height:
        raise Refused("payment.other_currency", currency=wrong["own"][0])
    return rows.with_columns(frame["contract"].alias("contract_id"), frame["currency"])


def derive_plan(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The rows of payment plans as they are. Raises Refused (contract.plan_agreed, contract.plan_ended)."""
    if not open_.telling and (change.verb != "update" or PLANNED & set(change.rows.columns)):
        named = [frame["contract_id"] for frame in (change.rows, current) if "contract_id" in frame.columns]
        ids = pl.concat([pl.Series("contract_id", [], dtype=pl.String), *named])  # a new row may lack its contract
        for row in standing(open_, ids).to_dicts():
            if code := PLAN_STAYS.get(row["step"]):
                raise Refused(code, entity=CONTRACT, id=row["id"], state=row["step"])
    return PLANS.apply(open_, change, current)


def standing(open_: Transaction, contracts: pl.Series) -> pl.DataFrame:
    """The steps of contracts: id, step. In an import those from before it, for a contract may arrive signed, with its
    plan."""
    return (
        open_.before(CONTRACT, contracts, ("step",))
        if open_.stating
        else open_.lookup(CONTRACT, "id", contracts, ("step",))
    )


def touching(field: str, weighty: frozenset[str]) -> Derivation:
    """A derivation of what a contract's fulfilment depends on."""

    def apply(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
        """The rows as they are; their contracts are settled."""
        if change.verb != "update" or weighty & set(change.rows.columns):
            for frame in (change.rows, current):
                if field in frame.columns:
                    open_.touch(CONTRACT, frame[field], open_.when(change.rows))
        return change.rows, []

    return Derivation(reads=(field,), apply=apply)


def derive_contract(open_: Transaction, change: Change, current: pl.DataFrame) -> tuple[pl.DataFrame, list[Change]]:
    """The contract with its base amount; what it is worth decides whether it is fulfilled."""
    columns = set(change.rows.columns)
    if change.verb in ("create", "restore") or "amount" in columns or not columns - {"id", "version"}:
        open_.touch(CONTRACT, change.rows["id"], open_.when(change.rows))
    return money.CONTRACT.apply(open_, change, current)


def settle(open_: Transaction) -> list[Change]:
    """The contracts and plan rows that something weighed on. Raises Refused (payment.contract_too_much)."""
    touched = dict(open_.touched.get(CONTRACT, {}))
    orders = open_.touched.get(ORDER, {}) | open_.touched.get(PAID, {})
    own = open_.lookup(ORDER, "id", texts(list(orders)), (f"{CONTRACT}_id",)).drop_nulls()
    touched |= {row["contract_id"]: orders[row["id"]] for row in own.to_dicts() if row["contract_id"] not in touched}
    if not touched:
        return []
    fields = ("amount", "currency", "paid", "fulfilment")
    contracts = open_.lookup(CONTRACT, "id", texts(list(touched)), fields)
    if contracts.is_empty():
        return []
    paid = alike(open_.lookup(PAYMENT, "contract_id", contracts["id"], order_facts.PAYMENT), contracts)
    facts = with_facts(open_, contracts, paid)
    refuse_too_much(open_, facts)
    after = facts.with_columns(fulfilment=fulfilment())
    moved = after.filter(
        after["paid"].ne_missing(contracts["paid"]) | after["fulfilment"].ne_missing(contracts["fulfilment"])
    )
    found = [] if moved.is_empty() else [updated(open_, CONTRACT, moved.select("id", "paid", "fulfilment"), touched)]
    plans = planned(open_, paid, contracts["id"])
    if plans.height:
        of = dict(zip(plans["id"], plans["contract_id"], strict=True))
        at = {key: touched[contract] for key, contract in of.items()}
        found.append(updated(open_, PLAN, plans.select("id", "paid", "state"), at))
    return found


def alike(parts: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """Those parts of contracts that are in the currency of the whole: amounts of two currencies are never added."""
    whole = contracts.select("currency", contract_id="id")
    return parts.join(whole, on=["contract_id", "currency"], how="semi", nulls_equal=True, maintain_order="left")


def updated(open_: Transaction, entity: str, rows: pl.DataFrame, moments: Mapping[str, object]) -> Change:
    """The rows as a change that takes effect with what they follow from, not before what was stated last."""
    at = pl.Series("effective_at", [moments[key] for key in rows["id"]], dtype=pl.Datetime("us"))
    if open_.effective_at is None and (at == open_.moment).all():
        return Change(entity, "update", rows)
    stated = open_.last_stated(entity, rows["id"])
    return Change(
        entity, "update", rows.with_columns(pl.select(effective_at=pl.max_horizontal(at, stated)).to_series())
    )


def with_facts(open_: Transaction, contracts: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """The contracts with what `fulfilment` asks, and `most`: what may be paid at all."""
    ids = contracts["id"]
    done = pl.col("done_on").is_not_null().sum()
    duties = open_.lookup("obligation", "contract_id", ids, ("done_on",))
    columns = ("status", "delivery_state", "total_amount", "currency")
    orders = open_.lookup(ORDER, "contract_id", ids, columns).filter(pl.col("status") != "cancelled")
    worth = alike(orders, contracts).group_by(id="contract_id").agg(ordered=pl.col("total_amount").sum().cast(MONEY))
    state = pl.col("delivery_state")
    parts = (
        paid.group_by(id="contract_id").agg(paid=pl.col("amount").sum().cast(MONEY)),
        duties.group_by(id="contract_id").agg(duties=pl.len(), duties_done=done),
        orders.group_by(id="contract_id").agg(
            orders=pl.len(),
            orders_begun=(state != "none").sum(),
            orders_done=state.is_in(["delivered", "returned"]).sum(),
        ),
        worth,
    )
    found = contracts.select("id", "amount")
    for part in parts:
        found = found.join(part, on="id", how="left", maintain_order="left")
    return found.with_columns(
        pl.col("paid").fill_null(NONE.cast(MONEY)),
        *(pl.col(name).fill_null(0) for name in ("duties", "duties_done", "orders", "orders_begun", "orders_done")),
        most=pl.max_horizontal("amount", "ordered"),
    )


def refuse_too_much(open_: Transaction, facts: pl.DataFrame) -> None:
    """Raises Refused (payment.contract_too_much) for more money than the contract or all its orders are worth."""
    paid_now = pl.col("id").is_in(list(open_.touched.get(OVERPAID, {})))
    over = facts.filter(paid_now & (pl.col("paid") > pl.col("most")))
    if over.height:
        row = over.row(0, named=True)
        raise Refused(
            "payment.contract_too_much", id=row["id"], most=row["most"].normalize(), paid=row["paid"].normalize()
        )


def planned(open_: Transaction, paid: pl.DataFrame, contracts: pl.Series) -> pl.DataFrame:
    """The plan rows whose state changes: id, contract_id, paid, state. Money that names no row covers the earliest."""
    before = open_.lookup(PLAN, "contract_id", contracts, ("amount", "due_on", "rank", "paid", "state"))
    if before.is_empty():
        return before
    before = before.sort("due_on", "rank", "id", nulls_last=True)
    direct = paid.group_by(id="plan_id").agg(own=pl.col("amount").sum())
    spare = paid.filter(pl.col("plan_id").is_null()).group_by("contract_id").agg(pl.col("amount").sum())
    rows = before.select("id", "contract_id", wanted="amount", of="contract_id").join(
        direct, on="id", how="left", maintain_order="left"
    )
    rows = rows.with_columns(pl.col("own").fill_null(NONE))
    rows = rows.with_columns(paid=(rows["own"] + spread(rows, dict(spare.iter_rows()))).cast(MONEY))
    rows = rows.with_columns(state=payment_state("wanted"))
    return rows.filter(rows["paid"].ne_missing(before["paid"]) | rows["state"].ne_missing(before["state"]))


DERIVATION = Derivation(reads=(*money.PAYMENT.reads, *TARGETS), apply=derive)
CONTRACT_DERIVATION = Derivation(reads=money.CONTRACT.reads, apply=derive_contract, settle=settle)
OBLIGATION = touching("contract_id", frozenset({"contract_id", "done_on"}))
PLANS = touching("contract_id", frozenset({"contract_id", "amount", "due_on", "rank"}))
PAYMENT_PLAN = Derivation(reads=PLANS.reads, apply=derive_plan)

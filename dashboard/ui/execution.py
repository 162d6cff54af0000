"""How far a contract is carried out: its standing and what is missing, duties with one tap each, money, deliveries."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.actions import orders
from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.labels import choice_label
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.domain.standings import standing_of
from dashboard.errors import SalesDeskError
from dashboard.i18n import day
from dashboard.ui.detail.values import Record, written
from dashboard.ui.forms.words import refusal
from dashboard.ui.markdown import muted, plain
from dashboard.ui.orders import dialogs, offer
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

PROBLEM = "execution_problem"
MOST = 50


def show(visit: Visit, room: Room, contract: dict[str, Any]) -> None:
    """The order that may be made, then what is carried out."""
    offer.show(visit, room, contract)
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(plain(refusal(problem, visit.language, "obligation")), icon=":material/error:")
    found = {name: rows(visit, name, contract["id"]) for name in ("obligation", "payment_plan", "order")}
    standing = standing_of("contract", contract, visit.today)[:1]
    if not standing and not any(found.values()):
        return
    with st.container(border=True, key="contract_execution"):
        words = [visit.text(f"standing.contract.{word}") for word in standing]
        st.markdown(f"**{plain(visit.text('execution.title'))}** {muted(*words)}")
        if told := reasons(visit, room, contract, found):
            st.markdown(muted(" · ".join(told)))
        for duty in found["obligation"]:
            obligation(visit, contract, duty)
        for row in found["payment_plan"]:
            planned(visit, contract, row)
        if may_be_paid(visit, contract):
            st.button(
                visit.text("order.payment"),
                icon=":material/payments:",
                key="contract_payment",
                on_click=dialogs.ask,
                args=("payment", contract["id"], room.entity),
            )
    dialogs.show_asked_for(visit, contract)


def may_be_paid(visit: Visit, contract: Record) -> bool:
    """Whether the person may record a payment of it: an advance comes before there is an order."""
    signed = contract["archived_at"] is None and contract.get("step") == "signed" and not contract.get("amended_on")
    may = bool(visit.actor.grants("payment", Action.CREATE)) and visit.actor.viewer is None
    return signed and may and dialogs.still_due(contract) > 0


def rows(visit: Visit, entity: str, contract: str) -> list[dict[str, Any]]:
    """What belongs to the contract, as far as the person may read it."""
    if not visit.actor.grants(entity, Action.READ):
        return []
    sort = [Sort("ordered_on" if entity == "order" else "due_on")]
    where = [Condition("contract_id", Operator.EQ, contract)]
    return visit.desk.store.find(visit.actor, entity, where, sort=sort, limit=MOST).to_dicts()


def reasons(visit: Visit, room: Room, contract: Record, found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The facts that the standing follows from: the day that ends it, duties, money, deliveries."""
    told = []
    if contract.get("step") != "signed" and contract.get("valid_until"):
        told.append(visit.text("execution.valid_until", day=day(contract["valid_until"], visit.language)))
    if contract.get("step") == "signed" and contract.get("ends_on"):
        told.append(visit.text("execution.ends_on", day=day(contract["ends_on"], visit.language)))
    if duties := found["obligation"]:
        done = sum(row["done_on"] is not None for row in duties)
        told.append(visit.text("execution.duties", done=done, n=len(duties)))
    if contract.get("amount") is not None and contract.get("paid") is not None:
        paid, amount = (written(visit, room.declared, name, contract[name], contract) for name in ("paid", "amount"))
        told.append(visit.text("execution.paid", paid=paid, amount=amount))
    if placed := [row for row in found["order"] if row["status"] != "cancelled"]:
        done = sum(row["delivery_state"] in ("delivered", "returned") for row in placed)
        told.append(visit.text("execution.orders", done=done, n=len(placed)))
    plan = sum((row["amount"] for row in found["payment_plan"]), 0)
    if found["payment_plan"] and contract.get("amount") is not None and plan != contract["amount"]:
        words = (written(visit, room.declared, "amount", value, contract) for value in (plan, contract["amount"]))
        told.append(visit.text("execution.plan_differs", **dict(zip(("plan", "amount"), words, strict=True))))
    return told


def obligation(visit: Visit, contract: Record, duty: dict[str, Any]) -> None:
    """One duty: done, or until when, and the tap that turns it."""
    done = duty["done_on"] is not None
    late = "overdue" in standing_of("obligation", duty, visit.today)
    who = choice_label("obligation", "party", duty["party"], visit.language)
    owner = visit.names("person", [duty["owner_id"]] if duty["owner_id"] else []).get(duty["owner_id"] or "")
    when = duty["done_on"] or duty["due_on"]
    key = "execution.done_on" if done else "execution.due_on"
    parts = [who, owner, visit.text(key, day=day(when, visit.language)) if when else None]
    words = " · ".join(part for part in parts if part)
    icon = ":material/task_alt:" if done else ":material/radio_button_unchecked:"
    with st.container(horizontal=True, vertical_alignment="center", key=f"obligation_{duty['id']}"):
        told = f":red[{plain(words)}]" if late else muted(words)
        st.markdown(f"{icon} {plain(duty['name'])} {told}", width="stretch")
        may = bool(visit.actor.grants("obligation", Action.UPDATE)) and visit.actor.viewer is None
        if may and contract["archived_at"] is None:
            st.button(
                visit.text("execution.undo" if done else "execution.do"),
                type="tertiary" if done else "secondary",
                key=f"obligation_turn_{duty['id']}",
                on_click=turn,
                args=(duty["id"], duty["version"], not done),
            )


def turn(duty: str, version: int, done: bool) -> None:
    """A duty is done today, or is open again. It runs before the page, so it asks anew who is there."""
    try:
        visit = arrive()
        when = visit.today if done else None
        orders.complete_obligation(visit.desk.store, visit.actor, duty, version, when)
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem


def planned(visit: Visit, contract: Record, row: dict[str, Any]) -> None:
    """One part of the payment plan: when, how much, and how much of it came."""
    late = "overdue" in standing_of("payment_plan", row, visit.today)
    amount, paid = (
        written(visit, entity_of("payment_plan"), name, row[name] or 0, contract) for name in ("amount", "paid")
    )
    state = choice_label("payment_plan", "state", row["state"], visit.language)
    due = visit.text("execution.due_on", day=day(row["due_on"], visit.language))
    words = visit.text("execution.part", label=row["label"] or "", amount=amount, paid=paid)
    told = f":red[{plain(due)}]" if late else muted(due)
    st.markdown(f":material/payments: {plain(words)} {muted(state)} {told}")

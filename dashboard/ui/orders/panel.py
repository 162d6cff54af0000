"""What an order still lacks, the facts that say so, and what is done about it: ship, deliver, take back, be paid."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.actions import orders
from dashboard.domain.access import Action
from dashboard.domain.labels import choice_label
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.errors import SalesDeskError
from dashboard.i18n import day, number
from dashboard.ui.detail.values import Record, written
from dashboard.ui.forms.words import refusal
from dashboard.ui.markdown import muted, plain
from dashboard.ui.orders import dialogs
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

PROBLEM = "order_problem"
LATE_STATES = ("none", "partial", "shipped")
MOST = 20


def show(visit: Visit, room: Room, order: dict[str, Any]) -> None:
    """Delivery and payment with their facts, the shipments that are under way, the buttons."""
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(plain(refusal(problem, visit.language, "order")), icon=":material/error:")
    with st.container(border=True, key="order_progress"):
        facts = orders.progress(visit.desk.store, visit.actor, order["id"])
        st.markdown(delivery_words(visit, order, facts))
        if words := payment_words(visit, room, order):
            st.markdown(words)
        found = offered(visit, order, facts)
        packed = facts["shipped"] < facts["ordered"] and "ship" not in found
        shipments(visit, order, first=packed)
        with st.container(horizontal=True, gap="small", key="order_verbs"):
            usual = next((name for name in USUAL if name in found and not packed), None)
            for name in found:
                st.button(
                    visit.text(f"order.{name}"),
                    icon=f":material/{ICONS[name]}:",
                    type="primary" if name == usual else "secondary",
                    key=f"order_{name}",
                    on_click=dialogs.ask,
                    args=(name, order["id"]),
                )
    dialogs.show_asked_for(visit, order)


USUAL = ("ship", "payment")
"""What comes next, as long as it is possible."""
ICONS = {"ship": "local_shipping", "return": "assignment_return", "payment": "payments"}


def offered(visit: Visit, order: Record, facts: dict[str, Any]) -> list[str]:
    """What may be done with the order as it is now."""
    if visit.actor.viewer is not None or order["archived_at"] is not None:
        return []
    open_ = order["status"] in orders.OPEN
    may = {name: bool(visit.actor.grants(entity, Action.CREATE)) for name, entity in dialogs.ENTITIES.items()}
    lines = orders.left_to_ship(visit.desk.store, visit.actor, order["id"])
    left = lines.is_empty() or bool((lines["left"] > 0).any())  # what is packed already leaves with its own button
    possible = {
        "ship": open_ and left and facts["shipped"] < facts["ordered"],
        "return": facts["shipped"] > facts["returned"],
        "payment": open_ and (order.get("due") or 0) > 0,
    }
    return [name for name in ICONS if may[name] and possible[name]]


def delivery_words(visit: Visit, order: Record, facts: dict[str, Any]) -> str:
    """The delivery state, and the quantities and the promised day that it follows from."""
    state = choice_label("order", "delivery_state", order["delivery_state"], visit.language)
    quantities = {name: number(value, visit.language) for name, value in facts.items()}
    words = [visit.text("order.quantities", **quantities)]
    if promised := order.get("promised_on"):
        words.append(visit.text("order.promised", day=day(promised, visit.language)))
        late = (visit.today - promised).days
        if late > 0 and order["status"] == "confirmed" and order["delivery_state"] in LATE_STATES:
            return f"**{plain(state)}** {muted(' · '.join(words))} :red[{plain(visit.text('order.late', days=late))}]"
    return f"**{plain(state)}** {muted(' · '.join(words))}"


def payment_words(visit: Visit, room: Room, order: Record) -> str:
    """The payment state and the amounts that it follows from; nothing for whoever sees no amounts."""
    if order.get("total_amount") is None or "payment_state" not in order:
        return ""
    state = choice_label("order", "payment_state", order["payment_state"], visit.language)
    back = order["total_amount"] - order["paid"] - order["due"]
    amounts = {"total": order["total_amount"], "returned": back, "paid": order["paid"], "due": order["due"]}
    said = {name: written(visit, room.declared, "total_amount", value, order) for name, value in amounts.items()}
    key = "order.cancelled_amounts" if order["status"] == "cancelled" else "order.amounts"
    return f"**{plain(state)}** {muted(visit.text(key, **said))}"


def shipments(visit: Visit, order: Record, *, first: bool) -> None:
    """Those that are prepared or on their way, each with the one thing that comes next. first: to send what is packed
    comes next for the order."""
    if not visit.actor.grants("shipment", Action.READ):
        return
    where = [Condition("order_id", Operator.EQ, order["id"]), Condition("delivered_on", Operator.NULL, value=True)]
    found = visit.desk.store.find(visit.actor, "shipment", where, sort=[Sort("number")], limit=MOST)
    may = bool(visit.actor.grants("shipment", Action.UPDATE)) and visit.actor.viewer is None
    for row in found.to_dicts():
        with st.container(horizontal=True, vertical_alignment="center", key=f"shipment_{row['id']}"):
            sent = row["shipped_on"]
            when = visit.text("order.left_on", day=day(sent, visit.language)) if sent else visit.text("order.prepared")
            parts = [row["number"], row["carrier"], row["tracking_number"], when]
            st.markdown(plain(" · ".join(str(part) for part in parts if part)), width="stretch")
            name = "deliver" if sent else "send"
            if may and order["status"] in orders.OPEN:
                st.button(
                    visit.text(f"order.{name}"),
                    icon=":material/check:" if sent else ":material/local_shipping:",
                    type="primary" if first and name == "send" else "secondary",
                    key=f"shipment_{name}_{row['id']}",
                    on_click=move,
                    args=(name, row["id"], row["version"]),
                )


def move(name: str, shipment: str, version: int) -> None:
    """A shipment leaves or arrives today. It runs before the page, so it asks anew who is there."""
    try:
        visit = arrive()
        way = {"send": orders.send, "deliver": orders.deliver}[name]
        way(visit.desk.store, visit.actor, shipment, version, visit.today)
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem

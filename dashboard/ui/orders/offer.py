"""The order that follows from a deal or a contract: one button where it may be made."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.actions import orders
from dashboard.domain.access import Action
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import SalesDeskError
from dashboard.ui.forms.words import refusal
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import ID, Room
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit, arrive

MADE = "order_made"


def show(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """The button; a click leads to the new order."""
    made = st.session_state.pop(MADE, None)
    entry = ways.entry_of(visit, "orders")
    if isinstance(made, SalesDeskError):
        st.error(plain(refusal(made, visit.language, "order")), icon=":material/error:")
    elif made and entry:
        st.switch_page(ways.file_of(entry), query_params={ID: str(made)})
    name, word, _ = orders.READY[room.entity]
    may = visit.actor.grants("order", Action.CREATE) and visit.actor.viewer is None
    if may and entry and record.get(name) == word and record["archived_at"] is None:
        slot = f"order_wish_{record['id']}"
        wish = st.session_state.setdefault(slot, new_id())
        where = [Condition(f"{room.entity}_id", Operator.EQ, record["id"])]
        another = visit.desk.store.count(visit.actor, "order", where) > 0
        st.button(
            visit.text("order.make_another" if another else "order.make"),
            icon=":material/local_shipping:",
            type="primary" if room.entity == "contract" and not another else "secondary",
            key=f"{room.name}_order",
            on_click=make,
            args=(room.entity, record["id"], wish, slot),
        )


def make(entity: str, record_id: str, wish: str, slot: str) -> None:
    """Make the order that the button wished for; the next wish is another one."""
    try:
        visit = arrive()
        way = {"deal": orders.order_from_deal, "contract": orders.order_from_contract}[entity]
        st.session_state[MADE] = way(visit.desk.store, visit.actor, record_id, wish, visit.today)
        st.session_state.pop(slot, None)
    except SalesDeskError as problem:
        st.session_state[MADE] = problem

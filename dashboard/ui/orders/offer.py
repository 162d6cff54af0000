"""The order that follows from a deal or a contract: one button where it may be made, a question before another one."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard.actions import orders
from dashboard.domain.access import Action
from dashboard.domain.ids import new_id
from dashboard.domain.labels import choice_label
from dashboard.errors import Refused, SalesDeskError
from dashboard.i18n import day
from dashboard.ui.forms.words import refusal
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import ID, Room
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit, arrive

MADE = "order_made"
MOST = 5


def show(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """The button; a click leads to the new order. Where there is one already, it is named first."""
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
        there = orders.orders_of(visit.desk.store, visit.actor, room.entity, record).to_dicts()
        args = (room.entity, record["id"], wish, slot, frozenset(row["id"] for row in there))
        if not there:
            first: Any = "primary" if room.entity == "contract" else "secondary"
            button(visit, "order.make", f"{room.name}_order", first, args)
            return
        label = visit.text("order.make_another")
        with st.popover(label, icon=":material/local_shipping:", key=f"{room.name}_order_again"):
            st.markdown(plain(visit.text("order.there_is", n=len(there))))
            for row in there[:MOST]:
                state = choice_label("order", "status", row["status"], visit.language)
                words = " · ".join([row["number"], state, day(row["ordered_on"], visit.language)])
                ways.to_record(visit, "orders", row["id"], plain(words))
            button(visit, "order.make_anyway", f"{room.name}_order", "secondary", args)


def button(visit: Visit, label: str, key: str, kind: Any, args: tuple[Any, ...]) -> None:
    """What makes the order."""
    st.button(visit.text(label), icon=":material/local_shipping:", type=kind, key=key, on_click=make, args=args)


def make(entity: str, record_id: str, wish: str, slot: str, seen: frozenset[str]) -> None:
    """Make the order that the button wished for, unless there is one that was not on the screen; the next wish is
    another one."""
    try:
        visit = arrive()
        record = visit.desk.store.get(visit.actor, entity, record_id)
        there = orders.orders_of(visit.desk.store, visit.actor, entity, record)
        if new := there.filter(~pl.col("id").is_in([*seen, wish]))["number"].to_list():
            raise Refused("order.made_meanwhile", numbers=new)
        way = {"deal": orders.order_from_deal, "contract": orders.order_from_contract}[entity]
        st.session_state[MADE] = way(visit.desk.store, visit.actor, record_id, wish, visit.today)
        st.session_state.pop(slot, None)
    except SalesDeskError as problem:
        st.session_state[MADE] = problem

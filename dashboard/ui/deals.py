"""The room of the deals: what its list shows, and the numbers above it."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboard.domain.metrics import Unit
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.i18n import number
from dashboard.ui import explain
from dashboard.ui.board import page as board_page
from dashboard.ui.board.data import NOTHING, Sum, shown, sums_by_stage
from dashboard.ui.cards import NARROWEST
from dashboard.ui.detail import related
from dashboard.ui.lists import address
from dashboard.ui.lists.address import Asked
from dashboard.ui.lists.table import counted
from dashboard.ui.orders import offer
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

OPEN = Condition("stage_type", Operator.EQ, "open")


def headline(visit: Visit, room: Room, asked: Asked) -> None:
    """How many deals the filters leave, what they come to, and how many next steps are overdue."""
    where = address.conditions(visit, room, asked, tab=asked.look != "board")
    where = [*where, OPEN] if asked.look == "board" else where
    seen = ("headline", where, asked.archived, asked.as_of)
    whole = visit.once(seen, lambda: added([*sums_by_stage(visit, room, asked, where).values()]))
    late = [*where, OPEN, Condition("next_step_on", Operator.LT, asked.as_of or visit.today)]
    overdue = counted(visit, room, asked, late)
    money = visit.scale_of(Unit.MONEY)
    values = {
        "count": (number(whole.n, visit.language), whole.n),
        "amount": (money.text(whole.amount), whole.n),
        "weighted": (money.text(whole.weighted), whole.n),
        "overdue": (number(overdue, visit.language), overdue),
    }
    with st.grid(len(values), min_column_width=NARROWEST, key=f"{room.name}_cards"):
        for name, (value, n) in values.items():
            label, words = visit.text(f"deal_number.{name}"), visit.text(f"deal_number.{name}_help")
            st.metric(label, value, help=explain.counted(visit, words, asked.as_of, n), border=True)


def added(sums: list[Sum]) -> Sum:
    """Several sums as one."""
    return Sum(
        sum(one.n for one in sums),
        sum((one.amount for one in sums), NOTHING.amount),
        sum((one.weighted for one in sums), Decimal(0)),
    )


ROOM = Room(
    page="deals",
    entity="deal",
    columns=(
        "number",
        "name",
        "customer_id",
        "owner_id",
        "stage_id",
        "base_amount",
        "expected_close_on",
        "next_step",
        "next_step_on",
    ),
    filters=("owner_id", "stage_id", "region_id", "base_amount", "expected_close_on", "next_step_on"),
    sort=Sort("expected_close_on"),
    tab="stage_type",
    first_tab="open",
    through=("customer_id",),
    bulk=(("owner_id",), ("stage_id",), ("expected_close_on",), ("next_step", "next_step_on")),
    headline=headline,
    board=board_page.show,
    on_board=shown,
    beside=(related.show,),
    panel=offer.show,
)

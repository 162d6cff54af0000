"""The room of the orders: what its list shows and can be narrowed by."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Family
from dashboard.domain.comparisons import Span, period_on
from dashboard.domain.queries import Sort
from dashboard.ui import cards
from dashboard.ui.filters import Standpoint
from dashboard.ui.lists.address import Asked
from dashboard.ui.orders import panel
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

CARD_PIXELS = 260


def headline(visit: Visit, room: Room, asked: Asked) -> None:
    """What arrived on time of all that was promised in this quarter, whatever the filters leave."""
    if Family.DELIVERY not in visit.actor.families:
        return
    day = asked.as_of or visit.today
    period = period_on(Span.THIS_QUARTER, day, visit.desk.store.company.fiscal_year_start_month)
    seen = Standpoint(visit.today, day, period, None, (), {})
    with st.container(width=CARD_PIXELS):
        cards.row(visit, seen, (cards.Kpi("delivery_on_time"),), room.name)


ROOM = Room(
    page="orders",
    entity="order",
    columns=(
        "number",
        "customer_id",
        "owner_id",
        "status",
        "delivery_state",
        "payment_state",
        "total_amount",
        "due",
        "ordered_on",
        "promised_on",
    ),
    filters=(
        "delivery_state",
        "payment_state",
        "owner_id",
        "channel",
        "region_id",
        "base_amount",
        "ordered_on",
        "promised_on",
    ),
    sort=Sort("ordered_on", descending=True),
    tab="status",
    first_tab="confirmed",
    through=("customer_id", "deal_id", "contract_id"),
    bulk=(("owner_id",), ("promised_on",)),
    headline=headline,
    panel=panel.show,
    alerts=("late",),
)

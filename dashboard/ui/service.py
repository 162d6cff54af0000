"""Support's part of the overview: how satisfied customers are, what arrives on time, and the tickets that wait."""

from __future__ import annotations

import streamlit as st

from dashboard.actions.exports import Count
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.i18n import number
from dashboard.ui import boards, cards, explain, records, trends
from dashboard.ui.cards import Kpi
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted
from dashboard.ui.visit import Visit

KPIS = (Kpi("csat"), Kpi("delivery_on_time"))
UNRESOLVED = ("open", "waiting")
TICKETS: dict[str, list[Condition]] = {
    "unresolved": [Condition("status", Operator.IN, UNRESOLVED)],
    "waiting": [Condition("status", Operator.EQ, "waiting")],
    "high": [Condition("status", Operator.IN, UNRESOLVED), Condition("priority", Operator.EQ, "high")],
}
"""The counts of tickets as they are now, each over the tickets that the person may open."""
COLUMNS = ("number", "subject", "customer_id", "assignee_id", "priority", "status", "opened_at")
"""What is shown of the tickets behind a count."""


def show(visit: Visit, seen: Standpoint) -> None:
    """Cards, the trend of satisfaction, and satisfaction by person."""
    with st.grid(len(KPIS) + len(TICKETS), min_column_width=cards.NARROWEST, key="service_cards"):
        cards.fill(visit, seen, KPIS, "service")
        for name, where in TICKETS.items():
            count_card(visit, name, where)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        trends.board(visit, seen, "csat", "service_trend")
    with right:
        boards.rates(visit, seen, "csat", "person", "service_people", most=10)


def count_card(visit: Visit, name: str, where: list[Condition]) -> None:
    """How many tickets there are of one kind."""
    with st.container(border=True, height="stretch", key=f"service_card_{name}", gap=None):
        title, store = visit.text(f"service.{name}"), visit.desk.store
        meaning = visit.text(f"service.{name}_help")
        visit.figures.append(Count(title, meaning, lambda actor: store.count(actor, "ticket", where)))
        st.markdown(muted(title))
        count = store.count(visit.actor, "ticket", where)
        st.metric(title, number(count, visit.language), label_visibility="collapsed")
        with st.container(horizontal=True, horizontal_alignment="right"):
            key = f"service_{name}"
            with explain.box(visit, key):
                st.markdown(explain.counted(visit, meaning, None, count))
                explain.to_records(visit, key, lambda visit: [behind(title, where)], title)


def behind(title: str, where: list[Condition]) -> records.Listed:
    """The tickets that a count is of."""
    return records.Listed("ticket", tuple(where), COLUMNS, Sort("opened_at"), title)

"""Overview: the numbers of one's own reach on one screen; support sees service, the administrator sees health."""

import streamlit as st

from dashboard.domain.access import Family
from dashboard.ui import boards, cards, filters, health, records, sentences, service, trends
from dashboard.ui.heading import heading
from dashboard.ui.visit import arrive

visit = arrive()
families = visit.actor.families
seen = heading(visit, "overview", filters.ask if families & {Family.SALES, Family.SERVICE} else None)

if seen and Family.SALES in families:
    cards.row(visit, seen, cards.SALES, "overview")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        trends.board(visit, seen, "won_amount", "overview_trend", targets=True)
    with right:
        boards.spread(visit, seen, "overview_spread")
    sentences.show(visit, seen)
elif seen and Family.SERVICE in families:
    service.show(visit, seen)
if Family.HEALTH in families:
    health.show(visit)

records.show_asked_for(visit)

"""Team: the funnel, who reaches the target, who performs how, and the records behind every bar."""

import streamlit as st

from dashboard.ui import boards, cards, filters, records
from dashboard.ui.heading import heading
from dashboard.ui.visit import arrive

visit = arrive()
seen = heading(visit, "team", filters.ask)

if seen:
    cards.row(visit, seen, cards.SALES, "team")
    left, right = st.columns(2, gap="medium")
    with left:
        boards.funnel(visit, seen, "team_funnel")
    with right:
        by = boards.attainment(visit, seen, "team_attainment")
    left, right = st.columns(2, gap="medium")
    with left:
        boards.performance(visit, seen, "team_performance")
    with right:
        boards.rates(visit, seen, "win_rate", by, "team_win_rate")

records.show_asked_for(visit)

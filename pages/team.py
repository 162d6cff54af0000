"""Team: the funnel, who reaches the target, who performs how, what is still open, and the records behind every bar."""

import streamlit as st

from dashboard.ui import boards, cards, filters, records
from dashboard.ui.heading import heading
from dashboard.ui.papers import waiting
from dashboard.ui.team import days, still_open
from dashboard.ui.visit import arrive

visit = arrive()
days.go_where_wanted(visit)
seen = heading(visit, "team", filters.ask)

if seen:
    waiting.show(visit)
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
    still_open.show(visit, seen)

records.show_asked_for(visit)

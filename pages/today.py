"""Today: what waits for a person, updated with one tap, and what still closes the gap to the target."""

import streamlit as st

from dashboard.ui import records
from dashboard.ui.detail import verbs
from dashboard.ui.papers import waiting
from dashboard.ui.pool import returning
from dashboard.ui.quick import notices
from dashboard.ui.today import queue, standing, whose
from dashboard.ui.visit import arrive

visit = arrive()
person = whose.ask(visit)
now = standing.standing_of(visit, person)

standing.bar(visit, now)
left, right = st.columns([3, 2], gap="large")
with left:
    notices.show(visit, "today")
    if person == visit.actor.person_id:
        waiting.show(visit)
    returning.on_today(visit, person)
    queue.show(visit, person)
with right:
    standing.bullet(visit, now)
    standing.gap(visit, now, person)

records.show_asked_for(visit)
verbs.show_asked_for(visit)

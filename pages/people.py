"""People and access: who works here, what each role may do, and why somebody sees a record."""

import streamlit as st

from dashboard.ui import choices
from dashboard.ui.people import grants, reasons, staff
from dashboard.ui.visit import arrive

visit = arrive()
PARTS = {"staff": staff.show, "grants": grants.show, "reasons": reasons.show}

with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="people_heading"):
    st.title(visit.text("page.people.title"), anchor=False, width="content")
    part = choices.side_by_side(
        visit, "people_part", "people.part", list(PARTS), lambda word: visit.text(f"people.part_{word}")
    )

PARTS[part](visit)

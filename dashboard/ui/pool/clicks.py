"""What the clicks on the pool do. They run before the page does, so each asks anew who is there."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.actions import pool, recycling
from dashboard.errors import SalesDeskError
from dashboard.i18n import Language
from dashboard.ui import boundary
from dashboard.ui.visit import arrive

DONE, PROBLEM = "pool_done", "pool_problem"


def tell_refusal(language: Language) -> None:
    """Why the last click came to nothing, once."""
    problem: SalesDeskError | None = st.session_state.pop(PROBLEM, None)
    if problem is not None:
        boundary.show(problem.text(language), problem.code, language)


def claim(entity: str, record_id: str, label: str) -> None:
    """Take a record out of the pool; the page that follows says how that went."""
    st.session_state.pop(DONE, None)
    try:
        visit = arrive()
        pool.claim(visit.desk.store, visit.actor, entity, record_id)
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem
    else:
        st.session_state[DONE] = (entity, record_id, label)


def give_back(moment: datetime, why: str) -> None:
    """Give what a run took back to whoever had it; the page that follows says how that went."""
    try:
        visit = arrive()
        for taken in recycling.last_runs(visit.desk.store, visit.actor):
            if taken.moment == moment:
                recycling.give_back(visit.desk.store, visit.actor, taken, why)
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem

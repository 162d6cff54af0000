"""What the clicks on the pool do. They run before the page does, so each asks anew who is there."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import pool
from dashboard.errors import SalesDeskError
from dashboard.ui.visit import arrive

DONE, PROBLEM = "pool_done", "pool_problem"


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

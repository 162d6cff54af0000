"""What the clicks on Today do beside quick updates. They run before the page does, so each asks anew who is there."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import quick
from dashboard.actions.work_days import calendar_of
from dashboard.domain.follow_ups import later_days
from dashboard.ui.quick import clicks
from dashboard.ui.quick.clicks import Done, kept_refusals, remember
from dashboard.ui.visit import arrive

PLACE = "today"
OPEN = f"{PLACE}_open"


def slot(deal: str, name: str) -> str:
    """Where the session keeps an input of a deal's form."""
    return clicks.slot(PLACE, deal, name)


def turn(deal: str) -> None:
    """Open the form of a deal, or close it; only one is open."""
    before = st.session_state.get(OPEN)
    clicks.forget(PLACE, before)
    st.session_state[OPEN] = None if before == deal else deal


COMPLETED = {"task": quick.complete_task, "obligation": quick.complete_obligation}
"""What is done with one tap, by entity."""


def complete(entity: str, record_id: str, version: int, label: str) -> None:
    """Complete a task or a duty."""
    with kept_refusals(PLACE):
        visit = arrive()
        made = COMPLETED[entity](visit.desk.store, visit.actor, record_id, version, visit.today)
        remember(visit, Done(label, made))


def snooze(entity: str, record_id: str, version: int, label: str, key: str) -> None:
    """Put a next step off; a browser may name any day, so only those on offer count."""
    with kept_refusals(PLACE):
        visit = arrive()
        until = later_days(visit.today, calendar_of(visit.desk.store)).get(str(st.session_state.get(key)))
        if until is not None:
            made = quick.snooze(visit.desk.store, visit.actor, entity, record_id, version, until)
            remember(visit, Done(label, made))

"""The top of a page: its title, and the filters in the same row where there is room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from dashboard.actions.work_days import calendar_of
from dashboard.ui import takeaway
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted
from dashboard.ui.visit import Visit


def heading(visit: Visit, page: str, filters: Callable[[Visit, str], Standpoint] | None = None) -> Standpoint | None:
    """Draw the title and the filters of a page; what the filters say, or None where there are none."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key=f"{page}_heading"):
        st.title(visit.text(f"page.{page}.title"), anchor=False, width="content")
        if filters is None:
            return None
        seen = filters(visit, page)
        since, last = compared_with(visit, seen)
        st.markdown(muted(visit.text("kpi.compared", since=since, until=last)), width="content")
        takeaway.offer(visit, page)
        return seen


def compared_with(visit: Visit, seen: Standpoint) -> tuple[date, date]:
    """The first and last day that changes are counted against."""
    earlier = seen.before(calendar_of(visit.desk.store))
    return earlier.period.since, earlier.day

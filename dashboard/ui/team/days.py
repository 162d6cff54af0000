"""The way from Team to a person's day: a click on the person's bar, or a list and a button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.settings import ROOT
from dashboard.ui.choices import told_apart
from dashboard.ui.markdown import muted
from dashboard.ui.today import whose
from dashboard.ui.today.ways import entry_of
from dashboard.ui.visit import Visit

WANTED = "team_day_wanted"
PAGE = "today"


def opener(visit: Visit) -> Callable[[str, str], None] | None:
    """What a click on a person's bar does; None for whoever has no page for it."""
    return want if entry_of(visit, PAGE) else None


def want(person: str, _name: str) -> None:
    """Remember whose day was asked for: a click is over before a page can be left."""
    st.session_state[WANTED] = person


def go_where_wanted(visit: Visit) -> None:
    """Open the day that was asked for."""
    person, entry = st.session_state.pop(WANTED, None), entry_of(visit, PAGE)
    if person and entry:
        st.switch_page(ROOT / entry.file, query_params={whose.KEY: person})


def ask(visit: Visit) -> None:
    """A list of the people and a button, for those who do not click on bars."""
    entry = entry_of(visit, PAGE)
    people = told_apart(whose.people_of(visit)) if entry else {}
    if entry is None or len(people) <= 1:
        return
    st.subheader(visit.text("team_work.day_title"), anchor=False)
    st.markdown(muted(visit.text("team_work.day_help")))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            visit.text("today.person"),
            list(people),
            format_func=lambda one: people.get(one, ""),
            key=f"team_day_{visit.language}",
            width=220,
        )
        if st.button(visit.text("team_work.day_open"), icon=entry.icon, key="team_day_open"):
            st.switch_page(ROOT / entry.file, query_params={whose.KEY: chosen})

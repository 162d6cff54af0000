"""Whose day the page shows: one's own, or that of somebody below; the choice stands in the address."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.ui import choices
from dashboard.ui.markdown import muted
from dashboard.ui.visit import Visit

KEY = "person"
NOON, EVENING = 12, 18  # hours


def ask(visit: Visit) -> str:
    """Draw the title with the greeting, and for whoever leads people the choice of a person; returns the person's id.

    An id that is not among them is treated like one that does not exist: the own day is shown.
    """
    people = visit.once(("people of today",), lambda: people_of(visit))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="today_heading"):
        st.title(visit.text("page.today.title"), anchor=False, width="content")
        st.markdown(muted(greeting(visit)), width="content")
        if len(people) <= 1:
            return visit.actor.person_id
        return choices.from_list(visit, KEY, "today.person", list(people), lambda one: people.get(one, ""), 200)


def people_of(visit: Visit) -> dict[str, str]:
    """Oneself first, then the active people whose results the person may see, by name: id → name."""
    own = visit.actor.person_id
    scope = visit.desk.store.people_in_scope(visit.actor)
    where = [Condition("active", Operator.EQ, value=True)]
    if scope is not None:
        where.append(Condition("id", Operator.IN, scope.to_list()))
    if scope is not None and scope.len() <= 1:
        return {own: visit.actor.name}
    found = visit.desk.store.find(visit.actor, "person", where, sort=[Sort("name")], fields=["name"])
    others = {key: name for key, name in found.select("id", "name").iter_rows() if key != own}
    return {own: visit.text("today.myself", name=visit.actor.name), **others}


def greeting(visit: Visit) -> str:
    """Good morning, afternoon or evening, by the company's clock."""
    hour = dt.datetime.now(ZoneInfo(visit.desk.store.company.zone)).hour
    word = "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"
    return visit.text(f"today.greeting.{word}", name=visit.actor.name)

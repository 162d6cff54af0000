"""A record's page: verbs on top, the stage path, facts left, what happened right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.domain.follow_ups import is_late
from dashboard.domain.labels import choice_label
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.store.revisions import revisions
from dashboard.ui import rooms
from dashboard.ui.detail import facts, files, happened, links, parts, path, proposing, revealing, tasking, verbs
from dashboard.ui.detail.values import heading_of, names_in
from dashboard.ui.markdown import plain
from dashboard.ui.pool import returning
from dashboard.ui.quick import dialog as quick
from dashboard.ui.rooms import Room
from dashboard.ui.rules import web_forms
from dashboard.ui.visit import Visit

OWN_PANELS: dict[str, Callable[[Visit, dict[str, Any]], None]] = {"web_form": web_forms.show}
"""What one kind of record alone has on its page."""
COLOURS = {
    "won": "green",
    "lost": "red",
    "open": "blue",
    "converted": "green",
    "unqualified": "red",
    "junk": "red",
    "signed": "green",
    "terminated": "red",
}


def show(visit: Visit, room: Room, record_id: str) -> None:
    """Draw the record. Raises NotFound for one that is out of reach."""
    record = visit.desk.store.get(visit.actor, room.entity, record_id)
    past = revisions(visit.desk.store, visit.actor, room.entity, record_id)
    names = names_in(visit, room.declared, [record])
    rooms.way_back(visit, room, f"{room.name}_back")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{room.name}_record_heading"):
        heading = heading_of(room.declared, record, visit.language) or room.title(visit)
        st.title(plain(heading), anchor=False, width="content")
        badges(visit, room, record)
    returning.banner(visit, room, record)
    verbs.buttons(visit, room, record)
    with st.container(horizontal=True, gap="small", key=f"{room.name}_besides"):
        if room.entity == "deal" and record["archived_at"] is None:
            quick.offer_for(visit, record_id, f"{room.name}_quick", visit.text("today.quick.anywhere"))
        tasking.offer(visit, room, record)
    proposing.show(visit, room, record)
    links.show(visit, room.declared, record)
    path.show(visit, room, record, past)
    if room.panel:
        room.panel(visit, room, record)
    left, right = st.columns([2, 3], gap="large")
    with left:
        facts.show(visit, room.declared, record, names)
        revealing.show(visit, room.declared, record)
        parts.show(visit, room, record)
        files.show(visit, room.entity, record)
        if room.entity in OWN_PANELS:
            OWN_PANELS[room.entity](visit, record)
    with right:
        for panel in room.beside:
            panel(visit, room, record)
        happened.show(visit, room.declared, record, past)
    verbs.show_asked_for(visit, record_id)
    tasking.show_asked_for(visit, record_id)


def badges(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """The state of the record's life, and whether it is archived."""
    cycle = LIFECYCLES.get(room.entity)
    if cycle and (state := record.get(cycle.field)):
        label = choice_label(room.entity, cycle.field, state, visit.language)
        colour: Any = COLOURS.get(state, "gray")
        st.badge(label, color=colour)
    if is_late(room.entity, record, visit.today):
        st.badge(visit.text("list.overdue"), icon=":material/alarm:", color="red")
    if record["archived_at"] is not None:
        st.badge(visit.text("list.archived"), icon=":material/archive:", color="gray")

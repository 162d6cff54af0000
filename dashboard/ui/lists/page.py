"""A list page from top to bottom: title, headline numbers, tools, chips, then the table or the board."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.labels import entity_label, inside_a_sentence, verb_label
from dashboard.ui import rooms
from dashboard.ui.detail import verbs
from dashboard.ui.forms.layouts import SHORT
from dashboard.ui.lists import address, bulk, exporting, filters, overdue, table, views
from dashboard.ui.lists.address import BOARD, LOOK, Asked
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

TABLE = "table"


def show(visit: Visit, room: Room) -> None:
    """Draw the list."""
    asked = address.read(visit, room)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{room.name}_heading"):
        st.title(room.title(visit), anchor=False, width="content")
        looks(visit, room, asked)
        new(visit, room)
    if room.headline:
        room.headline(visit, room, asked)
    rest(visit, room, asked)


def new(visit: Visit, room: Room) -> None:
    """The way to an empty form, the short one where there is one, for whoever makes such records."""
    if visit.actor.grants(room.entity, Action.CREATE):
        quick = room.entity in SHORT
        in_short = visit.text("form.quick", entity=inside_a_sentence(entity_label(room.entity, visit.language)))
        st.button(
            in_short if quick else verb_label(room.entity, "create", visit.language),
            type="primary",
            icon=":material/bolt:" if quick else ":material/add:",
            key=f"{room.name}_new",
            on_click=rooms.open_form,
            args=(room, None, rooms.QUICK if quick else rooms.WHOLE),
        )


def rest(visit: Visit, room: Room, asked: Asked) -> None:
    """What stands below the title: tools, chips, and the records."""
    board = room.board if asked.look == BOARD else None
    with st.container(horizontal=True, vertical_alignment="center", key=f"{room.name}_tools"):
        if board is None:
            filters.tabs(visit, room, asked)
        filters.search(visit, room, asked)
        filters.popover(visit, room, asked)
        if board is None:
            filters.order(visit, room, asked)
            overdue.offer(visit, room, asked)
            overdue.alert(visit, room, asked)
        views.choose(visit, room)
        exporting.offer(visit, room, asked)
    filters.chips(visit, room, asked)
    if asked.as_of is not None:
        with st.container(border=True, key=f"{room.name}_as_of_banner"):
            told = visit.text("list.as_of_day", day=asked.as_of)
            st.markdown(f":material/history: {plain(told)}")
    if board is not None:
        board(visit, room, asked)
    else:
        table.show(visit, room, asked)
        bulk.show_asked_for(visit, room)
    verbs.show_asked_for(visit)


def looks(visit: Visit, room: Room, asked: Asked) -> None:
    """The switch between table and board."""
    if room.board is None:
        return
    slot = filters.slot_of(visit, room, LOOK)
    st.session_state[slot] = BOARD if asked.look == BOARD else TABLE
    st.segmented_control(
        visit.text("list.look"),
        [TABLE, BOARD],
        format_func=lambda word: visit.text(f"list.{word}"),
        label_visibility="collapsed",
        required=True,
        key=slot,
        on_change=look,
        args=(slot,),
    )


def look(slot: str) -> None:
    """Show the board, or the table again."""
    address.put(LOOK, BOARD if st.session_state.get(slot) == BOARD else "")

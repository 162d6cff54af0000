"""The page Rules: which part, which of its lists, then that room; a record or a form has the page to itself."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.labels import entity_label
from dashboard.errors import Forbidden
from dashboard.ui import choices, rooms
from dashboard.ui.lists import address
from dashboard.ui.lists import page as lists
from dashboard.ui.rooms import Room
from dashboard.ui.rules.parts import LIST, PART, PARTS, Part, readable
from dashboard.ui.visit import Visit

LIST_WIDTH = 200  # pixels


def show(visit: Visit) -> None:
    """Draw the part that the address names."""
    parts = readable(visit.actor)
    if not parts:
        raise Forbidden("access.forbidden")
    if {rooms.ID, rooms.NEW} & set(st.query_params):
        if st.query_params.get(PART) in PARTS.keys() - parts.keys():
            raise Forbidden("access.forbidden")
        rooms.show(visit, named(parts))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="rules_heading"):
        st.title(visit.text("page.rules.title"), anchor=False, width="content")
        name, room = chosen(visit, parts)
        lists.new(visit, room)
    lists.rest(visit, room, address.read(visit, room))
    if below := parts[name].below:
        below(visit)


def named(parts: dict[str, Part]) -> Room:
    """The room that the address names, else the first."""
    part = parts.get(st.query_params.get(PART, "")) or next(iter(parts.values()))
    wanted = st.query_params.get(LIST)
    return next((room for room in part.rooms if room.entity == wanted), part.rooms[0])


def chosen(visit: Visit, parts: dict[str, Part]) -> tuple[str, Room]:
    """The part and the room that are chosen; what the list before was narrowed by is no use to another."""
    before = named(parts)
    name = choices.side_by_side(visit, PART, "rules.part", list(parts), lambda word: visit.text(f"rules.part_{word}"))
    entities = {room.entity: room for room in parts[name].rooms}
    entity = next(iter(entities))
    if len(entities) > 1:
        title = lambda word: entity_label(word, visit.language, many=True)  # noqa: E731  (a name for a line)
        entity = choices.from_list(visit, LIST, "rules.list", list(entities), title, LIST_WIDTH)
    if entities[entity] != before:
        rooms.go(entities[entity])
    return name, entities[entity]

"""The page Pool: leads or customers, how many more may be claimed, the cards; a record has the page to itself."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import pool
from dashboard.domain.access import Action
from dashboard.domain.labels import entity_label
from dashboard.errors import Forbidden
from dashboard.ui import choices, rooms
from dashboard.ui.lists import address, exporting, filters
from dashboard.ui.lists import page as lists
from dashboard.ui.markdown import muted, plain
from dashboard.ui.pool import cards, clicks
from dashboard.ui.pool.shelves import FREE, LEFT, OF, OTHERS, SHELF, gives, named, readable
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

LOOK, CARDS, TABLE = "pool_look", "cards", "table"


def show(visit: Visit) -> None:
    """Draw the shelf that the address names."""
    entities = readable(visit)
    if not entities:
        raise Forbidden("access.forbidden")
    if {rooms.ID, rooms.NEW} & set(st.query_params):
        said = st.query_params.get(OF, "")
        rooms.show(visit, named(visit, said if said in entities else entities[0], st.query_params.get(SHELF, FREE)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="pool_heading"):
        st.title(visit.text("page.pool.title"), anchor=False, width="content")
        room, look = chosen(visit, entities)
    told(visit, room)
    asked = address.read(visit, room)
    if look == TABLE or asked.as_of is not None or asked.archived:  # cards are for what can be claimed now
        lists.rest(visit, room, asked)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="pool_tools"):
        filters.search(visit, room, asked)
        filters.popover(visit, room, asked)
        exporting.offer(visit, room, asked)
    filters.chips(visit, room, asked)
    cards.show(visit, room, asked)


def chosen(visit: Visit, entities: list[str]) -> tuple[Room, str]:
    """Which records, which shelf, and how they are looked at."""

    def many(entity: str) -> str:
        return entity_label(entity, visit.language, many=True)

    entity = choices.side_by_side(visit, OF, "pool.of", entities, many)
    if entity in OTHERS:
        return named(visit, entity, LEFT), TABLE
    assigns = visit.actor.grants(entity, Action.ASSIGN)
    if not gives(visit, entity):
        return named(visit, entity, FREE), CARDS
    shelf = choices.side_by_side(visit, SHELF, "pool.shelf", [FREE, LEFT], lambda word: visit.text(f"pool.{word}"))
    if shelf == LEFT:
        return named(visit, entity, shelf), TABLE
    if not assigns:
        return named(visit, entity, shelf), CARDS
    look = choices.side_by_side(visit, LOOK, "list.look", [CARDS, TABLE], lambda word: visit.text(f"pool.{word}"))
    return named(visit, entity, shelf), look


def told(visit: Visit, room: Room) -> None:
    """What the last click did, and how many more the person may claim."""
    clicks.tell_refusal(visit.language)
    if done := st.session_state.get(clicks.DONE):
        entity, record_id, label = done
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="pool_done"):
            words = plain(visit.text("pool.claimed", record=label))
            st.markdown(f":material/check_circle: {words}", width="stretch")
            st.button(
                visit.text("pool.open"),
                type="tertiary",
                key="pool_done_open",
                on_click=rooms.open_record,
                args=(named(visit, entity, FREE), record_id),
            )
    if dict(room.place)[SHELF] == LEFT:
        st.markdown(muted(visit.text("pool.left_help")))
    elif visit.actor.grants(room.entity, Action.CLAIM):
        words = visit.once(("pool_allowance", room.entity), lambda: allowance(visit, room.entity))
        st.markdown(muted(words))


def allowance(visit: Visit, entity: str) -> str:
    """How many more the person may claim today and hold."""
    found = pool.allowance(visit.desk.store, visit.actor, entity, visit.today)
    if found.rule is None:
        return visit.text("pool.no_rule")
    parts = []
    if found.today is not None:
        limit = found.rule.max_claims_a_day
        parts.append(visit.text("pool.today", left=found.today, limit=limit, claimed=found.claimed))
    if found.room is not None:
        parts.append(visit.text("pool.room", held=found.held, limit=found.rule.max_held))
    return " ".join(parts) or visit.text("pool.no_limit", held=found.held)

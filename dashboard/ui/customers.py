"""Customers and their contacts: two rooms of one page, and what the page shows of a customer all around."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.labels import entity_label
from dashboard.domain.queries import Sort
from dashboard.ui import choices, rooms
from dashboard.ui.detail import related
from dashboard.ui.lists import address
from dashboard.ui.lists import page as lists
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

OF = "customers_of"
"""The part of the address that says which room it is."""

ROOM = Room(
    page="customers",
    entity="customer",
    columns=("number", "name", "level", "industry_id", "region_id", "owner_id", "next_step", "next_step_on"),
    filters=("owner_id", "level", "industry_id", "region_id", "source_id", "need_tags", "next_step_on"),
    sort=Sort("name"),
    bulk=(("owner_id",), ("level",), ("industry_id",), ("region_id",), ("next_step", "next_step_on")),
    panel=related.show,
)

CONTACTS = Room(
    page="customers",
    entity="contact",
    columns=("name", "customer_id", "job_title", "influence", "phone", "email", "main"),
    filters=("customer_id", "influence", "main"),
    sort=Sort("name"),
    through=("customer_id",),
    bulk=(("influence",),),
    place=((OF, "contacts"),),
)

ROOMS = {"customers": ROOM, "contacts": CONTACTS}


def show(visit: Visit) -> None:
    """Draw the room that the address names; a record or a form has the page to itself."""
    if {rooms.ID, rooms.NEW} & set(st.query_params):
        rooms.show(visit, ROOMS.get(st.query_params.get(OF, ""), ROOM))
        return
    offered = [name for name, room in ROOMS.items() if visit.actor.grants(room.entity, Action.READ)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="customers_heading"):
        st.title(visit.text("page.customers.title"), anchor=False, width="content")
        before = st.query_params.get(OF, "")
        name = choices.side_by_side(
            visit, OF, "customers.of", offered, lambda word: entity_label(ROOMS[word].entity, visit.language, many=True)
        )
        room = ROOMS[name]
        if room is not ROOMS.get(before, ROOM):
            rooms.go(room)  # what one list was narrowed by is no use to the other
        lists.new(visit, room)
    lists.rest(visit, room, address.read(visit, room))

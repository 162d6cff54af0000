"""A room is a page about one entity: a list, perhaps a board, the record's detail, and its form.

The address says which of them is open: ?id=… the record, ?id=…&edit=1 its form, ?new=1 an empty form, else the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.queries import Sort
from dashboard.ui.visit import Visit

ID, EDIT, NEW = "id", "edit", "new"
BACK = "list_before"


@dataclass(frozen=True)
class Room:
    """What a page about an entity shows.

    page: its address; columns: those of the list at first; filters: the fields it can be narrowed by; tab: a choice
    field whose words stand above the list, and first_tab the one it opens with; sort: the order at first; through:
    references whose title the search also looks in; bulk: the groups of fields that many records can be given at once;
    headline: the numbers above the list; board: the other way to look at the records.
    """

    page: str
    entity: str
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    sort: Sort
    tab: str | None = None
    first_tab: str = ""
    through: tuple[str, ...] = ()
    bulk: tuple[tuple[str, ...], ...] = ()
    headline: Callable[..., None] | None = None
    board: Callable[..., None] | None = field(default=None)

    @property
    def declared(self) -> Entity:
        """The declaration of its entity."""
        return entity_of(self.entity)


def show(visit: Visit, room: Room) -> None:
    """Draw what the address asks for."""
    from dashboard.ui.detail import page as detail
    from dashboard.ui.forms import page as forms
    from dashboard.ui.lists import page as lists

    record_id = st.query_params.get(ID)
    if record_id and st.query_params.get(EDIT):
        forms.edit(visit, room, record_id)
    elif record_id:
        detail.show(visit, room, record_id)
    elif st.query_params.get(NEW):
        forms.create(visit, room)
    else:
        lists.show(visit, room)


def open_record(room: Room, record_id: str) -> None:
    """Go to a record; the list is found again as it was."""
    leave_list(room)
    st.query_params.from_dict({ID: record_id})


def open_form(room: Room, record_id: str | None = None) -> None:
    """Go to the form of a record, or to an empty one."""
    leave_list(room)
    st.query_params.from_dict({ID: record_id, EDIT: "1"} if record_id else {NEW: "1"})


def leave_list(room: Room) -> None:
    """Remember what the list shows."""
    if ID not in st.query_params and NEW not in st.query_params:
        st.session_state[f"{room.page}_{BACK}"] = st.query_params.to_dict()


def back_to_list(room: Room) -> None:
    """Go to the list as it was left."""
    st.query_params.from_dict(st.session_state.get(f"{room.page}_{BACK}", {}))

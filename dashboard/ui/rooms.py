"""A room is a page about one entity: a list, perhaps a board, the record's detail, and its form.

The address says which of them is open: ?id=… the record, ?id=…&edit=1 its form, ?id=…&parts=… the sheet of
its parts of that kind, ?new=1 an empty form, ?new=quick a short one, else the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import streamlit as st

from dashboard.domain.access import Reach
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.labels import entity_label
from dashboard.domain.queries import Condition, Sort
from dashboard.errors import Forbidden, NotFound
from dashboard.ui.visit import Visit

ID, EDIT, NEW, PARTS = "id", "edit", "new", "parts"
WHOLE, QUICK = "1", "quick"
BACK = "list_before"
WAITING = "waiting"
"""What stands for a field in the order of records by how long they wait, see `Room.waiting`."""


@dataclass(frozen=True)
class Room:
    """What a page about an entity shows.

    page: its address, and place: what else the address says where a page has several rooms; columns: those of the list
    at first; where: what holds for every record of the list; filters: the fields it can be narrowed by; tab: a choice
    field whose words stand above the list, and first_tab the one it opens with; sort: the order at first; through:
    references whose title the search also looks in; bulk: the groups of fields that many records can be given at once;
    headline: the numbers above the list; board: the other way to look at the records, and on_board: which of them it
    shows; panel: what stands above the facts of a record; beside: what stands beside them, above what happened; alerts:
    the words of standings.py whose records are counted above the list; home: the text of the way back from a record,
    where it is not the title; taken_out: the reaches of an export that hold such records, where others hold none;
    waiting: the ids of the records that fit, the longest waiting first, for a room whose order at first is WAITING.
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
    on_board: Callable[..., list[Condition]] | None = None
    place: tuple[tuple[str, str], ...] = ()
    where: tuple[Condition, ...] = ()
    panel: Callable[..., None] | None = None
    alerts: tuple[str, ...] = ()
    beside: tuple[Callable[..., None], ...] = ()
    home: str | None = None
    taken_out: tuple[Reach, ...] = ()
    waiting: Callable[..., list[str]] | None = None

    @property
    def declared(self) -> Entity:
        """The declaration of its entity."""
        return entity_of(self.entity)

    @property
    def name(self) -> str:
        """What its widgets and its views are kept under."""
        return f"{self.page}_{self.entity}" if self.place else self.page

    def title(self, visit: Visit) -> str:
        """What it is called."""
        if self.place:
            return entity_label(self.entity, visit.language, many=True)
        return visit.text(f"page.{self.page}.title")

    def link(self, record_id: str) -> str:
        """The address of a record."""
        return f"/{self.page}?{urlencode({**dict(self.place), ID: record_id})}"


def show(visit: Visit, room: Room) -> None:
    """Draw what the address asks for; where it may not be seen, the way to the list."""
    try:
        named(visit, room)
    except (Forbidden, NotFound):
        if {ID, NEW} & set(st.query_params):
            way_back(visit, room, f"{room.name}_back_from_nothing")
        raise


def way_back(visit: Visit, room: Room, key: str) -> None:
    """The way to the list as it was left."""
    st.button(
        visit.text(room.home) if room.home else room.title(visit),
        icon=":material/arrow_back:",
        type="tertiary",
        key=key,
        on_click=back_to_list,
        args=(room,),
    )


def named(visit: Visit, room: Room) -> None:
    """Draw the list, the record, its form or the sheet of its parts, as the address says."""
    from dashboard.ui.detail import page as detail
    from dashboard.ui.forms import page as forms
    from dashboard.ui.lists import page as lists
    from dashboard.ui.sheets import page as sheets

    record_id = st.query_params.get(ID)
    if record_id and st.query_params.get(EDIT):
        forms.edit(visit, room, record_id)
    elif record_id and (part := st.query_params.get(PARTS)):
        sheets.show(visit, room, record_id, part)
    elif record_id:
        detail.show(visit, room, record_id)
    elif st.query_params.get(NEW):
        forms.create(visit, room)
    else:
        lists.show(visit, room)


def open_record(room: Room, record_id: str) -> None:
    """Go to a record; the list is found again as it was."""
    leave_list(room)
    go(room, **{ID: record_id})


def open_form(room: Room, record_id: str | None = None, new: str = WHOLE) -> None:
    """Go to the form of a record, or to an empty one."""
    leave_list(room)
    go(room, **({ID: record_id, EDIT: "1"} if record_id else {NEW: new}))


def open_sheet(room: Room, record_id: str, part: str) -> None:
    """Go to the sheet of a record's parts."""
    go(room, **{ID: record_id, PARTS: part})


def go(room: Room, **said: str) -> None:
    """Let the address say just this, in the room."""
    st.query_params.from_dict({**dict(room.place), **said})


def leave_list(room: Room) -> None:
    """Remember what the list shows."""
    if ID not in st.query_params and NEW not in st.query_params:
        st.session_state[f"{room.name}_{BACK}"] = st.query_params.to_dict()


def back_to_list(room: Room) -> None:
    """Go to the list as it was left."""
    go(room, **st.session_state.get(f"{room.name}_{BACK}", {}))

"""How many next steps are overdue in a list, as a button that lists them alone."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.follow_ups import DAY, FOLLOWED
from dashboard.ui.lists import address
from dashboard.ui.lists.address import OVERDUE, Asked
from dashboard.ui.lists.table import counted
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit


def offer(visit: Visit, room: Room, asked: Asked) -> None:
    """The button, where records of this kind are followed up and some are late among what the filters leave."""
    if room.entity not in FOLLOWED or DAY not in address.comparable(visit, room) or asked.overdue:
        return
    where = [*address.conditions(visit, room, asked), *address.overdue(visit, room, asked)]
    if late := counted(visit, room, asked, where):
        label = f":red[{plain(visit.text('list.overdue_n', n=late))}]"
        key, icon = f"{room.page}_overdue", ":material/alarm:"
        st.button(label, icon=icon, key=key, on_click=address.put, args=(OVERDUE, "1"))

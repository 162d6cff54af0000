"""How many next steps are overdue in a list, and how many records call for somebody: buttons that list them alone."""

from __future__ import annotations

import streamlit as st

from dashboard.domain import standings
from dashboard.domain.follow_ups import DAY, FOLLOWED
from dashboard.ui.lists import address
from dashboard.ui.lists.address import OVERDUE, STANDING, Asked
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


def alert(visit: Visit, room: Room, asked: Asked) -> None:
    """A button for each word of the room that is true of some of what the filters leave."""
    for word in room.alerts if not asked.standing else ():
        if word in address.standings_of(visit, room):
            where = address.conditions(visit, room, asked)
            where += standings.conditions(room.entity, word, asked.as_of or visit.today)
            if n := counted(visit, room, asked, where):
                label = visit.text("list.standing_n", word=visit.text(f"standing.{room.entity}.{word}"), n=n)
                key, icon = f"{room.name}_{word}", ":material/alarm:"
                st.button(f":red[{plain(label)}]", icon=icon, key=key, on_click=address.put, args=(STANDING, word))

"""The quick update of a deal inside its row: three fields and one submit; a task is completed with one tap."""

from __future__ import annotations

import streamlit as st

from dashboard.actions.agenda import Item
from dashboard.actions.work_days import calendar_of
from dashboard.domain.follow_ups import later_days
from dashboard.i18n import day
from dashboard.ui.quick import form as shared
from dashboard.ui.today import clicks
from dashboard.ui.today.clicks import OPEN, PLACE
from dashboard.ui.visit import Visit


def is_open(item: Item) -> bool:
    """Whether the form of a deal is open."""
    return bool(st.session_state.get(OPEN) == item.id)


def opener(visit: Visit, item: Item) -> None:
    """The button that opens and closes the form of a deal."""
    opened = is_open(item)
    st.button(
        visit.text("common.close" if opened else "today.quick.open"),
        key=f"today_open_{item.id}",
        icon=":material/close:" if opened else ":material/edit_note:",
        on_click=clicks.turn,
        args=(item.id,),
    )


def completer(visit: Visit, item: Item) -> None:
    """The button that completes a task or a duty."""
    st.button(
        visit.text("today.quick.complete"),
        key=f"today_complete_{item.id}",
        icon=":material/check:",
        on_click=clicks.complete,
        args=(item.entity, item.id, item.version, item.name),
    )


def snoozer(visit: Visit, item: Item) -> None:
    """The menu that puts a next step off to a later day."""
    days = later_days(visit.today, calendar_of(visit.desk.store))
    key = f"today_snooze_{item.entity}_{item.id}"
    st.menu_button(
        visit.text("today.snooze.button"),
        list(days),
        format_func=lambda word: visit.text(f"today.snooze.{word}", day=day(days[word], visit.language)),
        key=key,
        icon=":material/snooze:",
        on_click=clicks.snooze,
        args=(item.entity, item.id, item.version, item.name, key),
    )


def form(visit: Visit, item: Item) -> None:
    """The form of a quick update."""
    record = visit.desk.store.get(visit.actor, "deal", item.id)
    shared.show(visit, PLACE, record, item.name)

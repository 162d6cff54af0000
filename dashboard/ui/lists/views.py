"""Saved views: choose one, keep what is shown under a name, share it with the own team."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import views
from dashboard.actions.derive.saved_views import may_share
from dashboard.actions.views import View
from dashboard.domain.access import Action
from dashboard.errors import SalesDeskError
from dashboard.ui import rooms
from dashboard.ui.boundary import boundary
from dashboard.ui.forms.words import refusal
from dashboard.ui.languages import language_of
from dashboard.ui.lists import address
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

MOST_CHARACTERS = 80


def choose(visit: Visit, room: Room) -> None:
    """The views of the list, each a button, and below them the way to keep the present one."""
    with st.popover(visit.text("view.title"), icon=":material/bookmark:", key=f"{room.name}_views"):
        known = views.views(visit.desk.store, visit.actor, room.name)
        if not known:
            st.markdown(plain(visit.text("view.none")))
        for view in known:
            line(visit, room, view)
        if visit.actor.grants("saved_view", Action.CREATE):
            keep(visit, room)


def line(visit: Visit, room: Room, view: View) -> None:
    """One view: open it, or forget an own one."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        shared = view.shared
        st.button(
            plain(view.name),
            icon=":material/group:" if shared else None,
            help=visit.text("view.shared") if shared else None,
            key=f"{room.name}_view_{view.id}",
            on_click=lambda: rooms.go(room, **view.query),
            width="stretch",
        )
        if view.own and visit.actor.grants("saved_view", Action.ARCHIVE):
            st.button(
                visit.text("view.forget"),
                icon=":material/delete:",
                type="tertiary",
                key=f"{room.name}_view_{view.id}_forget",
                on_click=forget,
                args=(room.name, view.id),
            )


def keep(visit: Visit, room: Room) -> None:
    """Keep what is shown now under a name."""
    with st.form(f"{room.name}_view_form", border=False, clear_on_submit=True):
        name = st.text_input(visit.text("view.name"), max_chars=MOST_CHARACTERS, key=f"{room.name}_view_name")
        shared = may_share(visit.actor, visit.actor.team_id) and st.checkbox(
            visit.text("view.share"), key=f"{room.name}_view_share"
        )
        submitted = st.form_submit_button(visit.text("view.keep"), icon=":material/bookmark_add:")
    if submitted and name and name.strip():
        try:
            views.save(visit.desk.store, visit.actor, room.name, name.strip(), address.query_now(room), bool(shared))
        except SalesDeskError as problem:
            st.error(plain(refusal(problem, visit.language, "saved_view")))
        else:
            st.rerun()


def forget(page: str, view_id: str) -> None:
    """Forget an own view: asked anew, because a callback runs before the page."""
    with boundary(language_of()):
        visit = arrive()
        for view in views.views(visit.desk.store, visit.actor, page):
            if view.id == view_id and view.own:
                views.forget(visit.desk.store, visit.actor, view)

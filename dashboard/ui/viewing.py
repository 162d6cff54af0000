"""Looking through another person's eyes: an administrator sees what they see, changes nothing, and they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.actions import access
from dashboard.domain.access import Actor
from dashboard.errors import Forbidden
from dashboard.i18n import Language, instant, translate
from dashboard.jobs import Desk
from dashboard.ui.markdown import muted, plain

if TYPE_CHECKING:
    from dashboard.ui.visit import Visit

SLOT, MOVED, KNOWN = "viewing_as", "viewing_moved", "viewing_known"
TOLD_FOR = timedelta(days=7)


def offer(visit: Visit, person_id: str) -> None:
    """The button that begins it."""
    if person_id != visit.actor.person_id and st.button(
        visit.text("viewing.begin"), icon=":material/visibility:", key="viewing_begin", help=visit.text("viewing.help")
    ):
        access.look_as(visit.desk.store, visit.actor, person_id)
        st.session_state[SLOT], st.session_state[MOVED] = person_id, True
        st.rerun()


def eyes(desk: Desk, actor: Actor) -> Actor:
    """Through whose eyes this run looks: the person's own, or for an administrator those of the chosen person."""
    chosen = st.session_state.get(SLOT)
    if chosen is None:
        return actor
    try:
        access.permitted(actor)
        return access.through(desk.store, actor, chosen)
    except Forbidden:  # neither of them may any longer
        st.session_state.pop(SLOT, None)
        return actor


def banner(actor: Actor, language: Language) -> None:
    """Says through whose eyes one looks, with the way back."""
    if actor.viewer is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="viewing_banner"):
        st.markdown(f":material/visibility: {plain(translate('viewing.now', language, name=actor.name))}")
        st.button(translate("viewing.end", language), key="viewing_end", on_click=end)


def tell(desk: Desk, actor: Actor, language: Language) -> None:
    """Tells a person in the sidebar that an administrator looked through their eyes lately."""
    since = datetime.now(UTC).replace(tzinfo=None) - TOLD_FOR
    key = (actor.person_id, desk.store.head.sequence)
    if st.session_state.get(KNOWN, (None,))[0] != key:  # asked again only after something was written
        st.session_state[KNOWN] = (key, desk.store.logs.last_look(actor.person_id, since))
    look = st.session_state[KNOWN][1]
    if look is not None:
        names = desk.store.labels("person", [look[0]], language)
        moment = instant(look[1], language, desk.store.company.zone)
        told = translate("viewing.told", language, name=names.get(look[0], look[0]), moment=moment)
        st.sidebar.markdown(muted(told))


def end() -> None:
    """Back to one's own eyes."""
    st.session_state.pop(SLOT, None)
    st.session_state[MOVED] = True


def moved() -> bool:
    """Whether the eyes have just changed: the page at hand may not be for them, so one lands anew."""
    return bool(st.session_state.pop(MOVED, False))

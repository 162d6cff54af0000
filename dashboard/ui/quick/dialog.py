"""The quick update from anywhere: as a dialog, of a deal that is known or that is searched for."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import entity_of
from dashboard.i18n import Language, translate
from dashboard.ui.boundary import boundary
from dashboard.ui.detail import verbs
from dashboard.ui.detail.values import heading_of
from dashboard.ui.forms import inputs
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted
from dashboard.ui.quick import clicks, form, notices
from dashboard.ui.visit import Visit, arrive

PLACE = "quick"


def offer(actor: Actor, language: Language) -> None:
    """The button in the sidebar, for whoever changes deals."""
    if may(actor):
        st.button(
            translate("today.quick.anywhere", language),
            icon=":material/bolt:",
            key="quick_anywhere",
            width="stretch",
            on_click=clicks.open_for,
            args=(None,),
        )


def offer_for(visit: Visit, record_id: str, key: str, label: str) -> None:
    """The button beside a deal."""
    if may(visit.actor):
        st.button(label, icon=":material/bolt:", key=key, on_click=clicks.open_for, args=(record_id,))


def may(actor: Actor) -> bool:
    """Whether the person changes deals at all."""
    return actor.viewer is None and bool(actor.grants("deal", Action.UPDATE))


def show_asked_for() -> None:
    """Open the dialog that was asked for, unless a verb asks; a page draws one dialog."""
    if clicks.OPEN in st.session_state and verbs.ASKED not in st.session_state:
        st.dialog(translate("today.quick.anywhere", language_of()), on_dismiss=clicks.close)(dialog)()


def dialog() -> None:
    """Which deal, then its form. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        if clicks.OPEN not in st.session_state:
            st.rerun()
        visit = arrive()
        notices.refused(visit, PLACE)
        deal = st.session_state[clicks.OPEN] or chosen(visit)
        if deal:
            record = visit.desk.store.get(visit.actor, "deal", deal)
            label = heading_of(entity_of("deal"), record, visit.language)
            if st.session_state[clicks.OPEN]:
                st.markdown(muted(label))
            form.show(visit, PLACE, record, label)


def chosen(visit: Visit) -> str | None:
    """The deal that is searched for."""
    said = entity_of("interaction")
    slot = f"quick_deal_{visit.language}"
    found = inputs.draw(visit, said, said.by_name["deal_id"], slot, st.session_state.get(slot), {}, required=True)
    return str(found) if found else None

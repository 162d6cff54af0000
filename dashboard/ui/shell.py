"""Around every page: who is here, language, log out, and how current the numbers are."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Actor
from dashboard.i18n import Language, instant, translate
from dashboard.jobs import Desk
from dashboard.ui import account, languages, sessions
from dashboard.ui.markdown import muted, plain
from dashboard.ui.quick import dialog as quick


def show(desk: Desk, actor: Actor, language: Language) -> None:
    """The sidebar, and a warning on the page when the numbers could not be refreshed."""
    with st.sidebar, st.container(key="person"):
        st.markdown(f"**{plain(actor.name)}**")
        st.markdown(muted(roles_and_team(desk, actor, language)))
        quick.offer(actor, language)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            languages.offer(language, translate("shell.language", language))
            st.button(
                translate("shell.log_out", language),
                icon=":material/logout:",
                type="tertiary",
                key="log_out",
                on_click=sessions.end,
                args=(desk,),
            )
        account.offer(desk, actor, language)
        st.markdown(muted(freshness(desk, language)))
    if desk.freshness.problem:
        st.warning(translate("shell.stale", language, moment=moment(desk, language)), icon=":material/warning:")


def roles_and_team(desk: Desk, actor: Actor, language: Language) -> str:
    """What the person is, and where."""
    words = [translate(f"role.{role}", language) for role in actor.roles]
    if actor.team_id:
        words += desk.store.labels("team", [actor.team_id], language).values()
    return " · ".join(words)


def freshness(desk: Desk, language: Language) -> str:
    """Up to when the numbers hold everything."""
    return translate("shell.data_as_of", language, moment=moment(desk, language))


def moment(desk: Desk, language: Language) -> str:
    """When the numbers were last refreshed."""
    refreshed = desk.freshness.refreshed_at
    return instant(refreshed, language, desk.store.company.zone) if refreshed else translate("common.nothing", language)

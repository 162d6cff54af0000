"""Who is at the screen: the secret of a login session in the page's memory, looked up again at every run."""

from __future__ import annotations

import streamlit as st

from dashboard.domain.access import Actor
from dashboard.errors import Forbidden
from dashboard.jobs import Desk
from dashboard.ui.languages import CHOICE, text

TOKEN = "session_token"  # noqa: S105  (the name of a slot, not a secret)
NOTICE = "login_notice"


def actor_now(desk: Desk) -> Actor:
    """Whose session it is now. Raises Forbidden (access.login_needed, access.logged_out, access.disabled)."""
    token = st.session_state.get(TOKEN)
    if not isinstance(token, str):
        raise Forbidden("access.login_needed")
    return desk.store.logins.actor(token)


def actor_or_nobody(desk: Desk) -> Actor | None:
    """Whose session it is; None for nobody. A session that ended is forgotten and said so on the login page."""
    try:
        return actor_now(desk)
    except Forbidden as ended:
        if TOKEN in st.session_state:
            forget_all_but_the_language()
            st.session_state[NOTICE] = ended.code
        return None


def begin(desk: Desk, person_id: str) -> None:
    """Open a session for somebody who proved who they are."""
    actor = desk.store.actor(person_id)
    token = desk.store.logins.open(actor, address(), text(lambda: st.context.headers.get("User-Agent")))
    forget_all_but_the_language()
    st.session_state[TOKEN] = token


def forget_all_but_the_language() -> None:
    """Empty the page's memory; the language chosen at this screen says nothing about a person."""
    chosen = st.session_state.get(CHOICE)
    st.session_state.clear()
    if chosen is not None:
        st.session_state[CHOICE] = chosen


def end(desk: Desk) -> None:
    """Log out: the session ends in the store, and nothing of the person stays in the page's memory."""
    token = st.session_state.get(TOKEN)
    try:
        if isinstance(token, str):
            desk.store.logins.close(desk.store.logins.actor(token), token)
    except Forbidden:
        pass  # it had ended already
    finally:
        st.session_state.clear()


def address() -> str:
    """Where the browser is; empty when unknown."""
    return text(lambda: st.context.ip_address) or ""

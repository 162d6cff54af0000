"""Who is at the screen: a login session, looked up again at every run, callback and fragment.

What opens it is the connection: the session of its cookie, or the login made on it. The page's memory holds the secret
too, to notice that the person has changed; by itself it opens something only where there is no connection, in tests.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from dashboard.domain.access import Actor
from dashboard.errors import Forbidden
from dashboard.jobs import Desk
from dashboard.ui import connections, handover
from dashboard.ui.connections import Connection
from dashboard.ui.languages import CHOICE, text

TOKEN = "session_token"  # noqa: S105  (the name of a slot, not a secret)
NOTICE = "login_notice"
PASSWORD_DUE = "access.password_due"  # noqa: S105  (the code of a refusal)
HEARTBEAT_SECONDS = 20.0
"""How often an open page asks whether its session still counts."""


def mark() -> str | None:
    """Which websocket this run belongs to; None in tests without a server."""
    return text(lambda: st.context.headers.get(connections.HEADER))


def connection() -> Connection | None:
    """The websocket of this run, while it is open."""
    return connections.OPEN.of(mark())


def token_now() -> str | None:
    """The secret of the session of this run."""
    here = connection()
    if here is not None or mark() is not None:
        return here.token if here is not None else None
    kept = st.session_state.get(TOKEN)
    return kept if isinstance(kept, str) else None


def actor_now(desk: Desk, *, used: bool = False) -> Actor:
    """Whose session it is now.

    Raises Forbidden: access.login_needed, access.logged_out, access.disabled, access.password_due.
    """
    token = token_now()
    if token is None:
        raise Forbidden("access.login_needed")
    return desk.store.logins.actor(token, used=used)


def arrive(desk: Desk) -> tuple[Actor | None, bool]:
    """Whose session it is, and whether they must set a new password before anything else; nobody without session.

    The page's memory is emptied when it is not theirs: a session that ended is forgotten and said so on the login page.
    """
    token, kept = token_now(), st.session_state.get(TOKEN)
    if kept is not None and kept != token:
        forget_all_but_the_language()
    try:
        actor, due = actor_now(desk, used=True), False
    except Forbidden as refusal:
        if refusal.code != PASSWORD_DUE:
            leave(refusal.code if kept is not None else None)
            return None, False
        assert token is not None, "only a session can have a password that is due"
        actor, due = desk.store.logins.owner(token), True
    assert token is not None, "nobody acts without a session"
    st.session_state[TOKEN] = token
    bind(token)
    return actor, due


def check_owner(desk: Desk, person: Actor) -> None:
    """That the session of this moment is still this person's. Raises Forbidden (access.logged_out, access.disabled)."""
    token = token_now()
    if token is None or desk.store.logins.owner(token).person_id != person.person_id:
        raise Forbidden("access.logged_out")


def bind(token: str) -> None:
    """Remember that this page's memory belongs to a session."""
    run = get_script_run_ctx(suppress_warning=True)
    if run is not None and connection() is not None:
        connections.OPEN.bind(run.session_id, token)


def leave(notice: str | None = None) -> None:
    """Nothing of a person stays: not in the page's memory, not on the connection."""
    here, run = connection(), get_script_run_ctx(suppress_warning=True)
    if here is not None:
        here.token, here.ended = None, False
    if run is not None:
        connections.OPEN.loosen(run.session_id)
    if TOKEN in st.session_state:
        forget_all_but_the_language()
    if notice is not None:
        st.session_state[NOTICE] = notice


def begin(desk: Desk, person_id: str) -> None:
    """Open a session for somebody who proved who they are, and have the browser keep it."""
    actor = desk.store.actor(person_id)
    token = desk.store.logins.open(actor, address(), text(lambda: st.context.headers.get("User-Agent")))
    forget_all_but_the_language()
    st.session_state[TOKEN] = token
    here = connection()
    if here is not None:
        here.token, here.ended, here.was_known = token, False, True
        bind(token)
        handover.keep(token)


def forget_all_but_the_language() -> None:
    """Empty the page's memory; the language chosen at this screen says nothing about a person."""
    chosen = st.session_state.get(CHOICE)
    st.session_state.clear()
    if chosen is not None:
        st.session_state[CHOICE] = chosen


def end(desk: Desk) -> None:
    """Log out: the session ends in the store, the cookie goes, and nothing of the person stays on the page."""
    token = token_now()
    try:
        if token is not None:
            desk.store.logins.close(desk.store.logins.owner(token), token)
    except Forbidden:
        pass  # it had ended already
    finally:
        leave()
        if connection() is not None:
            handover.drop()


def watch(desk: Desk) -> None:
    """Look now and then whether the session still counts, so that an idle page does not go on showing what it has."""
    st.fragment(look, run_every=HEARTBEAT_SECONDS)(desk)


def look(desk: Desk) -> None:
    """Start over when the session is over."""
    try:
        actor_now(desk)
    except Forbidden:
        st.rerun(scope="app")


def address() -> str:
    """Where the browser is; empty when unknown."""
    here = connection()
    return here.address if here is not None else ""

"""The login page: name, password, a code for whoever asked for it, language; in a demo store one login per role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.domain.access import Role
from dashboard.errors import text_of
from dashboard.i18n import Language, translate
from dashboard.jobs import Desk
from dashboard.opening import DEMO_LOGINS, DEMO_PASSWORD
from dashboard.ui import languages, sessions
from dashboard.ui.passwords import person_with
from dashboard.ui.secret_inputs import MOST_CHARACTERS

WIDTH = 420  # pixels
HALF = "login_half"
"""Who has given the right password and is asked for a code: person, user name, and until when."""

PATIENCE = timedelta(minutes=5)


class Half(NamedTuple):
    """A login between its two steps."""

    person_id: str
    name: str
    until: datetime


def show(desk: Desk, language: Language) -> None:
    """Draw the page; a right password opens the session and shows the page that was asked for."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH, key="login"):
        st.title(translate("app.name", language), anchor=False)
        st.caption(translate("app.tagline", language))
        notice = st.container()
        if half := half_way():
            ask_for_a_code(desk, half, notice, language)
            return
        with st.form("login_form"):
            username = st.text_input(
                translate("login.username", language),
                max_chars=MOST_CHARACTERS,
                autocomplete="username",
                placeholder=translate("login.username_placeholder", language),
            )
            password = st.text_input(
                translate("login.password", language),
                type="password",
                max_chars=MOST_CHARACTERS,
                autocomplete="current-password",
                placeholder=translate("login.password_placeholder", language),
            )
            submitted = st.form_submit_button(translate("login.submit", language), type="primary", width="stretch")
        languages.offer(language, translate("shell.language", language), "login_language")
        if desk.store.company.demo:
            demo_logins(language)
        with notice:
            if submitted:
                try_to_log_in(desk, username or "", password or "", language)
            elif ended := st.session_state.pop(sessions.NOTICE, None):
                st.info(text_of(ended, {}, language), icon=":material/logout:")


def try_to_log_in(desk: Desk, username: str, password: str, language: Language) -> None:
    """Open a session and start over, or say why not: in the same words and time whether the name exists or not."""
    if not username.strip() or not password:
        st.error(translate("login.incomplete", language), icon=":material/error:")
        return
    name, address = username.strip().lower(), sessions.address()
    tries = desk.store.logins.tries
    if minutes := tries.begin(name, address):
        st.error(text_of("access.too_many_tries", {"minutes": minutes}, language), icon=":material/lock_clock:")
        return
    with st.spinner(translate("login.checking", language)):
        person_id = person_with(desk.store, name, password)
    if person_id is None:
        tries.failed(name, address)
        st.error(translate("login.wrong", language), icon=":material/error:")
        return
    if desk.store.logins.codes.since(person_id) is not None:
        st.session_state[HALF] = Half(person_id, name, datetime.now(UTC) + PATIENCE)
        st.rerun()
    let_in(desk, person_id, name)


def let_in(desk: Desk, person_id: str, name: str) -> None:
    """Open the session and show the page that was asked for."""
    st.session_state.pop(HALF, None)
    desk.store.logins.tries.succeeded(name, sessions.address())
    sessions.begin(desk, person_id)
    st.rerun()


def half_way() -> Half | None:
    """Who has given the right password a moment ago."""
    found: Half | None = st.session_state.get(HALF)
    if found is not None and datetime.now(UTC) > found.until:
        del st.session_state[HALF]
        return None
    return found


def ask_for_a_code(desk: Desk, half: Half, notice: DeltaGenerator, language: Language) -> None:
    """The second step; a wrong code counts like a wrong password."""
    with st.form("login_code_form"):
        code = st.text_input(
            translate("codes.ask", language),
            max_chars=MOST_CHARACTERS,
            autocomplete="one-time-code",
            placeholder=translate("codes.ask_help", language),
        )
        sent = st.form_submit_button(translate("codes.go_on", language), type="primary", width="stretch")
    st.button(translate("codes.back", language), type="tertiary", key="login_back", on_click=start_over)
    if not sent:
        return
    tries, address = desk.store.logins.tries, sessions.address()
    with notice:
        if minutes := tries.begin(half.name, address):
            st.error(text_of("access.too_many_tries", {"minutes": minutes}, language), icon=":material/lock_clock:")
        elif desk.store.logins.codes.accepts(half.person_id, code or ""):
            let_in(desk, half.person_id, half.name)
        else:
            tries.failed(half.name, address)
            st.error(text_of("codes.wrong", {}, language), icon=":material/error:")


def start_over() -> None:
    """Somebody else wants to log in."""
    st.session_state.pop(HALF, None)


def demo_logins(language: Language) -> None:
    """Who can try the demo, and with which password."""
    with st.container(border=True, key="demo_logins"):
        st.markdown(translate("login.demo_title", language))
        st.caption(translate("login.demo_password", language, password=f"`{DEMO_PASSWORD}`"))
        rows = [f"| {translate(f'role.{Role(role)}', language)} | `{name}` |" for role, name in DEMO_LOGINS.items()]
        head = f"| {translate('login.role', language)} | {translate('login.username', language)} |"
        st.markdown("\n".join([head, "|--|--|", *rows]))

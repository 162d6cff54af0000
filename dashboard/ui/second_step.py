"""One's own two-step login: the app is set up once with a picture, and turned off with the password or a code."""

from __future__ import annotations

from html import escape

import segno
import streamlit as st

from dashboard.domain.access import Actor
from dashboard.errors import SalesDeskError
from dashboard.i18n import Language, instant, translate
from dashboard.jobs import Desk
from dashboard.store import codes
from dashboard.ui import passwords, secret_inputs, sessions
from dashboard.ui.markdown import plain

SECRET, RECOVERY = "codes_secret", "codes_recovery"
"""Where the secret stands until the app was tried, and the recovery codes until they are kept."""

PICTURE_PIXELS = 200


def show(desk: Desk, person: Actor, language: Language) -> None:
    """What there is to do now: keep the recovery codes, turn it off, try the app, or begin."""
    since = desk.store.logins.codes.since(person.person_id)
    if RECOVERY in st.session_state:
        keep_recovery_codes(language)
    elif since is not None:
        left = desk.store.logins.codes.left(person.person_id)
        when = instant(since, language, desk.store.company.zone)
        st.markdown(plain(translate("codes.on", language, moment=when, n=left)))
        form_to_turn_off(desk, person, language)
    elif SECRET in st.session_state:
        form_to_turn_on(desk, person, language)
    else:
        st.markdown(plain(translate("codes.help", language)))
        st.button(translate("codes.begin", language), type="primary", key="codes_begin", on_click=begin)


def begin() -> None:
    """A secret for a new app; the store knows nothing of it until the app was tried."""
    st.session_state[SECRET] = codes.fresh_secret()


def forget() -> None:
    """Leave everything as it is."""
    for key in (SECRET, RECOVERY):
        st.session_state.pop(key, None)


def form_to_turn_on(desk: Desk, person: Actor, language: Language) -> None:
    """The picture, the key, and a form that tries both the app and the person."""
    secret: str = st.session_state[SECRET]
    name = desk.store.logins.username_of(person.person_id) or person.name
    st.markdown(plain(translate("codes.scan", language)))
    st.html(picture(codes.address_of(secret, name, translate("app.name", language)), language))
    st.code(" ".join(secret[at : at + codes.GROUP] for at in range(0, len(secret), codes.GROUP)), language=None)
    with st.form("codes_on", border=False):
        code = secret_inputs.code("codes.code", language, "input_codes.code")
        password = secret_inputs.password("account.current", "current-password", language, "codes_account.current")
        sent = st.form_submit_button(translate("codes.confirm", language), type="primary", width="stretch")
    st.button(translate("codes.cancel", language), type="tertiary", key="codes_cancel", on_click=forget)
    if not sent:
        return
    try:
        sessions.check_owner(desk, person)
        passwords.prove(desk.store, person, password, sessions.address())
        st.session_state[RECOVERY] = desk.store.logins.codes.turn_on(person, secret, code)
    except SalesDeskError as problem:
        st.error(problem.text(language), icon=":material/error:")
        return
    st.session_state.pop(SECRET)
    st.rerun(scope="fragment")


def picture(address: str, language: Language) -> str:
    """What the app scans, dark on light in every theme, with nothing fetched from anywhere."""
    uri = segno.make(address, error="m").svg_data_uri(border=4, dark="#000", light="#fff")
    label = escape(translate("codes.picture", language))
    return f'<img src="{escape(uri)}" alt="{label}" width="{PICTURE_PIXELS}" height="{PICTURE_PIXELS}">'


def keep_recovery_codes(language: Language) -> None:
    """The recovery codes, this once."""
    st.markdown(plain(translate("codes.recovery", language)))
    st.code("\n".join(st.session_state[RECOVERY]), language=None)
    st.button(translate("codes.kept", language), type="primary", key="codes_kept", on_click=forget)


def form_to_turn_off(desk: Desk, person: Actor, language: Language) -> None:
    """It takes the password or a code, so that an open browser is not enough."""
    with st.form("codes_off", border=False):
        given = secret_inputs.password("codes.either", "current-password", language, "codes_codes.either")
        sent = st.form_submit_button(translate("codes.off", language), width="stretch")
    if not sent:
        return
    try:
        sessions.check_owner(desk, person)
        passwords.prove(desk.store, person, given, sessions.address(), code_too=True)
        desk.store.logins.codes.turn_off(person, person.person_id)
    except SalesDeskError as problem:
        st.error(problem.text(language), icon=":material/error:")
        return
    st.toast(translate("codes.turned_off", language), icon=":material/check:")
    st.rerun(scope="fragment")

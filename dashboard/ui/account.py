"""One's own account: a new password, and the browsers one is logged in with."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from dashboard.domain.access import Actor
from dashboard.errors import SalesDeskError, text_of
from dashboard.i18n import Language, instant, translate
from dashboard.jobs import Desk
from dashboard.ui import passwords, reminders, second_step, secret_inputs, sessions
from dashboard.ui.markdown import muted, plain

WIDTH = 420  # pixels
CHANGED = "password_changed"

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Mac OS": "macOS"}
SYSTEMS |= {"CrOS": "ChromeOS", "Linux": "Linux"}
"""Words in what a browser says of itself, in the order in which they decide."""


def ask_for_a_password(desk: Desk, person: Actor, language: Language) -> None:
    """The only page of somebody who came in with a one-time password."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH, key="password_due"):
        st.title(translate("account.due_title", language), anchor=False)
        st.caption(translate("account.due_help", language, name=plain(person.name)))
        password_form(desk, person, language)
        leave = translate("shell.log_out", language)
        st.button(leave, icon=":material/logout:", type="tertiary", key="log_out", on_click=sessions.end, args=(desk,))


def offer(desk: Desk, actor: Actor, language: Language) -> None:
    """The way to one's account, and word of a password that was changed."""
    if st.button(
        translate("account.open", language), icon=":material/manage_accounts:", type="tertiary", key="account"
    ):
        second_step.forget()
        st.dialog(translate("account.title", language))(show)(desk, actor, language)
    if st.session_state.pop(CHANGED, False):
        st.toast(translate("account.changed", language), icon=":material/check:")


def show(desk: Desk, actor: Actor, language: Language) -> None:
    """What is in the dialog."""
    tabs = ("account.sessions", "account.password", "codes.tab", "account.reminders")
    browsers, password, codes, reminded = st.tabs([translate(tab, language) for tab in tabs])
    with browsers:
        session_list(desk, language)
    with password:
        password_form(desk, actor, language)
    with codes:
        second_step.show(desk, actor, language)
    with reminded:
        reminders.show(desk, actor, language)


def password_form(desk: Desk, person: Actor, language: Language) -> None:
    """The current password, and the new one twice."""
    least, most = passwords.limits()
    with st.form("password_form", border=False):
        current = secret_inputs.password("account.current", "current-password", language, "input_account.current")
        fresh = secret_inputs.password("account.fresh", "new-password", language, "input_account.fresh")
        again = secret_inputs.password("account.again", "new-password", language, "input_account.again")
        st.caption(translate("account.rules", language, least=least, most=most))
        sent = st.form_submit_button(translate("account.save", language), type="primary", width="stretch")
    if sent:
        problem = tried(desk, person, current, fresh, again, language)
        if problem is None:
            st.rerun(scope="app")
        st.error(problem, icon=":material/error:")


def tried(desk: Desk, person: Actor, current: str, fresh: str, again: str, language: Language) -> str | None:
    """Change the password and begin a new session in place of all others; what is wrong, else None."""
    if fresh != again:
        return text_of("password.differ", {}, language)
    try:
        sessions.check_owner(desk, person)
        passwords.change(desk.store, person, current, fresh, sessions.address())
    except SalesDeskError as problem:
        return problem.text(language)
    sessions.begin(desk, person.person_id)
    st.session_state[CHANGED] = True
    return None


def session_list(desk: Desk, language: Language) -> None:
    """Where one is logged in; each but this one can be ended."""
    token = sessions.token_now()
    assert token is not None, "only somebody who is logged in comes here"
    found = desk.store.logins.own(token).to_dicts()
    for row in found:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            here = f" · :green[{translate('account.here', language)}]" if row["current"] else ""
            seen = instant(row["seen_at"], language, desk.store.company.zone)
            place = translate("account.seen", language, moment=seen, address=row["address"] or "–")
            st.markdown(f"**{plain(browser_named(row['agent'], language))}**{here}  \n{muted(place)}")
            if not row["current"]:
                button(translate("account.end", language), desk, row["id"])
    if len(found) > 1:
        button(translate("account.end_others", language), desk, None, width="stretch")


def button(label: str, desk: Desk, session_id: str | None, **more: Any) -> None:
    """Ends a session, or all others."""
    st.button(label, key=f"end_session_{session_id}", on_click=end, args=(desk, session_id), **more)


def end(desk: Desk, session_id: str | None) -> None:
    """End another session of one's own, or all others."""
    token = sessions.token_now()
    if token is not None:
        desk.store.logins.end(token, session_id)


def browser_named(agent: str | None, language: Language) -> str:
    """What a browser calls itself, in two words."""
    said = agent or ""
    words = [
        next((name for word, name in names.items() if re.search(word, said)), None) for names in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(word for word in words if word) or translate("account.unknown_browser", language)

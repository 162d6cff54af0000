"""One's own reminders: the address of the calendar, and the daily digest by mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.actions import digest
from dashboard.actions.calendar_feed import address_of
from dashboard.domain.access import Actor
from dashboard.errors import Misconfigured, SalesDeskError
from dashboard.i18n import Language, instant, translate
from dashboard.jobs import Desk
from dashboard.settings import load
from dashboard.store.tokens import Tokens
from dashboard.ui import sessions
from dashboard.ui.markdown import muted, plain

FRESH, PROBLEM = "calendar_address", "reminders_problem"


def show(desk: Desk, actor: Actor, language: Language) -> None:
    """Both, for whoever is logged in."""
    sessions.check_owner(desk, actor)
    if (problem := st.session_state.pop(PROBLEM, None)) is not None:
        st.error(plain(problem.text(language)), icon=":material/error:")
    calendar(desk, actor, language)
    mail(desk, actor, language)


def headed(part: str, language: Language) -> None:
    """What a part is called, and what it is for."""
    title, about = (translate(f"{part}.{word}", language) for word in ("title", "about"))
    st.markdown(f"**{title}**  \n{muted(about)}")


@contextmanager
def kept_refusal() -> Iterator[None]:
    """A refusal is kept for the dialog, which is drawn after the click."""
    try:
        yield
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem


def calendar(desk: Desk, actor: Actor, language: Language) -> None:
    """The address: made, shown once, ended."""
    st.markdown(
        f"**{translate('calendar_feed.title', language)}**  \n{muted(translate('calendar_feed.about', language))}"
    )
    found, zone = Tokens(desk.store).feed_of(actor.person_id), desk.store.company.zone
    if found and (fresh := st.session_state.pop(FRESH, None)):
        st.code(fresh, language=None, wrap_lines=True)
        st.caption(translate("calendar_feed.once", language))
    told = (
        [translate("calendar_feed.since", language, moment=instant(found["opened_at"], language, zone))]
        if found
        else []
    )
    if found and found["used_at"]:
        told.append(translate("calendar_feed.used", language, moment=instant(found["used_at"], language, zone)))
    st.markdown(muted(" ".join(told) or translate("calendar_feed.none", language)))
    with st.container(horizontal=True, gap="small"):
        label = translate("calendar_feed.again" if found else "calendar_feed.make", language)
        st.button(label, icon=":material/calendar_add_on:", key="calendar_make", on_click=make, args=(desk, actor))
        if found:
            label = translate("calendar_feed.end", language)
            st.button(label, type="tertiary", key="calendar_end", on_click=end, args=(desk, actor))


def make(desk: Desk, actor: Actor) -> None:
    """A new address in place of the old one."""
    with kept_refusal():
        sessions.check_owner(desk, actor)
        st.session_state[FRESH] = address_of(base_now(), Tokens(desk.store).issue_feed(actor))


def end(desk: Desk, actor: Actor) -> None:
    """The address opens nothing any more."""
    with kept_refusal():
        sessions.check_owner(desk, actor)
        if found := Tokens(desk.store).feed_of(actor.person_id):
            Tokens(desk.store).revoke(actor, actor.person_id, found["id"])


def base_now() -> str:
    """The address of the server as this browser reached it."""
    parts = str(st.context.url or "").split("/")
    return "/".join(parts[:3])


def mail(desk: Desk, actor: Actor, language: Language) -> None:
    """The digest: on or off, and what stands in its way."""
    headed("digest", language)
    if not can_send():
        st.markdown(muted(translate("digest.no_server", language)))
    if digest.subscribed(desk.store, actor):
        st.markdown(f":green[:material/check:] {translate('digest.is_on', language)}")
        label = translate("digest.stop", language)
        st.button(label, key="digest_stop", on_click=switch, args=(desk, actor, False))
    else:
        label = translate("digest.start", language)
        st.button(label, icon=":material/mail:", key="digest_start", on_click=switch, args=(desk, actor, True))


def switch(desk: Desk, actor: Actor, on: bool) -> None:
    """Begin or end the digest."""
    with kept_refusal():
        sessions.check_owner(desk, actor)
        (digest.subscribe if on else digest.unsubscribe)(desk.store, actor)


def can_send() -> bool:
    """Whether the settings name a mail server."""
    try:
        return load().smtp_url is not None
    except Misconfigured:
        return False

"""The entry script, run at every click: who is there, in which language, which pages, and the page itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[1]
if str(PROJECT) not in sys.path:  # Streamlit puts this script's own folder on the path, not the root
    sys.path.insert(0, str(PROJECT))

import streamlit as st  # noqa: E402

from dashboard.domain.access import Actor  # noqa: E402
from dashboard.errors import Forbidden  # noqa: E402
from dashboard.i18n import Language, translate  # noqa: E402
from dashboard.jobs import Desk, Running  # noqa: E402
from dashboard.sitemap import PAGES, Entry, landing, offered  # noqa: E402
from dashboard.ui import account, brand, handover, login, sessions, shell, viewing  # noqa: E402
from dashboard.ui.boundary import boundary  # noqa: E402
from dashboard.ui.languages import language_of, tell_the_document  # noqa: E402
from dashboard.ui.quick import dialog as quick  # noqa: E402

ROOT = ""
"""The address of the root as Streamlit says it; a page needs another one of its own."""
ROOT_PAGE = "home"


def run() -> None:
    """One run for one person."""
    desk = Running.desk
    person, password_due = sessions.arrive(desk) if desk else (None, False)
    actor = None if password_due else person
    language = language_of(person.language if person else None)
    seen_by = viewing.eyes(desk, actor) if desk and actor else None
    eyes = with_all_rights(desk, seen_by) if desk and seen_by else None
    entry = landing(eyes) if eyes else None
    brand.mark_the_tab()
    page = st.navigation(pages_for(eyes, language), position="sidebar" if actor else "hidden")
    if (viewing.moved() or page.url_path == ROOT) and entry:
        st.switch_page(PROJECT / entry.file)
    brand.show(language, page.title if actor else translate("login.submit", language))
    tell_the_document(language)
    handover.show(language)
    with boundary(language):
        if desk is None:
            st.info(translate("shell.starting", language), icon=":material/hourglass_empty:")
        elif person is None:
            login.show(desk, language)
        elif actor is None:
            account.ask_for_a_password(desk, person, language)
        elif seen_by:
            sessions.watch(desk)
            shell.show(desk, actor, language)
            viewing.tell(desk, actor, language)
            viewing.banner(seen_by, language)
            page.run()
            quick.show_asked_for()


def with_all_rights(desk: Desk, seen_by: Actor) -> Actor:
    """Whose pages stand in the navigation: those of the person, also for an administrator who only looks at them."""
    return desk.store.actor(seen_by.person_id).model_copy(update={"viewer": seen_by.viewer})


def pages_for(actor: Actor | None, language: Language) -> list[st.Page]:
    """Every page at its own address, and the root, which nobody stays at: it leads on to where a person lands.

    A page that is not for the person is replaced by a refusal and stays out of the navigation. Its address stays known,
    so that it survives the login and so that the refusal speaks the person's language.
    """
    mine = PAGES if actor is None else offered(actor)
    goal = landing(actor) if actor else None
    root = st.Page(
        refusal_of(None, language),
        title=translate("app.name", language),
        url_path=ROOT_PAGE,
        default=True,
        visibility="hidden",
    )
    return [
        root,
        *(page_of(entry, language) for entry in mine),
        *(refused_page(entry, goal, language) for entry in PAGES if entry not in mine),
    ]


def page_of(entry: Entry, language: Language) -> st.Page:
    """A page as Streamlit knows it."""
    title, summary = (translate(f"page.{entry.slug}.{text}", language) for text in ("title", "help"))
    return st.Page(PROJECT / entry.file, title=title, icon=entry.icon, help=summary, url_path=entry.slug)


def refused_page(entry: Entry, goal: Entry | None, language: Language) -> st.Page:
    """What stands at the address of a page that is not for this person."""
    title = translate(f"page.{entry.slug}.title", language)
    return st.Page(refusal_of(goal, language), title=title, icon=entry.icon, url_path=entry.slug, visibility="hidden")


def refusal_of(goal: Entry | None, language: Language) -> Callable[[], None]:
    """A page that refuses, with the way to where the person lands."""

    def refuse() -> None:
        if goal:
            title = translate(f"page.{goal.slug}.title", language)
            st.page_link(PROJECT / goal.file, label=translate("shell.go_to", language, page=title))
        raise Forbidden("access.forbidden")

    return refuse


run()

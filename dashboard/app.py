"""The entry script, run at every click: who is there, in which language, which pages, and the page itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:  # Streamlit puts this script's own folder on the path, not the root
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from dashboard.domain.access import Actor  # noqa: E402
from dashboard.errors import Forbidden  # noqa: E402
from dashboard.i18n import Language, translate  # noqa: E402
from dashboard.jobs import Running  # noqa: E402
from dashboard.sitemap import PAGES, Entry, is_offered  # noqa: E402
from dashboard.ui import account, brand, handover, login, sessions, shell, viewing  # noqa: E402
from dashboard.ui.boundary import boundary  # noqa: E402
from dashboard.ui.languages import language_of, tell_the_document  # noqa: E402

ROOT_PAGE = "home"  # the same for everybody, so that a login at the root stays there


def run() -> None:
    """One run for one person."""
    desk = Running.desk
    person, password_due = sessions.arrive(desk) if desk else (None, False)
    actor = None if password_due else person
    language = language_of(person.language if person else None)
    seen_by = viewing.eyes(desk, actor) if desk and actor else None
    pages = pages_for(desk.store.actor(seen_by.person_id) if desk and seen_by else None, language)
    page = st.navigation(pages, position="sidebar" if actor else "hidden")
    if actor and viewing.moved():
        st.switch_page(pages[0])
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


def pages_for(actor: Actor | None, language: Language) -> list[st.Page]:
    """Every page; the first is where a person lands, and it is also found at its own address.

    One that is not for the person is replaced by a refusal and stays out of the navigation. Its address stays known,
    so that it survives the login and so that the refusal speaks the person's language.
    """
    if actor is None:  # what stands at the root is known after the login only
        title = translate("login.submit", language)
        return [
            st.Page(lambda: None, title=title, url_path=ROOT_PAGE, default=True),
            *(page_of(entry, language) for entry in PAGES),
        ]
    offered = [entry for entry in PAGES if is_offered(entry, actor)]
    found = [page_of(entry, language, url_path=ROOT_PAGE, default=True) for entry in offered[:1]]
    found += [page_of(entry, language) for entry in offered[1:]]
    aliases = [page_of(entry, language, visibility="hidden") for entry in offered[:1]]
    return [*found, *aliases, *(refusal_of(entry, language, found) for entry in PAGES if entry not in offered)]


def page_of(entry: Entry, language: Language, **more: Any) -> st.Page:
    """A page as Streamlit knows it."""
    title, summary = (translate(f"page.{entry.slug}.{text}", language) for text in ("title", "help"))
    looks: dict[str, Any] = {"title": title, "icon": entry.icon, "help": summary, "url_path": entry.slug}
    return st.Page(Path(ROOT) / entry.file, **looks | more)


def refusal_of(entry: Entry, language: Language, instead: list[st.Page]) -> st.Page:
    """What stands at the address of a page that is not for this person."""

    def refuse() -> None:
        for page in instead[:1]:
            st.page_link(page, label=translate("shell.go_to", language, page=page.title))
        raise Forbidden("access.forbidden")

    title = translate(f"page.{entry.slug}.title", language)
    return st.Page(refuse, title=title, icon=entry.icon, url_path=entry.slug, visibility="hidden")


run()

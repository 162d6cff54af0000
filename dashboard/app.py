"""The entry script, run at every click: who is there, in which language, which pages, and the page itself."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:  # Streamlit puts this script's own folder on the path, not the root
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from dashboard.domain.access import Actor  # noqa: E402
from dashboard.errors import Forbidden  # noqa: E402
from dashboard.i18n import Language, translate  # noqa: E402
from dashboard.jobs import Running  # noqa: E402
from dashboard.sitemap import PAGES, Entry, is_offered  # noqa: E402
from dashboard.ui import brand, login, sessions, shell  # noqa: E402
from dashboard.ui.boundary import boundary  # noqa: E402
from dashboard.ui.languages import language_of, tell_the_document  # noqa: E402


def run() -> None:
    """One run for one person."""
    desk = Running.desk
    actor = sessions.actor_or_nobody(desk) if desk else None
    language = language_of(actor.language if actor else None)
    page = st.navigation(
        [page_of(entry, actor, language) for entry in in_order(actor)], position="sidebar" if actor else "hidden"
    )
    brand.show(language, page.title if actor else translate("login.submit", language))
    tell_the_document(language)
    with boundary(language):
        if desk is None:
            st.info(translate("shell.starting", language), icon=":material/hourglass_empty:")
        elif actor is None:
            login.show(desk, language)
        else:
            shell.show(desk, actor, language)
            page.run()


def in_order(actor: Actor | None) -> list[Entry]:
    """All pages, those that the person is offered first: the first one is where they land."""
    return sorted(PAGES, key=lambda entry: actor is not None and not is_offered(entry, actor))


def page_of(entry: Entry, actor: Actor | None, language: Language) -> st.Page:
    """A page as Streamlit knows it. One that is not for the person stays out of sight and only says so.

    The address stays known, so that it survives the login and so that the refusal speaks the person's language.
    """
    title = translate(f"page.{entry.slug}.title", language)
    if actor is None or is_offered(entry, actor):
        summary = translate(f"page.{entry.slug}.help", language)
        return st.Page(Path(ROOT) / entry.file, title=title, icon=entry.icon, url_path=entry.slug, help=summary)
    return st.Page(refuse, title=title, icon=entry.icon, url_path=entry.slug, visibility="hidden")


def refuse() -> None:
    """Instead of a page that is not for this person."""
    raise Forbidden("access.forbidden")


run()

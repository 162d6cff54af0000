"""Ways on from a page: a button to another page, where that is offered to the person."""

from __future__ import annotations

import streamlit as st

from dashboard.settings import ROOT
from dashboard.sitemap import PAGES, Entry, is_offered
from dashboard.ui.rooms import ID
from dashboard.ui.visit import Visit


def entry_of(visit: Visit, slug: str) -> Entry | None:
    """The page of this address, when it is offered to the person."""
    return next((entry for entry in PAGES if entry.slug == slug and is_offered(entry, visit.actor)), None)


def button(visit: Visit, slug: str, label: str, key: str, query: dict[str, str] | None = None) -> bool:
    """A button that leads to a page; False where the person is not offered it, and nothing was drawn."""
    entry = entry_of(visit, slug)
    if entry is None:
        return False
    if st.button(visit.text(label), icon=entry.icon, key=key):
        st.switch_page(ROOT / entry.file, query_params=query)
    return True


def to_record(visit: Visit, slug: str, record: str, label: str) -> None:
    """A link to a record on its page, where the person is offered that page."""
    if entry := entry_of(visit, slug):
        st.page_link(ROOT / entry.file, label=label, icon=entry.icon, query_params={ID: record})

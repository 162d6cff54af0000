"""Ways on from a page: a button to another page, where that is offered to the person."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.settings import ROOT
from dashboard.sitemap import PAGES, Entry, is_offered
from dashboard.ui.rooms import ID
from dashboard.ui.visit import Visit


def entry_of(visit: Visit, slug: str) -> Entry | None:
    """The page of this address, when it is offered to the person."""
    return next((entry for entry in PAGES if entry.slug == slug and is_offered(entry, visit.actor)), None)


def file_of(entry: Entry) -> Path:
    """Where a page stands."""
    return ROOT / entry.file


def button(visit: Visit, slug: str, label: str, key: str, query: dict[str, str] | None = None) -> bool:
    """A button that leads to a page; False where the person is not offered it, and nothing was drawn."""
    entry = entry_of(visit, slug)
    if entry is None:
        return False
    if st.button(visit.text(label), icon=entry.icon, key=key):
        st.switch_page(file_of(entry), query_params=query)
    return True


def to_record(visit: Visit, slug: str, record: str, label: str) -> None:
    """A link to a record on its page, where the person is offered that page."""
    if entry := entry_of(visit, slug):
        st.page_link(file_of(entry), label=label, icon=entry.icon, query_params={ID: record})

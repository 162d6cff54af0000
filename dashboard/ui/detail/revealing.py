"""The way to a masked detail: which one, why, and then the value, until the page is drawn again."""

from __future__ import annotations

import streamlit as st

from dashboard.actions.reveal import reveal, revealable
from dashboard.domain.entities import Entity
from dashboard.domain.labels import field_label
from dashboard.ui.boundary import guarded
from dashboard.ui.detail.values import Record
from dashboard.ui.visit import Visit

MASK = "***"


def show(visit: Visit, entity: Entity, record: Record) -> None:
    """A popover where something is masked that the person may ask for."""
    known = revealable(visit.actor, entity.name)
    hidden = [name for name in known if MASK in str(record.get(name) or "")]
    if not hidden:
        return
    slot = f"reveal_{record['id']}"
    box = st.popover(visit.text("reveal.title"), icon=":material/visibility:", key=slot, on_change="rerun")
    if box.open:
        with box, st.form(f"{slot}_form", border=False):
            field = st.selectbox(
                visit.text("reveal.field"),
                hidden,
                format_func=lambda name: field_label(entity.name, name, visit.language),
                key=f"{slot}_field_{visit.language}",
            )
            why = st.text_input(visit.text("reveal.why"), max_chars=200, key=f"{slot}_why")
            if st.form_submit_button(visit.text("reveal.do"), type="primary"):
                with guarded(visit.language):
                    value = reveal(visit.desk.store, visit.actor, entity.name, record["id"], str(field), why)
                    st.code(value or "", language=None)

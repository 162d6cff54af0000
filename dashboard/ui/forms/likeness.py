"""While a record is being captured: which others may be the same, and why; a name opens its record."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import duplicates
from dashboard.actions.duplicates import Match, Reason
from dashboard.domain.labels import entity_label, field_label
from dashboard.errors import Limited
from dashboard.ui.detail.links import PAGES
from dashboard.ui.forms.state import Form
from dashboard.ui.markdown import muted, plain
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit


def show(visit: Visit, form: Form) -> None:
    """The likely duplicates of what is typed, for the entities that are compared."""
    names = duplicates.COMPARED.get(form.entity.name, ())
    if not any(form.changed.get(name) for name in names):
        return
    try:
        found = duplicates.likely(
            visit.desk.store,
            visit.actor,
            form.entity.name,
            form.values,
            form.record_id if form.version is not None else None,
        )
    except Limited as problem:
        st.caption(plain(problem.text(visit.language)))
        return
    if found.matches or found.elsewhere:
        with st.container(border=True, gap="small", key=f"{form.name}|likeness"):
            st.markdown(f":material/content_copy: **{plain(visit.text('likeness.title'))}**")
            for match in found.matches:
                line(visit, match)
            for field in found.elsewhere:
                label = field_label(form.entity.name, field, visit.language)
                st.markdown(plain(visit.text("likeness.elsewhere", field=label)))


def line(visit: Visit, match: Match) -> None:
    """One record: what it is, what it is called, why it is here, and the way to it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"likeness_{match.entity}_{match.id}"):
        kind = entity_label(match.entity, visit.language)
        called = " · ".join(part for part in (kind, match.number, match.title) if part)
        st.markdown(f"{plain(called)}  \n{muted(reason(visit, match))}", width="stretch")
        ways.to_record(
            visit,
            PAGES["customer" if match.customer_id else match.entity],
            match.customer_id or match.id,
            visit.text("list.open"),
        )


def reason(visit: Visit, match: Match) -> str:
    """Why a record may be the same."""
    if match.reason is Reason.SIMILAR:
        return visit.text("likeness.similar", share=match.score)
    return visit.text(f"likeness.{match.reason}")

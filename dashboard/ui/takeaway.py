"""All figures of a page as one file, made when it is asked for."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.actions.exports import archive_of, book_of, export_figures
from dashboard.domain.access import Actor
from dashboard.ui import deferred
from dashboard.ui.visit import Visit

RENDERED = {"XLSX": (book_of, "xlsx"), "CSV": (archive_of, "zip")}
"""What a file is called on its button: how it is written, and its ending."""


def offer(visit: Visit, page: str) -> None:
    """The files of everything that the page will have explained by the time that one is asked for."""
    with st.popover(visit.text("common.export"), icon=":material/download:", key=f"{page}_takeaway"):
        for kind, (_, ending) in RENDERED.items():
            name = f"{page}-{visit.today.isoformat()}.{ending}"
            label = visit.text("common.export_as", kind=kind)
            deferred.button(visit, label, name, partial(file_of, visit, page, kind), f"{page}_export_{ending}")


def file_of(visit: Visit, page: str, kind: str, actor: Actor) -> bytes:
    """The file, for whoever is there when it is asked for."""
    marts = visit.desk.marts
    assert marts is not None, "the page showed numbers"
    found = export_figures(visit.desk.store, marts, actor, page, visit.figures, visit.language)
    return RENDERED[kind][0](found)

"""The imports so far, each with what it did and the undo."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dashboard.actions import imports
from dashboard.actions.exports import export_records, files_of
from dashboard.domain.access import Action, Actor
from dashboard.domain.labels import choice_label
from dashboard.domain.queries import Sort
from dashboard.errors import Refused, SalesDeskError
from dashboard.i18n import instant
from dashboard.ui import deferred
from dashboard.ui.boundary import refused
from dashboard.ui.importing.rehearsal import FRESH_SECONDS, JUST_DONE
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

FIRST, MORE = 8, 20
SHOWN = "import_batches_shown"
LEAVE = "import_undo_leaves"
"""The batch of which a part would have to stay."""

FIELDS = ("name", "person_id", "preset", "counts", "status", "committed_revision", "undone_revision")
SORT = (Sort("created_at", descending=True),)


def show(visit: Visit) -> None:
    """The latest imports within the person's reach, newest first."""
    st.subheader(visit.text("importing.batches.title"), anchor=False)
    wanted = int(st.session_state.get(SHOWN, FIRST))
    found = visit.desk.store.find(visit.actor, "import_batch", sort=SORT, limit=wanted + 1, fields=FIELDS)
    if found.is_empty():
        st.markdown(muted(visit.text("importing.batches.none")))
        return
    people = visit.names("person", found["person_id"].drop_nulls())
    for row in found.head(wanted).iter_rows(named=True):
        batch(visit, row, people)
    with st.container(horizontal=True, gap="small"):
        if found.height > wanted:
            st.button(
                visit.text("importing.batches.more"),
                key="import_batches_more",
                type="tertiary",
                icon=":material/expand_more:",
                on_click=want_more,
                args=(wanted + MORE,),
            )
        downloads(visit)


def want_more(rows: int) -> None:
    """Remember that more batches are wanted."""
    st.session_state[SHOWN] = rows


def batch(visit: Visit, row: dict[str, Any], people: dict[str, str]) -> None:
    """One import: number, files, when and by whom, what it did, and the undo."""
    just_done = st.session_state.get(JUST_DONE) == row["id"]
    with (
        st.container(border=True, key=f"import_batch_{row['number']}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch"):
            icon = ":material/check_circle: " if just_done else ""
            st.markdown(f"{icon}**{plain(row['number'])}** · {plain(row['name'])}")
            when = instant(row["created_at"], visit.language, visit.desk.store.company.zone)
            facts = [when, people.get(row["person_id"]), counted(visit, row["counts"])]
            st.markdown(muted(" · ".join(fact for fact in facts if fact)))
        st.markdown(badge(visit, row["status"]), width="content")
        if row["status"] == "committed":
            undo(visit, row)


def badge(visit: Visit, status: str) -> str:
    """The state of an import."""
    colour = "green" if status == "committed" else "gray"
    return f":{colour}-badge[{plain(choice_label('import_batch', 'status', status, visit.language))}]"


def counted(visit: Visit, text: str | None) -> str:
    """What the rows came to: the outcomes that occur."""
    found = json.loads(text or "{}")
    total: dict[str, int] = {}
    for counts in found.values():
        for outcome, count in counts.items():
            total[outcome] = total.get(outcome, 0) + count
    parts = [
        visit.text("importing.batches.count", outcome=visit.text(f"import.outcome.{outcome}"), n=count)
        for outcome, count in total.items()
        if count
    ]
    return " · ".join(parts)


def undo(visit: Visit, row: dict[str, Any]) -> None:
    """The undo, after a confirmation; what changed since is named, and the rest can be undone without it."""
    left = st.session_state.get(LEAVE) == row["id"]
    with st.popover(visit.text("importing.undo.open"), icon=":material/undo:", key=f"import_undo_{row['number']}"):
        st.markdown(plain(visit.text("importing.undo.what", number=row["number"])))
        if st.button(visit.text("importing.undo.confirm"), type="primary", key=f"import_undo_yes_{row['number']}"):
            take_back(visit, row, leave_changed=False)
        elif left and st.button(visit.text("importing.undo.leave"), key=f"import_undo_leave_{row['number']}"):
            take_back(visit, row, leave_changed=True)


def take_back(visit: Visit, row: dict[str, Any], *, leave_changed: bool) -> None:
    """Undo an import as one change-set."""
    try:
        with st.spinner(visit.text("importing.undo.running"), show_time=True):
            undone = imports.undo(visit.desk.store, visit.actor, row["id"], leave_changed=leave_changed)
            visit.desk.wait_for(undone.revision, FRESH_SECONDS)
    except SalesDeskError as problem:
        refused(problem, visit.language)
        if isinstance(problem, Refused) and problem.code == "import.changed_since":
            st.session_state[LEAVE] = row["id"]
            st.button(visit.text("importing.undo.leave"), key=f"import_undo_leave_{row['number']}")
        return
    st.session_state.pop(LEAVE, None)
    st.session_state.pop(JUST_DONE, None)
    st.rerun()


def downloads(visit: Visit) -> None:
    """The list as a file, for whoever may take it out."""
    if not visit.actor.grants("import_batch", Action.EXPORT):
        return
    for ending in ("xlsx", "csv"):
        name = f"imports-{visit.today.isoformat()}.{ending}"

        def make(actor: Actor, name: str = name) -> bytes:
            export = export_records(visit.desk.store, actor, "import_batch", visit.language, sort=SORT)
            return files_of(export, name)[name]

        label = visit.text("importing.batches.export", kind=ending.upper())
        deferred.button(visit, label, name, make, f"import_batches_{ending}")

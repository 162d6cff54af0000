"""The files of a record: listed, downloaded, attached and archived by whoever may."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard.actions import files, records
from dashboard.actions.files import FILED
from dashboard.domain.access import Action, Actor
from dashboard.domain.files import ENDINGS, MOST_BYTES
from dashboard.domain.ids import new_id
from dashboard.domain.quantities import megabytes
from dashboard.errors import SalesDeskError
from dashboard.store.rights import allowed
from dashboard.ui import deferred
from dashboard.ui.boundary import boundary, refused
from dashboard.ui.detail.values import Record, moment
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.uploads import in_words
from dashboard.ui.visit import Visit, arrive

DROP = "files_drop"
TURN, TOKEN = "files_turn", "files_token"


def show(visit: Visit, entity: str, record: Record) -> None:
    """The files, for whoever may read files at all."""
    if entity in FILED and visit.actor.grants("attachment", Action.READ):
        st.subheader(visit.text("files.title"), anchor=False)
        body(entity, record["id"], archived=record["archived_at"] is not None)


@st.fragment
def body(entity: str, record_id: str, *, archived: bool) -> None:
    """The list and the drop zone: it runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        rows = files.files_of(visit.desk.store, visit.actor, entity, record_id)
        names = visit.names("person", list(authors(visit, rows).values()))
        for row in rows:
            line(visit, row, names.get(authors(visit, [row])[row["id"]], ""), archived=archived)
        if not archived and visit.actor.grants("attachment", Action.CREATE):
            adding(visit, entity, record_id)


def authors(visit: Visit, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Who attached each file."""
    return {row["id"]: visit.desk.store.history(visit.actor, "attachment", row["id"])["actor_id"][0] for row in rows}


def line(visit: Visit, row: dict[str, Any], who: str, *, archived: bool) -> None:
    """One file with what can be done with it. archived: whether the record is, whose files stay then as they are."""
    when, size = moment(visit, row["created_at"]), size_of(row["size_bytes"])
    about = visit.text("files.line", size=size, who=who or visit.text("history.machine"), moment=when)
    with st.container(horizontal=True, vertical_alignment="center", key=f"file_{row['id']}"):
        with st.container(gap=None):
            st.markdown(f":material/description: {plain(row['name'])}  \n{muted(about)}")
        make = partial(content, visit, row["id"])
        deferred.button(visit, visit.text("files.download"), row["name"], make, f"file_get_{row['id']}")
        if not archived and Action.ARCHIVE in allowed(
            visit.desk.store, visit.actor, "attachment", row["id"], {Action.ARCHIVE}
        ):
            label = visit.text("files.archive")
            if st.button(label, key=f"file_archive_{row['id']}", icon=":material/archive:", type="tertiary"):
                archive(visit, row)


def content(visit: Visit, attachment_id: str, actor: Actor) -> bytes:
    """The file, for whoever is there when it is asked for."""
    return files.open_file(visit.desk.store, actor, attachment_id).content


def size_of(size_bytes: int) -> str:
    """A size for people."""
    return f"{megabytes(size_bytes)} MB" if size_bytes >= 1024**2 else f"{max(size_bytes // 1024, 1)} KB"


def adding(visit: Visit, entity: str, record_id: str) -> None:
    """The drop zone, and the button that attaches what was dropped, once."""
    turn = st.session_state.setdefault(f"{TURN}_{record_id}", 0)
    with st.expander(visit.text("files.add"), icon=":material/attach_file:", key=f"{DROP}_box"):
        with st.container(key=DROP):
            file = st.file_uploader(
                visit.text("files.add"),
                type=[ending for endings in ENDINGS.values() for ending in endings],
                label_visibility="collapsed",
                key=f"files_upload_{record_id}_{turn}",
                max_upload_size=MOST_BYTES // 1024**2,
            )
        st.html(in_words(visit, DROP, "files.pick", "files.drop"))
        st.markdown(muted(visit.text("files.kinds", limit=MOST_BYTES // 1024**2)))
        label = visit.text("files.attach")
        if st.button(label, key="files_attach", icon=":material/upload:", disabled=file is None) and file is not None:
            add(visit, entity, record_id, file.name, file.getvalue())


def add(visit: Visit, entity: str, record_id: str, name: str, data: bytes) -> None:
    """Attach it; a refusal is said in its place."""
    token = st.session_state.setdefault(f"{TOKEN}_{record_id}", new_id())
    try:
        files.attach(visit.desk.store, visit.actor, entity, record_id, name, data, attachment_id=token)
    except SalesDeskError as problem:
        refused(problem, visit.language)
        return
    st.session_state.pop(f"{TOKEN}_{record_id}")
    st.session_state[f"{TURN}_{record_id}"] += 1
    st.rerun()


def archive(visit: Visit, row: dict[str, Any]) -> None:
    """Lay it aside; nothing is deleted."""
    try:
        records.take(visit.desk.store, visit.actor, "attachment", "archive", row["id"], row["version"])
    except SalesDeskError as problem:
        refused(problem, visit.language)
        return
    st.toast(visit.text("files.archived", name=plain(row["name"])))
    st.rerun()

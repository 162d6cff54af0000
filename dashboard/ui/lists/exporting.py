"""Taking out exactly what a list shows: the same rows in the same order, with the same columns."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from dashboard.actions import exports
from dashboard.domain.access import Action, Reach
from dashboard.errors import SalesDeskError
from dashboard.ui.forms.words import refusal
from dashboard.ui.lists import address, filters
from dashboard.ui.lists.address import BOARD, SYSTEM, Asked
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.visit import Visit

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
ENDINGS = ("xlsx", "csv")


def offer(visit: Visit, room: Room, asked: Asked) -> None:
    """The export, for whom it is; the file is made on request only, because that is noted."""
    grants = visit.actor.grants(room.entity, Action.EXPORT)
    if not any(grant.reach in (room.taken_out or Reach) for grant in grants):
        return
    with st.popover(visit.text("common.export"), icon=":material/download:", key=f"{room.name}_export"):
        st.markdown(visit.text("list.export_help"))
        for ending in ENDINGS:
            if st.button(visit.text(f"list.export_{ending}"), key=f"{room.name}_export_{ending}", width="stretch"):
                made(visit, room, asked, ending)


def made(visit: Visit, room: Room, asked: Asked, ending: str) -> None:
    """The file, ready to be fetched, or why there is none."""
    fields = [name for name in asked.columns if name not in SYSTEM]
    on_board = room.on_board if room.board and asked.look == BOARD else None
    where = on_board(visit, room, asked) if on_board else address.conditions(visit, room, asked)
    order = room.waiting(visit, room, where) if room.waiting and asked.sort.field == WAITING else ()
    try:
        export = exports.export_records(
            visit.desk.store,
            visit.actor,
            room.entity,
            visit.language,
            where,
            [] if order else [asked.sort],
            fields,
            archived=asked.archived,
            told="; ".join(filters.said(visit, room, asked)),
            as_of=asked.as_of,
            order=order,
        )
        files = exports.files_of(export, f"{room.declared.plural}.{ending}")
    except SalesDeskError as problem:
        st.error(plain(refusal(problem, visit.language, room.entity)))
        return
    name, content = one_file(files)
    st.download_button(
        visit.text("list.download", n=export.frame.height),
        content,
        file_name=name,
        mime=MIME[name.rpartition(".")[2]],
        type="primary",
        icon=":material/download:",
        key=f"{room.name}_download_{ending}",
        on_click="ignore",
        width="stretch",
    )


def one_file(files: dict[str, bytes]) -> tuple[str, bytes]:
    """One file as it is, several as an archive."""
    if len(files) == 1:
        return next(iter(files.items()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return f"{next(iter(files)).rpartition('.')[0]}.zip", buffer.getvalue()

"""What a record is made of: the products of a deal, whose credit it is, who takes part; and the way to change them."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard.actions.parts import parts_of
from dashboard.domain.access import Action
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.seeing import seen
from dashboard.ui import rooms
from dashboard.ui.detail.values import names_in, written
from dashboard.ui.markdown import muted
from dashboard.ui.rooms import Room
from dashboard.ui.sheets.kinds import PARTS, Part
from dashboard.ui.sheets.page import may_edit, worth
from dashboard.ui.visit import Visit

TALLEST = 250  # pixels


def show(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """Each kind of part that there is, or that the person may add."""
    for part in PARTS.get(room.entity, ()):
        shown = [field for field in part.shown if field in seen(visit.actor, part.declared)]
        if not shown or not visit.actor.grants(part.entity, Action.READ):
            continue
        rows = parts_of(visit.desk.store, visit.actor, room.entity, record["id"], part.entity)
        may = may_edit(visit, room, record, part)
        if rows or may:
            heading(visit, room, record, part, may=may)
        if rows:
            with st.container(key=f"parts_{part.entity}_table"):
                table(visit, part, [name for name in shown if name in rows[0]], rows, record)


def heading(visit: Visit, room: Room, record: dict[str, Any], part: Part, *, may: bool) -> None:
    """What the parts are called, and the button that opens their sheet."""
    label = entity_label(part.entity, visit.language, many=True)
    with st.container(horizontal=True, vertical_alignment="center", key=f"parts_{part.entity}_heading"):
        st.subheader(label, anchor=False, width="stretch")
        if may:
            st.button(
                visit.text("sheet.open"),
                icon=":material/edit:",
                type="tertiary",
                key=f"parts_{part.entity}_edit",
                on_click=rooms.open_sheet,
                args=(room, record["id"], part.entity),
            )


def table(visit: Visit, part: Part, shown: list[str], rows: list[dict[str, Any]], record: dict[str, Any]) -> None:
    """The rows in words and what they come to; amounts are in the currency of the record that they are a part of."""
    names = names_in(visit, part.declared, rows)
    lines = [[written(visit, part.declared, name, row[name], record, names) for name in shown] for row in rows]
    st.dataframe(
        pl.DataFrame(lines, schema=dict.fromkeys(shown, pl.String), orient="row"),
        hide_index=True,
        column_config={name: field_label(part.entity, name, visit.language) for name in shown},
        height=min(TALLEST, 41 + 35 * len(rows)),
        key=f"parts_{part.entity}",
        alt=entity_label(part.entity, visit.language, many=True),
    )
    if amount := worth(visit, part, rows, record):
        words = visit.text("sheet.total", amount=amount)
        if part.switch and (choice := record.get(part.switch)):
            words = f"{words} · {visit.text(f'sheet.{part.switch}_is.{choice}')}"
        st.markdown(muted(words))

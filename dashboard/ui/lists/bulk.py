"""Changing many records together: choose what, see before and after, then write all of them or none."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.actions import bulk
from dashboard.actions.bulk import Preview
from dashboard.domain.access import Action, ownership_of
from dashboard.domain.labels import field_label, verb_label
from dashboard.errors import Forbidden, Invalid, SalesDeskError
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import names_in, written
from dashboard.ui.forms import inputs, options
from dashboard.ui.forms.words import refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

ASKED = "bulk_asked"
TALLEST = 320


class Asking(NamedTuple):
    """Records that shall be changed together."""

    ids: tuple[str, ...]
    turn: int


def offer(visit: Visit, room: Room, ids: list[str]) -> None:
    """The button, once rows are ticked."""
    if ids and groups_of(visit, room):
        st.button(
            visit.text("bulk.open", n=len(ids)),
            icon=":material/edit_note:",
            key=f"{room.page}_bulk",
            on_click=ask,
            args=(tuple(ids),),
        )


def groups_of(visit: Visit, room: Room) -> list[tuple[str, ...]]:
    """The groups of fields that this person may give to many records."""
    people = set(ownership_of(room.declared).people)
    found = []
    for group in room.bulk:
        right = Action.ASSIGN if people & set(group) else Action.UPDATE
        if visit.actor.grants(room.entity, right):
            found.append(group)
    return found


def ask(ids: tuple[str, ...]) -> None:
    """Open the dialog once the page is drawn."""
    turn = int(st.session_state.get("bulk_turn", 0)) + 1
    st.session_state["bulk_turn"] = turn
    st.session_state[ASKED] = Asking(ids, turn)


def show_asked_for(visit: Visit, room: Room) -> None:
    """Open the dialog that was asked for; it stays open until it is done or dismissed."""
    asked = st.session_state.get(ASKED)
    if isinstance(asked, Asking):
        title = visit.text("bulk.title", n=len(asked.ids))
        st.dialog(title, width="large", on_dismiss=dismiss)(dialog)(room, asked)


def dismiss() -> None:
    """Forget what was asked for."""
    st.session_state.pop(ASKED, None)


def dialog(room: Room, asked: Asking) -> None:
    """What to change and to what; then what that does. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        groups = {group[0]: group for group in groups_of(visit, room)}
        if not groups:
            raise Forbidden("access.forbidden", entity=room.entity, action="update")
        chosen = st.segmented_control(
            visit.text("bulk.what"),
            list(groups),
            format_func=lambda name: field_label(room.entity, name, visit.language),
            default=next(iter(groups)),
            required=True,
            key=f"bulk|{asked.turn}|what",
        )
        raw = {name: question(visit, room, asked, name) for name in groups.get(str(chosen), ())}
        why = st.text_input(visit.text("detail.why"), key=f"bulk|{asked.turn}|why")
        try:
            seen = bulk.preview(visit.desk.store, visit.actor, room.entity, asked.ids, understood(room, raw))
        except SalesDeskError as problem:
            st.markdown(muted(refusal(problem, visit.language, room.entity)))
            return
        table(visit, room, seen)
        label = visit.text("bulk.do", n=seen.rows.height)
        if st.button(label, type="primary", key=f"bulk|{asked.turn}|do", disabled=seen.rows.height == 0):
            write(visit, room, seen, why)


def question(visit: Visit, room: Room, asked: Asking, name: str) -> Any:
    """The new value of one field."""
    field = room.declared.by_name[name]
    return inputs.draw(visit, room.declared, field, f"bulk|{asked.turn}|{name}|{visit.language}", None, {})


def understood(room: Room, raw: dict[str, Any]) -> dict[str, Any]:
    """The typed values; what is left empty is not changed."""
    values: dict[str, Any] = {}
    for name, typed in raw.items():
        value, problem = inputs.understood(room.declared.by_name[name], typed)
        if problem:
            raise Invalid([problem])
        if value is not None:
            values[name] = value
    return values


def table(visit: Visit, room: Room, seen: Preview) -> None:
    """Before and after, record by record."""
    entity, rows = room.declared, seen.rows.to_dicts()
    names = names_in(visit, entity, rows)
    for name, value in seen.values.items():
        if entity.by_name[name].to:  # what a browser sent may be anything
            names = {value: options.label(visit, entity.by_name[name], value, None)} | names
    lines = []
    for row in rows:
        title = row.get(entity.title or "number") or row.get("number") or ""
        pairs = [
            (written(visit, entity, name, row.get(name), row, names), written(visit, entity, name, value, row, names))
            for name, value in seen.values.items()
        ]
        lines.append((str(title), *(words for pair in pairs for words in pair)))
    titles = [field_label(room.entity, entity.title or "number", visit.language)]
    for name in seen.values:
        label = field_label(room.entity, name, visit.language)
        titles += [visit.text("bulk.before", field=label), visit.text("bulk.after", field=label)]
    frame = pl.DataFrame(lines, schema=dict.fromkeys(titles, pl.String), orient="row")
    st.dataframe(
        frame, hide_index=True, height=min(TALLEST, 41 + 35 * max(frame.height, 1)), alt=visit.text("bulk.what")
    )
    notes = [visit.text("bulk.same", n=seen.same)] if seen.same else []
    notes += [visit.text("bulk.beyond", n=seen.beyond)] if seen.beyond else []
    if notes:
        st.markdown(muted(*notes))


def write(visit: Visit, room: Room, seen: Preview, why: str | None) -> None:
    """Write what was shown, then show the list anew with nothing ticked."""
    try:
        bulk.apply(visit.desk.store, visit.actor, seen, (why or "").strip() or None)
    except SalesDeskError as problem:
        st.error(plain(refusal(problem, visit.language, room.entity)), icon=":material/error:")
        return
    dismiss()
    slot = f"{room.page}_turn"
    st.session_state[slot] = int(st.session_state.get(slot, 0)) + 1
    st.toast(visit.text("bulk.done", verb=verb_label(room.entity, "update", visit.language), n=seen.rows.height))
    st.rerun()

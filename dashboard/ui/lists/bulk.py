"""Changing many records together: choose what, see before and after, then write all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import polars as pl
import streamlit as st

from dashboard.actions import bulk
from dashboard.actions.bulk import Preview
from dashboard.domain.access import Action, ownership_of
from dashboard.domain.labels import field_label, verb_label
from dashboard.domain.queries import Condition
from dashboard.errors import Forbidden, Invalid, SalesDeskError, Stale
from dashboard.i18n import number
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import names_in, written
from dashboard.ui.forms import inputs, options
from dashboard.ui.forms.words import refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

ASKED, SEEN, NOTE = "bulk_asked", "bulk_seen", "bulk_note"
TALLEST = 320
SHOWN, NAMED = 200, 5
"""How many records are listed before they are changed, and how many are named that changed meanwhile."""


class Asking(NamedTuple):
    """Records that shall be changed together: those of the ids, or all n that fulfil the conditions."""

    ids: tuple[str, ...]
    turn: int
    where: tuple[Condition, ...] | None = None
    archived: bool = False
    n: int = 0

    @property
    def how_many(self) -> int:
        """How many records were asked for."""
        return len(self.ids) if self.where is None else self.n


def offer(visit: Visit, room: Room, ids: list[str]) -> None:
    """The button, once rows are ticked."""
    if ids and groups_of(visit, room):
        st.button(
            visit.text("bulk.open", n=len(ids)),
            icon=":material/edit_note:",
            key=f"{room.name}_bulk",
            on_click=ask,
            args=(tuple(ids),),
        )


def offer_all(visit: Visit, room: Room, where: list[Condition], n: int, *, archived: bool) -> None:
    """The button for every record that the filters find, on all pages."""
    if groups_of(visit, room):
        st.button(
            visit.text("bulk.open_all", n=n),
            icon=":material/edit_note:",
            type="tertiary",
            key=f"{room.name}_bulk_all",
            disabled=n > bulk.MOST,
            help=visit.text("bulk.limit", limit=bulk.MOST) if n > bulk.MOST else None,
            on_click=ask,
            args=((), tuple(where), archived, n),
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


def ask(ids: tuple[str, ...], where: tuple[Condition, ...] | None = None, archived: bool = False, n: int = 0) -> None:
    """Open the dialog once the page is drawn."""
    turn = int(st.session_state.get("bulk_turn", 0)) + 1
    st.session_state["bulk_turn"] = turn
    st.session_state[ASKED] = Asking(ids, turn, where, archived, n)


def show_asked_for(visit: Visit, room: Room) -> None:
    """Open the dialog that was asked for; it stays open until it is done or dismissed."""
    asked = st.session_state.get(ASKED)
    if isinstance(asked, Asking):
        title = visit.text("bulk.title", n=asked.how_many)
        st.dialog(title, width="large", on_dismiss=dismiss)(dialog)(room, asked)


def dismiss() -> None:
    """Forget what was asked for."""
    for slot in (ASKED, SEEN, NOTE):
        st.session_state.pop(slot, None)


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
            seen = preview(visit, room, asked, understood(room, raw))
        except SalesDeskError as problem:
            st.markdown(muted(refusal(problem, visit.language, room.entity)))
            return
        if note := st.session_state.pop(NOTE, None):
            st.warning(note, icon=":material/sync_problem:")
        table(visit, room, seen)
        label = visit.text("bulk.do", n=seen.rows.height)
        if st.button(label, type="primary", key=f"bulk|{asked.turn}|do", disabled=seen.rows.height == 0):
            write(visit, room, seen, why)


def preview(visit: Visit, room: Room, asked: Asking, values: dict[str, Any]) -> Preview:
    """What the change would do; it stays as it was shown until something else is asked, so that just that is written.

    Raises what `bulk.preview` raises.
    """
    key = (asked.turn, room.entity, tuple(values.items()))
    kept = st.session_state.get(SEEN)
    if kept is not None and kept[0] == key:
        return cast("Preview", kept[1])
    store, actor = visit.desk.store, visit.actor
    if asked.where is None:
        seen = bulk.preview(store, actor, room.entity, asked.ids, values)
    else:
        seen = bulk.preview_of_all(store, actor, room.entity, asked.where, values, archived=asked.archived)
    st.session_state[SEEN] = (key, seen)
    return seen


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
    entity, rows = room.declared, seen.rows.head(SHOWN).to_dicts()
    names = names_in(visit, entity, rows)
    for name, value in seen.values.items():
        if entity.by_name[name].to:  # what a browser sent may be anything
            names = {value: options.label(visit, entity.by_name[name], value, None)} | names
    lines = []
    for row in rows:
        pairs = [
            (written(visit, entity, name, row.get(name), row, names), written(visit, entity, name, value, row, names))
            for name, value in seen.values.items()
        ]
        lines.append((title_of(room, row), *(words for pair in pairs for words in pair)))
    titles = [field_label(room.entity, entity.title or "number", visit.language)]
    for name in seen.values:
        label = field_label(room.entity, name, visit.language)
        titles += [visit.text("bulk.before", field=label), visit.text("bulk.after", field=label)]
    frame = pl.DataFrame(lines, schema=dict.fromkeys(titles, pl.String), orient="row")
    st.dataframe(
        frame, hide_index=True, height=min(TALLEST, 41 + 35 * max(frame.height, 1)), alt=visit.text("bulk.what")
    )
    notes = [visit.text("bulk.first", n=len(rows), all=seen.rows.height)] if seen.rows.height > len(rows) else []
    notes += [visit.text("bulk.same", n=seen.same)] if seen.same else []
    notes += [visit.text("bulk.beyond", n=seen.beyond)] if seen.beyond else []
    if notes:
        st.markdown(muted(*notes))
    refused(visit, room, seen)
    for told in who_gains(visit, room, seen):
        st.markdown(plain(told))


def refused(visit: Visit, room: Room, seen: Preview) -> None:
    """The records that stay as they are, each with why."""
    if seen.refused.is_empty():
        return
    st.markdown(f":material/block: {plain(visit.text('bulk.refused', n=seen.refused.height))}")
    rows = seen.refused.head(SHOWN).to_dicts()
    lines = [(title_of(room, row), refusal(seen.reasons[row["id"]], visit.language, room.entity)) for row in rows]
    titles = [field_label(room.entity, room.declared.title or "number", visit.language), visit.text("bulk.reason")]
    st.dataframe(
        pl.DataFrame(lines, schema=dict.fromkeys(titles, pl.String), orient="row"),
        hide_index=True,
        height=min(TALLEST, 41 + 35 * len(lines)),
        key="bulk_refused",
        alt=visit.text("bulk.reason"),
    )


def title_of(room: Room, row: dict[str, Any]) -> str:
    """What a record is called."""
    return str(row.get(room.declared.title or "number") or row.get("number") or "")


def who_gains(visit: Visit, room: Room, seen: Preview) -> Iterator[str]:
    """From whom how many records go to whom."""
    for name in ownership_of(room.declared).people:
        if name in seen.values and seen.rows.height:
            lost = bulk.given_up(seen, name)
            names = visit.names("person", [person for person in (*lost, seen.values[name]) if person])
            nobody = visit.text("common.nothing")
            parts = [f"{names.get(person or '', nobody)} {number(n, visit.language)}" for person, n in lost.items()]
            gained = names.get(str(seen.values[name]), nobody)
            yield visit.text("bulk.moves", lost=parts, gained=gained, n=seen.rows.height)


def write(visit: Visit, room: Room, seen: Preview, why: str | None) -> None:
    """Write what was shown, then show the list anew with nothing ticked."""
    try:
        bulk.apply(visit.desk.store, visit.actor, seen, (why or "").strip() or None)
    except Stale:
        changed = bulk.changed_since(visit.desk.store, visit.actor, seen)
        names = [plain(title_of(room, row)) for row in changed.head(NAMED).to_dicts()]
        st.session_state[NOTE] = visit.text("bulk.changed", n=changed.height, names=names)
        st.session_state.pop(SEEN, None)
        st.rerun()
    except SalesDeskError as problem:
        st.error(plain(refusal(problem, visit.language, room.entity)), icon=":material/error:")
        return
    dismiss()
    slot = f"{room.name}_turn"
    st.session_state[slot] = int(st.session_state.get(slot, 0)) + 1
    st.toast(visit.text("bulk.done", verb=verb_label(room.entity, seen.verb, visit.language), n=seen.rows.height))
    st.rerun()

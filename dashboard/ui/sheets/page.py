"""The sheet of rows: one row under the other, each with its inputs; what they come to; saved as one change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard.actions import parts
from dashboard.domain.access import Action
from dashboard.domain.fields import Kind
from dashboard.domain.labels import choice_label, entity_label, field_label, inside_a_sentence
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Forbidden, Invalid, NotFound, SalesDeskError, Stale
from dashboard.i18n import instant
from dashboard.store.rights import allowed
from dashboard.ui import rooms
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import heading_of, plain_value, written
from dashboard.ui.forms import inputs
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import MUST, muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.sheets import state
from dashboard.ui.sheets.kinds import Part, kind_of
from dashboard.ui.sheets.state import Line, Sheet
from dashboard.ui.visit import Visit, arrive

WIDEST = 1080  # pixels
MOST = 100
WIDTHS = {Kind.REFERENCE: 4, Kind.TEXT: 4, Kind.NOTE: 6, Kind.CHOICE: 3}
"""How wide an input is beside the others; every other kind is 2."""


def may_edit(visit: Visit, room: Room, record: dict[str, Any], part: Part) -> bool:
    """Whether the person may change the parts of this record, as it is now."""
    cycle = LIFECYCLES.get(room.entity)
    state_now = record.get(cycle.field) if cycle else None
    if not part.asked or record["archived_at"] is not None or (part.states and state_now not in part.states):
        return False
    grants = visit.actor.grants(part.entity, Action.CREATE)
    if not any(not grant.states or state_now in grant.states for grant in grants) or visit.actor.viewer is not None:
        return False
    return part.right in allowed(visit.desk.store, visit.actor, room.entity, record["id"], {part.right})


def show(visit: Visit, room: Room, record_id: str, name: str) -> None:
    """Draw the sheet. Raises NotFound, Forbidden."""
    record = visit.desk.store.get(visit.actor, room.entity, record_id)
    part = kind_of(room.entity, name)
    if part is None:
        raise NotFound("record.not_found", entity=room.entity)
    if not may_edit(visit, room, record, part):
        raise Forbidden("access.forbidden", entity=part.entity, action=str(Action.UPDATE))
    st.title(plain(heading_of(room.declared, record, visit.language)), anchor=False)
    st.subheader(entity_label(part.entity, visit.language, many=True), anchor=False)
    state.opened(visit, room.entity, record, part)
    body(room, record_id, part)


@st.fragment
def body(room: Room, record_id: str, part: Part) -> None:
    """The sheet alone: it runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        sheet = st.session_state.get(state.slot_of(state.name_of(room.entity, record_id, part)))
        if not isinstance(sheet, Sheet):
            st.rerun()
        with st.container(width=WIDEST, key=f"{room.name}_sheet"):
            notices(visit, sheet)
            switch(visit, room, sheet, part)
            for place, line in enumerate(sheet.lines):
                row(visit, sheet, part, place, line)
            whole(visit, sheet, part)
            state.keep(visit, sheet, part)
            if part.reason and part.reason(sheet.record):
                st.text_input(visit.text("detail.why") + MUST, key=f"{sheet.name}|why")
            buttons(visit, room, sheet, part)


def notices(visit: Visit, sheet: Sheet) -> None:
    """What there is to say above the rows."""
    wrong = sum(len(texts) for line in sheet.lines for texts in line.problems.values())
    if sheet.refusal:
        st.error(plain(sheet.refusal), icon=":material/error:")
    elif wrong:
        st.error(visit.text("form.problems", n=wrong), icon=":material/error:")
    elif sheet.restored:
        moment = instant(sheet.restored, visit.language, visit.desk.store.company.zone)
        st.info(visit.text("form.restored", moment=moment), icon=":material/history:")
    if sheet.notes:
        st.warning(plain(visit.text("sheet.stale")), icon=":material/call_merge:")
        st.markdown(muted(*sheet.notes))


def switch(visit: Visit, room: Room, sheet: Sheet, part: Part) -> None:
    """The parent's choice that hangs on the rows."""
    if part.switch is None or part.switch not in sheet.record:
        return
    declared, slot = room.declared.by_name[part.switch], f"{sheet.name}|{sheet.turn}|switch|{visit.language}"
    if slot not in st.session_state:
        st.session_state[slot] = sheet.chosen or declared.default
    chosen = st.segmented_control(
        field_label(room.entity, part.switch, visit.language),
        list(declared.choices),
        format_func=lambda word: choice_label(room.entity, declared.name, word, visit.language),
        key=slot,
        required=True,
        help=visit.text(f"sheet.{part.switch}"),
    )
    sheet.chosen = chosen if chosen in declared.choices else sheet.chosen


def row(visit: Visit, sheet: Sheet, part: Part, place: int, line: Line) -> None:
    """One row: its inputs side by side where there is room, what it comes to, and what can be done with it."""
    with st.container(border=True, gap="small", key=f"{sheet.name}|{line.id}"):
        widths = [WIDTHS.get(part.declared.by_name[name].kind, 2) for name in sheet.asked]
        for spot, name in zip(st.columns(widths, gap="small"), sheet.asked, strict=True):
            with spot:
                cell(visit, sheet, part, line, name)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(muted(line_words(visit, sheet, part, place, line)), width="stretch")
            if part.ordered and len(sheet.lines) > 1:
                for way, by in (("up", -1), ("down", 1)):
                    act(visit, sheet, line, place, f"sheet.{way}", f"arrow_{way}ward", state.move, by)
            act(visit, sheet, line, place, "sheet.remove", "close", state.take_away)
        for text in line.problems.get("", ()):
            st.markdown(f":small[:red[{plain(text)}]]")


def act(visit: Visit, sheet: Sheet, line: Line, place: int, words: str, icon: str, do: Any, *more: Any) -> None:
    """A small button on a row."""
    st.button(
        visit.text(words, n=place + 1),
        icon=f":material/{icon}:",
        type="tertiary",
        key=f"{sheet.name}|{line.id}|{words}",
        on_click=do,
        args=(sheet, line.id, *more),
    )


def cell(visit: Visit, sheet: Sheet, part: Part, line: Line, name: str) -> None:
    """One input; what is chosen may bring other values with it."""
    declared, slot = part.declared.by_name[name], sheet.slot(visit, line, name)
    before = line.raw.get(name)
    standing = line.seen.get(name) if line.version else None
    line.raw[name] = inputs.draw(
        visit, part.declared, declared, slot, before, line.raw, standing, line.problems.get(name, ())
    )
    fill = (part.fills or {}).get(name)
    if fill and line.raw[name] and line.raw[name] != before:
        for other, value in fill(visit, sheet.record, line.raw[name]).items():
            if other in sheet.asked:
                state.put(sheet, visit, line, other, inputs.as_typed(part.declared.by_name[other], value))


def line_words(visit: Visit, sheet: Sheet, part: Part, place: int, line: Line) -> str:
    """The number of the row and what it comes to."""
    number = visit.text("sheet.row", n=place + 1)
    if part.amount is None or part.total is None:
        return number
    words = written(visit, part.declared, part.total, state.value_of(part, line), sheet.record)
    return f"{number} · {field_label(part.entity, part.total, visit.language)} {words}"


def whole(visit: Visit, sheet: Sheet, part: Part) -> None:
    """What the rows come to, and whether it is what it must be."""
    found = state.total(part, sheet)
    if found is None or part.total is None or not sheet.lines:
        return
    declared = part.declared.by_name[part.total]
    words = plain_value(visit, part.declared, declared, found, sheet.record)
    text = visit.text("sheet.total", amount=words)
    if part.whole is None or found == part.whole:
        st.markdown(f"**{plain(text)}**")
    else:
        must = plain_value(visit, part.declared, declared, part.whole, sheet.record)
        st.markdown(f":red[:material/error: {plain(text)}] {muted(visit.text('sheet.must_be', amount=must))}")


def buttons(visit: Visit, room: Room, sheet: Sheet, part: Part) -> None:
    """Another row, an even split; save, leave, or throw away what was typed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        label = visit.text("sheet.add", part=inside_a_sentence(entity_label(part.entity, visit.language)))
        if len(sheet.lines) < MOST:
            key = f"{sheet.name}|add"
            st.button(label, icon=":material/add:", key=key, on_click=state.add, args=(sheet, part, {}))
        if part.split and len(sheet.lines) > 1:
            st.button(
                visit.text("sheet.split"),
                icon=":material/balance:",
                key=f"{sheet.name}|split",
                on_click=split,
                args=(sheet, part),
            )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(visit.text("common.save"), type="primary", icon=":material/check:", key=f"{sheet.name}|save"):
            save(visit, room, sheet, part)
        if st.button(visit.text("common.back"), key=f"{sheet.name}|back"):
            leave(room, sheet)
        if state.typed(sheet, part):
            if st.button(visit.text("form.discard"), type="tertiary", key=f"{sheet.name}|discard"):
                state.close(visit, sheet)
                leave(room, sheet)
            st.markdown(muted(visit.text("form.kept")), width="content")


def split(sheet: Sheet, part: Part) -> None:
    """Share the whole out evenly."""
    assert part.split is not None
    assert part.total is not None
    declared = part.declared.by_name[part.total]
    for line, share in zip(sheet.lines, part.split(len(sheet.lines)), strict=True):
        line.raw[part.total] = inputs.as_typed(declared, share)
    sheet.turn += 1


def leave(room: Room, sheet: Sheet) -> None:
    """Go back to the record."""
    rooms.go(room, **{rooms.ID: sheet.record["id"]})
    st.rerun()


def save(visit: Visit, room: Room, sheet: Sheet, part: Part) -> None:
    """Write the rows but those in which nothing stands; a refusal loses nothing of them."""
    sheet.lines = [line for line in sheet.lines if not line.untouched]
    rows, wrong = state.rows_of(sheet, part)
    sheet.refusal, sheet.notes = None, []
    for place, line in enumerate(sheet.lines):
        found = wrong.get(place, [])
        line.problems = placed(visit, sheet, part, found)
    if wrong:
        st.rerun()
    try:
        parts.save_parts(
            visit.desk.store,
            visit.actor,
            room.entity,
            sheet.record["id"],
            sheet.version,
            part.entity,
            rows,
            seen=sheet.seen,
            parent_values=parent_values(sheet, part),
            why=str(st.session_state.get(f"{sheet.name}|why") or "").strip() or None,
        )
    except Stale:
        merge(visit, room, sheet, part)
    except Invalid as invalid:
        beside(visit, sheet, part, invalid)
    except SalesDeskError as problem:
        sheet.refusal = refusal(problem, visit.language, part.entity)
    else:
        state.close(visit, sheet)
        st.toast(visit.text("form.saved", entity=entity_label(part.entity, visit.language, many=True)))
        leave(room, sheet)
    st.rerun()


def parent_values(sheet: Sheet, part: Part) -> dict[str, Any]:
    """What is set on the parent with the rows."""
    if part.switch is None or sheet.chosen == sheet.record.get(part.switch):
        return {}
    return {part.switch: sheet.chosen}


def placed(visit: Visit, sheet: Sheet, part: Part, problems: list[Any]) -> dict[str, list[str]]:
    """The problems of a row by its inputs; what belongs to none stands below the row."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        name = problem.field if problem.field in sheet.asked else ""
        found.setdefault(name, []).append(problem_text(problem, visit.language, part.entity))
    return found


def beside(visit: Visit, sheet: Sheet, part: Part, invalid: Invalid) -> None:
    """Put each problem beside its row."""
    lost = [problem for problem in invalid.problems if problem.row is None or problem.row >= len(sheet.lines)]
    for place, line in enumerate(sheet.lines):
        line.problems = placed(visit, sheet, part, [found for found in invalid.problems if found.row == place])
    sheet.refusal = refusal(Invalid(lost), visit.language, part.entity) if lost else None


def merge(visit: Visit, room: Room, sheet: Sheet, part: Part) -> None:
    """Somebody was quicker: take over what they changed, keep what was typed, and say so."""
    record = visit.desk.store.get(visit.actor, room.entity, sheet.record["id"])
    theirs, lost = state.rebase(visit, room.entity, record, sheet, part)
    places = {line.id: place + 1 for place, line in enumerate(sheet.lines)}
    sheet.notes = [visit.text("sheet.theirs", n=places[line.id]) for line in theirs if line.id in places]
    if lost:
        sheet.notes.append(visit.text("sheet.lost", n=len(lost)))
    if not sheet.notes:
        sheet.notes.append(visit.text("sheet.parent"))


def worth(visit: Visit, part: Part, rows: list[dict[str, Any]], record: dict[str, Any]) -> str | None:
    """What rows of the store come to, for the table of a detail page."""
    if part.total is None or not rows or any(part.total not in one for one in rows):
        return None
    found = sum((one[part.total] or Decimal(0) for one in rows), Decimal(0))
    return plain_value(visit, part.declared, part.declared.by_name[part.total], found, record)

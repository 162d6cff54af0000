"""What a sheet of rows holds between two clicks: rows seen and typed, rows taken away; kept as a draft in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard.actions import parts
from dashboard.actions.parts import Row
from dashboard.domain.ids import new_id
from dashboard.domain.seeing import seen as seen_fields
from dashboard.errors import Problem
from dashboard.store import drafts
from dashboard.ui.forms import inputs
from dashboard.ui.forms.state import Raw, differs
from dashboard.ui.sheets.kinds import Part
from dashboard.ui.visit import Visit


@dataclass
class Line:
    """One row: seen: its values when the sheet was opened, empty for a new one; raw: those typed now."""

    id: str
    version: int | None
    seen: Raw
    raw: Raw
    problems: dict[str, list[str]] = field(default_factory=dict)

    @property
    def changed(self) -> Raw:
        """What was typed anew."""
        return {name: value for name, value in self.raw.items() if differs(value, self.seen.get(name))}

    @property
    def untouched(self) -> bool:
        """Whether it is a new row in which nothing stands."""
        return self.version is None and not self.changed


@dataclass
class Sheet:
    """The rows of one parent.

    name: of its draft; version: of the parent that was seen; gone: rows that were taken away, with the version seen;
    chosen: the parent's choice; proposed: the rows that a fresh sheet starts with where there are none; order:
    the ids as they stood; notes: what somebody else changed meanwhile; turn: counts up when the inputs must start anew.
    """

    name: str
    record: dict[str, Any]
    version: int
    lines: list[Line]
    asked: tuple[str, ...]
    gone: dict[str, int] = field(default_factory=dict)
    chosen: str | None = None
    proposed: list[Raw] = field(default_factory=list)
    restored: dt.datetime | None = None
    refusal: str | None = None
    notes: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    turn: int = 0

    def slot(self, visit: Visit, line: Line, name: str) -> str:
        """The key of an input."""
        return f"{self.name}|{self.turn}|{line.id}|{name}|{visit.language}"

    @property
    def seen(self) -> dict[str, int]:
        """Every row that was on the screen."""
        return {line.id: line.version for line in self.lines if line.version is not None} | self.gone

    def changed(self, part: Part) -> bool:
        """Whether anything is to be saved."""
        moved = part.ordered and [line.id for line in self.lines if line.version is not None] != [
            key for key in self.order if key not in self.gone
        ]
        switched = part.switch is not None and self.chosen != self.record.get(part.switch)
        return bool(self.gone or moved or switched or any(line.changed for line in self.lines))


def slot_of(name: str) -> str:
    """Where the session keeps a sheet."""
    return f"sheet {name}"


def name_of(parent: str, record_id: str, part: Part) -> str:
    """The name of a sheet and of its draft."""
    return f"{parent}:{record_id}:{part.entity}"


def opened(visit: Visit, parent: str, record: dict[str, Any], part: Part) -> Sheet:
    """The sheet as it stands: of this session, else as the draft kept it, else fresh."""
    name = name_of(parent, record["id"], part)
    held = st.session_state.get(slot_of(name))
    if isinstance(held, Sheet):
        return held
    sheet = fresh(visit, parent, record, part)
    draft = drafts.read(visit.desk.store, visit.actor, name)
    if draft is not None:
        restore(sheet, draft)
    st.session_state[slot_of(name)] = sheet
    return sheet


def fresh(visit: Visit, parent: str, record: dict[str, Any], part: Part) -> Sheet:
    """The rows as they are in the store; where there are none, those that are proposed."""
    shown = seen_fields(visit.actor, part.declared)
    asked = tuple(name for name in part.asked if name in shown)
    rows = parts.parts_of(visit.desk.store, visit.actor, parent, record["id"], part.entity)
    lines = [Line(row["id"], row["version"], raw := as_typed(part, row, asked), dict(raw)) for row in rows]
    sheet = Sheet(name_of(parent, record["id"], part), record, int(record["version"]), lines, asked)
    sheet.chosen = record.get(part.switch) if part.switch else None
    sheet.order = [line.id for line in lines]
    if not lines:
        add(sheet, part, *(part.first(visit, record) if part.first else [{}]))
        sheet.proposed = [dict(line.raw) for line in sheet.lines]
    return sheet


def as_typed(part: Part, row: Mapping[str, Any], asked: Sequence[str]) -> Raw:
    """A row's values as the inputs show them."""
    return {name: inputs.as_typed(part.declared.by_name[name], row.get(name)) for name in asked}


def add(sheet: Sheet, part: Part, *values: Mapping[str, Any]) -> None:
    """New rows at the end."""
    sheet.lines += [Line(new_id(), None, {}, as_typed(part, row, sheet.asked)) for row in values]


def take_away(sheet: Sheet, line_id: str) -> None:
    """Take a row away; one that is in the store is archived when the sheet is saved."""
    line = next((one for one in sheet.lines if one.id == line_id), None)
    if line is not None:
        sheet.lines.remove(line)
        if line.version is not None:
            sheet.gone[line.id] = line.version


def move(sheet: Sheet, line_id: str, by: int) -> None:
    """Move a row up or down."""
    at = next((place for place, one in enumerate(sheet.lines) if one.id == line_id), None)
    if at is not None and 0 <= at + by < len(sheet.lines):
        sheet.lines[at], sheet.lines[at + by] = sheet.lines[at + by], sheet.lines[at]


def put(sheet: Sheet, visit: Visit, line: Line, name: str, value: Any) -> None:
    """Set a value as if it had been typed; its input must not have been drawn in this run."""
    line.raw[name] = value
    st.session_state[sheet.slot(visit, line, name)] = "" if value is None else value


# -- what is typed, as the store takes it ------------------------------------------------------------------------------


def understood(part: Part, line: Line) -> tuple[dict[str, Any], list[Problem]]:
    """The values of a row and what is wrong with it; an empty row asks for what it must have."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, raw in line.raw.items():
        declared = part.declared.by_name[name]
        value, problem = inputs.understood(declared, raw)
        if problem is None and value is None and declared.required:
            problem = Problem(None, name, "field.required", {"field": name})
        if problem:
            problems.append(problem)
        else:
            values[name] = value
    return values, problems


def rows_of(sheet: Sheet, part: Part) -> tuple[list[Row], dict[int, list[Problem]]]:
    """The rows as the action takes them, and the problems by place; moved or new rows give each its rank."""
    found: list[Row] = []
    wrong: dict[int, list[Problem]] = {}
    moved = part.ordered and [line.id for line in sheet.lines] != sheet.order
    for place, line in enumerate(sheet.lines):
        values, problems = understood(part, line)
        if problems:
            wrong[place] = problems
        given = {name: values.get(name) for name in (line.changed if line.version else values) if name in values}
        if line.version is None:
            given = {name: value for name, value in given.items() if value is not None}
        if moved:  # a rank that is as it was changes nothing
            given["rank"] = place + 1
        found.append(Row(line.id, line.version, given))
    return found, wrong


def total(part: Part, sheet: Sheet) -> Decimal | None:
    """What the rows come to; None where a person does not see it."""
    if part.total is None or (part.amount is None and part.total not in sheet.asked):
        return None
    found = Decimal(0)
    for line in sheet.lines:
        found += value_of(part, line) or 0
    return found


def value_of(part: Part, line: Line) -> Decimal | None:
    """What one row comes to."""
    values, _ = understood(part, line)
    found = part.amount(values) if part.amount else values.get(str(part.total))
    return found if isinstance(found, Decimal) else None


# -- the draft ---------------------------------------------------------------------------------------------------------


def keep(visit: Visit, sheet: Sheet, part: Part) -> None:
    """Keep what was typed in the store when it is something new; what was taken back again is kept no longer."""
    slot = f"{slot_of(sheet.name)} kept"
    content = {
        "version": sheet.version,
        "lines": [[line.id, line.version, line.seen, line.raw] for line in sheet.lines],
        "gone": sheet.gone,
        "chosen": sheet.chosen,
        "order": sheet.order,
    }
    before = st.session_state.get(slot)
    if not typed(sheet, part):
        if before is not None:
            drafts.drop(visit.desk.store, visit.actor, sheet.name)
            st.session_state.pop(slot)
    elif content != before:
        drafts.keep(visit.desk.store, visit.actor, sheet.name, content)
        st.session_state[slot] = content


def typed(sheet: Sheet, part: Part) -> bool:
    """Whether the person typed anything; rows that are only proposed are no work of theirs."""
    untouched = bool(sheet.proposed) and [line.raw for line in sheet.lines] == sheet.proposed
    switched = part.switch is not None and sheet.chosen != sheet.record.get(part.switch)
    return sheet.changed(part) and (switched or not untouched)


def restore(sheet: Sheet, draft: drafts.Draft) -> None:
    """Put what a draft kept into a sheet."""
    content = draft.content
    sheet.lines = [
        Line(key, version, dict(seen), {name: raw.get(name) for name in sheet.asked})
        for key, version, seen, raw in content["lines"]
    ]
    sheet.version = int(content["version"])
    sheet.gone, sheet.order, sheet.chosen = content["gone"], content["order"], content["chosen"]
    sheet.restored = draft.saved_at


def close(visit: Visit, sheet: Sheet) -> None:
    """Forget the sheet and its draft."""
    drafts.drop(visit.desk.store, visit.actor, sheet.name)
    st.session_state.pop(slot_of(sheet.name), None)
    st.session_state.pop(f"{slot_of(sheet.name)} kept", None)


# -- somebody was quicker ----------------------------------------------------------------------------------------------


def rebase(visit: Visit, parent: str, record: dict[str, Any], sheet: Sheet, part: Part) -> tuple[list[Line], list[str]]:
    """Go on from the rows as they are now, with what was typed on top; returns the rows that somebody else changed or
    added, and the ids of those that are gone.
    """
    now = fresh(visit, parent, record, part)
    there = {line.id: line for line in now.lines if line.version is not None}
    theirs, lost = [], []
    for line in list(sheet.lines):
        current = there.pop(line.id, None)
        if current is None and line.version is not None:
            sheet.lines.remove(line)
            lost.append(line.id)
        elif current is not None:
            if current.version != line.version:
                theirs.append(current)
            line.raw = current.seen | line.changed
            line.version, line.seen = current.version, current.seen
    for key in [key for key in sheet.gone if key not in there]:
        del sheet.gone[key]
    for line in there.values():
        if line.id in sheet.gone:
            sheet.gone[line.id] = int(line.version or 0)
        else:
            sheet.lines.append(line)
            theirs.append(line)
    sheet.version, sheet.record, sheet.order = now.version, record, now.order
    sheet.turn += 1
    return theirs, lost

"""What a form holds between two clicks: what was typed, what was seen, what is wrong; kept as a draft in the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.domain.entities import Entity
from dashboard.domain.fields import Kind
from dashboard.domain.follow_ups import STEP
from dashboard.domain.ids import new_id
from dashboard.domain.labels import field_label, stored_text
from dashboard.errors import Problem
from dashboard.store import drafts
from dashboard.ui.detail.values import written
from dashboard.ui.forms import inputs, options
from dashboard.ui.visit import Visit

Raw = dict[str, Any]


@dataclass
class Form:
    """One form of one person.

    name: of its draft; version: the one that was seen, None for a new record; seen: the values then; values: those
    typed now; kept: those in the draft; problems: texts by field; theirs: the record as somebody else left it, while
    there is a conflict; picks: which of the two to take; turn: counts up when the inputs must start anew.
    """

    entity: Entity
    name: str
    record_id: str
    version: int | None
    seen: Raw
    values: Raw
    kept: Raw
    restored: dt.datetime | None = None
    problems: dict[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None
    theirs: dict[str, Any] | None = None
    picks: dict[str, str] = field(default_factory=dict)
    turn: int = 0

    def slot(self, visit: Visit, name: str) -> str:
        """The key of an input: one a language, because a list keeps the words it showed."""
        return f"{self.name}|{self.turn}|{name}|{visit.language}"

    @property
    def changed(self) -> dict[str, Any]:
        """The fields that were typed anew."""
        return {name: value for name, value in self.values.items() if differs(value, self.seen.get(name))}


def differs(one: Any, other: Any) -> bool:
    """Whether two typed values differ; nothing, an empty text and an empty list are the same."""
    return (one if one not in ("", [], False) else None) != (other if other not in ("", [], False) else None)


def slot_of(name: str) -> str:
    """Where the session keeps a form."""
    return f"form {name}"


def opened(visit: Visit, entity: Entity, record: dict[str, Any] | None, initial: Raw) -> Form:
    """The form as it stands: of this session, else as the draft kept it, else fresh.

    record: None for a new one; initial: what it starts with.
    """
    name = f"{entity.name}:{record['id'] if record else 'new'}"
    held = st.session_state.get(slot_of(name))
    version = int(record["version"]) if record else None
    if isinstance(held, Form) and (held.version == version or held.changed):
        return held
    form = Form(entity, name, record["id"] if record else new_id(), version, dict(initial), dict(initial), {})
    form.turn = held.turn + 1 if isinstance(held, Form) else 0
    draft = drafts.read(visit.desk.store, visit.actor, name)
    if draft is not None:
        restore(form, draft)
    st.session_state[slot_of(name)] = form
    return form


def restore(form: Form, draft: drafts.Draft) -> None:
    """Put what a draft kept into a form."""
    content = draft.content
    values = {name: value for name, value in dict(content.get("values", {})).items() if name in form.values}
    form.values = form.values | values
    form.seen = form.seen | {name: value for name, value in content.get("seen", {}).items() if name in form.seen}
    form.kept = dict(form.values)
    form.restored = draft.saved_at
    if form.version is None:
        form.record_id = str(content.get("id") or form.record_id)
    else:
        form.version = int(content.get("version") or form.version)


def keep(visit: Visit, form: Form) -> None:
    """Keep what was typed in the store when it is something new; what was taken back again is kept no longer."""
    if not form.changed:
        if form.kept:
            drafts.drop(visit.desk.store, visit.actor, form.name)
            form.kept = {}
        return
    if form.values == form.kept:
        return
    content = {"id": form.record_id, "version": form.version, "seen": form.seen, "values": form.values}
    drafts.keep(visit.desk.store, visit.actor, form.name, content)
    form.kept = dict(form.values)


def close(visit: Visit, form: Form) -> None:
    """Forget the form and its draft."""
    drafts.drop(visit.desk.store, visit.actor, form.name)
    st.session_state.pop(slot_of(form.name), None)


def understood(form: Form, names: tuple[str, ...]) -> tuple[dict[str, Any], list[Problem]]:
    """The typed values of some fields as the store takes them, and what is wrong with others."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in names:
        value, problem = inputs.understood(form.entity.by_name[name], form.values.get(name))
        if problem:
            problems.append(problem)
        else:
            values[name] = value
    return values, problems


def as_typed(visit: Visit, entity: Entity, record: dict[str, Any], names: tuple[str, ...]) -> Raw:
    """A record's values as the inputs show them."""
    found = {name: inputs.as_typed(entity.by_name[name], record.get(name)) for name in names}
    return found | {name: stored_text(found[name], visit.language) for name in (STEP,) if found.get(name)}


def words(visit: Visit, entity: Entity, name: str, raw: Any) -> str:
    """A typed value in words, for two that stand side by side."""
    declared = entity.by_name[name]
    value, problem = inputs.understood(declared, raw)
    if problem:
        return str(raw)
    if declared.to and value:
        return options.label(visit, declared, value, None)  # what was typed may be anything
    return written(visit, entity, name, value)


def label(visit: Visit, form: Form, name: str) -> str:
    """What a field is called."""
    return field_label(form.entity.name, name, visit.language)


def flags(entity: Entity, names: tuple[str, ...]) -> Raw:
    """Empty values of fields, defaults filled in."""
    found: Raw = {}
    for name in names:
        declared = entity.by_name[name]
        found[name] = declared.default if declared.default is not None else None
        if declared.kind is Kind.TAGS:
            found[name] = []
    return found

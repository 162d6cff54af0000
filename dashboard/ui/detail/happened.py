"""What happened to a record: a time line of talks, tasks and changes, and the full history field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.labels import choice_label, entity_label, field_label, stored_text, verb_label
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.i18n import day
from dashboard.ui.detail import following
from dashboard.ui.detail.following import UPDATE
from dashboard.ui.detail.values import Record, moment, names_in, written
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

MOST = 40
NEWEST = 8  # contacts
LONGEST = 160
CREATE = "create"
WIDTHS = {"moment": 152, "who": 64, "verb": 100, "field": 96, "before": 120, "after": 120, "why": 120}
"""Pixels of the columns of the full history."""
IN_SIGHT = ("moment", "who", "field", "before", "after", "why", "verb")
"""Its columns in order: the most telling first, because the last ones are reached by scrolling."""
SILENT = frozenset({"stage_rank", "stage_since", "rate", "base_amount", "stage_type", "custom"})
"""Fields that follow from others: the full history shows them, a line of the time line does not name them."""


class Event(NamedTuple):
    """Something that happened: when, also in words, what, who, and more words."""

    moment: dt.datetime
    when: str
    icon: str
    title: str
    who: str | None
    words: str


def show(visit: Visit, entity: Entity, record: Record, past: pl.DataFrame) -> None:
    """Both, one behind the other."""
    line, history = st.tabs([visit.text("detail.timeline"), visit.text("detail.history")])
    people = visit.names("person", past["actor_id"].unique().to_list())
    names = names_in(visit, entity, past.to_dicts())
    with line:
        timeline(visit, entity, record, past, people, names)
    with history:
        changes(visit, entity, past, people, names)


def timeline(
    visit: Visit,
    entity: Entity,
    record: Record,
    past: pl.DataFrame,
    people: Mapping[str, str],
    names: Mapping[str, str],
) -> None:
    """What happened, the latest first."""
    because = following.causes(visit, entity, record, past)
    rows = [row for row in past.to_dicts() if row["verb"] != UPDATE or row["changed"]]
    found = [
        *interactions(visit, entity, record),
        *tasks(visit, entity, record),
        *(
            followed(visit, entity, row, because)
            if following.follows(entity, row)
            else event_of(visit, entity, row, people, names)
            for row in rows
        ),
        *added(visit, entity, record),
    ]
    found.sort(key=lambda event: event.moment)
    found.reverse()  # of what happened at one moment, too, the last comes first
    if not found:
        st.markdown(plain(visit.text("detail.nothing_happened")))
        return
    st.markdown("\n\n".join(line(visit, event) for event in found[:MOST]))
    if len(found) > MOST:
        st.markdown(muted(visit.text("detail.latest", n=MOST)))


def line(visit: Visit, event: Event) -> str:
    """One event as text."""
    head = " · ".join(part for part in (event.when, event.who) if part)
    words = f"  \n{plain(shortened(event.words))}" if event.words else ""
    return f":material/{event.icon}: **{plain(event.title)}** {muted(head)}{words}"


def shortened(text: str) -> str:
    """A text that fits a line or two."""
    bare = " ".join(text.split())
    return bare if len(bare) <= LONGEST else f"{bare[:LONGEST]}…"


def about(visit: Visit, name: str, entity: Entity, record: Record, sort: str) -> list[dict[str, Any]]:
    """The latest records of an entity that point at this one, as far as the person may read them."""
    target = entity_of(name)
    field = f"{entity.name}_id"
    if field not in target.by_name or not visit.actor.grants(name, Action.READ):
        return []
    where = [Condition(field, Operator.EQ, record["id"])]
    return visit.desk.store.find(visit.actor, name, where, sort=[Sort(sort, descending=True)], limit=MOST).to_dicts()


def interactions(visit: Visit, entity: Entity, record: Record) -> list[Event]:
    """What was said."""
    rows = about(visit, "interaction", entity, record, "happened_at")
    authors = visit.names("person", [row["author_id"] for row in rows])
    return [
        Event(
            row["happened_at"],
            moment(visit, row["happened_at"]),
            "forum",
            choice_label("interaction", "kind", row["kind"], visit.language),
            authors.get(row["author_id"]),
            said(visit, row),
        )
        for row in rows
    ]


def said(visit: Visit, row: Mapping[str, Any]) -> str:
    """What was said, and how it went."""
    outcome = choice_label("interaction", "outcome", row["outcome"], visit.language) if row["outcome"] else ""
    return " · ".join(part for part in (row["summary"] or "", outcome) if part)


def tasks(visit: Visit, entity: Entity, record: Record) -> list[Event]:
    """What was to be done, and whether it is."""
    rows = about(visit, "task", entity, record, "created_at")
    doers = visit.names("person", [row["assignee_id"] for row in rows])
    label = entity_label("task", visit.language)
    return [
        Event(
            dt.datetime.combine(day_of(row), dt.time()),
            day(day_of(row), visit.language),
            "task_alt" if row["status"] == "done" else "radio_button_unchecked",
            f"{label} · {choice_label('task', 'status', row['status'], visit.language)}",
            doers.get(row["assignee_id"]),
            task_words(visit, row),
        )
        for row in rows
    ]


def added(visit: Visit, entity: Entity, record: Record) -> list[Event]:
    """The contacts that a customer got, by whom and why: somebody else may have added one with a lead."""
    rows = about(visit, "contact", entity, record, "created_at")[:NEWEST] if entity.name == "customer" else []
    firsts = [visit.desk.store.history(visit.actor, "contact", row["id"]).row(0, named=True) for row in rows]
    people = visit.names("person", [first["actor_id"] for first in firsts])
    title = f"{entity_label('contact', visit.language)} · {verb_label('contact', CREATE, visit.language)}"
    return [
        Event(
            first["effective_at"],
            moment(visit, first["effective_at"]),
            "person_add",
            title,
            who(visit, first["actor_id"], people),
            " · ".join(part for part in (row["name"], stored_text(first["why"], visit.language)) if part),
        )
        for row, first in zip(rows, firsts, strict=True)
    ]


def day_of(row: Mapping[str, Any]) -> dt.date:
    """The day a task was done, else the day it was given."""
    found: dt.date = row["done_on"] or row["created_on"] or row["created_at"].date()
    return found


def task_words(visit: Visit, row: Mapping[str, Any]) -> str:
    """What a task is about, and until when."""
    if row["due_on"] is None:
        return str(row["title"])
    due = written(visit, entity_of("task"), "due_on", row["due_on"])
    return f"{row['title']} · {field_label('task', 'due_on', visit.language)} {due}"


def event_of(
    visit: Visit, entity: Entity, row: Mapping[str, Any], people: Mapping[str, str], names: Mapping[str, str]
) -> Event:
    """A change as an event: a step names its stage, an edit its fields."""
    title = verb_label(entity.name, row["verb"], visit.language)
    changed = [name for name in row["changed"] if name in entity.by_name and name not in SILENT]
    if row["verb"] == CREATE:
        words = ""
    elif "stage_id" in changed and row.get("stage_id"):
        words = names.get(row["stage_id"], "")
    else:
        words = visit.text(
            "detail.changed", fields=[field_label(entity.name, name, visit.language) for name in changed]
        )
        words = words if changed else ""
    if row["why"]:
        why = stored_text(row["why"], visit.language)
        words = f"{words} · {why}" if words else why
    when = moment(visit, row["effective_at"])
    return Event(row["effective_at"], when, "edit_note", title, who(visit, row["actor_id"], people), words)


def followed(visit: Visit, entity: Entity, row: Mapping[str, Any], because: following.Causes) -> Event:
    """What became of the record because of others."""
    when = moment(visit, row["effective_at"])
    words = following.told(visit, entity, row, because)
    return Event(row["effective_at"], when, "sync_alt", visit.text("detail.followed"), None, words)


def who(visit: Visit, actor_id: str, people: Mapping[str, str]) -> str:
    """Who changed it; the machine and its operator have no record."""
    return people.get(actor_id) or visit.text("history.machine")


def changes(
    visit: Visit, entity: Entity, past: pl.DataFrame, people: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """Every change of every field: before and after, who, when, why."""
    by_change = list(compared(visit, entity, past.to_dicts(), people, names))
    rows = [line for lines in reversed(by_change) for line in lines]
    columns = {key: visit.text(f"history.{key}") for key in WIDTHS}
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    st.dataframe(
        frame,
        hide_index=True,
        column_order=IN_SIGHT,
        column_config={key: st.column_config.TextColumn(title, width=WIDTHS[key]) for key, title in columns.items()},
        placeholder="",
        key="record_history",
        alt=visit.text("detail.history"),
        height=min(560, 41 + 35 * max(frame.height, 1)),
    )


def compared(
    visit: Visit, entity: Entity, rows: Sequence[Record], people: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[list[tuple[str, ...]]]:
    """For each change one line for each field that it states."""
    before: Record = {}
    for row in rows:
        fields = [field.name for field in entity.all_fields if field.name in row]
        stated = fields if "*" in row["changed"] else [name for name in row["changed"] if name in fields]
        if row["verb"] == CREATE:
            stated = [name for name in stated if row[name] not in (None, [])]
        head = (moment(visit, row["effective_at"]), who(visit, row["actor_id"], people))
        verb, why = verb_label(entity.name, row["verb"], visit.language), stored_text(row["why"], visit.language)
        verb = visit.text("detail.followed") if following.follows(entity, row) else verb
        lines: list[tuple[str, ...]] = []
        for name in stated:
            old = written(visit, entity, name, before.get(name), before, names) if before else ""
            new = written(visit, entity, name, row[name], row, names)
            lines.append((*head, verb, field_label(entity.name, name, visit.language), old, new, why))
        yield lines or [(*head, verb, "", "", "", why)]
        before = row

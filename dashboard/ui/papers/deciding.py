"""Who decides on a contract: each step in order, why it is asked for, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.domain.access import Action
from dashboard.domain.labels import choice_label
from dashboard.domain.queries import Condition, Operator
from dashboard.ui.detail.values import Record, moment
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

RUN = "approval_run"
ICONS = {
    "pending": ":material/hourglass_top:",
    "proposed": ":material/schedule:",
    "approved": ":material/check_circle:",
    "rejected": ":material/cancel:",
    "undone": ":material/undo:",
}


def show(visit: Visit, room: Room, record: Record) -> None:
    """The decisions, for whoever may read them."""
    if not visit.actor.grants(RUN, Action.READ):
        return
    where = [Condition("entity", Operator.EQ, room.entity), Condition("record_id", Operator.EQ, record["id"])]
    found = visit.desk.store.find(visit.actor, RUN, where).sort("created_at", "rank")
    rows = found.to_dicts()
    if not rows:
        return
    people = [row[name] for row in rows for name in ("person_id", "deputy_id", "decided_by_id") if row[name]]
    names = visit.names("person", people)
    st.subheader(visit.text("deciding.title"), anchor=False)
    st.markdown("\n\n".join(line(visit, row, names) for row in rows))


def line(visit: Visit, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One decision."""
    who = names.get(row["person_id"], visit.text("list.unknown"))
    state = choice_label(RUN, "status", row["status"], visit.language)
    head = f"{ICONS.get(row['status'], '')} **{plain(who)}** · {plain(state)}"
    return f"{head}  \n{muted(' · '.join(about(visit, row, names)))}"


def about(visit: Visit, row: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Why somebody is asked, who stands in, when and how it was decided."""
    rules = json.loads(row["details"] or "{}").get("rules") or []
    found = [visit.text("deciding.by_rule", rules=rules) if rules else visit.text("deciding.usual")]
    if row["deputy_id"] and row["status"] in ("pending", "proposed"):
        found.append(visit.text("deciding.deputy", name=names.get(row["deputy_id"], visit.text("list.unknown"))))
    if row["decided_by_id"] and row["decided_by_id"] != row["person_id"]:
        found.append(visit.text("deciding.instead", name=names.get(row["decided_by_id"], visit.text("list.unknown"))))
    if row["decided_at"]:
        found.append(moment(visit, row["decided_at"]))
    if row["reason"]:
        found.append(str(row["reason"]))
    return found

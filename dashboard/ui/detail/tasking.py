"""A task about a record, given from the record's page: what is to be done, by whom, until when."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.actions import records
from dashboard.domain.access import Action
from dashboard.domain.entities import entity_of
from dashboard.domain.ids import new_id
from dashboard.domain.labels import verb_label
from dashboard.errors import Invalid, Problem, SalesDeskError
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import heading_of
from dashboard.ui.detail.verbs import again
from dashboard.ui.forms import inputs
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

ASKED = "task_asked"
TASK = entity_of("task")
ROWS = (("title",), ("kind", "priority"), ("assignee_id", "due_on"), ("remark",))
ABOUT = ("deal", "customer", "lead", "ticket")
"""What a task can be about."""


def offer(visit: Visit, room: Room, record: dict[str, Any]) -> None:
    """The button, for whoever gives tasks."""
    may = visit.actor.viewer is None and visit.actor.grants("task", Action.CREATE)
    if may and room.entity in ABOUT and record["archived_at"] is None:
        st.button(
            verb_label("task", "create", visit.language),
            icon=":material/add_task:",
            key=f"{room.name}_task",
            on_click=ask,
            args=(room.entity, record["id"]),
        )


def ask(entity: str, record_id: str) -> None:
    """Open the dialog once the page is drawn."""
    st.session_state[ASKED] = {"entity": entity, "record": record_id, "id": new_id(), "problems": {}, "refusal": None}


def show_asked_for(visit: Visit, record_id: str) -> None:
    """Open the dialog that was asked for; it stays open until it is done, dismissed, or another record is opened."""
    held = st.session_state.get(ASKED)
    if held and held["record"] != record_id:
        dismiss()
    elif held:
        st.dialog(verb_label("task", "create", visit.language), on_dismiss=dismiss)(dialog)()


def dismiss() -> None:
    """Forget what was asked for."""
    st.session_state.pop(ASKED, None)


def dialog() -> None:
    """What is to be done. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit, held = arrive(), st.session_state.get(ASKED)
        if held is None:
            st.rerun()
        record = visit.desk.store.get(visit.actor, held["entity"], held["record"])
        st.markdown(muted(heading_of(entity_of(held["entity"]), record, visit.language)))
        first = {"assignee_id": visit.actor.person_id, "kind": "other", "priority": "normal"}
        typed: dict[str, Any] = {}
        for row in ROWS:
            for place, name in zip(st.columns(len(row)), row, strict=True):
                with place:
                    typed[name] = question(visit, held, name, first.get(name))
        if held["refusal"]:
            st.error(plain(held["refusal"]), icon=":material/error:")
        if st.button(visit.text("common.save"), type="primary", key=f"task|{held['id']}|do", width="stretch"):
            save(visit, held, record, typed)


def question(visit: Visit, held: dict[str, Any], name: str, first: Any) -> Any:
    """One input."""
    slot = f"task|{held['id']}|{name}|{visit.language}"
    return inputs.draw(visit, TASK, TASK.by_name[name], slot, first, {}, None, held["problems"].get(name, ()))


def save(visit: Visit, held: dict[str, Any], record: dict[str, Any], typed: dict[str, Any]) -> None:
    """Give the task, once however often it is sent; a refusal loses nothing of it."""
    held["problems"], held["refusal"] = {}, None
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, raw in typed.items():
        value, problem = inputs.understood(TASK.by_name[name], raw)
        wrong += [problem] if problem else []
        values |= {} if problem or value is None else {name: value}
    values |= {f"{held['entity']}_id": record["id"], "creator_id": visit.actor.person_id, "created_on": visit.today}
    if held["entity"] != "customer" and record.get("customer_id"):
        values["customer_id"] = record["customer_id"]
    try:
        if wrong:
            raise Invalid(wrong)
        records.create(visit.desk.store, visit.actor, "task", held["id"], values)
    except Invalid as invalid:
        for problem in invalid.problems:
            held["problems"].setdefault(problem.field, []).append(problem_text(problem, visit.language, "task"))
        again()
    except SalesDeskError as problem:
        held["refusal"] = refusal(problem, visit.language, "task")
        again()
    dismiss()
    st.rerun()

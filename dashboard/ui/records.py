"""The very records behind a number, opened from a bar or from "what is this", with the fields the person may see."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.actions import measure
from dashboard.actions.exports import export_records, files_of
from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.labels import entity_label
from dashboard.domain.queries import Condition, Operator, Sort
from dashboard.ui import deferred, tables
from dashboard.ui.boundary import boundary
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted
from dashboard.ui.visit import Visit, arrive
from etl.metrics import Question

ASKED = "records_asked"
MOST_ROWS = 500
TALLEST = 560  # pixels

COLUMNS: dict[str, tuple[str, ...]] = {
    "deal": ("number", "name", "customer_id", "owner_id", "stage_id", "base_amount", "expected_close_on", "closed_on"),
    "rating": ("customer_id", "person_id", "score", "rated_on", "remark"),
    "task": ("number", "title", "assignee_id", "status", "due_on", "done_on", "effort_hours"),
    "person": ("name", "title", "team_id", "joined_on"),
}
"""What is shown of each entity, in order; fields that are hidden from the person are left out."""

ORDER: dict[str, Sort] = {
    "deal": Sort("base_amount", descending=True),
    "rating": Sort("rated_on", descending=True),
    "task": Sort("due_on", descending=True),
    "person": Sort("name"),
}


def ask_for(question: Question, title: str) -> None:
    """Show the records behind a question once the page is drawn."""
    st.session_state[ASKED] = (question, title)


def show_asked_for(visit: Visit) -> None:
    """Open what was asked for, once."""
    if asked := st.session_state.pop(ASKED, None):
        dialog(visit, *asked)


def dialog(visit: Visit, question: Question, title: str) -> None:
    """The records in front of the page."""
    opened = st.dialog(visit.text("records.title", title=title), width="large")(table)
    opened(question)


def table(question: Question) -> None:
    """The records as a table. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        entity, ids = visit.behind(question)
        if ids.is_empty():
            st.markdown(visit.text("empty.records"))
            return
        shown = visible(visit, entity)
        found = visit.desk.store.find(
            visit.actor,
            entity,
            [Condition("id", Operator.IN, ids.to_list())],
            sort=[ORDER[entity]] if ORDER[entity].field in shown else [],
            limit=MOST_ROWS,
            fields=shown,
        )
        count = counted(visit, entity, found.height, ids.len())
        st.markdown(muted(count))
        tables.draw(visit, entity, found.select(shown), "records_table", count, TALLEST)
        downloads(visit, question, entity, shown)


def downloads(visit: Visit, question: Question, entity: str, columns: list[str]) -> None:
    """All of the records as a file, for whoever may take such records out."""
    if not visit.actor.grants(entity, Action.EXPORT):
        return
    with st.container(horizontal=True, gap="small", key="records_export"):
        for ending in ("xlsx", "csv"):
            name = f"{entity_of(entity).plural}-{visit.today.isoformat()}.{ending}"
            label = visit.text("common.export_as", kind=ending.upper())
            make = partial(file_of, visit, question, columns, name)
            deferred.button(visit, label, name, make, f"records_export_{ending}")


def file_of(visit: Visit, question: Question, columns: list[str], name: str, actor: Actor) -> bytes:
    """The file, for whoever is there when it is asked for."""
    store, marts = visit.desk.store, visit.desk.marts
    assert marts is not None, "the page showed numbers"
    entity, ids = measure.records(store, marts, actor, question)
    fields = [column for column in columns if column != "number"]
    where = [Condition("id", Operator.IN, ids.to_list())]
    sort = [ORDER[entity]] if ORDER[entity].field in fields else []
    told = visit.text("records.title", title=visit.text(f"metric.{question.name}.name"))
    export = export_records(store, actor, entity, visit.language, where, sort, fields, told=told)
    return files_of(export, name)[name]


def visible(visit: Visit, entity: str) -> list[str]:
    """The columns that some record shows the person."""
    known = visit.desk.store.find(visit.actor, entity, limit=0).columns
    return [name for name in COLUMNS[entity] if name in known]


def counted(visit: Visit, entity: str, shown: int, behind: int) -> str:
    """How many records there are, and whether all of them are listed."""
    many = entity_label(entity, visit.language, many=True)
    if shown < behind:
        return visit.text("records.some", shown=shown, n=behind, records=many)
    return visit.text("records.all", n=behind, records=many)

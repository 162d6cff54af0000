"""The very records behind a number, opened from a bar or from "what is this", with the fields the person may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

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
    "order": ("number", "customer_id", "owner_id", "status", "delivery_state", "promised_on"),
    "person": ("name", "title", "team_id", "joined_on"),
}
"""What is shown of each entity, in order; fields that are hidden from the person are left out."""

ORDER: dict[str, Sort] = {
    "deal": Sort("base_amount", descending=True),
    "rating": Sort("rated_on", descending=True),
    "task": Sort("due_on", descending=True),
    "order": Sort("promised_on", descending=True),
    "person": Sort("name"),
}


@dataclass(frozen=True)
class Listed:
    """Records of one entity behind a number: which, the columns that are shown of them, their order, and what the
    number is called."""

    entity: str
    where: tuple[Condition, ...]
    columns: tuple[str, ...]
    sort: Sort
    told: str


Behind = Callable[[Visit], Sequence[Listed]]
"""Which records are behind a number, for whoever is there when it is asked."""


def ask_for(question: Question | Behind, title: str) -> None:
    """Show the records behind a question once the page is drawn."""
    st.session_state[ASKED] = (question, title)


def show_asked_for(visit: Visit) -> None:
    """Open what was asked for, once."""
    if asked := st.session_state.pop(ASKED, None):
        dialog(visit, *asked)


def dialog(visit: Visit, question: Question | Behind, title: str) -> None:
    """The records in front of the page."""
    opened = st.dialog(visit.text("records.title", title=title), width="large")(table)
    opened(question)


def table(question: Question | Behind) -> None:
    """The records as tables. It runs again on its own, so it asks again who is there."""
    with boundary(language_of()):
        visit = arrive()
        shown = [table_of(visit, listed) for listed in listed_of(visit, question)]
        if not any(shown):
            st.markdown(visit.text("empty.records"))


def listed_of(visit: Visit, question: Question | Behind) -> Sequence[Listed]:
    """The records behind a question."""
    if not isinstance(question, Question):
        return question(visit)
    entity, ids = visit.behind(question)
    where = Condition("id", Operator.IN, ids.to_list())
    return [Listed(entity, (where,), COLUMNS[entity], ORDER[entity], visit.text(f"metric.{question.name}.name"))]


def table_of(visit: Visit, listed: Listed) -> bool:
    """One kind of records, and the way to take them out; False where there are none, and nothing was drawn."""
    entity, store = listed.entity, visit.desk.store
    behind = store.count(visit.actor, entity, listed.where)
    if not behind:
        return False
    shown = visible(visit, listed)
    sort = [listed.sort] if listed.sort.field in shown else []
    found = store.find(visit.actor, entity, listed.where, sort=sort, limit=MOST_ROWS, fields=shown)
    count = counted(visit, entity, found.height, behind)
    st.markdown(muted(count))
    tables.draw(visit, entity, found.select(shown), f"records_{entity}", count, TALLEST, found["id"])
    downloads(visit, listed, shown)
    return True


def downloads(visit: Visit, listed: Listed, columns: list[str]) -> None:
    """All of the records as a file, for whoever may take such records out."""
    entity = listed.entity
    if not visit.actor.grants(entity, Action.EXPORT):
        return
    with st.container(horizontal=True, gap="small", key=f"records_{entity}_export"):
        for ending in ("xlsx", "csv"):
            name = f"{entity_of(entity).plural}-{visit.today.isoformat()}.{ending}"
            label = visit.text("common.export_as", kind=ending.upper())
            make = partial(file_of, visit, listed, columns, name)
            deferred.button(visit, label, name, make, f"records_{entity}_export_{ending}")


def file_of(visit: Visit, listed: Listed, columns: list[str], name: str, actor: Actor) -> bytes:
    """The file, for whoever is there when it is asked for."""
    fields = [column for column in columns if column != "number"]
    sort = [listed.sort] if listed.sort.field in fields else []
    told = visit.text("records.title", title=listed.told)
    where = list(listed.where)
    export = export_records(visit.desk.store, actor, listed.entity, visit.language, where, sort, fields, told=told)
    return files_of(export, name)[name]


def visible(visit: Visit, listed: Listed) -> list[str]:
    """The columns that some record shows the person."""
    known = visit.desk.store.find(visit.actor, listed.entity, limit=0).columns
    return [name for name in listed.columns if name in known]


def counted(visit: Visit, entity: str, shown: int, behind: int) -> str:
    """How many records there are, and whether all of them are listed."""
    many = entity_label(entity, visit.language, many=True)
    if shown < behind:
        return visit.text("records.some", shown=shown, n=behind, records=many)
    return visit.text("records.all", n=behind, records=many)

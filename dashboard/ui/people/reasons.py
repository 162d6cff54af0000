"""Why may X see Y: the grants by which a person may open a record, and what the record hangs on them by."""

from __future__ import annotations

import streamlit as st

from dashboard.actions import access
from dashboard.domain.access import Action
from dashboard.domain.entities import RECORDS, entity_of
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.queries import Condition, Operator
from dashboard.store.explaining import Reason
from dashboard.ui.boundary import guarded
from dashboard.ui.choices import told_apart
from dashboard.ui.markdown import muted, plain
from dashboard.ui.people.words import one
from dashboard.ui.visit import Visit

MOST = 20  # records offered
CANDIDATES = tuple(name for name, entity in RECORDS.items() if entity.title)


def show(visit: Visit) -> None:
    """Who, which record, and the answer."""
    people = told_apart(dict(visit.desk.store.reference("person").sort("name").select("id", "name").iter_rows()))
    entities = [name for name in CANDIDATES if visit.actor.grants(name, Action.READ)]
    left, middle, right = st.columns(3)
    person = left.selectbox(
        visit.text("people.who"),
        list(people),
        index=None,
        format_func=people.__getitem__,
        placeholder=visit.text("filter.choose"),
        key="reasons_person",
    )
    entity = middle.selectbox(
        visit.text("people.entity"),
        entities,
        index=entities.index("deal") if "deal" in entities else 0,
        format_func=lambda name: entity_label(name, visit.language),
        key="reasons_entity",
    )
    typed = right.text_input(
        visit.text("people.record"), key="reasons_record", placeholder=visit.text("people.record_hint"), max_chars=200
    )
    if not person or not typed.strip():
        st.markdown(muted(visit.text("people.reasons_hint")))
        return
    with guarded(visit.language):
        found = told_apart(records_like(visit, entity, typed.strip()))
        if not found:
            st.markdown(muted(visit.text("people.no_record")))
            return
        record = st.selectbox(
            entity_label(entity, visit.language), list(found), format_func=found.__getitem__, key="reasons_which"
        )
        answer(visit, person, people[person], entity, record)


def records_like(visit: Visit, entity: str, typed: str) -> dict[str, str]:
    """Records by number, id, or a part of their title: id → what they are called."""
    declared = entity_of(entity)
    title = str(declared.title)
    for condition in (
        Condition("number", Operator.EQ, typed.upper()),
        Condition("id", Operator.EQ, typed.lower()),
        Condition(title, Operator.LIKE, typed),
    ):
        rows = visit.desk.store.find(visit.actor, entity, [condition], limit=MOST, fields=(title,))
        if rows.height:
            return {
                row["id"]: " · ".join(str(part) for part in (row["number"], row[title]) if part)
                for row in rows.to_dicts()
            }
    return {}


def answer(visit: Visit, person: str, name: str, entity: str, record: str) -> None:
    """The reasons, one a line; or that there is none."""
    reasons = access.why(visit.desk.store, visit.actor, person, entity, record)
    with st.container(border=True, key="reasons_answer"):
        if not reasons:
            st.markdown(plain(visit.text("people.sees_not", name=name)))
            return
        st.markdown(plain(visit.text("people.sees", name=name)))
        for reason in reasons:
            st.markdown(f"- {plain(in_words(visit, entity, reason))}")


def in_words(visit: Visit, entity: str, reason: Reason) -> str:
    """One reason as a sentence."""
    role, reach = visit.text(f"role.{reason.grant.role}"), one(visit, reason.grant)
    if not reason.by:
        return visit.text("people.reason", role=role, reach=reach)
    names = [
        entity_label(each, visit.language) if each in RECORDS else field_label(entity, each, visit.language)
        for each in reason.by
    ]
    return visit.text("people.reason_by", role=role, reach=reach, by=names)

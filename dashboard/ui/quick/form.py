"""The form of a quick update: three fields and one submit; a pasted note fills them in to be looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.domain.labels import stored_text
from dashboard.ui.quick import clicks
from dashboard.ui.quick.clicks import LONGEST_NOTE, STAY, VERBS, slot
from dashboard.ui.visit import Visit


def show(visit: Visit, place: str, deal: Mapping[str, Any], label: str) -> None:
    """What happened, the next step with its day, the stage, and one submit. place: of several forms on a page."""
    key, token = deal["id"], clicks.token(place, deal["id"])
    moves, due = moves_of(visit, deal), deal.get("next_step_on")
    start(
        place,
        key,
        step=stored_text(deal.get("next_step"), visit.language),
        day=due if due and due > visit.today else None,
    )
    with st.form(f"{place}_form_{key}", border=False):
        st.text_area(
            visit.text("today.quick.happened"),
            key=slot(place, key, "happened"),
            placeholder=visit.text("today.quick.happened_like"),
            max_chars=LONGEST_NOTE,
            height=72,
        )
        wide, narrow = st.columns([3, 2], gap="small")
        with wide:
            st.text_input(
                visit.text("today.quick.next_step"),
                key=slot(place, key, "step"),
                placeholder=visit.text("today.quick.next_step_like"),
                max_chars=200,
            )
        with narrow:
            st.date_input(
                visit.text("today.quick.next_step_on"),
                value=None,
                min_value=visit.today,
                format="YYYY-MM-DD",
                key=slot(place, key, "day"),
            )
        st.selectbox(
            visit.text("today.quick.stage"),
            list(moves),
            format_func=lambda word: moves.get(word, ""),
            key=slot(place, key, "stage"),
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                visit.text("today.quick.save"),
                type="primary",
                key=f"{place}_save_{key}",
                on_click=clicks.send,
                args=(place, key, deal["version"], token, label),
            )
            st.form_submit_button(
                visit.text("today.quick.read"),
                icon=":material/text_snippet:",
                key=f"{place}_read_{key}",
                help=visit.text("today.quick.read_help"),
                on_click=clicks.read_note,
                args=(place, key),
            )


def start(place: str, deal: str, **first: Any) -> None:
    """Give the inputs their first values."""
    for name, value in first.items():
        st.session_state.setdefault(slot(place, deal, name), value)


def moves_of(visit: Visit, deal: Mapping[str, Any]) -> dict[str, str]:
    """Where the deal may go: stay, another open stage, won or lost; key → text. A closed deal stays."""
    label = f"label_{visit.language}"
    stages = visit.desk.store.reference("stage").sort("rank", nulls_last=True).to_dicts()
    now = next((row[label] for row in stages if row["id"] == deal["stage_id"]), "")
    found = {STAY: visit.text("today.quick.stay", stage=now)}
    if deal["stage_type"] != "open":
        return found
    active = [row for row in stages if row["active"] is not False and row["id"] != deal["stage_id"]]
    ordered = sorted(active, key=lambda row: list(VERBS).index(row["type"]))
    return found | {f"{VERBS[row['type']]}:{row['id']}": row[label] for row in ordered}

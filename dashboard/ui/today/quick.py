"""The quick update of a deal inside its row: three fields and one submit; a task is completed with one tap."""

from __future__ import annotations

import streamlit as st

from dashboard.actions.agenda import Item
from dashboard.actions.work_days import calendar_of
from dashboard.domain.follow_ups import later_days
from dashboard.domain.ids import new_id
from dashboard.i18n import day
from dashboard.ui.today import clicks
from dashboard.ui.today.clicks import OPEN, STAY, slot
from dashboard.ui.visit import Visit

LONGEST = 2_000


def is_open(item: Item) -> bool:
    """Whether the form of a deal is open."""
    return bool(st.session_state.get(OPEN) == item.id)


def opener(visit: Visit, item: Item) -> None:
    """The button that opens and closes the form of a deal."""
    opened = is_open(item)
    st.button(
        visit.text("common.close" if opened else "today.quick.open"),
        key=f"today_open_{item.id}",
        icon=":material/close:" if opened else ":material/edit_note:",
        on_click=clicks.turn,
        args=(item.id,),
    )


def completer(visit: Visit, item: Item) -> None:
    """The button that completes a task."""
    st.button(
        visit.text("today.quick.complete"),
        key=f"today_complete_{item.id}",
        icon=":material/check:",
        on_click=clicks.complete,
        args=(item.id, item.version, item.name),
    )


def snoozer(visit: Visit, item: Item) -> None:
    """The menu that puts a next step off to a later day."""
    days = later_days(visit.today, calendar_of(visit.desk.store))
    key = f"today_snooze_{item.entity}_{item.id}"
    st.menu_button(
        visit.text("today.snooze.button"),
        list(days),
        format_func=lambda word: visit.text(f"today.snooze.{word}", day=day(days[word], visit.language)),
        key=key,
        icon=":material/snooze:",
        on_click=clicks.snooze,
        args=(item.entity, item.id, item.version, item.name, key),
    )


def form(visit: Visit, item: Item) -> None:
    """What happened, the next step with its day, the stage, and one submit."""
    token = st.session_state.setdefault(slot(item.id, "token"), new_id())
    moves = moves_of(visit, item)
    with st.form(f"today_form_{item.id}", border=False):
        st.text_area(
            visit.text("today.quick.happened"),
            key=slot(item.id, "happened"),
            placeholder=visit.text("today.quick.happened_like"),
            max_chars=LONGEST,
            height=72,
        )
        wide, narrow = st.columns([3, 2], gap="small")
        with wide:
            st.text_input(
                visit.text("today.quick.next_step"),
                value=item.text or "",
                key=slot(item.id, "step"),
                placeholder=visit.text("today.quick.next_step_like"),
                max_chars=200,
            )
        with narrow:
            st.date_input(
                visit.text("today.quick.next_step_on"),
                value=item.due_on if item.due_on and item.due_on > visit.today else None,
                min_value=visit.today,
                format="YYYY-MM-DD",
                key=slot(item.id, "day"),
            )
        st.selectbox(
            visit.text("today.quick.stage"),
            list(moves),
            format_func=lambda key: moves.get(key, ""),
            key=slot(item.id, "stage"),
        )
        st.form_submit_button(
            visit.text("today.quick.save"),
            type="primary",
            key=f"today_save_{item.id}",
            on_click=clicks.send,
            args=(item.id, item.version, token, item.name),
        )


def moves_of(visit: Visit, item: Item) -> dict[str, str]:
    """Where the deal may go: stay, another open stage, won, or lost for a reason; key → text."""
    store, language = visit.desk.store, visit.language
    label = f"label_{language}"
    stages = store.reference("stage").sort("rank", nulls_last=True).to_dicts()
    active = [row for row in stages if row["active"] is not False]
    now = next((row[label] for row in stages if row["id"] == item.stage_id), "")
    found = {STAY: visit.text("today.quick.stay", stage=now)}
    found |= {
        f"advance:{row['id']}": row[label] for row in active if row["type"] == "open" and row["id"] != item.stage_id
    }
    found |= {f"win:{row['id']}": row[label] for row in active if row["type"] == "won"}
    lost = next((row for row in active if row["type"] == "lost"), None)
    if lost:
        reasons = store.reference("list_value").sort("rank", nulls_last=True).to_dicts()
        found |= {
            f"lose:{lost['id']}:{row['id']}": visit.text("today.quick.lost", stage=lost[label], reason=row[label])
            for row in reasons
            if row["list"] == "lost_reason" and row["active"] is not False
        }
    return found

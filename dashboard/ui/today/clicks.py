"""What the clicks on Today do. They run before the page does, so each asks anew who is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from dashboard.actions import quick
from dashboard.actions.quick import Asked, Made, Move
from dashboard.actions.work_days import calendar_of
from dashboard.domain.follow_ups import later_days
from dashboard.errors import SalesDeskError
from dashboard.ui.visit import Visit, arrive

OPEN, DONE, PROBLEM = "today_open", "today_done", "today_problem"
REMEMBERED = 3  # updates that can be taken back from the page
FRESH_SECONDS = 1.0  # how long a click waits for the numbers on the page
INPUTS = ("happened", "step", "day", "stage", "token")
STAY = ""
MOVES = ("advance", "win", "lose")


@dataclass(frozen=True)
class Done:
    """What was done in this session and can be taken back: a text for people, and what was written."""

    label: str
    made: Made


@contextmanager
def kept_refusals() -> Iterator[None]:
    """A refusal is kept for the page that follows."""
    try:
        yield
    except SalesDeskError as problem:
        st.session_state[PROBLEM] = problem


def slot(deal: str, name: str) -> str:
    """Where the session keeps an input of a deal's form."""
    return f"today_{name}_{deal}"


def forget(deal: str | None) -> None:
    """Drop what was entered into a form."""
    for name in INPUTS:
        st.session_state.pop(slot(deal or "", name), None)


def turn(deal: str) -> None:
    """Open the form of a deal, or close it; only one is open."""
    before = st.session_state.get(OPEN)
    forget(before)
    st.session_state[OPEN] = None if before == deal else deal


def send(deal: str, version: int, token: str, label: str) -> None:
    """Write what was entered."""
    entered = {name: st.session_state.get(slot(deal, name)) for name in INPUTS}
    with kept_refusals():
        visit = arrive()
        asked = Asked(
            deal,
            version,
            token,
            happened=text(entered["happened"]),
            next_step=text(entered["step"]),
            next_step_on=entered["day"],
            move=move_of(entered["stage"]),
        )
        made = quick.update(visit.desk.store, visit.actor, asked)
        forget(deal)
        st.session_state[OPEN] = None
        remember(visit, Done(label, made))


def text(value: object) -> str | None:
    """A text that says something, or None."""
    return None if value is None else str(value).strip() or None


def move_of(key: object) -> Move | None:
    """What a choice of the form means; a browser may send anything, so the store judges it."""
    verb, _, rest = str(key or STAY).partition(":")
    stage, _, reason = rest.partition(":")
    return Move(verb, stage or None, reason or None) if verb in MOVES else None


def complete(task: str, version: int, label: str) -> None:
    """Complete a task."""
    with kept_refusals():
        visit = arrive()
        made = quick.complete_task(visit.desk.store, visit.actor, task, version, visit.today)
        remember(visit, Done(label, made))


def snooze(entity: str, record_id: str, version: int, label: str, key: str) -> None:
    """Put a next step off; a browser may name any day, so only those on offer count."""
    with kept_refusals():
        visit = arrive()
        until = later_days(visit.today, calendar_of(visit.desk.store)).get(str(st.session_state.get(key)))
        if until is not None:
            made = quick.snooze(visit.desk.store, visit.actor, entity, record_id, version, until)
            remember(visit, Done(label, made))


def remember(visit: Visit, done: Done) -> None:
    """Offer to take it back, and give the numbers a moment to follow."""
    others = tuple(one for one in st.session_state.get(DONE, ()) if one != done)
    st.session_state[DONE] = (done, *others)[:REMEMBERED]
    visit.desk.wait_for(done.made.revision, FRESH_SECONDS)


def take_back(done: Done) -> None:
    """Undo one update; a second click on the same button finds it gone."""
    known = st.session_state.get(DONE, ())
    if done not in known:
        return
    st.session_state[DONE] = tuple(one for one in known if one != done)
    with kept_refusals():
        visit = arrive()
        revision = quick.undo(visit.desk.store, visit.actor, done.made)
        visit.desk.wait_for(revision, FRESH_SECONDS)

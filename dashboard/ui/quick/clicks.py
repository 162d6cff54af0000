"""What the clicks on a quick update do. They run before the page does, so each asks anew who is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from dashboard.actions import gates, quick
from dashboard.actions.quick import Asked, Made, Move
from dashboard.domain import notes
from dashboard.domain.ids import new_id
from dashboard.errors import SalesDeskError
from dashboard.ui.detail import verbs
from dashboard.ui.visit import Visit, arrive

OPEN, DONE = "quick_open", "quick_done"
REMEMBERED = 3  # updates that can be taken back from the page
FRESH_SECONDS = 1.0  # how long a click waits for the numbers on the page
INPUTS = ("happened", "step", "day", "stage", "token")
STAY = ""
VERBS = {"open": "advance", "won": "win", "lost": "lose"}
"""The step that leads to a stage of a type."""
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Done:
    """What was done in this session and can be taken back: a text for people, and what was written."""

    label: str
    made: Made


def problem_of(place: str) -> str:
    """Where the session keeps the last refusal of a place."""
    return f"{place}_problem"


@contextmanager
def kept_refusals(place: str) -> Iterator[None]:
    """A refusal is kept for the page that follows."""
    try:
        yield
    except SalesDeskError as problem:
        st.session_state[problem_of(place)] = problem


def slot(place: str, deal: str, name: str) -> str:
    """Where the session keeps an input of a deal's form."""
    return f"{place}_{name}_{deal}"


def token(place: str, deal: str) -> str:
    """What one form writes is written once, however often it is sent."""
    return str(st.session_state.setdefault(slot(place, deal, "token"), new_id()))


def forget(place: str, deal: str | None) -> None:
    """Drop what was entered into a form."""
    for name in INPUTS:
        st.session_state.pop(slot(place, deal or "", name), None)


def open_for(deal: str | None) -> None:
    """Open the dialog once the page is drawn: of a deal, or to choose one."""
    forget("quick", deal)
    st.session_state[OPEN] = deal or ""


def close() -> None:
    """Forget that the dialog was asked for."""
    st.session_state.pop(OPEN, None)


def read_note(place: str, deal: str) -> None:
    """Fill the form from the note in its first field; what it says nothing of stays as it is."""
    with kept_refusals(place):
        visit = arrive()
        record = visit.desk.store.get(visit.actor, "deal", deal)
        text = str(st.session_state.get(slot(place, deal, "happened")) or "")[:LONGEST_NOTE]
        found = notes.understood(text, visit.today, labels_of(visit))
        st.session_state[slot(place, deal, "happened")] = found.happened or ""
        if found.next_step:
            st.session_state[slot(place, deal, "step")] = found.next_step[:200]
        if found.next_step_on and found.next_step_on >= visit.today:
            st.session_state[slot(place, deal, "day")] = found.next_step_on
        if found.stage_id and (key := key_of(visit, record, found.stage_id)):
            st.session_state[slot(place, deal, "stage")] = key


def labels_of(visit: Visit) -> dict[str, str]:
    """The stages in use by what they are called in each language."""
    rows = [row for row in visit.desk.store.reference("stage").to_dicts() if row["active"] is not False]
    return {str(row[name]): row["id"] for row in rows for name in ("label_zh", "label_en") if row[name]}


def key_of(visit: Visit, record: Mapping[str, Any], stage_id: str) -> str | None:
    """The choice of the form that leads an open deal to a stage; None where there is none."""
    kinds = dict(visit.desk.store.reference("stage").select("id", "type").iter_rows())
    if record["stage_type"] != "open" or stage_id == record["stage_id"] or stage_id not in kinds:
        return None
    return f"{VERBS[kinds[stage_id]]}:{stage_id}"


def send(place: str, deal: str, version: int, key: str, label: str) -> None:
    """Write what was entered; a step that must be told more opens its dialog, which then writes all of it at once."""
    entered = {name: st.session_state.get(slot(place, deal, name)) for name in INPUTS}
    with kept_refusals(place):
        visit = arrive()
        asked = Asked(
            deal,
            version,
            key,
            happened=text(entered["happened"]),
            next_step=text(entered["step"]),
            next_step_on=entered["day"],
            move=move_of(entered["stage"]),
        )
        if asked.move and asks_more(visit, asked):
            preset = {name: value for name in ("stage_id",) if (value := getattr(asked.move, name))}
            preset |= {"close_note": asked.happened} if asked.happened else {}
            close()
            verbs.ask(
                "deal", deal, asked.move.verb, preset, asked, partial(finish, place=place, deal=deal, label=label)
            )
            return
        finish(visit, quick.update(visit.desk.store, visit.actor, asked), place=place, deal=deal, label=label)


def asks_more(visit: Visit, asked: Asked) -> bool:
    """Whether the step lacks something: why it is lost, the amount of a win, what a gate requires."""
    assert asked.move is not None
    record = visit.desk.store.get(visit.actor, "deal", asked.deal_id)
    if asked.move.verb == "lose" or (asked.move.verb == "win" and record.get("amount") is None):
        return True
    given = record | {name: value for name in ("next_step", "next_step_on") if (value := getattr(asked, name))}
    told = (notes.kind_of(asked.happened),) if asked.happened else ()
    return bool(gates.missing(visit.desk.store, given, asked.move.verb, asked.move.stage_id, told))


def finish(visit: Visit, made: Made, *, place: str, deal: str, label: str) -> None:
    """The form is done with."""
    forget(place, deal)
    if st.session_state.get(f"{place}_open") == deal:
        st.session_state[f"{place}_open"] = None
    close()
    remember(visit, Done(label, made))


def text(value: object) -> str | None:
    """A text that says something, or None."""
    return None if value is None else str(value).strip() or None


def move_of(key: object) -> Move | None:
    """What a choice of the form means; a browser may send anything, so the store judges it."""
    verb, _, stage = str(key or STAY).partition(":")
    return Move(verb, stage or None) if verb in VERBS.values() else None


def remember(visit: Visit, done: Done) -> None:
    """Offer to take it back, and give the numbers a moment to follow."""
    others = tuple(one for one in st.session_state.get(DONE, ()) if one != done)
    st.session_state[DONE] = (done, *others)[:REMEMBERED]
    visit.desk.wait_for(done.made.revision, FRESH_SECONDS)


def take_back(place: str, done: Done) -> None:
    """Undo one update; a second click on the same button finds it gone."""
    with kept_refusals(place):
        visit = arrive()
        known = st.session_state.get(DONE, ())
        if done not in known:
            return
        st.session_state[DONE] = tuple(one for one in known if one != done)
        revision = quick.undo(visit.desk.store, visit.actor, done.made)
        visit.desk.wait_for(revision, FRESH_SECONDS)

"""The board on its page: draws it, and does what a card was moved for, or says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.actions import moves
from dashboard.domain.access import Action
from dashboard.errors import SalesDeskError, Stale
from dashboard.i18n import translate
from dashboard.ui import rooms
from dashboard.ui.board import data
from dashboard.ui.detail import verbs
from dashboard.ui.detail.values import heading_of
from dashboard.ui.forms.words import refusal
from dashboard.ui.languages import language_of
from dashboard.ui.lists import address
from dashboard.ui.lists.address import LOOK, Asked
from dashboard.ui.quick import clicks
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

FOLDER = Path(__file__).parent
SAID = "board_said"
TEXTS = ("hint", "empty", "card", "menu", "open", "update", "to", "lifted", "over", "put_back")

BOARD = st.components.v2.component(
    "board",
    css=(FOLDER / "board.css").read_text("utf-8"),
    js=(FOLDER / "board.js").read_text("utf-8"),
)


def show(visit: Visit, room: Room, asked: Asked) -> None:
    """Draw the board; what was said about the last move stands above it."""
    key = f"{room.name}_board"
    turn, text, refused = st.session_state.get(SAID, (0, "", False))
    may_move = asked.as_of is None and bool(visit.actor.grants(room.entity, Action.UPDATE))
    texts = {name: visit.text(f"board.{name}") for name in TEXTS}
    BOARD(
        key=key,
        data={
            "columns": data.columns(visit, room, asked),
            "may_move": may_move,
            "texts": texts if may_move else texts | {"hint": visit.text("board.hint_still")},
            "said": {"text": text, "refused": refused},
            "turn": turn,  # a move that was refused changes nothing else: without it the card would not go back
        },
        on_move_change=lambda: moved(room, key),
        on_open_change=lambda: opened(room, key),
        on_update_change=lambda: quick_update(room, key),
        on_more_change=lambda: more(room, key),
    )


def event(key: str, name: str) -> dict[str, Any]:
    """What the browser says happened; it may say anything, so it is read with care."""
    state: Any = st.session_state.get(key)
    found = state.get(name) if state else None
    return dict(found) if isinstance(found, dict) else {}


def say(text: str, *, refused: bool = False) -> None:
    """Say something above the board, and make it draw again."""
    turn = st.session_state.get(SAID, (0, "", False))[0]
    st.session_state[SAID] = (turn + 1, text, refused)


def moved(room: Room, key: str) -> None:
    """A card was put into another column. A callback runs before the page, so it asks itself who is there."""
    asked = event(key, "move")
    language = language_of()
    try:
        visit = arrive()
        language = visit.language
        if address.read(visit, room).as_of is not None:  # what is past stays as it was
            return
        take(visit, room, str(asked.get("id")), asked.get("version"), str(asked.get("to")))
    except Stale:
        say(translate("board.stale", language), refused=True)
    except SalesDeskError as problem:
        say(refusal(problem, language, room.entity), refused=True)


def take(visit: Visit, room: Room, record_id: str, version: Any, stage_id: str) -> None:
    """Take a record to a stage at once, or open the dialog of the verb that must be told more."""
    store = visit.desk.store
    record = store.get(visit.actor, room.entity, record_id)
    verb = moves.verb_to(store, record, stage_id)
    if verb != "advance":
        say("")
        verbs.ask(room.entity, record_id, verb, {"stage_id": stage_id})
        return
    moves.advance(store, visit.actor, record_id, version if isinstance(version, int) else 0, stage_id)
    label = visit.names("stage", [stage_id]).get(stage_id, "")
    say(visit.text("board.moved", record=heading_of(room.declared, record, visit.language), stage=label))


def opened(room: Room, key: str) -> None:
    """A card was opened."""
    say("")
    if record_id := event(key, "open").get("id"):
        rooms.open_record(room, str(record_id))


def quick_update(room: Room, key: str) -> None:
    """A card's quick update was asked for; the dialog reads the deal with the rights of who is there."""
    say("")
    record_id = event(key, "update").get("id")
    if room.entity == "deal" and isinstance(record_id, str) and address.ID.fullmatch(record_id):
        clicks.open_for(record_id)


def more(room: Room, key: str) -> None:
    """The deals of a column as a table."""
    stage_id = event(key, "more").get("id")
    if isinstance(stage_id, str) and address.ID.fullmatch(stage_id):
        address.put(LOOK, "")
        st.query_params["stage_id"] = stage_id
        if room.tab:
            st.query_params[room.tab] = address.EVERY

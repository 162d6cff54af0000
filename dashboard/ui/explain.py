""" "What is this?": beside every number its definition, population, window, scope, n and interval, and its records."""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.i18n import day
from dashboard.i18n import number as number_text
from dashboard.ui import records
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted, plain
from dashboard.ui.readings import Reading, interval, notes_of
from dashboard.ui.visit import Visit
from etl.metrics import Answer, Question

HELP = "_help"


def number(visit: Visit, seen: Standpoint, reading: Reading, key: str) -> None:
    """The question mark beside one number."""
    facts = [visit.text("explain.n", n=reading.n)] if reading.n else []
    if words := interval(visit, reading):
        facts.append(words)
    button(visit, seen, reading.question, [*facts, *notes_of(visit, reading)], key)


def answer(visit: Visit, seen: Standpoint, question: Question, found: Answer, key: str) -> None:
    """The question mark beside a chart."""
    button(visit, seen, question, notes_of(visit, found), key)


def button(visit: Visit, seen: Standpoint, question: Question, facts: list[str], key: str) -> None:
    """The question mark: what the number means and how it came about."""
    metric = f"metric.{question.name}"
    visit.figures.append(question)
    with box(visit, key):
        lines = [
            visit.text("explain.population", text=visit.text(f"{metric}.population")),
            visit.text("explain.window", text=window(visit, seen)),
            visit.text("explain.scope", text=scope(visit, seen.team)),
            *facts,
        ]
        name, definition = (plain(visit.text(f"{metric}.{part}")) for part in ("name", "definition"))
        st.markdown(f"**{name}**\n\n{definition}\n\n{muted(*lines)}")
        to_records(visit, key, question, visit.text(f"{metric}.name"))


def counted(visit: Visit, meaning: str, as_of: date | None, n: int, team: str | None = None) -> str:
    """What a number means that is counted in the records as they are, or were at the end of a day: Markdown."""
    lines = [
        visit.text("explain.window", text=visit.text("explain.end_of", day=day(as_of or visit.today, visit.language))),
        visit.text("explain.scope", text=scope(visit, team)),
        visit.text("explain.n", n=number_text(n, visit.language)),
    ]
    return f"{plain(meaning)}\n\n{muted(*lines)}"


def box(visit: Visit, key: str) -> DeltaGenerator:
    """What opens at the question mark: another one, and shut, after the records were asked for. One that was told to
    shut would stay open when its button is quicker than the word that it is open."""
    label, words = visit.text("explain.open"), visit.text("explain.label")
    turn = st.session_state.get(f"{key}{HELP}", 0)
    return st.popover(label, type="tertiary", help=words, key=f"{key}{HELP}_{turn}", on_change="rerun")


def to_records(visit: Visit, key: str, asked: Question | records.Behind, title: str) -> None:
    """The way to the records behind a number."""
    st.button(
        visit.text("explain.records"),
        icon=":material/list:",
        key=f"{key}_records",
        on_click=open_records,
        args=(key, asked, title),
    )


def open_records(key: str, asked: Question | records.Behind, title: str) -> None:
    """Show the records; what stood open at the question mark would lie in front of them."""
    st.session_state[f"{key}{HELP}"] = st.session_state.get(f"{key}{HELP}", 0) + 1
    records.ask_for(asked, title)


def window(visit: Visit, seen: Standpoint) -> str:
    """The period in words, and the day it is seen from when that is not today."""
    words = visit.text(
        "explain.from_to", since=day(seen.period.since, visit.language), until=day(seen.period.last, visit.language)
    )
    if seen.day < seen.today:
        return visit.text("explain.as_of", window=words, day=day(seen.day, visit.language))
    return words


def scope(visit: Visit, team: str | None) -> str:
    """Whose records count, in words; team: the one that was chosen, with those below it."""
    if team:
        return visit.text("explain.scope_team", team=visit.names("team", [team]).get(team, ""))
    if visit.desk.store.people_in_scope(visit.actor) is None:
        return visit.text("explain.scope_all")
    return visit.text("explain.scope_below" if visit.actor.below else "explain.scope_own")

"""Above a page: what went wrong with the last click, and what was done and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import streamlit as st

from dashboard.domain.labels import entity_label, field_label
from dashboard.errors import Invalid, Problem, SalesDeskError, Stale
from dashboard.i18n import show as shown
from dashboard.ui import boundary
from dashboard.ui.markdown import plain
from dashboard.ui.quick import clicks
from dashboard.ui.quick.clicks import DONE, Done
from dashboard.ui.visit import Visit

COMPARED = ("next_step", "next_step_on")


def show(visit: Visit, place: str) -> None:
    """The last refusal once, then the updates with their undo."""
    refused(visit, place)
    for done in st.session_state.get(DONE, ()):
        undoable(visit, place, done)


def refused(visit: Visit, place: str) -> None:
    """The last refusal of a place, once."""
    problem: SalesDeskError | None = st.session_state.pop(clicks.problem_of(place), None)
    if problem is not None:
        boundary.show("\n\n".join(words(visit, problem)), problem.code, visit.language)


def words(visit: Visit, problem: SalesDeskError) -> Iterator[str]:
    """What went wrong; what was entered beside what somebody else wrote meanwhile."""
    yield problem.text(visit.language)
    if isinstance(problem, Invalid):
        yield from (named(visit, found) for found in problem.problems)
    if isinstance(problem, Stale):
        mine, theirs = (cast("Mapping[str, object]", problem.values.get(side, {})) for side in ("mine", "theirs"))
        for field in COMPARED:
            if field in mine and mine[field] != theirs.get(field):
                now = shown(theirs.get(field), visit.language)
                entered = shown(mine[field], visit.language)
                label = field_label("deal", field, visit.language)
                yield visit.text("today.quick.beside", field=label, mine=entered, theirs=now)


def named(visit: Visit, problem: Problem) -> str:
    """What is wrong with a field, after its name."""
    found = problem.text(visit.language)
    return f"{field_label('deal', problem.field, visit.language)}: {found}" if problem.field else found


def undoable(visit: Visit, place: str, done: Done) -> None:
    """One update with its undo."""
    key = f"{done.made.entity}_{done.made.revision}"
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"today_done_{key}"):
        kind = entity_label(done.made.entity, visit.language)
        said = plain(visit.text("today.quick.done", kind=kind, name=done.label))
        st.markdown(f":material/check_circle: {said}", width="stretch")
        st.button(
            visit.text("common.undo"),
            key=f"today_undo_{key}",
            icon=":material/undo:",
            type="tertiary",
            on_click=clicks.take_back,
            args=(place, done),
        )

"""Two people changed the same record: both versions side by side, a choice for each field, then saved again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.i18n import instant
from dashboard.ui.forms import state
from dashboard.ui.forms.state import Form, differs
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

MINE, THEIRS = "mine", "theirs"


def show(visit: Visit, form: Form, save: Callable[[], None]) -> None:
    """Both versions of what both changed, and what the other changed beside it."""
    theirs = theirs_typed(visit, form)
    both, only_theirs = split(form, theirs)
    with st.container(border=True, key=f"{form.name}|conflict"):
        st.warning(plain(headline(visit, form)), icon=":material/call_merge:")
        if only_theirs:
            names = [state.label(visit, form, name) for name in only_theirs]
            st.markdown(muted(visit.text("conflict.taken", fields=names)))
        for name in both:
            line(visit, form, name, theirs)
        if st.button(visit.text("conflict.save"), type="primary", key=f"{form.name}|conflict_save"):
            settle(visit, form, theirs, both, only_theirs)
            save()


def theirs_typed(visit: Visit, form: Form) -> state.Raw:
    """The record as the other left it, in the form's own terms."""
    assert form.theirs is not None
    return state.as_typed(visit, form.entity, form.theirs, tuple(name for name in form.seen if name in form.theirs))


def split(form: Form, theirs: state.Raw) -> tuple[list[str], list[str]]:
    """The fields that both changed to different values, and those that only the other changed."""
    changed = [name for name in theirs if differs(theirs[name], form.seen.get(name))]
    mine = form.changed
    both = [name for name in changed if name in mine and differs(mine[name], theirs[name])]
    return both, [name for name in changed if name not in mine]


def headline(visit: Visit, form: Form) -> str:
    """Who was quicker, and when."""
    past = visit.desk.store.history(visit.actor, form.entity.name, form.record_id)
    last = past.row(-1, named=True)
    name = visit.names("person", [last["actor_id"]]).get(last["actor_id"], visit.text("history.machine"))
    moment = instant(last["recorded_at"], visit.language, visit.desk.store.company.zone)
    return visit.text("conflict.title", name=name, moment=moment)


def line(visit: Visit, form: Form, name: str, theirs: state.Raw) -> None:
    """One field: theirs, mine, and which of the two."""
    label = state.label(visit, form, name)
    left, middle, right = st.columns([2, 2, 2], vertical_alignment="bottom")
    for place, title, raw in ((left, THEIRS, theirs[name]), (middle, MINE, form.values[name])):
        with place:
            words = state.words(visit, form.entity, name, raw)
            st.markdown(f"{muted(visit.text(f'conflict.{title}', field=label))}  \n{plain(words)}")
    with right:
        slot = f"{form.name}|pick|{name}|{visit.language}"
        if slot not in st.session_state:
            st.session_state[slot] = form.picks.get(name, MINE)
        chosen = st.segmented_control(
            visit.text("conflict.choose", field=label),
            [THEIRS, MINE],
            format_func=lambda word: visit.text(f"conflict.take_{word}"),
            key=slot,
            required=True,
            label_visibility="collapsed",
        )
        form.picks[name] = THEIRS if chosen == THEIRS else MINE


def settle(visit: Visit, form: Form, theirs: state.Raw, both: list[str], only_theirs: list[str]) -> None:
    """Go on from the other's version, with what was chosen on top of it."""
    assert form.theirs is not None
    for name in (*only_theirs, *(name for name in both if form.picks.get(name) == THEIRS)):
        form.values[name] = theirs[name]
    form.seen = form.seen | theirs
    form.version = int(form.theirs["version"])
    form.theirs = None
    form.turn += 1
    state.keep(visit, form)

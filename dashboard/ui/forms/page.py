"""The form of a record: grouped inputs, problems beside their fields, a draft that outlives the session."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from dashboard.actions import records
from dashboard.actions.offers import offers
from dashboard.domain.access import ownership_of
from dashboard.domain.entities import Entity
from dashboard.domain.labels import entity_label, inside_a_sentence, verb_label
from dashboard.domain.orders import reason_needed
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, Invalid, Problem, SalesDeskError, Stale
from dashboard.i18n import instant
from dashboard.store.rights import settable
from dashboard.ui import rooms
from dashboard.ui.boundary import boundary
from dashboard.ui.detail.values import heading_of
from dashboard.ui.forms import beginnings, conflict, inputs, layouts, likeness, state
from dashboard.ui.forms.layouts import Group
from dashboard.ui.forms.state import Form
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.languages import language_of
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit, arrive

WIDEST = 860  # pixels
ABREAST = 2
PRESET: dict[str, tuple[str, ...]] = {
    "contact": ("customer_id",),
    "contract": ("deal_id", "customer_id", "contact_id"),
}
"""What the address may say of a new record."""
TAKEN_OVER: dict[str, tuple[str, tuple[str, ...]]] = {"contract": ("deal_id", ("amount", "currency"))}
"""What a new record starts with of the one that the address says it belongs to."""


def create(visit: Visit, room: Room) -> None:
    """An empty form, or the short one of an entity that has one; both hold the same record."""
    groups = layouts.groups(visit.actor, room.declared, create=True)
    if not groups:
        raise Forbidden("access.forbidden", entity=room.entity, action="create")
    shown = layouts.short(room.declared, groups) if st.query_params.get(rooms.NEW) == rooms.QUICK else ()
    label = inside_a_sentence(entity_label(room.entity, visit.language))
    words = visit.text("form.quick", entity=label) if shown else verb_label(room.entity, "create", visit.language)
    st.title(words, anchor=False)
    form = state.opened(visit, room.declared, None, initial(visit, room.declared, groups))
    told = said(room.declared, groups)
    for name, value in {**beginnings.of(visit, room.entity, told), **told}.items():
        if name in form.values and (name in told or not form.changed):
            form.values[name] = form.seen[name] = value
    body(room, None, groups, shown)


def edit(visit: Visit, room: Room, record_id: str) -> None:
    """The form of a record that the person may read; what may not be set is not asked."""
    record = visit.desk.store.get(visit.actor, room.entity, record_id)
    possible = {offer.verb for offer in offers(visit.desk.store, visit.actor, room.entity, record) if not offer.refusal}
    if "update" not in possible:
        raise Forbidden("access.forbidden", entity=room.entity, action="update")
    groups = layouts.groups(visit.actor, room.declared, create=False, may_assign="assign" in possible)
    names = settable(visit.desk.store, visit.actor, room.entity, record_id) & record.keys()
    groups = tuple(Group(group.name, tuple(name for name in group.fields if name in names)) for group in groups)
    groups = tuple(group for group in groups if group.fields)
    st.title(plain(heading_of(room.declared, record, visit.language) or room.title(visit)), anchor=False)
    state.opened(visit, room.declared, record, state.as_typed(visit, room.declared, record, names_of(groups)))
    body(room, record_id, groups)


def said(entity: Entity, groups: tuple[Group, ...]) -> dict[str, str]:
    """What the address says of a new record: what it belongs to."""
    names = set(PRESET.get(entity.name, ())) & set(names_of(groups))
    return {name: st.query_params[name] for name in names if name in st.query_params}


def names_of(groups: tuple[Group, ...]) -> tuple[str, ...]:
    """The fields of all groups."""
    return tuple(name for group in groups for name in group.fields)


def initial(visit: Visit, entity: Entity, groups: tuple[Group, ...]) -> dict[str, Any]:
    """What a new record starts with."""
    names = names_of(groups)
    found = state.flags(entity, names)
    usual: dict[str, Any] = {"currency": visit.currency, "created_on": visit.today.isoformat()}
    usual |= dict.fromkeys(ownership_of(entity).people, visit.actor.person_id)
    usual |= taken_over(visit, entity, said(entity, groups))
    return found | {name: value for name, value in usual.items() if name in names}


def taken_over(visit: Visit, entity: Entity, known: dict[str, str]) -> dict[str, Any]:
    """The values of the record that a new one belongs to, as far as the person may read them."""
    origin, taken = TAKEN_OVER.get(entity.name, ("", ()))
    if origin not in known:
        return {}
    where = [Condition("id", Operator.EQ, known[origin])]
    rows = visit.desk.store.find(visit.actor, str(entity.by_name[origin].to), where, limit=1).to_dicts()
    told = rows[0] if rows else {}
    return {name: inputs.as_typed(entity.by_name[name], told[name]) for name in taken if told.get(name) is not None}


@st.fragment
def body(room: Room, record_id: str | None, groups: tuple[Group, ...], shown: tuple[Group, ...] = ()) -> None:
    """The form alone: it runs again on its own at each pause, so it asks again who is there.

    groups: all that is written; shown: those of a short form.
    """
    with boundary(language_of()):
        visit = arrive()
        form = st.session_state.get(state.slot_of(f"{room.entity}:{record_id or 'new'}"))
        if not isinstance(form, Form):
            st.rerun()
        with st.container(width=WIDEST, key=f"{room.name}_form"):
            notices(visit, form)
            if form.theirs is not None:
                conflict.show(visit, form, lambda: save(visit, room, form, groups))
            for place, group in enumerate(shown or groups):
                draw_group(visit, form, group)
                if place == 0:  # what is compared stands in the first group
                    likeness.show(visit, form)
            state.keep(visit, form)
            if asks_why(visit, room, form):
                st.text_input(visit.text("form.why"), key=f"{form.name}|why")
            buttons(visit, room, form, groups, short=bool(shown))


def asks_why(visit: Visit, room: Room, form: Form) -> bool:
    """Whether some change of the record, as it is now, must say why."""
    rule = REASONED.get(room.entity)
    if rule is None or form.version is None:
        return False
    return rule(visit.desk.store.get(visit.actor, room.entity, form.record_id))


REASONED = {"order": reason_needed}
"""Entities of which some changes must say why."""


def notices(visit: Visit, form: Form) -> None:
    """What there is to say above the inputs."""
    if form.refusal:
        st.error(plain(form.refusal), icon=":material/error:")
    elif form.problems:
        st.error(visit.text("form.problems", n=sum(map(len, form.problems.values()))), icon=":material/error:")
    elif form.restored:
        moment = instant(form.restored, visit.language, visit.desk.store.company.zone)
        st.info(visit.text("form.restored", moment=moment), icon=":material/history:")


def draw_group(visit: Visit, form: Form, group: Group) -> None:
    """The inputs under one heading, two abreast where there is room."""
    st.subheader(visit.text(f"form_group.{group.name}"), anchor=False)
    for at in range(0, len(group.fields), ABREAST):
        places = st.columns(ABREAST)
        for place, name in zip(places, group.fields[at : at + ABREAST], strict=False):
            with place:
                draw_field(visit, form, name)


def draw_field(visit: Visit, form: Form, name: str) -> None:
    """One input; what it says is what the form holds."""
    form.values[name] = inputs.draw(
        visit,
        form.entity,
        form.entity.by_name[name],
        form.slot(visit, name),
        form.values.get(name),
        form.values,
        form.seen.get(name) if form.version is not None else None,
        form.problems.get(name, ()),
    )


def buttons(visit: Visit, room: Room, form: Form, groups: tuple[Group, ...], *, short: bool) -> None:
    """Save, or leave: what was typed stays as a draft, unless it is thrown away."""
    with st.container(horizontal=True, vertical_alignment="center"):
        label = visit.text("common.save")
        weight: Literal["primary", "secondary"] = (
            "primary" if form.theirs is None else "secondary"
        )  # two versions have a button of their own
        if st.button(label, type=weight, icon=":material/check:", key=f"{form.name}|save"):
            save(visit, room, form, groups, short=short)
        if short and st.button(visit.text("form.whole"), icon=":material/unfold_more:", key=f"{form.name}|whole"):
            st.query_params[rooms.NEW] = rooms.WHOLE
            st.rerun()
        if st.button(visit.text("common.back"), key=f"{form.name}|back"):
            leave(room, form)
        typed = bool(form.changed)
        if typed and st.button(visit.text("form.discard"), type="tertiary", key=f"{form.name}|discard"):
            state.close(visit, form)
            leave(room, form)
        if typed:
            st.markdown(muted(visit.text("form.kept")), width="content")


def leave(room: Room, form: Form) -> None:
    """Go back to where the form was opened from."""
    if form.version is None:
        rooms.back_to_list(room)
    else:
        rooms.go(room, **{rooms.ID: form.record_id})
    st.rerun()


def save(visit: Visit, room: Room, form: Form, groups: tuple[Group, ...], *, short: bool = False) -> None:
    """Write what was typed; a refusal loses nothing of it."""
    names = names_of(groups)
    names = names if form.version is None else tuple(name for name in names if name in form.changed)
    values, problems = state.understood(form, names)
    form.problems, form.refusal = {}, None
    try:
        if problems or (problems := lacking(form, values) if short else []):
            raise Invalid(problems)
        write(visit, room, form, values)
    except Stale as stale:
        theirs = stale.values["theirs"]
        assert isinstance(theirs, dict)
        form.theirs = theirs
        form.picks = {}
    except Invalid as invalid:
        place(visit, form, invalid, names_of(groups))
    except SalesDeskError as problem:
        form.refusal = refusal(problem, visit.language, form.entity.name)
    else:
        state.close(visit, form)
        rooms.go(room, **{rooms.ID: form.record_id})
        st.toast(visit.text("form.saved", entity=entity_label(form.entity.name, visit.language)))
        st.rerun()
    st.rerun()


def lacking(form: Form, values: dict[str, Any]) -> list[Problem]:
    """What the short form cannot do without although the record can: one of several fields."""
    one_of = layouts.SHORT[form.entity.name].one_of
    if not one_of or any(values.get(name) for name in one_of):
        return []
    return [Problem(None, one_of[0], "form.one_of", {"fields": list(one_of)})]


def write(visit: Visit, room: Room, form: Form, values: dict[str, Any]) -> None:
    """Hand the values to the store."""
    if form.version is None:
        given = {name: value for name, value in values.items() if value is not None}
        records.create(visit.desk.store, visit.actor, room.entity, form.record_id, given)
    else:
        why = str(st.session_state.get(f"{form.name}|why") or "").strip() or None
        records.change(visit.desk.store, visit.actor, room.entity, form.record_id, form.version, values, why)


def place(visit: Visit, form: Form, invalid: Invalid, asked: tuple[str, ...]) -> None:
    """Put each problem beside its field; what belongs to no input stands above the form."""
    lost: list[str] = []
    for problem in invalid.problems:
        if problem.field in asked:
            text = problem_text(problem, visit.language, form.entity.name)
            form.problems.setdefault(str(problem.field), []).append(text)
        else:
            lost.append(refusal(Invalid([problem]), visit.language, form.entity.name))
    form.refusal = "\n\n".join(lost) or None

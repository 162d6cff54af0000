"""The grants of a role as a grid; a chosen cell can be changed, after seeing who gains and loses what."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard.actions import access
from dashboard.domain.access import Action, Grant, Reach, Role
from dashboard.domain.access_rules import DELIVERED_FIELDS, SHOWS, Rule, delivered_for, grants_of, reaches_of
from dashboard.domain.entities import RECORDS
from dashboard.domain.entities.organisation import ROLES
from dashboard.domain.labels import entity_label, field_label
from dashboard.ui import choices
from dashboard.ui.boundary import guarded
from dashboard.ui.markdown import muted, plain
from dashboard.ui.people.words import briefly, covered
from dashboard.ui.visit import Visit

ACTIONS: tuple[Action, ...] = tuple(action for action in Action if action is not Action.IMPORT)
TALLEST = 480  # pixels of the grid
LOOKS = (DELIVERED_FIELDS, *SHOWS)
LINE = "people_line"

Line = tuple[Role, str, Action]


def show(visit: Visit) -> None:
    """The role, its grid, and the chosen cell."""
    role = Role(
        choices.side_by_side(visit, "people_role", "people.role", ROLES, lambda word: visit.text(f"role.{word}"))
    )
    rules = {(rule.role, rule.entity, rule.action): rule for rule in access.rules(visit.desk.store)}
    actions: list[Action] = [
        action for action in ACTIONS if any(delivered_for(role, entity, action) for entity in RECORDS)
    ]
    actions += [rule.action for rule in rules.values() if rule.role is role and rule.action not in actions]
    st.markdown(muted(visit.text("people.grants_hint")))
    heads: dict[str, Any] = {str(action): visit.text(f"action.{action}") for action in actions}
    heads["entity"] = st.column_config.TextColumn(visit.text("people.entity"), pinned=True)
    picked = st.dataframe(
        grid(visit, role, actions, rules),
        hide_index=True,
        column_config=heads,
        key=f"people_grid_{role}_{visit.language}",
        on_select="rerun",
        selection_mode="single-cell",
        height=TALLEST,
        placeholder="–",
        alt=visit.text("people.part_grants"),
    )
    line = chosen(picked["selection"]["cells"], role, actions)
    if line is not None:
        edit(visit, line, rules.get(line))


def chosen(cells: list[tuple[int, str]], role: Role, actions: list[Action]) -> Line | None:
    """The line that the person points at; it stays in view while its rule is changed."""
    entities = list(RECORDS)
    for at, name in cells:
        if name in actions and at < len(entities):
            st.session_state[LINE] = (role, entities[at], Action(name))
    line: Line | None = st.session_state.get(LINE)
    return line if line and line[0] is role else None


def grid(visit: Visit, role: Role, actions: list[Action], rules: dict[Line, Rule]) -> pl.DataFrame:
    """One row an entity, one column an action; a dot marks what differs from what was delivered."""
    rows = []
    for entity in RECORDS:
        row: dict[str, str | None] = {"entity": entity_label(entity, visit.language)}
        for action in actions:
            rule = rules.get((role, entity, action))
            grants = grants_of(rule) if rule else delivered_for(role, entity, action)
            words = briefly(visit, grants) if grants else None
            row[str(action)] = f"● {words or visit.text('people.nothing')}" if rule else words
        rows.append(row)
    return pl.DataFrame(rows, schema={"entity": pl.String, **dict.fromkeys(map(str, actions), pl.String)})


def edit(visit: Visit, line: Line, rule: Rule | None) -> None:
    """The rule of one line as it is, what it could be, and what that would mean for whom."""
    role, entity, action = line
    delivered = delivered_for(*line)
    now = grants_of(rule) if rule else delivered
    slot = f"people_rule_{role}_{entity}_{action}"
    with st.container(border=True, key="people_rule"):
        names = (visit.text(f"role.{role}"), entity_label(entity, visit.language), visit.text(f"action.{action}"))
        st.subheader(plain(" · ".join(names)), anchor=False)
        st.markdown(
            muted(visit.text("people.delivered", grants=covered(visit, delivered) or visit.text("people.nothing")))
        )
        left, right = st.columns(2)
        reaches = left.multiselect(
            visit.text("people.reaches"),
            [str(reach) for reach in reaches_of(entity)],
            default=list(dict.fromkeys(str(grant.reach) for grant in now)),
            format_func=lambda word: visit.text(f"reach.{word}"),
            placeholder=visit.text("people.nothing"),
            key=f"{slot}_reaches",
        )
        shows = right.selectbox(
            visit.text("people.shows"),
            LOOKS,
            index=LOOKS.index(rule.shows) if rule else 0,
            format_func=lambda word: visit.text(f"people.shows_{word}"),
            key=f"{slot}_shows",
        )
        wanted = Rule(role, entity, action, tuple(Reach(word) for word in reaches), shows)
        changed = sorted(map(str, grants_of(wanted))) != sorted(map(str, now))
        with guarded(visit.language):
            if changed:
                effects(visit, wanted, line)
            buttons(visit, wanted, line, rule, changed, now)


def effects(visit: Visit, wanted: Rule, line: Line) -> None:
    """Who would gain and lose what."""
    with st.spinner(visit.text("people.counting")):
        found = access.preview(visit.desk.store, visit.actor, wanted, line)
    touched = [effect for effect in found if effect.records.gained or effect.records.lost or effect.fields]
    if not touched:
        st.markdown(muted(visit.text("people.no_effect", n=len(found))))
        return
    st.markdown(muted(visit.text("people.effects", n=len(touched), all=len(found))))
    names = visit.names("person", [effect.person_id for effect in touched])
    heads = ("person", "before", "after", "gained", "lost", "fields")
    rows = [
        (
            names.get(effect.person_id, ""),
            *effect.records,
            "；".join(field_change(visit, line[1], name, *shown) for name, shown in effect.fields.items()) or None,
        )
        for effect in touched
    ]
    st.dataframe(
        pl.DataFrame(rows, schema=list(heads), orient="row"),
        hide_index=True,
        column_config={name: visit.text(f"people.effect_{name}") for name in heads},
        placeholder=visit.text("common.nothing"),
        key="people_effects",
        alt=visit.text("people.effects", n=len(touched), all=len(found)),
    )


def field_change(visit: Visit, entity: str, name: str, before: str, after: str) -> str:
    """How a field was shown and will be."""
    shown = (visit.text(f"visibility.{before}"), visit.text(f"visibility.{after}"))
    return f"{field_label(entity, name, visit.language)}: {shown[0]} → {shown[1]}"


def buttons(visit: Visit, wanted: Rule, line: Line, rule: Rule | None, changed: bool, now: list[Grant]) -> None:
    """Put the rule in force, or return to what was delivered."""
    why = st.text_input(visit.text("people.why"), max_chars=200, key="people_rule_why", disabled=not (changed or rule))
    with st.container(horizontal=True, key="people_rule_buttons"):
        if st.button(visit.text("people.apply"), type="primary", disabled=not changed, key="people_apply"):
            access.set_rule(visit.desk.store, visit.actor, wanted, why.strip() or None)
            st.toast(visit.text("people.applied"), icon=":material/check:")
            st.rerun()
        if rule is not None and st.button(visit.text("people.return"), key="people_return"):
            access.unset_rule(visit.desk.store, visit.actor, line, why.strip() or None)
            for part in ("reaches", "shows"):
                st.session_state.pop(f"people_rule_{line[0]}_{line[1]}_{line[2]}_{part}", None)
            st.toast(visit.text("people.applied"), icon=":material/check:")
            st.rerun()
    if not now and not changed:
        st.markdown(muted(visit.text("people.may_not")))

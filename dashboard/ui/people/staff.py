"""The people of the department: a list, and for the one that is opened what an administrator may change."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from dashboard.actions import people
from dashboard.actions.passwords import hashed
from dashboard.domain.access import Role
from dashboard.domain.entities import entity_of
from dashboard.domain.entities.organisation import ROLES
from dashboard.domain.labels import entity_label, field_label
from dashboard.domain.queries import Sort
from dashboard.errors import SalesDeskError
from dashboard.i18n import LANGUAGES, number
from dashboard.ui import rooms, viewing
from dashboard.ui.boundary import guarded
from dashboard.ui.choices import told_apart
from dashboard.ui.forms.inputs import label_of
from dashboard.ui.forms.words import refusal
from dashboard.ui.languages import NAMES
from dashboard.ui.lists import address
from dashboard.ui.lists import page as lists
from dashboard.ui.markdown import muted, plain
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

PERSON = entity_of("person")
FRESH = "people_fresh_password"
EMPTY: dict[str, object] = {"roles": []}

ROOM = Room(
    page="people",
    entity="person",
    columns=("name", "username", "roles", "team_id", "title", "active"),
    filters=("roles", "team_id", "active"),
    sort=Sort("name"),
    bulk=(("team_id",), ("title",)),
)


def show(visit: Visit) -> None:
    """The list of people, or the one that the address names."""
    if record_id := st.query_params.get(rooms.ID):
        label = visit.text("people.part_staff")
        st.button(
            label,
            icon=":material/arrow_back:",
            type="tertiary",
            key="people_back",
            on_click=rooms.back_to_list,
            args=(ROOM,),
        )
        one(visit, visit.desk.store.get(visit.actor, "person", record_id))
        return
    if st.button(visit.text("people.invite"), icon=":material/person_add:", type="primary", key="people_invite"):
        st.session_state.pop(FRESH, None)
        invitation(visit)
    lists.rest(visit, ROOM, address.read(visit, ROOM))


def one(visit: Visit, person: dict[str, Any]) -> None:
    """What may be changed about a person."""
    with st.container(border=True, key="people_one"):
        st.subheader(plain(str(person["name"])), anchor=False)
        details(visit, person)
        with st.container(horizontal=True, key="people_verbs"):
            if person["active"]:
                if st.button(visit.text("people.disable"), icon=":material/person_off:", key="people_disable"):
                    leaving(visit, person)
            elif st.button(visit.text("people.enable"), icon=":material/person:", key="people_enable"):
                with guarded(visit.language):
                    alter(visit, person, {"active": True})
                    st.rerun()
            if st.button(visit.text("people.password"), icon=":material/key:", key="people_password"):
                st.session_state.pop(FRESH, None)
                new_password(visit, person)
            if visit.desk.store.logins.codes.since(person["id"]) is not None and st.button(
                visit.text("codes.reset"), icon=":material/phonelink_erase:", key="people_codes"
            ):
                without_codes(visit, person)
            viewing.offer(visit, person["id"])


def alter(visit: Visit, person: dict[str, Any], values: dict[str, object], why: str | None = None) -> None:
    """Change a person as the page showed them."""
    people.alter(visit.desk.store, visit.actor, person["id"], person["version"], values, why)


def details(visit: Visit, person: dict[str, Any]) -> None:
    """Roles, team, title and language of a person."""
    teams = told_apart(dict(visit.desk.store.reference("team").sort("name").select("id", "name").iter_rows()))
    with st.form("people_details", border=False):
        left, right = st.columns(2)
        roles = left.multiselect(
            field_label("person", "roles", visit.language),
            ROLES,
            default=[role for role in ROLES if role in (person["roles"] or ())],
            format_func=lambda role: visit.text(f"role.{role}"),
            placeholder=visit.text("filter.choose"),
            key=f"people_roles_{person['id']}_{person['version']}",
        )
        team = right.selectbox(
            field_label("person", "team_id", visit.language),
            list(teams),
            index=list(teams).index(person["team_id"]) if person["team_id"] in teams else None,
            format_func=teams.__getitem__,
            placeholder=visit.text("filter.choose"),
            key=f"people_team_{person['id']}_{person['version']}",
        )
        title = left.text_input(
            field_label("person", "title", visit.language),
            person["title"] or "",
            key=f"people_title_{person['id']}_{person['version']}",
        )
        language = right.selectbox(
            field_label("person", "language", visit.language),
            LANGUAGES,
            index=LANGUAGES.index(person["language"]) if person["language"] in LANGUAGES else None,
            format_func=NAMES.__getitem__,
            placeholder=visit.text("people.language_of_browser"),
            key=f"people_language_{person['id']}_{person['version']}",
        )
        if st.form_submit_button(visit.text("people.save"), type="primary"):
            values = {"roles": roles, "team_id": team, "title": title.strip() or None, "language": language}
            changed = {name: value for name, value in values.items() if value != (person[name] or EMPTY.get(name))}
            with guarded(visit.language):
                if changed:
                    alter(visit, person, changed)
                st.toast(visit.text("people.saved"), icon=":material/check:")
                st.rerun()


def invitation(visit: Visit) -> None:
    """The form for a new person, and the one-time password when it is done."""
    teams = told_apart(dict(visit.desk.store.reference("team").sort("name").select("id", "name").iter_rows()))

    @st.dialog(visit.text("people.invite"))
    def ask() -> None:
        if FRESH in st.session_state:
            fresh_password(visit)
            return
        with st.form("people_invitation", border=False):
            labels = {name: label_of(visit, PERSON, PERSON.by_name[name], required=True) for name in people.NEEDED}
            name = st.text_input(labels["name"], max_chars=80)
            username = st.text_input(labels["username"], max_chars=64)
            roles = st.multiselect(
                labels["roles"],
                ROLES,
                format_func=lambda role: visit.text(f"role.{role}"),
                placeholder=visit.text("filter.choose"),
            )
            team = st.selectbox(
                field_label("person", "team_id", visit.language),
                list(teams),
                index=None,
                format_func=teams.__getitem__,
                placeholder=visit.text("filter.choose"),
            )
            if st.form_submit_button(visit.text("people.invite"), type="primary"):
                fresh = secrets.token_urlsafe(12)
                known = tuple(Role(role) for role in roles)
                person = people.Invitation(name.strip(), username.strip(), known, team)
                try:
                    people.invite(visit.desk.store, visit.actor, person, hashed(fresh))
                except SalesDeskError as problem:
                    st.error(plain(refusal(problem, visit.language, "person")), icon=":material/error:")
                else:
                    st.session_state[FRESH] = (username.strip().lower(), fresh)
                    st.rerun(scope="fragment")

    ask()


def new_password(visit: Visit, person: dict[str, Any]) -> None:
    """Ask once more, then show the one-time password."""

    @st.dialog(visit.text("people.password"))
    def ask() -> None:
        if FRESH in st.session_state:
            fresh_password(visit)
            return
        st.markdown(plain(visit.text("people.password_ask", name=str(person["name"]))))
        if st.button(visit.text("people.password"), type="primary", key="people_password_yes"):
            with guarded(visit.language):
                fresh = secrets.token_urlsafe(12)
                people.one_time_password(visit.desk.store, visit.actor, str(person["id"]), hashed(fresh))
                st.session_state[FRESH] = (str(person["username"] or ""), fresh)
                st.rerun(scope="fragment")

    ask()


def without_codes(visit: Visit, person: dict[str, Any]) -> None:
    """Ask once more, then the password alone is enough for somebody who lost the app."""

    @st.dialog(visit.text("codes.reset"))
    def ask() -> None:
        st.markdown(plain(visit.text("codes.reset_ask", name=str(person["name"]))))
        if st.button(visit.text("codes.reset"), type="primary", key="people_codes_yes"):
            with guarded(visit.language):
                people.reset_codes(visit.desk.store, visit.actor, str(person["id"]))
                st.toast(visit.text("codes.was_reset", name=str(person["name"])), icon=":material/check:")
                st.rerun()

    ask()


def fresh_password(visit: Visit) -> None:
    """A one-time password, shown this once."""
    username, fresh = st.session_state[FRESH]
    st.markdown(plain(visit.text("people.fresh", username=username)))
    st.code(fresh, language=None)
    if st.button(visit.text("people.done"), key="people_fresh_done"):
        st.session_state.pop(FRESH, None)
        st.rerun()


def leaving(visit: Visit, person: dict[str, Any]) -> None:
    """Say what stays without somebody to look after it, then disable."""

    @st.dialog(visit.text("people.disable"))
    def ask() -> None:
        st.markdown(plain(visit.text("people.disable_ask", name=str(person["name"]))))
        counts = people.in_hand(visit.desk.store, visit.actor, str(person["id"]))
        if any(counts.values()):
            st.markdown(visit.text("people.stays"))
        for entity, count in counts.items():
            if count:
                label = entity_label(entity, visit.language, many=True)
                st.markdown(muted(visit.text("people.in_hand", records=label, n=number(count, visit.language))))
        why = st.text_input(visit.text("people.why"), max_chars=200)
        if st.button(visit.text("people.disable"), type="primary", key="people_disable_yes"):
            with guarded(visit.language):
                alter(visit, person, {"active": False}, why.strip() or None)
                st.rerun()

    ask()

"""The dialog in which an interaction is logged: what happened, when and how, and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from dashboard.actions.interactions import log, may_follow
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, STEP
from dashboard.domain.ids import new_id
from dashboard.domain.labels import stored_text
from dashboard.errors import Invalid, Problem
from dashboard.ui.forms import inputs
from dashboard.ui.forms.words import problem_text, refusal
from dashboard.ui.visit import Visit

Raw = dict[str, Any]
Held = dict[str, Any]

ENTITY = entity_of("interaction")
NEEDED = ("kind", "direction", "happened_at", "summary")
PAIRS = (("kind", "direction"), ("happened_at", "duration_minutes"), ("contact_id", "outcome"))
FIRST = {"kind": "call", "direction": "outgoing"}


def draw(visit: Visit, record: Raw, slot: str, held: Held) -> Raw:
    """The questions; returns what was typed, the token of the form and what the record is."""
    about = about_of(visit, record, held)
    held.setdefault("token", new_id())
    typed: Raw = {"summary": question(visit, "summary", slot, held, None, about)}
    for pair in PAIRS:
        asked = [name for name in pair if name != "contact_id" or about.get("customer_id")]
        for place, name in zip(st.columns(len(asked)), asked, strict=True):
            with place:
                typed[name] = question(visit, name, slot, held, first_of(name), about)
    if may_follow(visit.desk.store, visit.actor, held["entity"], record):
        for place, name in zip(st.columns((2, 1)), (STEP, DAY), strict=True):
            with place:
                first = inputs.as_typed(ENTITY.by_name[name], record.get(name))
                first = stored_text(first, visit.language) if name == STEP else first
                typed[name] = question(visit, name, slot, held, first, about)
    return typed | {"token": held["token"], "about": about}


def about_of(visit: Visit, record: Raw, held: Held) -> Raw:
    """The fields that say what the interaction is about: the record, and the customer of a deal."""
    about = {f"{held['entity']}_id": record["id"]}
    if held["entity"] == "deal" and record.get("customer_id"):
        about["customer_id"] = record["customer_id"]
    return about


def first_of(name: str) -> Any:
    """What an input starts with."""
    if name == "happened_at":
        return dt.datetime.now(dt.UTC).replace(tzinfo=None, second=0, microsecond=0).isoformat()
    return FIRST.get(name)


def question(visit: Visit, name: str, slot: str, held: Held, first: Any, about: Raw) -> Any:
    """One input."""
    key, problems = f"{slot}|{name}|{visit.language}", held["problems"].get(name, ())
    return inputs.draw(visit, ENTITY, ENTITY.by_name[name], key, first, about, None, problems, required=name in NEEDED)


def act(visit: Visit, record: Raw, typed: Raw, _why: str | None) -> None:
    """Log it. Raises what `log` raises."""
    values: Raw = dict(typed["about"])
    problems: list[Problem] = []
    for name, raw in typed.items():
        if name in ("token", "about"):
            continue
        value, problem = inputs.understood(ENTITY.by_name[name], raw)
        if problem is None and name in NEEDED and not value:
            problem = Problem(None, name, "field.required", {"field": name})
        problems += [problem] if problem else []
        values[name] = value
    if problems:
        raise Invalid(problems)
    log(visit.desk.store, visit.actor, typed["token"], values, record["version"])
    st.toast(visit.text("detail.logged"), icon=":material/check:")


def place(visit: Visit, invalid: Invalid, held: Held) -> None:
    """Put each problem beside its input; what belongs to none stands below them."""
    for problem in invalid.problems:
        if problem.field in ENTITY.by_name:
            held["problems"].setdefault(problem.field, []).append(problem_text(problem, visit.language, "interaction"))
        else:
            held["refusal"] = refusal(Invalid([problem]), visit.language, "interaction")

"""One input for each kind of field: what is typed is kept as it is, and understood when it is saved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.domain.entities import Entity
from dashboard.domain.fields import Field, Kind
from dashboard.domain.labels import choice_label, field_label
from dashboard.errors import Problem
from dashboard.ui.choices import told_apart
from dashboard.ui.forms import options
from dashboard.ui.markdown import MUST, plain
from dashboard.ui.tables import title
from dashboard.ui.visit import Visit

NUMBERS = (Kind.MONEY, Kind.PRICE, Kind.NUMBER, Kind.INTEGER, Kind.SHARE)
LIVE = "700ms"
"""A pause in typing after which a draft is kept."""

TEXT_TYPES = {Kind.EMAIL: "email", Kind.URL: "url", Kind.PHONE: "phone"}
MULTIPLES = {"万": 10_000, "亿": 100_000_000, "k": 1_000, "m": 1_000_000}
NUMBER = re.compile(r"([+-]?)\s*(\d[\d,_\s]*(?:\.\d+)?|\.\d+)\s*(万|亿|[km])?", re.IGNORECASE)
PERCENT = Decimal(100)


class Asking(NamedTuple):
    """One input: slot: its key; raw: what it starts with; values: the rest of the form; standing: what the record
    holds; fresh: whether it is drawn for the first time."""

    visit: Visit
    entity: Entity
    field: Field
    slot: str
    raw: Any
    values: Mapping[str, Any]
    standing: Any
    fresh: bool


def draw(
    visit: Visit,
    entity: Entity,
    field: Field,
    slot: str,
    raw: Any,
    values: Mapping[str, Any],
    standing: Any = None,
    problems: Sequence[str] = (),
    *,
    required: bool | None = None,
) -> Any:
    """Draw a field's input and return what it says, see `Asking`; problems stand below it."""
    label = label_of(visit, entity, field, required=field.required if required is None else required)
    found = widget(Asking(visit, entity, field, slot, raw, values, standing, slot not in st.session_state), label)
    for problem in problems:
        st.markdown(f":small[:red[{plain(problem)}]]")
    return found


def label_of(visit: Visit, entity: Entity, field: Field, *, required: bool) -> str:
    """What the field is called, its unit, and a mark where it must be filled in."""
    words = title(visit, entity.name, field.name, field)
    if field.kind is Kind.SHARE:
        words = visit.text("table.with_unit", title=field_label(entity.name, field.name, visit.language), unit="%")
    return plain(words) + MUST if required else plain(words)


def widget(ask: Asking, label: str) -> Any:  # noqa: PLR0911  (a table of kinds reads best as one line each)
    """The input of a kind."""
    visit, field, slot, raw, zone = ask.visit, ask.field, ask.slot, ask.raw, ask.visit.desk.store.company.zone
    match field.kind:
        case Kind.NOTE:
            start(ask, raw or "")
            return st.text_area(label, key=slot, height=96)
        case Kind.FLAG:
            start(ask, bool(raw))
            return st.checkbox(label, key=slot)
        case Kind.DATE:
            start(ask, day_of(raw))
            chosen = st.date_input(label, value=None, format="YYYY-MM-DD", key=slot)
            return chosen.isoformat() if isinstance(chosen, dt.date) else None
        case Kind.INSTANT:
            start(ask, local(raw, zone))
            moment = st.datetime_input(label, value=None, format="YYYY-MM-DD", key=slot)
            return in_utc(moment, zone) if moment else None
        case Kind.CHOICE:
            words = {word: choice_label(ask.entity.name, field.name, word, visit.language) for word in field.choices}
            return from_list(visit, slot, label, words, raw)
        case Kind.TAGS:
            return tags(ask, label)
        case Kind.REFERENCE:
            return reference(ask, label)
        case _:
            start(ask, "" if raw is None else str(raw))
            shape: Any = TEXT_TYPES.get(field.kind, "default")
            return st.text_input(label, key=slot, live=LIVE, type=shape, icon="", placeholder="", autocomplete="off")


def start(ask: Asking, value: Any) -> None:
    """Give an input its first value."""
    if ask.fresh:
        st.session_state[ask.slot] = value


def tags(ask: Asking, label: str) -> Any:
    """Several short texts, of fixed words when given."""
    start(ask, list(ask.raw or []))
    names = options.tag_names(ask.visit, ask.entity, ask.field)
    known = ask.field.choices or tuple(names)
    return st.multiselect(
        label,
        [*known, *(word for word in ask.raw or [] if word not in known)],
        format_func=lambda word: names.get(word, word),
        key=ask.slot,
        accept_new_options=not known,
        placeholder=ask.visit.text("form.choose" if known else "form.tags"),
        select_all=False,
    )


def from_list(visit: Visit, slot: str, label: str, names: Mapping[str, str], raw: Any) -> Any:
    """One of a list, or nothing."""
    names, now = told_apart(names), st.session_state.get(slot)
    if slot not in st.session_state or (now is not None and now not in names):
        st.session_state[slot] = raw if raw in names else None
    return st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda key: names.get(key, key),
        key=slot,
        placeholder=visit.text("form.choose"),
        filter_mode="contains",
    )


def reference(ask: Asking, label: str) -> Any:
    """A record to point at: from a list, or searched in the store where there are many."""
    visit, field, slot = ask.visit, ask.field, f"{ask.slot}_search"
    text = st.session_state.get(slot)
    if field.to in (*options.SHORT, "person"):
        names = options.listed(visit, ask.entity, field)
    else:
        names = options.found(visit, field, str(text or "").strip(), ask.values)
    chosen = ask.raw if ask.fresh else st.session_state.get(ask.slot)
    if chosen is not None and chosen not in names:
        names = {chosen: options.label(visit, field, chosen, ask.standing), **names}
    found = from_list(visit, ask.slot, label, names, ask.raw)
    if text or options.many(visit, field, ask.values):
        words = visit.text("form.search_for", field=field_label(ask.entity.name, field.name, visit.language))
        st.text_input(words, type="search", key=slot, live=LIVE, placeholder=words, label_visibility="collapsed")
    return found


# -- between what is typed, what a draft keeps and what the store takes ------------------------------------------------


def as_typed(field: Field, value: Any) -> Any:
    """A stored value as the input shows it."""
    match value:
        case None:
            return None
        case Decimal() if field.kind is Kind.SHARE:
            return text_of_number(value * PERCENT)
        case Decimal():
            return text_of_number(value)
        case dt.datetime() | dt.date():
            return value.isoformat()
        case list() | bool():
            return value
        case _:
            return str(value)


def text_of_number(value: Decimal) -> str:
    """A number without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def understood(field: Field, raw: Any) -> tuple[Any, Problem | None]:
    """What is typed as a value of the field, or what is wrong with it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []:
        return (False, None) if field.kind is Kind.FLAG else (None, None)
    if field.kind in NUMBERS:
        return number(field, str(raw))
    if field.kind is Kind.DATE:
        day = day_of(raw)
        return day, None if day else Problem(None, field.name, "field.not_a_date", {"value": raw})
    if field.kind is Kind.INSTANT:
        return dt.datetime.fromisoformat(raw), None
    if field.kind is Kind.NOTE or not isinstance(raw, str):
        return raw, None
    return raw.strip(), None


def number(field: Field, text: str) -> tuple[Any, Problem | None]:
    """A number as people write it: 1,234.50, 12万, 35 %."""
    bare = text.strip().lstrip("¥$€￥").rstrip("%").strip()
    match = NUMBER.fullmatch(bare)
    code = "field.not_money" if field.kind in (Kind.MONEY, Kind.PRICE) else "field.not_a_number"
    if match is None:
        return text, Problem(None, field.name, code, {"value": text})
    sign, digits, unit = match.groups()
    try:
        value = Decimal(re.sub(r"[,_\s]", "", digits)) * MULTIPLES.get((unit or "").lower(), 1)
    except InvalidOperation:
        return text, Problem(None, field.name, code, {"value": text})
    value = -value if sign == "-" else value
    if field.kind is Kind.SHARE:
        value /= PERCENT
    if field.kind is Kind.INTEGER:
        whole = value == value.to_integral_value()
        return (int(value), None) if whole else (text, Problem(None, field.name, code, {"value": text}))
    return value, None


def day_of(raw: Any) -> dt.date | None:
    """A day from its text."""
    try:
        return dt.date.fromisoformat(str(raw)[:10]) if raw else None
    except ValueError:
        return None


def local(raw: Any, zone: str) -> dt.datetime | None:
    """A stored moment on the company's clock."""
    try:
        moment = dt.datetime.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None


def in_utc(moment: dt.datetime, zone: str) -> str:
    """A moment on the company's clock as the store keeps it."""
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None).isoformat()

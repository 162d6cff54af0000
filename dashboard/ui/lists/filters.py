"""The filters of a list as inputs, and those that are set as chips in words that a click takes away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.domain.fields import Field, Kind
from dashboard.domain.labels import choice_label, field_label
from dashboard.domain.queries import Sort
from dashboard.i18n import SEPARATORS, day, number
from dashboard.ui.choices import told_apart
from dashboard.ui.forms import options
from dashboard.ui.lists import address
from dashboard.ui.lists.address import (
    ARCHIVED,
    AS_OF,
    BOARD,
    COLUMNS,
    EVERY,
    LEAST,
    MOST,
    OVERDUE,
    SORT,
    STANDING,
    Asked,
    Q,
)
from dashboard.ui.markdown import plain
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.tables import title
from dashboard.ui.visit import Visit

NAMED = 3  # words in one chip
SEARCH_WIDTH = 240


def slot_of(visit: Visit, room: Room, param: str) -> str:
    """The key of a widget: one a language, because a widget keeps the words it showed."""
    return f"{room.name}_{param}_{visit.language}"


def bound(visit: Visit, room: Room, param: str, value: Any) -> dict[str, Any]:
    """What ties a widget to a part of the address: the address decides what it shows, a change goes there."""
    slot = slot_of(visit, room, param)
    st.session_state[slot] = value
    return {"key": slot, "on_change": address.write, "args": (param, slot)}


def search(visit: Visit, room: Room, asked: Asked) -> None:
    """The search in all the texts that a person looks for a record by, where there are any."""
    if not searched(visit, room):
        return
    st.text_input(
        visit.text("common.search"),
        type="search",
        placeholder=SEPARATORS[visit.language].join(searched(visit, room)),
        label_visibility="collapsed",
        width=SEARCH_WIDTH,
        **bound(visit, room, Q, asked.q),
    )


def searched(visit: Visit, room: Room) -> list[str]:
    """What the search looks into, in words."""
    clear = address.comparable(visit, room)
    names = [field.name for field in room.declared.fields if field.searchable and field.name in clear]
    names = [*(["number"] if room.declared.number else []), *names, *(name for name in room.through if name in clear)]
    return [field_label(room.entity, name, visit.language) for name in names]


def tabs(visit: Visit, room: Room, asked: Asked) -> None:
    """The words above the list."""
    if room.tab is None:
        return
    words = [*room.declared.by_name[room.tab].choices, EVERY]
    st.segmented_control(
        field_label(room.entity, room.tab, visit.language),
        words,
        format_func=lambda word: tab_label(visit, room, word),
        label_visibility="collapsed",
        required=True,
        **bound(visit, room, room.tab, asked.tab),
    )


def tab_label(visit: Visit, room: Room, word: str) -> str:
    """What a word above the list is called."""
    if word == EVERY or room.tab is None:
        return visit.text("common.all")
    return choice_label(room.entity, room.tab, word, visit.language)


def popover(visit: Visit, room: Room, asked: Asked) -> None:
    """The inputs of all filters, drawn once it is open: they are many, and most clicks need none of them."""
    label, key = visit.text("common.filter"), f"{room.name}_filters"
    box = st.popover(label, icon=":material/filter_list:", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        for name in asked.sets:
            several(visit, room, asked, room.declared.by_name[name])
        for name in asked.ranges:
            between(visit, room, asked, room.declared.by_name[name])
        standing(visit, room, asked)
        as_of(visit, room, asked)
        st.toggle(visit.text("list.archived"), **bound(visit, room, ARCHIVED, asked.archived))


def standing(visit: Visit, room: Room, asked: Asked) -> None:
    """A filter by how records stand today."""
    words = address.standings_of(visit, room)
    if words:
        st.selectbox(
            visit.text("list.standing"),
            ["", *words],
            format_func=lambda word: visit.text(f"standing.{room.entity}.{word}") if word else visit.text("common.all"),
            **bound(visit, room, STANDING, asked.standing),
        )


def as_of(visit: Visit, room: Room, asked: Asked) -> None:
    """A past day: the list shows what was so at its end."""
    st.date_input(
        visit.text("filter.as_of"),
        value=None,
        min_value=address.FIRST_DAY,
        max_value=visit.today,
        format="YYYY-MM-DD",
        **bound(visit, room, AS_OF, asked.as_of),
    )


def several(visit: Visit, room: Room, asked: Asked, field: Field) -> None:
    """A filter by words or by records."""
    offered = told_apart(choices(visit, room, field))
    st.multiselect(
        field_label(room.entity, field.name, visit.language),
        list(offered),
        format_func=lambda key: offered.get(key, key),
        placeholder=visit.text("filter.choose"),
        filter_mode="contains",
        select_all=False,
        **bound(visit, room, field.name, [word for word in asked.sets[field.name] if word in offered]),
    )


def choices(visit: Visit, room: Room, field: Field) -> dict[str, str]:
    """What a filter offers: word or id → what it is called."""
    if field.kind is Kind.FLAG:
        return {word: visit.text(f"common.{word}") for word in address.words_for(field)}
    if field.kind is not Kind.REFERENCE:
        return {word: choice_label(room.entity, field.name, word, visit.language) for word in address.words_for(field)}
    return options.listed(visit, room.declared, field, all_of_them=True)


def between(visit: Visit, room: Room, asked: Asked, field: Field) -> None:
    """A filter by least and most."""
    label = title(visit, room.entity, field.name, field)
    left, right = st.columns(2)
    for place, end, value in zip((left, right), (LEAST, MOST), asked.ranges[field.name], strict=True):
        words = visit.text("list.least" if end == LEAST else "list.most", field=label)
        with place:
            if field.kind is Kind.DATE:
                st.date_input(words, value=None, format="YYYY-MM-DD", **bound(visit, room, f"{field.name}{end}", value))
            else:
                shown = None if value is None else float(value)
                st.number_input(words, value=None, **bound(visit, room, f"{field.name}{end}", shown))


def order(visit: Visit, room: Room, asked: Asked) -> None:
    """Which columns, and in what order, drawn once it is open."""
    label, key = visit.text("list.columns"), f"{room.name}_columns_box"
    box = st.popover(label, icon=":material/view_column:", key=key, on_change="rerun")
    if not box.open:
        return
    offered = address.columns_of(visit, room)
    sortable = [name for name in offered if name in (*address.comparable(visit, room), *address.SYSTEM)]
    names = {name: field_label(room.entity, name, visit.language) for name in offered}
    with box:
        st.multiselect(
            visit.text("list.columns"),
            list(offered),
            format_func=lambda name: names.get(name, name),
            placeholder=visit.text("filter.choose"),
            select_all=False,
            **bound(visit, room, COLUMNS, list(asked.columns)),
        )
        directions = [WAITING] if room.sort.field == WAITING else []
        directions += [f"{sign}{name}" for name in sortable for sign in ("", "-")]
        st.selectbox(
            visit.text("list.sort"),
            directions,
            format_func=lambda word: sort_label(visit, room, word),
            **bound(visit, room, SORT, word_of(asked.sort)),
        )


def word_of(sort: Sort) -> str:
    """An order as the address writes it."""
    return f"{'-' if sort.descending else ''}{sort.field}"


def sort_label(visit: Visit, room: Room, word: str) -> str:
    """An order in words."""
    if word == WAITING:
        return visit.text("list.longest_waiting")
    name = field_label(room.entity, word.removeprefix("-"), visit.language)
    return visit.text("list.descending" if word.startswith("-") else "list.ascending", field=name)


def chips(visit: Visit, room: Room, asked: Asked) -> None:
    """The filters that are set; a click takes one away."""
    found = set_filters(visit, room, asked)
    if not found:
        return
    with st.container(horizontal=True, gap="small", key=f"{room.name}_chips"):
        for params, words in found:
            st.button(
                plain(words),
                icon=":material/close:",
                icon_position="right",
                help=visit.text("list.take_away"),
                key=f"{room.name}_chip_{params[0]}",
                on_click=address.clear,
                args=(params,),
            )
        if len(found) > 1:
            every = tuple(param for params, _ in found for param in params)
            label = visit.text("list.take_all_away")
            st.button(label, type="tertiary", key=f"{room.name}_chips_all", on_click=address.clear, args=(every,))


def said(visit: Visit, room: Room, asked: Asked) -> list[str]:
    """Everything that narrows what is shown, in words."""
    if asked.look == BOARD and room.board:
        first = [visit.text("list.board")]
    else:
        first = [tab_label(visit, room, asked.tab)] if room.tab else []
    return [*first, *(words for _, words in set_filters(visit, room, asked, address.LONGEST))]


def set_filters(visit: Visit, room: Room, asked: Asked, named: int = NAMED) -> list[tuple[tuple[str, ...], str]]:
    """The parts of the address of each filter that is set, and what it says; named: so many words of one are named."""
    found: list[tuple[tuple[str, ...], str]] = []
    if asked.q:
        found.append(((Q,), visit.text("list.chip", field=visit.text("common.search"), value=asked.q)))
    for name, words in asked.sets.items():
        if words:
            names = choices(visit, room, room.declared.by_name[name])
            shown = [names.get(word, visit.text("list.unknown")) for word in words]
            value = shown if len(shown) <= named else visit.text("list.and_more", first=shown[:named], n=len(shown))
            found.append(((name,), visit.text("list.chip", field=label_of(visit, room, name), value=value)))
    for name, (least, most) in asked.ranges.items():
        if least is not None or most is not None:
            value = range_words(visit, least, most)
            params = (f"{name}{LEAST}", f"{name}{MOST}")
            found.append((params, visit.text("list.chip", field=label_of(visit, room, name), value=value)))
    if asked.as_of:
        day_words = day(asked.as_of, visit.language)
        found.append(((AS_OF,), visit.text("list.chip", field=visit.text("filter.as_of"), value=day_words)))
    if asked.overdue:
        found.append(((OVERDUE,), visit.text("list.overdue")))
    if asked.standing:
        told = visit.text(f"standing.{room.entity}.{asked.standing}")
        found.append(((STANDING,), visit.text("list.chip", field=visit.text("list.standing"), value=told)))
    if asked.archived:
        found.append(((ARCHIVED,), visit.text("list.archived")))
    return found


def label_of(visit: Visit, room: Room, name: str) -> str:
    """What a field is called."""
    return field_label(room.entity, name, visit.language)


def range_words(visit: Visit, least: Any, most: Any) -> str:
    """From and to in words."""
    first, last = (None if end is None else bound_words(visit, end) for end in (least, most))
    if first and last:
        return visit.text("list.between", least=first, most=last)
    return visit.text("list.from", least=first) if first else visit.text("list.up_to", most=last)


def bound_words(visit: Visit, value: Any) -> str:
    """One bound in words."""
    return day(value, visit.language) if hasattr(value, "isoformat") else number(value, visit.language)

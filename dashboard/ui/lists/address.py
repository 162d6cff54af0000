"""What a list shows, as the address says it; whatever the address says wrongly is left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from dashboard.domain import standings
from dashboard.domain.access import Visibility
from dashboard.domain.fields import Field, Kind
from dashboard.domain.follow_ups import DAY, FOLLOWED, late
from dashboard.domain.queries import Condition, Operator, Sort, any_of
from dashboard.domain.seeing import seen
from dashboard.store.listing import Moment, end_of_day
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.visit import Visit

Q, PAGE, SORT, COLUMNS, ARCHIVED, LOOK, AS_OF = "q", "page", "sort", "columns", "archived", "view", "as_of"
OVERDUE, STANDING = "overdue", "standing"
LEAST, MOST = "__gte", "__lte"
BOARD = "board"
FIRST_DAY = dt.date(2000, 1, 1)
EVERY = "all"
RANGES = (Kind.MONEY, Kind.PRICE, Kind.NUMBER, Kind.INTEGER, Kind.SHARE, Kind.DATE)
SETS = (Kind.REFERENCE, Kind.CHOICE, Kind.TAGS, Kind.FLAG)
YES, NO = "yes", "no"
SYSTEM = ("number", "created_at", "updated_at")
ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
LONGEST = 100  # characters of a search, and ids in one filter
SHORTEST_PHONE = 7  # digits
THROUGH = 200  # records that a search finds by the title of what they point at
TIMES = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Asked:
    """What the address asks of a list.

    sets: the words or ids of a filter; ranges: its least and most; overdue: only records whose next step is;
    standing: a word that is to be true of them on the day; as_of: a past day whose end it is seen from.
    """

    q: str
    tab: str
    sets: Mapping[str, tuple[str, ...]]
    ranges: Mapping[str, tuple[Any, Any]]
    archived: bool
    overdue: bool
    standing: str
    sort: Sort
    columns: tuple[str, ...]
    page: int
    look: str
    as_of: dt.date | None

    def moment(self, zone: str) -> Moment | None:
        """What had happened by the end of the day that the list is seen from; None for now."""
        if self.as_of is None:
            return None
        return Moment(happened=end_of_day(self.as_of, zone))


def read(visit: Visit, room: Room) -> Asked:
    """What is asked for, as far as this person may."""
    said = st.query_params
    offered = columns_of(visit, room)
    clear = comparable(visit, room)
    tab = room.declared.by_name[room.tab] if room.tab else None
    words = (*tab.choices, EVERY) if tab else ("",)
    filters = [room.declared.by_name[name] for name in room.filters if name in clear]
    picked = tuple(name for name in (said.get(COLUMNS) or "").split(",") if name in offered)
    at_first = tuple(name for name in room.columns if name in offered)
    return Asked(
        q=(said.get(Q) or "").strip()[:LONGEST],
        tab=said[room.tab] if room.tab and said.get(room.tab) in words else room.first_tab,
        sets={field.name: words_of(field, said.get(field.name)) for field in filters if field.kind in SETS},
        ranges={field.name: bounds_of(field, said) for field in filters if field.kind in RANGES},
        archived=said.get(ARCHIVED) == "1",
        overdue=said.get(OVERDUE) == "1" and room.entity in FOLLOWED and DAY in clear,
        standing=word if (word := said.get(STANDING) or "") in standings_of(visit, room) else "",
        sort=sort_of(said.get(SORT), (*clear, *SYSTEM)) or first_order(room, said),
        columns=picked or at_first,
        page=page_of(said.get(PAGE)),
        look=said.get(LOOK) or "",
        as_of=past_day(visit, said.get(AS_OF)),
    )


def past_day(visit: Visit, text: str | None) -> dt.date | None:
    """A day before today."""
    found = day_of(text) if text else None
    return found if found and FIRST_DAY <= found < visit.today else None


def columns_of(visit: Visit, room: Room) -> tuple[str, ...]:
    """The columns that this person may see, in declared order, those of the system last."""
    fields = [name for name in seen(visit.actor, room.declared) if name != "custom"]
    system = [name for name in SYSTEM if name != "number" or room.declared.number]
    return (*(("number",) if "number" in system else ()), *fields, *(name for name in system if name != "number"))


def comparable(visit: Visit, room: Room) -> tuple[str, ...]:
    """The fields that this person may filter and sort by."""
    fields = seen(visit.actor, room.declared)
    by_name = room.declared.by_name
    return tuple(name for name, shown in fields.items() if shown is Visibility.CLEAR and not by_name[name].encrypted)


def words_of(field: Field, text: str | None) -> tuple[str, ...]:
    """The words or ids of a filter."""
    parts = [part for part in (text or "").split(",") if part][:LONGEST]
    if field.kind is not Kind.REFERENCE:
        return tuple(part for part in parts if part in words_for(field))
    return tuple(part for part in parts if ID.fullmatch(part))


def words_for(field: Field) -> tuple[str, ...]:
    """What a filter that points at no records offers."""
    return (YES, NO) if field.kind is Kind.FLAG else field.choices


def bounds_of(field: Field, said: Mapping[str, str]) -> tuple[Any, Any]:
    """The least and the most of a filter; None for no bound."""
    parse: Callable[[str], Any] = day_of if field.kind is Kind.DATE else number_of
    least, most = (said.get(f"{field.name}{end}") for end in (LEAST, MOST))
    return (parse(least) if least else None, parse(most) if most else None)


def day_of(text: str) -> dt.date | None:
    """A day as 2026-03-31."""
    try:
        return dt.date.fromisoformat(text) if TIMES.fullmatch(text) else None
    except ValueError:
        return None


def number_of(text: str) -> Decimal | None:
    """A plain number."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 13 else None


def first_order(room: Room, said: Mapping[str, str]) -> Sort:
    """The order at first; nothing waits in the archive, and how long it had waited on a past day is not known."""
    past = said.get(ARCHIVED) == "1" or said.get(AS_OF)
    return Sort("updated_at") if room.sort.field == WAITING and past else room.sort


def sort_of(text: str | None, fields: tuple[str, ...]) -> Sort | None:
    """The order as `-amount`."""
    name = (text or "").removeprefix("-")
    return Sort(name, descending=(text or "").startswith("-")) if name in fields else None


def page_of(text: str | None) -> int:
    """The number of the page, from 1."""
    return int(text) if text and re.fullmatch(r"[1-9]\d{0,6}", text) else 1


def conditions(visit: Visit, room: Room, asked: Asked, *, tab: bool = True) -> list[Condition]:
    """The filters as the store understands them; tab: whether the words above the list count too."""
    found: list[Condition] = [*room.where]
    if tab and room.tab and asked.tab != EVERY:
        found.append(Condition(room.tab, Operator.EQ, asked.tab))
    found += [one_of(room.declared.by_name[name], words) for name, words in asked.sets.items() if words]
    for name, (least, most) in asked.ranges.items():
        found += [Condition(name, Operator.GE, least)] if least is not None else []
        found += [Condition(name, Operator.LE, most)] if most is not None else []
    if asked.overdue:
        found += overdue(visit, room, asked)
    if asked.standing:
        found += standings.conditions(room.entity, asked.standing, asked.as_of or visit.today)
    if asked.archived:
        found.append(Condition("archived_at", Operator.NULL, value=False))
    if asked.q:
        found.append(search(visit, room, asked.q))
    return found


def standings_of(visit: Visit, room: Room) -> tuple[str, ...]:
    """The words for how records stand that this person may ask for."""
    clear = {*comparable(visit, room)}
    words = standings.STANDINGS.get(room.entity, {})
    return tuple(word for word in words if standings.fields_of(room.entity, word) <= clear)


def overdue(visit: Visit, room: Room, asked: Asked) -> list[Condition]:
    """Where a record is followed up and the day of its next step has passed."""
    return late(room.entity, asked.as_of or visit.today)


def one_of(field: Field, words: tuple[str, ...]) -> Condition:
    """Where a field holds one of the words of its filter."""
    if field.kind is Kind.FLAG:
        return Condition(field.name, Operator.IN, [word == YES for word in words])
    if field.kind is Kind.TAGS:  # stored as JSON, so a word stands between quotes
        return any_of(*(Condition(field.name, Operator.LIKE, f'"{word}"') for word in words))
    return Condition(field.name, Operator.IN, list(words))


def search(visit: Visit, room: Room, text: str) -> Condition:
    """Where a text stands: in the number, in a searchable field, or in the title of what a record points at."""
    clear = comparable(visit, room)
    places = [Condition(field.name, Operator.FIND, text) for field in room.declared.fields if field.searchable]
    places = [place for place in places if place.field in clear]
    places += reached_by(visit, room, text)
    if room.declared.number:
        places.append(Condition("number", Operator.LIKE, text))
    for name in room.through:
        target = room.declared.by_name[name].to
        if target and name in clear and (ids := titled(visit, target, text)):
            places.append(Condition(name, Operator.IN, ids))
    return any_of(*places)


def reached_by(visit: Visit, room: Room, text: str) -> list[Condition]:
    """Where a text is the whole phone number or address of a record: these are found by nothing less."""
    kind = Kind.EMAIL if "@" in text else Kind.PHONE
    if kind is Kind.PHONE and len(re.sub(r"\D", "", text)) < SHORTEST_PHONE:
        return []
    shown = seen(visit.actor, room.declared)
    fields = [field for field in room.declared.fields if field.kind is kind and field.encrypted]
    return [Condition(f.name, Operator.EQ, text) for f in fields if shown.get(f.name) is Visibility.CLEAR]


def titled(visit: Visit, entity: str, text: str) -> list[str]:
    """The records within reach whose title has a text in it."""
    from dashboard.domain.entities import entity_of

    declared = entity_of(entity)
    if declared.title is None or seen(visit.actor, declared).get(declared.title) is not Visibility.CLEAR:
        return []
    where = [Condition(declared.title, Operator.FIND, text)]
    return visit.desk.store.find(visit.actor, entity, where, fields=["id"], limit=THROUGH)["id"].to_list()


def write(param: str, slot: str) -> None:
    """Put what a widget says into the address, and start at the first page again; the address is read anew."""
    put(param, text_of(st.session_state.get(slot)))


def put(param: str, text: str) -> None:
    """Put a part into the address, or take it out."""
    if text:
        st.query_params[param] = text
    else:
        st.query_params.pop(param, None)
    if param != PAGE:
        st.query_params.pop(PAGE, None)


def text_of(value: Any) -> str:
    """A widget's value as a part of the address."""
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case dt.date():
            return value.isoformat()
        case list() | tuple():
            return ",".join(str(part) for part in value)
        case _:
            return str(value).strip()


def clear(params: tuple[str, ...]) -> None:
    """Take parts out of the address."""
    for param in params:
        put(param, "")


def query_now(room: Room) -> dict[str, str]:
    """The list's part of the address, to be kept as a view."""
    kept = {Q, SORT, COLUMNS, ARCHIVED, OVERDUE, STANDING, LOOK, AS_OF, *((room.tab,) if room.tab else ())}
    for name in room.filters:
        kept |= {name, f"{name}{LEAST}", f"{name}{MOST}"}
    return {key: value for key, value in st.query_params.to_dict().items() if key in kept}

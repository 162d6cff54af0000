"""One page of a list as a table: a click on a cell opens the record, ticked rows can be changed together.

The first column is a link of its own: whoever comes with the keyboard stands there first, and nothing opens by itself.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard.domain.fields import Kind
from dashboard.domain.labels import entity_label, field_label, inside_a_sentence
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import money
from dashboard.store import listing
from dashboard.store.listing import Wanted
from dashboard.ui import rooms, tables
from dashboard.ui.forms import options
from dashboard.ui.lists import address, bulk
from dashboard.ui.lists.address import Asked
from dashboard.ui.lists.filters import bound
from dashboard.ui.markdown import muted, plain
from dashboard.ui.quick import dialog as quick
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.tables import NUMBER, NUMBER_PIXELS
from dashboard.ui.visit import Visit

A_PAGE = 50
LINK, SIGN = "link", "↗"
TALLEST = 41 + 35 * 16  # pixels: sixteen rows, the rest scrolls


def show(visit: Visit, room: Room, asked: Asked) -> None:
    """The rows of the page that the address names, and how many there are."""
    where = address.conditions(visit, room, asked)
    count = counted(visit, room, asked, where)
    many = inside_a_sentence(entity_label(room.entity, visit.language, many=True))
    if count == 0:
        st.markdown(plain(visit.text("list.none", records=many)))
        return
    pages = -(-count // A_PAGE)
    page = min(asked.page, pages)
    told = (room.name, where, asked.columns, asked.sort, asked.archived, asked.as_of, page)
    found, rows = visit.once(("rows", *told), lambda: written_rows(visit, room, asked, where, page))
    slot = f"{room.name}_table_{st.session_state.get(f'{room.name}_turn', 0)}"
    ids = found["id"].to_list()
    st.session_state[f"{slot}_ids"] = ids
    st.dataframe(
        rows,
        hide_index=True,
        column_config=configured(visit, room, rows.columns),
        key=slot,
        height=min(TALLEST, tables.HEAD_PIXELS + tables.ROW_PIXELS * rows.height),
        placeholder="",
        alt=visit.text("list.alt", records=many, n=count),
        on_select=lambda: chosen(room, slot),
        selection_mode=["multi-row", "single-cell"],
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        first = (page - 1) * A_PAGE + 1
        words = visit.text("list.shown", first=first, last=first + found.height - 1, n=count)
        st.markdown(muted(words), width="content")
        marked = ticked(slot, ids) if asked.as_of is None else []
        bulk.offer(visit, room, marked)
        if room.entity == "deal" and len(marked) == 1:
            quick.offer_for(visit, marked[0], f"{room.name}_quick", visit.text("today.quick.anywhere"))
        if pages > 1 and asked.as_of is None:
            bulk.offer_all(visit, room, where, count, archived=asked.archived)
        if pages > 1:
            st.pagination(pages, max_visible_pages=5, **bound(visit, room, address.PAGE, page))


def written_rows(
    visit: Visit, room: Room, asked: Asked, where: list[Condition], page: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One page of the records, and how people read it."""
    found = read(visit, room, asked, where, page)
    rows = for_people(visit, room, found.select(fields_of(room, asked.columns)), asked.columns)
    return found, with_links(room, rows, found)


def counted(visit: Visit, room: Room, asked: Asked, where: list[Condition]) -> int:
    """How many records there are, or were on the day that the list is seen from."""
    store, moment = visit.desk.store, asked.moment(visit.desk.store.company.zone)
    if moment is None:
        return store.count(visit.actor, room.entity, where, archived=asked.archived)
    wanted = Wanted(where, archived=asked.archived, moment=moment)
    with store.reading() as cursor:
        return listing.total(store.reader, cursor, visit.actor, room.entity, wanted)


def read(visit: Visit, room: Room, asked: Asked, where: list[Condition], page: int) -> pl.DataFrame:
    """One page of the records, as they are or as they were."""
    store, moment = visit.desk.store, asked.moment(visit.desk.store.company.zone)
    fields, offset = fields_of(room, asked.columns), (page - 1) * A_PAGE
    if asked.sort.field == WAITING:
        return longest_waiting(visit, room, where, offset, A_PAGE, fields)
    if moment is None:
        return store.find(
            visit.actor,
            room.entity,
            where,
            sort=[asked.sort],
            limit=A_PAGE,
            offset=offset,
            fields=fields,
            archived=asked.archived,
        )
    wanted = Wanted(
        where, sort=[asked.sort], fields=fields, archived=asked.archived, offset=offset, limit=A_PAGE, moment=moment
    )
    with store.reading() as cursor:
        return listing.page(store.reader, cursor, visit.actor, room.entity, wanted).rows


def longest_waiting(
    visit: Visit, room: Room, where: list[Condition], offset: int, limit: int, fields: list[str] | None = None
) -> pl.DataFrame:
    """Some of the records, the longest waiting first."""
    assert room.waiting, "a room with such an order says who waits"
    ids = room.waiting(visit, room, where)[offset : offset + limit]
    found = visit.desk.store.find(visit.actor, room.entity, [Condition("id", Operator.IN, ids)], fields=fields)
    return pl.DataFrame({"id": ids}, schema={"id": pl.String}).join(found, on="id", how="inner", maintain_order="left")


def fields_of(room: Room, columns: tuple[str, ...]) -> list[str]:
    """What has to be read to show these columns: an amount is shown with its currency."""
    declared = room.declared.by_name
    amounts = any(name in declared and in_own_currency(room, name) for name in columns)
    return list(dict.fromkeys([*columns, *(("currency",) if amounts else ())]))


def in_own_currency(room: Room, name: str) -> bool:
    """Whether a field is an amount in the record's own currency."""
    field = room.declared.by_name[name]
    return field.kind is Kind.MONEY and field.unit is None and "currency" in room.declared.by_name


def for_people(visit: Visit, room: Room, found: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """The rows as people read them: amounts in the record's own currency say which."""
    shown = tables.readable(visit, room.entity, found.select(columns))
    declared = room.declared.by_name
    amounts = [name for name in columns if name in declared and in_own_currency(room, name)]
    tags = [
        name for name in columns if name in declared and declared[name].kind is Kind.TAGS and not declared[name].choices
    ]
    return shown.with_columns(
        [written(visit, found, name) for name in amounts] + [tagged(visit, room, found, name) for name in tags]
    )


def with_links(room: Room, rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The rows with a link to each record in front: its number, else a sign."""
    lead = NUMBER if NUMBER in rows.columns else LINK
    texts = found[NUMBER] if lead == NUMBER else [SIGN] * found.height
    links = [f"{room.link(record)}#{text}" for record, text in zip(found["id"], texts, strict=True)]
    others = [name for name in rows.columns if name != lead]
    return pl.DataFrame([pl.Series(lead, links, dtype=pl.String), *rows.select(others).iter_columns()])


def configured(visit: Visit, room: Room, columns: list[str]) -> dict[str, Any]:
    """Titles and formats; the first column is the link, amounts in several currencies are text."""
    lead, declared = columns[0], room.declared.by_name
    title = field_label(room.entity, NUMBER, visit.language) if lead == NUMBER else visit.text("list.open")
    width: Any = NUMBER_PIXELS if lead == NUMBER else "small"
    found = tables.configured(visit, room.entity, columns[1:])
    for name in columns[1:]:
        if name in declared and in_own_currency(room, name):
            found[name] = st.column_config.TextColumn(field_label(room.entity, name, visit.language), alignment="right")
    return found | {lead: tables.link(title, width)}


def tagged(visit: Visit, room: Room, found: pl.DataFrame, name: str) -> pl.Series:
    """Tags in words."""
    words = options.tag_names(visit, room.declared, room.declared.by_name[name])
    texts = [None if tags is None else [words.get(tag, tag) for tag in tags] for tags in found[name]]
    return pl.Series(name, texts, dtype=pl.List(pl.String))


def written(visit: Visit, found: pl.DataFrame, name: str) -> pl.Series:
    """Amounts with their currency."""
    pairs = zip(found[name], found["currency"], strict=True)
    texts = [
        None if value is None else money(value, visit.language, currency or visit.currency) for value, currency in pairs
    ]
    return pl.Series(name, texts, dtype=pl.String)


def chosen(room: Room, slot: str) -> None:
    """A cell was clicked: open its record. A browser may name any place, so only those of the page count."""
    places = selection_of(slot).get("cells") or []
    ids = st.session_state.get(f"{slot}_ids", [])
    place, column = places[0] if places else (None, None)
    if column not in (NUMBER, LINK) and isinstance(place, int) and 0 <= place < len(ids):
        rooms.open_record(room, ids[place])


def ticked(slot: str, ids: list[str]) -> list[str]:
    """The records whose rows are ticked."""
    places = selection_of(slot).get("rows") or []
    return [ids[place] for place in places if isinstance(place, int) and 0 <= place < len(ids)]


def selection_of(slot: str) -> dict[str, Any]:
    """What is selected in the table now."""
    state = st.session_state.get(slot)
    found = state.get("selection") if state else None
    return dict(found) if found else {}

"""What can be claimed, one card a record: who it is, why and since when it is here, and the one tap that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.actions import pool
from dashboard.domain.access import Action
from dashboard.domain.entities import Entity
from dashboard.domain.labels import entity_label, inside_a_sentence, stored_text, verb_label
from dashboard.domain.pool import POOL
from dashboard.domain.queries import Condition
from dashboard.errors import Refused
from dashboard.i18n import near_day
from dashboard.ui import rooms
from dashboard.ui.detail.values import heading_of, names_in, written
from dashboard.ui.lists import address
from dashboard.ui.lists.address import Asked
from dashboard.ui.lists.filters import bound
from dashboard.ui.lists.table import longest_waiting
from dashboard.ui.markdown import muted, plain
from dashboard.ui.pool import clicks
from dashboard.ui.rooms import WAITING, Room
from dashboard.ui.visit import Visit

A_PAGE = 20
ABOUT = ("source_id", "industry_id", "region_id", "level", "need_tags")
WHO = ("person_name", "phone")
LONGEST = 90
COOLING = "pool.cooling_down"
"""The refusal that is about one record; limits are told above all of them."""


class Card(NamedTuple):
    """One record as people read it. refusal: why it cannot be claimed now, if it cannot."""

    record_id: str
    label: str
    text: str
    refusal: str | None


def show(visit: Visit, room: Room, asked: Asked) -> None:
    """The cards of the page that the address names."""
    where = address.conditions(visit, room, asked)
    count = visit.desk.store.count(visit.actor, room.entity, where)
    many = inside_a_sentence(entity_label(room.entity, visit.language, many=True))
    if count == 0:
        st.markdown(plain(visit.text("pool.empty", records=many)))
        return
    pages = -(-count // A_PAGE)
    page = min(asked.page, pages)
    told = ("pool_cards", room.name, where, asked.sort, page)
    cards = visit.once(told, lambda: written_cards(visit, room, asked, where, page))
    may = bool(visit.actor.grants(room.entity, Action.CLAIM))
    for one in cards:
        draw(visit, room, one, may=may)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        first = (page - 1) * A_PAGE + 1
        words = visit.text("pool.shown", first=first, last=first + len(cards) - 1, n=count, records=many)
        st.markdown(muted(words), width="content")
        if pages > 1:
            st.pagination(pages, max_visible_pages=5, **bound(visit, room, address.PAGE, page))


def written_cards(visit: Visit, room: Room, asked: Asked, where: list[Condition], page: int) -> list[Card]:
    """One page of the records, as the person may read and claim them."""
    store, found = visit.desk.store, of_page(visit, room, asked, where, page)
    rows = found.to_dicts()
    refusals = pool.refusals(store, visit.actor, room.entity, found, visit.today)
    past = {row["id"]: row for row in pool.belongings(store, room.entity, found["id"]).to_dicts()}
    names = names_in(visit, room.declared, rows)
    may = bool(visit.actor.grants(room.entity, Action.CLAIM))
    return [card(visit, room, row, names, past[row["id"]], refusals.get(row["id"]) if may else None) for row in rows]


def of_page(visit: Visit, room: Room, asked: Asked, where: list[Condition], page: int) -> pl.DataFrame:
    """The records of one page: the longest waiting first, unless the address asks for another order."""
    first = (page - 1) * A_PAGE
    if asked.sort.field == WAITING:
        return longest_waiting(visit, room, where, first, A_PAGE)
    return visit.desk.store.find(visit.actor, room.entity, where, sort=[asked.sort], limit=A_PAGE, offset=first)


def card(
    visit: Visit,
    room: Room,
    row: dict[str, Any],
    names: Mapping[str, str],
    past: Mapping[str, Any],
    refusal: Refused | None,
) -> Card:
    """One record in words."""
    label = heading_of(room.declared, row, visit.language)
    lines = [about(visit, room.declared, row, names, ABOUT), shortened(row.get("need"))]
    lines += [about(visit, room.declared, row, names, WHO), standing(visit, room.entity, row, names, past)]
    lines += [refusal.text(visit.language)] if refusal and refusal.code == COOLING else []
    text = f"**{plain(label)}**  \n{muted(*(line for line in lines if line))}"
    return Card(row["id"], label, text, refusal.text(visit.language) if refusal else None)


def draw(visit: Visit, room: Room, card: Card, *, may: bool) -> None:
    """One card. may: whether the person claims such records at all."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"pool_card_{card.record_id}"
    ):
        with st.container(gap=None):
            st.markdown(card.text)
        with st.container(gap=None, width="content"):
            if may:
                st.button(
                    visit.text("action.claim"),
                    icon=":material/front_hand:",
                    disabled=card.refusal is not None,
                    help=card.refusal,
                    key=f"pool_claim_{card.record_id}",
                    on_click=clicks.claim,
                    args=(room.entity, card.record_id, card.label),
                )
            st.button(
                visit.text("pool.open"),
                icon=":material/open_in_full:",
                type="tertiary",
                key=f"pool_open_{card.record_id}",
                on_click=rooms.open_record,
                args=(room, card.record_id),
            )


def about(
    visit: Visit, entity: Entity, row: Mapping[str, Any], names: Mapping[str, str], fields: tuple[str, ...]
) -> str:
    """Some facts in one line, as far as there are any."""
    known = [name for name in fields if row.get(name) not in (None, [])]
    return " · ".join(written(visit, entity, name, row[name], row, names) for name in known)


def shortened(text: str | None) -> str:
    """A need that fits a line or two."""
    bare = " ".join((text or "").split())
    return bare if len(bare) <= LONGEST else f"{bare[:LONGEST]}…"


def standing(
    visit: Visit, entity: str, row: Mapping[str, Any], names: Mapping[str, str], past: Mapping[str, Any]
) -> str:
    """Since when a record is in the pool, of which team, and why."""
    day = near_day(visit.desk.store.company.day_of(past["since"]), visit.today, visit.language)
    why = stored_text(past["why"], visit.language) or verb_label(entity, past["verb"], visit.language)
    team = names.get(row[POOL], "")
    return visit.text("pool.since", day=day, team=team, why=why)

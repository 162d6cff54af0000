"""What goes back to the pool: said to its owner on the record and on Today, listed for managers beside the rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard.actions import pool, recycling
from dashboard.domain.entities import entity_of
from dashboard.domain.labels import entity_label, field_label, stored_text, verb_label
from dashboard.domain.pool import OWNER, POOL
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import day, instant, near_day
from dashboard.store.pooling import POOLED
from dashboard.ui import paging, tables
from dashboard.ui.detail.values import heading_of, names_in
from dashboard.ui.markdown import muted, plain
from dashboard.ui.pool import clicks
from dashboard.ui.rooms import Room
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit

PAGES = {"lead": "leads", "customer": "customers"}
ON_TODAY, LISTED = 4, 50
AHEAD_DAYS = 30
TALLEST = 420  # pixels
Row = Mapping[str, Any]


def banner(visit: Visit, room: Room, record: Row) -> None:
    """On a record: since when and why it is in the pool, or when it goes back there unless somebody acts."""
    if room.entity not in POOLED or record["archived_at"] is not None:
        return
    if record.get(POOL):
        st.markdown(f":material/pool: {plain(in_pool(visit, room, record))}")
        return
    store = visit.desk.store
    for row in recycling.coming(store, room.entity, record=record["id"]).to_dicts() if record.get(OWNER) else ():
        if row["warn_on"] <= visit.today and not row["protected"]:
            day_words = near_day(row["due_on"], visit.today, visit.language)
            words = visit.text(f"pool.warning.{row['reason']}", day=day_words, n=row["days"])
            st.warning(plain(words), icon=":material/pool:")


def in_pool(visit: Visit, room: Room, record: Row) -> str:
    """Since when and why a record is in which pool."""
    past = pool.belongings(visit.desk.store, room.entity, pl.Series("id", [record["id"]])).row(0, named=True)
    since = near_day(visit.desk.store.company.day_of(past["since"]), visit.today, visit.language)
    why = stored_text(past["why"], visit.language) or verb_label(room.entity, past["verb"], visit.language)
    team = names_in(visit, room.declared, [record]).get(record[POOL], "")
    return visit.text("pool.in_pool", day=since, team=team, why=why)


def returns(visit: Visit, row: Row) -> str:
    """When a record goes back and why."""
    return visit.text("pool.returns", day=near_day(row["due_on"], visit.today, visit.language), why=why_of(visit, row))


def why_of(visit: Visit, row: Row) -> str:
    """Why it goes back."""
    return stored_text(recycling.WHY.format(reason=row["reason"], days=row["days"]), visit.language)


def on_today(visit: Visit, person: str) -> None:
    """What goes back to the pool of what somebody looks after, once they are to be warned; the soonest first."""
    found = visit.once(("returning", person), lambda: soon(visit, person))
    if not found:
        return
    with st.container(border=True, gap="small", key="today_returning"):
        st.markdown(f":material/pool: **{plain(visit.text('pool.soon'))}** · {len(found)}")
        for row in found[:ON_TODAY]:
            with st.container(gap=None):
                ways.to_record(visit, PAGES[row["entity"]], row["id"], plain(row["title"]))
                st.markdown(muted(returns(visit, row)))
        if len(found) > ON_TODAY:
            st.markdown(muted(visit.text("pool.soon_more", n=len(found) - ON_TODAY)))


def soon(visit: Visit, person: str) -> list[dict[str, Any]]:
    """The records of which a person is to be warned, the soonest first."""
    rows, theirs = [], Condition(OWNER, Operator.EQ, person)
    for entity in POOLED:
        found = recycling.coming(visit.desk.store, entity, owner=person)
        found = found.filter((pl.col("warn_on") <= visit.today) & ~pl.col("protected"))
        rows += [{**row, "entity": entity} for row in titled(visit, entity, found, theirs)]
    return sorted(rows, key=lambda row: (row["due_on"], row["id"]))


def titled(visit: Visit, entity: str, found: pl.DataFrame, *whose: Condition) -> list[dict[str, Any]]:
    """The rows that the person may read, with what each record is called; whose: what is known of all of them."""
    declared, where = entity_of(entity), [Condition("id", Operator.IN, found["id"].to_list()), *whose]
    fields = [declared.title] if declared.title else []
    known = visit.desk.store.find(visit.actor, entity, where, fields=fields) if found.height else pl.DataFrame()
    titles = {row["id"]: heading_of(declared, row, visit.language) for row in known.to_dicts()}
    return [{**row, "title": titles[row["id"]]} for row in found.to_dicts() if row["id"] in titles]


def preview(visit: Visit) -> None:
    """Beside the rules: what goes back within a month, whose it is, when, and why."""
    for entity in sorted(POOLED, reverse=True):
        many = entity_label(entity, visit.language, many=True)
        st.subheader(f"{plain(visit.text('pool.preview'))} · {plain(many)}", anchor=False)
        found = visit.once(("going_back", entity), partial(going_back, visit, entity))
        if found.is_empty():
            st.markdown(muted(visit.text("pool.preview_none", days=AHEAD_DAYS)))
            continue
        st.markdown(muted(visit.text("pool.preview_help", n=found.height, days=AHEAD_DAYS)))
        part = paging.page(visit, found, LISTED, f"pool_preview_{entity}")
        rows = visit.once(("pool_preview", entity, part["id"][0]), partial(previewed, visit, entity, part))
        st.dataframe(
            rows,
            hide_index=True,
            key=f"pool_preview_{entity}_rows",
            height=min(TALLEST, tables.HEAD_PIXELS + tables.ROW_PIXELS * rows.height),
            alt=visit.text("pool.preview"),
        )
    taken_back(visit)


def going_back(visit: Visit, entity: str) -> pl.DataFrame:
    """The records of a kind that go back within a month, the soonest first."""
    found = recycling.within_reach(visit.desk.store, visit.actor, entity)
    return found.filter(pl.col("due_on") <= visit.today + pl.duration(days=AHEAD_DAYS))


def previewed(visit: Visit, entity: str, part: pl.DataFrame) -> pl.DataFrame:
    """Some of them in words."""
    return in_words(visit, entity, titled(visit, entity, part))


def taken_back(visit: Visit) -> None:
    """The latest runs, each with the way to give back what still lies in the pool."""
    clicks.tell_refusal(visit.language)
    runs = recycling.last_runs(visit.desk.store, visit.actor)
    if runs:
        st.subheader(visit.text("pool.went_back"), anchor=False)
    for taken in runs:
        moment = instant(taken.moment, visit.language, visit.desk.store.company.zone)
        with st.container(horizontal=True, vertical_alignment="center", key=f"pool_run_{taken.moment:%Y%m%d%H%M%S}"):
            st.markdown(plain(visit.text("pool.run", moment=moment, n=taken.count)), width="content")
            st.button(
                visit.text("pool.give_back"),
                icon=":material/undo:",
                key=f"pool_give_back_{taken.moment:%Y%m%d%H%M%S}",
                on_click=clicks.give_back,
                args=(taken.moment, visit.text("pool.give_back")),
            )


def in_words(visit: Visit, entity: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The rows in words."""
    owners = visit.names("person", [row[OWNER] for row in rows])
    columns = {
        entity_label(entity, visit.language): [row["title"] for row in rows],
        field_label(entity, OWNER, visit.language): [owners.get(row[OWNER], "") for row in rows],
        visit.text("pool.preview_on"): [day(row["due_on"], visit.language) for row in rows],
        visit.text("pool.preview_why"): [why_of(visit, row) for row in rows],
        visit.text("pool.preview_state"): [visit.text(f"pool.state.{state(visit, row)}") for row in rows],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def state(visit: Visit, row: Row) -> str:
    """How near it is."""
    if row["protected"]:
        return "protected"
    if row["due_on"] <= visit.today:
        return "due"
    return "warned" if row["warn_on"] <= visit.today else "later"

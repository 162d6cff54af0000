"""The stages or states of a record's way in their order, how long it stood in each, and where it stands now."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard.domain.charts import Tone
from dashboard.domain.labels import choice_label
from dashboard.domain.lifecycles import LIFECYCLES, Lifecycle
from dashboard.domain.stays import days_by_stage, standing, stays
from dashboard.ui.palette import PALETTES, Palette
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

STAGE = "stage_id"
TONES = {"won": Tone.WON, "lost": Tone.LOST, "converted": Tone.WON, "unqualified": Tone.LOST, "junk": Tone.LOST}
"""Of stages by their type, of other states by their name; the rest is open."""


class Step(NamedTuple):
    """One part of the way: what it is called, its colour, the days in it, and whether the record stands there.

    days: None where it has not been, or where it rests at the end.
    """

    name: str
    tone: Tone
    days: int | None
    here: bool
    late: bool = False


def show(visit: Visit, room: Room, record: dict[str, Any], past: pl.DataFrame) -> None:
    """The path, for records that have stages or whose life has a usual way."""
    cycle = LIFECYCLES.get(room.entity)
    if STAGE in record:
        steps = by_stage(visit, record, past)
    elif cycle and cycle.way and cycle.field in record:
        steps = by_state(visit, cycle, record, past)
    else:
        return
    palette = PALETTES[visit.theme]
    items = "".join(item(visit, palette, step) for step in steps)
    label = escape(visit.text("detail.path"))
    st.html(
        f'<ol aria-label="{label}" style="display:flex;flex-wrap:wrap;gap:6px;list-style:none;margin:0;padding:0">'
        f"{items}</ol>"
    )


def days_in(visit: Visit, past: pl.DataFrame, field: str) -> dict[str, int]:
    """The days that a record stood in each stage or state so far."""
    entered = standing(past.select(field, "effective_at", "recorded_at", "verb").to_dicts())
    entries = ((row[field], row["effective_at"]) for row in entered)
    return days_by_stage(stays(entries), visit.desk.store.company.day_of, visit.today)


def by_state(visit: Visit, cycle: Lifecycle, record: dict[str, Any], past: pl.DataFrame) -> list[Step]:
    """The states of the usual way that were visited or lie ahead, and any other in which the record stands."""
    days, here = days_in(visit, past, cycle.field), record[cycle.field]
    ended = not any(not step.why for step in cycle.transitions if here in step.sources)
    ahead = () if ended else cycle.way[cycle.way.index(here) :] if here in cycle.way else cycle.way
    shown = [state for state in cycle.way if state in days or state in ahead]
    shown += [here] if here not in shown else []
    return [
        Step(
            choice_label(cycle.entity, cycle.field, state, visit.language),
            TONES.get(state, Tone.OPEN),
            None if ended and state == here else days.get(state),
            state == here,
        )
        for state in shown
    ]


def by_stage(visit: Visit, record: dict[str, Any], past: pl.DataFrame) -> list[Step]:
    """The stages that were visited or lie ahead; where the record stands longer than usual it is late."""
    days, here, closed = days_in(visit, past, STAGE), record[STAGE], record.get("stage_type") != "open"
    rows = visit.desk.store.reference("stage").sort("rank", "id", nulls_last=True).to_dicts()
    shown = [row for row in rows if row["id"] in days or row["id"] == here or lies_ahead(row, record)]
    return [
        Step(
            str(row[f"label_{visit.language}"]),
            TONES.get(row["type"], Tone.OPEN),
            None if closed and row["id"] == here else days.get(row["id"]),
            row["id"] == here,
            row["id"] == here and is_late(visit, row, record["stage_since"]),
        )
        for row in shown
    ]


def is_late(visit: Visit, stage: dict[str, Any], since: dt.datetime | None) -> bool:
    """Whether a record that came into an open stage at some moment is there longer than is usual; coming back counts
    anew, as in everything that calls a deal stale."""
    if stage["type"] != "open" or since is None or not stage["stale_days"]:
        return False
    return bool((visit.today - visit.desk.store.company.day_of(since)).days > stage["stale_days"])


def lies_ahead(stage: dict[str, Any], record: dict[str, Any]) -> bool:
    """Whether an open record may still come through a stage; what it skipped lies behind it."""
    if stage["type"] != "open" or stage["active"] is False or record.get("stage_type") != "open":
        return False
    return (stage["rank"] or 0) > (record.get("stage_rank") or 0)


def item(visit: Visit, palette: Palette, step: Step) -> str:
    """One step as HTML; every text is escaped."""
    words = escape(visit.text("quantity.days", n=step.days)) if step.days is not None else ""
    been = step.days is not None or step.here
    colour = palette.tones[Tone.ATTENTION if step.late else step.tone]
    border = colour if step.here else palette.border
    ground = palette.surface if been else "transparent"
    text = palette.text if been else palette.muted
    current = ' aria-current="step"' if step.here else ""
    return (
        f'<li{current} style="border:1px solid {border};border-bottom:3px solid {border};border-radius:8px;'
        f'padding:4px 10px;background:{ground};color:{text};font-size:0.85rem;line-height:1.4;min-width:84px">'
        f"<div>{escape(step.name)}</div>"
        f'<div style="color:{colour if step.late else palette.muted}">{words or "&nbsp;"}</div></li>'
    )

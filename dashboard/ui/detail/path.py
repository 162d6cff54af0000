"""The stages of a record's way in their order, how long it stood in each, and where it stands now."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard.domain.charts import Tone
from dashboard.domain.stays import days_by_stage, stays
from dashboard.ui.palette import PALETTES, Palette
from dashboard.ui.rooms import Room
from dashboard.ui.visit import Visit

STAGE = "stage_id"
TONES = {"won": Tone.WON, "lost": Tone.LOST, "open": Tone.OPEN}


def show(visit: Visit, room: Room, record: dict[str, Any], past: pl.DataFrame) -> None:
    """The path, for records that have stages."""
    if STAGE not in record:
        return
    steps = steps_of(visit, record, past)
    palette = PALETTES[visit.theme]
    items = "".join(item(visit, palette, *step) for step in steps)
    label = escape(visit.text("detail.path"))
    st.html(
        f'<ol aria-label="{label}" style="display:flex;flex-wrap:wrap;gap:6px;list-style:none;margin:0;padding:0">'
        f"{items}</ol>"
    )


def steps_of(visit: Visit, record: dict[str, Any], past: pl.DataFrame) -> list[tuple[dict[str, Any], int | None, bool]]:
    """Each stage of the path: its row, the days in it, whether the record stands there."""
    entries = zip(past[STAGE], past["effective_at"], strict=True)
    found = stays(entries)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    days = days_by_stage(found, now)
    rows = visit.desk.store.reference("stage").sort("rank", "id", nulls_last=True).to_dicts()
    standing = record[STAGE]
    shown = [row for row in rows if row["id"] in days or row["id"] == standing or on_the_way(row, record)]
    closed = record.get("stage_type") != "open"
    return [
        (row, None if closed and row["id"] == standing else days.get(row["id"]), row["id"] == standing) for row in shown
    ]


def on_the_way(stage: dict[str, Any], record: dict[str, Any]) -> bool:
    """Whether a stage that was not visited belongs to the path: those still ahead of an open record."""
    return bool(stage["type"] == "open" and stage["active"] is not False and record.get("stage_type") == "open")


def item(visit: Visit, palette: Palette, stage: dict[str, Any], days: int | None, here: bool) -> str:
    """One stage as HTML; every text is escaped."""
    name = escape(str(stage[f"label_{visit.language}"]))
    words = escape(visit.text("quantity.days", n=days)) if days is not None else ""
    late = here and stage["type"] == "open" and days is not None and stage["stale_days"] and days > stage["stale_days"]
    colour = palette.tones[Tone.ATTENTION if late else TONES.get(stage["type"], Tone.OPEN)]
    border = colour if here else palette.border
    ground = palette.surface if days is not None or here else "transparent"
    text = palette.text if days is not None or here else palette.muted
    current = ' aria-current="step"' if here else ""
    return (
        f'<li{current} style="border:1px solid {border};border-bottom:3px solid {border};border-radius:8px;'
        f'padding:4px 10px;background:{ground};color:{text};font-size:0.85rem;line-height:1.4;min-width:84px">'
        f"<div>{name}</div>"
        f'<div style="color:{colour if late else palette.muted}">{words or "&nbsp;"}</div></li>'
    )

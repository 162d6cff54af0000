"""Records as a table: names instead of ids, words instead of codes, local times, titles with their unit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Field, Kind
from dashboard.domain.follow_ups import STEP
from dashboard.domain.labels import choice_label, field_label, stored_text
from dashboard.i18n import instant
from dashboard.sitemap import is_offered, page_of
from dashboard.ui.rooms import ID
from dashboard.ui.visit import Visit

HEAD_PIXELS, ROW_PIXELS = 41, 35
NUMBER, NUMBER_PIXELS = "number", 112
AFTER_HASH = r"#(.+)$"
NUMBERS = (Kind.MONEY, Kind.PRICE, Kind.NUMBER, Kind.SHARE)


def draw(
    visit: Visit, entity: str, rows: pl.DataFrame, key: str, alt: str, tallest: int, ids: pl.Series | None = None
) -> None:
    """The rows of an entity, no taller than so many pixels; ids: of the records, whose numbers lead to their page."""
    shown, config = readable(visit, entity, rows), configured(visit, entity, rows.columns)
    page = page_of(entity)
    if page and is_offered(page, visit.actor) and ids is not None and NUMBER in rows.columns:
        pairs = zip(ids, rows[NUMBER], strict=True)
        links = [f"/{page.slug}?{urlencode({ID: record})}#{text}" for record, text in pairs]
        shown = shown.with_columns(pl.Series(NUMBER, links, dtype=pl.String))
        config |= {NUMBER: link(title(visit, entity, NUMBER, None), NUMBER_PIXELS)}
    st.dataframe(
        shown,
        hide_index=True,
        column_config=config,
        key=key,
        height=min(tallest, HEAD_PIXELS + ROW_PIXELS * max(rows.height, 1)),
        placeholder=visit.text("common.nothing"),
        alt=alt,
    )


def link(label: str, width: Any) -> Any:
    """A column of addresses, of which what stands behind the hash is read."""
    return st.column_config.LinkColumn(label, display_text=AFTER_HASH, width=width)


OF_ALL_TEAMS = frozenset({"pool_rule", "approval_rule", "contract_template", "clause"})
"""What holds for everybody when it names no team."""


def readable(visit: Visit, entity: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as people read them."""
    declared = entity_of(entity).by_name
    return rows.with_columns([shown(visit, entity, declared.get(name), rows[name]) for name in rows.columns])


def shown(visit: Visit, entity: str, field: Field | None, values: pl.Series) -> pl.Series:  # noqa: PLR0911
    """One column."""
    if isinstance(values.dtype, pl.Datetime):
        zone = visit.desk.store.company.zone
        moments = [None if moment is None else instant(moment, visit.language, zone) for moment in values]
        return pl.Series(values.name, moments, dtype=pl.String)
    if field is None:
        return values
    if field.to:
        names = visit.names(field.to, values.to_list())
        everybody = visit.text("common.whole_company") if field.name == "team_id" and entity in OF_ALL_TEAMS else None
        texts = [everybody if value is None else names.get(value, value) for value in values]
        return pl.Series(values.name, texts, dtype=pl.String)
    if field.kind is Kind.CHOICE:
        words = {word: choice_label(entity, field.name, word, visit.language) for word in field.choices}
        return pl.Series(values.name, [words.get(value) for value in values], dtype=pl.String)
    if field.kind is Kind.TAGS and field.choices:
        words = {word: choice_label(entity, field.name, word, visit.language) for word in field.choices}
        return pl.Series(values.name, [[words.get(tag, tag) for tag in tags or ()] for tags in values.to_list()])
    if field.name == STEP:
        return pl.Series(values.name, [text and stored_text(text, visit.language) for text in values], dtype=pl.String)
    return values.cast(pl.Float64) if field.kind in NUMBERS else values


def configured(visit: Visit, entity: str, columns: list[str]) -> dict[str, Any]:
    """Titles and formats of the columns."""
    declared = entity_of(entity).by_name
    return {name: column(title(visit, entity, name, declared.get(name)), declared.get(name)) for name in columns}


def title(visit: Visit, entity: str, name: str, field: Field | None) -> str:
    """What a column is called, with its unit; amounts say the company's currency."""
    label = field_label(entity, name, visit.language)
    if field is None or field.unit is None:
        return label
    unit = visit.currency if field.unit == "base" else visit.text(f"unit.{field.unit}")
    return visit.text("table.with_unit", title=label, unit=unit)


def column(name: str, field: Field | None) -> Any:
    """How the grid shows a field."""
    if field is not None and field.kind is Kind.SHARE:
        return st.column_config.NumberColumn(name, format="percent")
    if field is not None and field.kind in (*NUMBERS, Kind.INTEGER):
        return st.column_config.NumberColumn(name, format="plain" if field.is_year else "localized")
    if field is not None and field.kind is Kind.DATE:
        return st.column_config.DateColumn(name, format="YYYY-MM-DD")
    return name

"""Step two: what each column means, with how sure that is; for a preset, what each file becomes."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.actions import imports
from dashboard.domain.labels import entity_label, field_label
from dashboard.errors import SalesDeskError
from dashboard.i18n import percent
from dashboard.i18n import show as in_words
from dashboard.ui.boundary import refused
from dashboard.ui.importing import draft as drafts
from dashboard.ui.importing import plans
from dashboard.ui.importing.draft import LIMITS, Draft
from dashboard.ui.importing.files import content_name
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit
from etl.ingest import Heading, Table
from etl.ingest.headings import SURE

MOST_COLUMNS = 80
"""Columns of a table that are asked about; further ones keep what their headings say."""

LONGEST_SAMPLE = 40
NARROWEST = 300  # pixels of a column's card


def show(visit: Visit, draft: Draft) -> None:
    """The map, and the way to the rehearsal."""
    st.markdown(plain(visit.text("importing.map.content", name=content_name(visit, draft.content))))
    if draft.plan is not None:
        preset_files(visit, draft)
    else:
        fields = {"": visit.text("importing.map.leave"), **fields_by_name(visit, draft.content)}
        headings = plans.proposals(draft.content, draft.tables)
        for at, table in enumerate(draft.tables):
            columns(visit, draft, at, table, headings[at], fields)
    with st.container(horizontal=True, gap="small"):
        st.button(visit.text("common.back"), key="import_back_1", on_click=drafts.back_to, args=(1,))
        if st.button(visit.text("importing.next_rehearse"), type="primary", key="import_rehearse"):
            go_on(visit, draft)


def fields_by_name(visit: Visit, entity: str) -> dict[str, str]:
    """What a column may fill, by name; the record's own id last."""
    found = {field.name: field_label(entity, field.name, visit.language) for field in plans.fields_of(entity)}
    return {**found, plans.OWN_ID: visit.text("importing.map.own_id", entity=entity_label(entity, visit.language))}


def columns(
    visit: Visit, draft: Draft, at: int, table: Table, headings: tuple[Heading, ...], fields: dict[str, str]
) -> None:
    """One table: each column with its first value, its field, and how sure that is."""
    name = table.file if table.sheet is None else f"{table.file} · {table.sheet}"
    st.subheader(plain(name), anchor=False)
    st.markdown(muted(visit.text("importing.map.size", rows=table.cells.height, columns=len(table.headers))))
    with st.grid(3, min_column_width=NARROWEST, key=f"import_columns_{at}"):
        for place, heading in enumerate(headings[:MOST_COLUMNS]):
            with st.container(border=True, gap="xsmall", height="stretch", key=f"import_column_{at}_{place}"):
                column(visit, draft, at, place, table, heading, fields)
    if len(headings) > MOST_COLUMNS:
        st.markdown(muted(visit.text("importing.map.further", n=len(headings) - MOST_COLUMNS)))
    chosen = any(draft.chosen.get((at, header)) for header in table.headers)
    if chosen and (lacking := plans.missing(draft.content, at, draft.chosen)):
        names = [fields.get(one, one) for one in lacking]
        st.warning(visit.text("importing.map.lacking", fields=names), icon=":material/warning:")


def column(
    visit: Visit, draft: Draft, at: int, place: int, table: Table, heading: Heading, fields: dict[str, str]
) -> None:
    """One column."""
    st.markdown(f"**{plain(heading.header)}**")
    st.markdown(muted(visit.text("importing.map.sample", text=sample(table, heading.header))))
    options = list(fields)
    now = draft.chosen.get((at, heading.header), "")
    picked = st.selectbox(
        visit.text("importing.map.field", column=heading.header),
        options,
        index=options.index(now) if now in options else 0,
        format_func=lambda name: fields.get(name, name),
        key=f"import_field_{draft.turn}_{draft.content}_{at}_{place}_{visit.language}",
        label_visibility="collapsed",
    )
    draft.chosen[at, heading.header] = picked if picked in fields else ""
    st.markdown(confidence(visit, heading, draft.chosen[at, heading.header]))


def confidence(visit: Visit, heading: Heading, picked: str) -> str:
    """How sure the proposal is, in words and percent; what a person chose otherwise says so."""
    if picked != (heading.field or ""):
        return muted(visit.text("importing.map.yours"))
    if heading.field is None:
        return muted(visit.text("importing.map.unknown"))
    share = percent(heading.confidence, visit.language)
    sure = heading.confidence >= SURE
    words = plain(visit.text("importing.map.sure" if sure else "importing.map.unsure", share=share))
    icon, colour = (":material/check:", "green") if sure else (":material/visibility:", "orange")
    return f":small[:{colour}[{icon} {words}]]"


def sample(table: Table, header: str) -> str:
    """The first value of a column."""
    found = table.cells[header].drop_nulls().head(1)
    text = str(found[0]) if found.len() else "–"
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"


def preset_files(visit: Visit, draft: Draft) -> None:
    """What a preset makes of each file."""
    assert draft.plan is not None
    rows = []
    for table in draft.tables:
        made = [record.entity for record in draft.plan.record if record.reads(table.file)]
        names = [entity_label(name, visit.language, many=True) for name in dict.fromkeys(made)]
        joined = any(record.joins(table.file) for record in draft.plan.record)
        unused = visit.text("importing.map.joined" if joined else "importing.map.unused")
        rows.append((table.file, table.cells.height, in_words(names, visit.language) if names else unused))
    titles = [visit.text(f"importing.map.title.{name}") for name in ("file", "rows", "becomes")]
    frame = pl.DataFrame(rows, schema=dict(zip(titles, (pl.String, pl.Int64, pl.String), strict=True)), orient="row")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={titles[1]: st.column_config.NumberColumn(format="localized")},
        key="import_preset_files",
        alt=visit.text("importing.map.content", name=""),
    )


def go_on(visit: Visit, draft: Draft) -> None:
    """Judge every row; what the files or the map lack is said."""
    try:
        with st.spinner(visit.text("importing.rehearsing"), show_time=True):
            plan = draft.plan or plans.plan_of(draft.content, draft.tables, draft.chosen)
            rehearsal = imports.rehearse(
                visit.desk.store, visit.actor, draft.sources, plan, draft.answers, limits=LIMITS
            )
    except SalesDeskError as problem:
        refused(problem, visit.language)
        return
    draft.rehearsal, draft.told, draft.step = rehearsal, {}, 3
    st.rerun()

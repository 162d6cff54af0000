"""The administrator's part of the overview: how current the numbers are, the last job runs, the last imports."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.domain.labels import choice_label, field_label
from dashboard.domain.queries import Sort
from dashboard.i18n import instant, number
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

RUNS, IMPORTS = 20, 20
JOB_COLUMNS = ("job", "started_at", "status", "cause", "revision", "rows", "duration_ms", "problem")
IMPORT_COLUMNS = ("number", "name", "person_id", "status", "committed_revision", "created_at")


def show(visit: Visit) -> None:
    """Cards and two tables."""
    with st.grid(3, min_column_width=158, key="health_cards"):
        for name, (value, note) in facts(visit).items():
            with st.container(border=True, height="stretch", key=f"health_card_{name}", gap=None):
                st.markdown(muted(visit.text(f"health.{name}")))
                st.metric(visit.text(f"health.{name}"), value, label_visibility="collapsed")
                st.markdown(muted(note))
    if visit.desk.freshness.problem:
        st.error(visit.text("health.problem", problem=plain(visit.desk.freshness.problem)), icon=":material/error:")
    st.subheader(visit.text("health.runs"), anchor=False)
    listed(visit, job_runs(visit), "health.no_runs", "health_runs")
    st.subheader(visit.text("health.imports"), anchor=False)
    listed(visit, imports(visit), "health.no_imports", "health_imports")


def facts(visit: Visit) -> dict[str, tuple[str, str]]:
    """What the cards say: a value, and a note below it."""
    fresh = visit.desk.freshness
    day, _, time = written(visit, fresh.refreshed_at).rpartition(" ") if fresh.refreshed_at else ("", "", "")
    behind = visit.desk.store.revision - fresh.revision
    return {
        "refreshed": (time or visit.text("common.nothing"), day),
        "revision": (number(fresh.revision, visit.language), visit.text("health.revision_note")),
        "behind": (number(behind, visit.language), visit.text("health.behind_note")),
    }


def written(visit: Visit, moment: object) -> str:
    """An instant in the company's time zone."""
    return instant(moment, visit.language, visit.desk.store.company.zone)  # type: ignore[arg-type]


def listed(visit: Visit, rows: pl.DataFrame, empty: str, key: str) -> None:
    """A table, or a sentence where there are no rows."""
    if rows.is_empty():
        st.markdown(muted(visit.text(empty)))
    else:
        st.dataframe(rows, hide_index=True, key=key, height=min(320, 38 + 35 * rows.height), alt=visit.text(empty))


def job_runs(visit: Visit) -> pl.DataFrame:
    """The last runs with readable words."""
    found = visit.desk.store.logs.recent(RUNS).select(JOB_COLUMNS)
    return titled(visit, "job_run", found, choices=("status", "cause")).pipe(
        lambda rows: rows.with_columns(pl.col(rows.columns[0]).replace_strict(job_names(visit), default=None))
    )


def job_names(visit: Visit) -> dict[str, str]:
    """What the jobs are called."""
    return {"marts": visit.text("health.job_marts")}


def imports(visit: Visit) -> pl.DataFrame:
    """The last imports with readable words."""
    found = visit.desk.store.find(
        visit.actor, "import_batch", sort=[Sort("created_at", descending=True)], limit=IMPORTS
    ).select(IMPORT_COLUMNS)
    people = visit.names("person", found["person_id"].to_list())
    named = found.with_columns(pl.col("person_id").replace_strict(people, default=None, return_dtype=pl.String))
    return titled(visit, "import_batch", named, choices=("status",))


def titled(visit: Visit, entity: str, rows: pl.DataFrame, choices: tuple[str, ...]) -> pl.DataFrame:
    """Rows with labels instead of codes, local times instead of UTC, and titles instead of names."""
    columns = []
    for name in rows.columns:
        values = rows[name]
        if name in choices:
            words = {word: choice_label(entity, name, word, visit.language) for word in values.drop_nulls().unique()}
            values = values.replace_strict(words, default=None, return_dtype=pl.String)
        elif isinstance(values.dtype, pl.Datetime):
            moments = [None if moment is None else written(visit, moment) for moment in values]
            values = pl.Series(name, moments, dtype=pl.String)
        columns.append(values.alias(field_label(entity, name, visit.language)))
    return pl.DataFrame(columns)

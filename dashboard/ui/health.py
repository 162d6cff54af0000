"""The administrator's part of the overview: how current the numbers are, the jobs, the last imports."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.actions import scheduled
from dashboard.domain.labels import choice_label, field_label
from dashboard.domain.queries import Sort
from dashboard.i18n import instant, number
from dashboard.ui import tables
from dashboard.ui.markdown import muted, plain
from dashboard.ui.visit import Visit

RUNS, IMPORTS = 20, 20
TALLEST = 320  # pixels of a table
JOB_COLUMNS = ("job", "started_at", "status", "cause", "revision", "rows", "duration_ms", "problem")
IMPORT_COLUMNS = ("number", "name", "person_id", "status", "committed_revision", "created_at")


def show(visit: Visit) -> None:
    """Cards and tables."""
    with st.grid(3, min_column_width=158, key="health_cards"):
        for name, (value, note) in facts(visit).items():
            with st.container(border=True, height="stretch", key=f"health_card_{name}", gap=None):
                st.markdown(muted(visit.text(f"health.{name}")))
                st.metric(visit.text(f"health.{name}"), value, label_visibility="collapsed")
                st.markdown(muted(note))
    if visit.desk.freshness.problem:
        st.error(visit.text("health.problem", problem=plain(visit.desk.freshness.problem)), icon=":material/error:")
    schedule(visit)
    table(visit, "job_run", job_runs(visit), "runs")
    table(visit, "import_batch", imports(visit), "imports")


def table(visit: Visit, entity: str, rows: pl.DataFrame, name: str) -> None:
    """A title and the rows, or a sentence where there are none."""
    st.subheader(visit.text(f"health.{name}"), anchor=False)
    if rows.is_empty():
        st.markdown(muted(visit.text(f"health.no_{name}")))
    else:
        tables.draw(visit, entity, rows, f"health_{name}", visit.text(f"health.{name}"), TALLEST)


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


def schedule(visit: Visit) -> None:
    """What is done at set times: when it was done last, how that went, and when it is due next."""
    if not scheduled.JOBS:
        return
    logs, names = visit.desk.store.logs, job_names(visit)
    due, last = logs.due(), {run["job"]: run for run in logs.last_runs().to_dicts()}
    lines = []
    for job in scheduled.JOBS:
        run = last.get(job.name, {})
        status = choice_label("job_run", "status", run["status"], visit.language) if run else ""
        times = [written(visit, moment) if moment else "" for moment in (run.get("started_at"), due.get(job.name))]
        lines.append((names[job.name], times[0], status, times[1], run.get("problem") or ""))
    titles = [field_label("job_run", name, visit.language) for name in ("job", "started_at", "status")]
    titles += [visit.text("health.due"), field_label("job_run", "problem", visit.language)]
    st.subheader(visit.text("health.schedule"), anchor=False)
    st.dataframe(
        pl.DataFrame(lines, schema=dict.fromkeys(titles, pl.String), orient="row"),
        hide_index=True,
        key="health_schedule",
        height=min(TALLEST, tables.HEAD_PIXELS + tables.ROW_PIXELS * len(lines)),
        placeholder="",
        alt=visit.text("health.schedule"),
    )


def job_names(visit: Visit) -> dict[str, str]:
    """What each job does, in words."""
    return {name: visit.text(f"job.{name}") for name in ("marts", *(job.name for job in scheduled.JOBS))}


def job_runs(visit: Visit) -> pl.DataFrame:
    """The last runs; jobs by what they do."""
    runs = visit.desk.store.logs.recent(RUNS).select(JOB_COLUMNS)
    return runs.with_columns(pl.col("job").replace(job_names(visit)))


def imports(visit: Visit) -> pl.DataFrame:
    """The last imports."""
    newest = [Sort("created_at", descending=True)]
    return visit.desk.store.find(visit.actor, "import_batch", sort=newest, limit=IMPORTS).select(IMPORT_COLUMNS)

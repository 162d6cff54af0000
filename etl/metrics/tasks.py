"""Tasks done when they were due, weighed by effort."""

from __future__ import annotations

import polars as pl

from dashboard.domain.statistics import MILLION, per, ratio
from etl.metrics.dimensions import narrowed, periods, with_team_then
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry, between, of_population
from etl.metrics.service import after
from etl.metrics.shaping import COUNT, grouped, noted, shaped

USUAL_HOURS = 1.0
"""The effort of a task that states none."""


def due_when_it_began(inquiry: Inquiry) -> pl.DataFrame:
    """Each task's due date in force when the window began, or at its creation if it was created later: row, due.

    A task that had none then takes the first one it was given afterwards.
    """
    start = inquiry.instant_of_start()
    before = pl.lit(False) if start is None else pl.col("effective_at") <= start
    due = pl.col("due_on")
    in_force = pl.when(before.any()).then(due.filter(before).last()).otherwise(due.first())
    given_later = due.filter(~before).drop_nulls().first()
    timeline = inquiry.view.timeline("task")
    return timeline.group_by("row", maintain_order=True).agg(pl.coalesce(in_force, given_later).alias("due"))


def due_tasks(inquiry: Inquiry) -> pl.DataFrame:
    """The tasks due in the window that were not cancelled, with their dimensions.

    hours (Int64, millionths), on_time and late (Boolean: done by, or after, that due date).
    """
    dated = inquiry.view.records("task").join(due_when_it_began(inquiry), on="row", how="left", maintain_order="left")
    asked, done = inquiry.question, pl.col("status") == "done"
    due = pl.col("due").is_not_null() & between(pl.col("due"), asked.since, asked.until)
    tasks = of_population(dated, inquiry.population.of("task")).filter((pl.col("status") != "cancelled") & due)
    if inquiry.needed & {"team", "region"}:
        tasks = with_team_then(inquiry, tasks, "assignee_id", after(pl.col("due"), inquiry.zone))
        places = (pl.col("person_team").alias("team"), pl.coalesce("region_id", "person_region").alias("region"))
        tasks = tasks.with_columns(places)
    named = tasks.with_columns(
        pl.col("assignee_id").alias("person"),
        (pl.col("effort_hours").fill_null(USUAL_HOURS) * MILLION).round(0).cast(pl.Int64).alias("hours"),
        (done & (pl.col("done_on") <= pl.col("due"))).fill_null(False).alias("on_time"),
        (done & (pl.col("done_on") > pl.col("due"))).fill_null(False).alias("late"),
        *periods(inquiry.needed, pl.col("due")),
    )
    return narrowed(inquiry, named)


def task_completion(inquiry: Inquiry) -> Found:
    """value: (effort done on time + half the effort done late) / effort of n tasks due in the window.

    hours, on_time_hours, late_hours, open_hours (Float64). Weighed by effort, it has no Wilson interval.
    """
    hours = pl.col("hours")
    tasks = due_tasks(inquiry)
    rows = grouped(
        tasks,
        inquiry.by,
        COUNT.alias("n"),
        hours.sum().alias("hours"),
        hours.filter("on_time").sum().alias("on_time_hours"),
        hours.filter("late").sum().alias("late_hours"),
    )
    earned = pl.col("on_time_hours") * 2 + pl.col("late_hours")
    answer = rows.with_columns(
        ratio(earned, pl.col("hours") * 2).alias("value"),
        pl.when(pl.col("hours") == 0).then(pl.lit("no_tasks")).alias("reason"),
        (pl.col("hours") - pl.col("on_time_hours") - pl.col("late_hours")).alias("open_hours"),
    ).with_columns(per(pl.col("^(.*_)?hours$"), MILLION))
    notes = noted(("without_effort", tasks["effort_hours"].null_count()))
    return shaped(inquiry, answer, "hours", "on_time_hours", "late_hours", "open_hours"), notes

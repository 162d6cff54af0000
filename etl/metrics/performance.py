"""The performance score of a person: sales result, satisfaction and task completion, weighed."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose

import polars as pl

from dashboard.domain.metrics import COMPONENTS
from dashboard.domain.statistics import per, ratio
from dashboard.errors import Refused
from etl.metrics.attainments import attainment
from etl.metrics.dimensions import keeps, with_team_now
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry
from etl.metrics.service import csat
from etl.metrics.shaping import shaped
from etl.metrics.tasks import task_completion

BEST_ATTAINMENT = 1.2
"""Attainment above this adds nothing."""

WHOLE = 100.0


def performance_score(inquiry: Inquiry) -> Found:
    """value: Σ weight × component / Σ weight of the components present, 0 to 100; n: how many are present.

    sales_result, satisfaction, task_completion (Float64, 0 to 100, null when missing), attainment (Float64), ratings,
    tasks (Int64), missing (List(String): the weighed components without a value).
    """
    weights = checked(inquiry.question.weights)
    rows = scored(components(inquiry), {name: weight for name, weight in weights.items() if weight > 0})
    return shaped(inquiry, rows.sort("person"), *COMPONENTS, "attainment", "ratings", "tasks", "missing"), ()


def checked(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights as numbers; Refused unless they are of known components, not negative, and sum to 100."""
    given = {name: float(weight) for name, weight in weights.items()}
    total = sum(given.values())
    if given.keys() - COMPONENTS.keys() or min(given.values(), default=0) < 0 or not isclose(total, WHOLE):
        raise Refused("metric.weights", total=total, components=list(COMPONENTS))
    return given


def scored(rows: pl.DataFrame, weights: dict[str, float]) -> pl.DataFrame:
    """The rows with value, n, reason and missing."""
    present = {name: pl.col(name).is_not_null() for name in weights}
    earned = pl.sum_horizontal(pl.col(name) * weight for name, weight in weights.items())
    weight = pl.sum_horizontal(pl.when(there).then(weights[name]).otherwise(0.0) for name, there in present.items())
    absent = pl.concat_list(pl.when(~there).then(pl.lit(name)) for name, there in present.items()).list.drop_nulls()
    return rows.with_columns(
        ratio(earned, weight).alias("value"),
        pl.sum_horizontal(there.cast(pl.Int64) for there in present.values()).alias("n"),
        pl.when(weight == 0).then(pl.lit("no_component")).alias("reason"),
        absent.alias("missing"),
    )


def components(inquiry: Inquiry) -> pl.DataFrame:
    """One row per person in scope who has a target, a credit, a rating or a task in the window."""
    only = {name: keys for name, keys in inquiry.question.where.items() if name == "person"}
    sales, _ = attainment(inquiry.asking("attainment", by=("person",), where=only))
    ratings, _ = csat(inquiry.asking("csat", by=("person",), where=only))
    tasks, _ = task_completion(inquiry.asking("task_completion", by=("person",), where=only))
    result = per(pl.col("value").clip(0.0, BEST_ATTAINMENT), BEST_ATTAINMENT) * WHOLE
    satisfied = pl.when("enough").then(pl.col("low") * WHOLE)
    parts = [
        sales.select("person", pl.col("value").alias("attainment"), result.alias("sales_result")),
        ratings.select("person", pl.col("n").alias("ratings"), satisfied.alias("satisfaction")),
        tasks.select("person", pl.col("n").alias("tasks"), (pl.col("value") * WHOLE).alias("task_completion")),
    ]
    people = pl.concat([part.select("person") for part in (*parts, asked_for(only))]).unique().drop_nulls()
    joined = in_scope(inquiry, people)
    for part in parts:
        joined = joined.join(part, on="person", how="left")
    return joined.with_columns(pl.col("ratings", "tasks").fill_null(0))


def asked_for(only: dict[str, list[str]]) -> pl.DataFrame:
    """The people named in the filter, who are shown even when they have nothing."""
    return pl.DataFrame({"person": [key for key in only.get("person", []) if key]}, schema={"person": pl.String})


def in_scope(inquiry: Inquiry, people: pl.DataFrame) -> pl.DataFrame:
    """The people whose results may be seen, of the teams asked for."""
    known = inquiry.view.reference("person").filter(~pl.col("archived")).select(pl.col("id").alias("person"))
    seen = people.join(known, on="person", how="semi")
    if inquiry.population.people is not None:
        seen = seen.filter(pl.col("person").is_in(inquiry.population.people.unique().implode()))
    teams = inquiry.question.where.get("team")
    if teams is None:
        return seen
    placed = with_team_now(inquiry, seen, "person").rename({"person_team": "team"})
    return placed.filter(keeps("team", teams)).select("person")

"""Twelve months of a metric, with the target of each month where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from dashboard.domain import charting
from dashboard.domain.charts import ChartSpec
from dashboard.domain.periods import Period, add_months, month_of, quarter_of
from dashboard.ui import charts, explain
from dashboard.ui.filters import Standpoint
from dashboard.ui.readings import name_of
from dashboard.ui.visit import Visit
from etl.metrics import Answer

MONTHS, QUARTERS = 12, 6
MONTHS_OF = {"month": 1, "quarter": 3}
MONTHS_BEHIND = {"month": MONTHS, "quarter": 3 * QUARTERS}
LEAST_POINTS = 3
TARGET_MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Where targets may stand: those of a month as they are, longer ones as an equal part for each of their months."""


def year_behind(seen: Standpoint) -> Standpoint:
    """The view of the twelve months up to the day, or to the end of the period when that is earlier."""
    last = month_of(min(seen.day, seen.period.last))
    return seen.over(Period(add_months(last.since, 1 - MONTHS), last.until))


def quarters_behind(seen: Standpoint) -> Standpoint:
    """The view of the whole quarters before that of the day: what is attained of a part says little beside them."""
    now = quarter_of(min(seen.day, seen.period.last)).since
    return seen.over(Period(add_months(now, -3 * QUARTERS), now))


def line(visit: Visit, seen: Standpoint, metric: str, unit: str, *, target: bool) -> list[float] | None:
    """A metric through the last months, the present one as far as it has gone, or the whole quarters before; None for
    too few to see where it goes. target: whether it is asked of the holder of a target."""
    behind = year_behind(seen) if unit == "month" else quarters_behind(seen)
    answer = visit.answer(behind.ask_target(metric, unit) if target else behind.ask(metric, unit))
    firsts = [add_months(behind.period.since, n) for n in range(0, MONTHS_BEHIND[unit], MONTHS_OF[unit])]
    values = [value for value in values_of(visit, metric, unit, firsts, answer) if value is not None]
    return values if len(values) >= LEAST_POINTS else None


def values_of(visit: Visit, metric: str, unit: str, firsts: Sequence[date], answer: Answer) -> list[float | None]:
    """The value of each month or quarter by its first day, as people count it."""
    scale, found = visit.scale(metric), {row[unit]: row["value"] for row in answer.frame.to_dicts()}
    nothing = 0.0 if metric == "won_amount" and found else None  # unknown for a rate without a deal
    values = [found.get(first.isoformat()) for first in firsts]
    return [nothing if value is None else float(scale.of(value)) for value in values]


def board(visit: Visit, seen: Standpoint, metric: str, key: str, *, targets: bool = False) -> None:
    """The trend of a metric."""
    year = year_behind(seen)
    question = year.ask(metric, "month")
    answer = visit.answer(question)
    spec = visit.once(("trend", year, metric, targets), lambda: spec_of(visit, year, metric, answer, targets))
    with charts.head(spec):
        explain.answer(visit, year, question, answer, key)
    charts.draw(visit, spec, key, f"empty.{metric}")


def spec_of(visit: Visit, year: Standpoint, metric: str, answer: Answer, targets: bool) -> ChartSpec:
    """The chart of a metric by month."""
    months = [add_months(year.period.since, n) for n in range(MONTHS)]
    scale = visit.scale(metric)
    values = values_of(visit, metric, "month", months, answer)
    counts = {row["month"]: row["n"] or 0 for row in answer.frame.to_dicts()}
    running = frozenset(place for place, month in enumerate(months) if year.day < month_of(month).last)
    goals, name = monthly_targets(visit, year, months) if targets else ([], "")
    return charting.trend(
        name_of(visit, metric),
        months,
        values,
        [counts.get(month.isoformat(), 0) for month in months],
        scale,
        running,
        goals,
        name,
    )


def monthly_targets(visit: Visit, year: Standpoint, months: list[date]) -> tuple[list[float | None], str]:
    """The target of each month, from the shortest periods that have any, and what the line is called."""
    scale = visit.scale("won_amount")
    wider = year.over(Period(add_months(year.period.since, -11), add_months(year.period.until, 11)))
    for unit, length in TARGET_MONTHS.items():
        question = replace(wider.ask_target("attainment"), by=(unit,))
        rows = visit.answer(question).frame.filter(pl.col("target") > 0)
        by_start = {date.fromisoformat(row[unit]): scale.of(row["target"]) / length for row in rows.to_dicts()}
        goals = [
            next((goal for start, goal in by_start.items() if start <= month < add_months(start, length)), None)
            for month in months
        ]
        if any(goal is not None for goal in goals):
            return goals, visit.text(f"chart.trend.target_{unit}")
    return [], ""

"""Which function computes each metric, and which records stand behind its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from etl.metrics import attainments, closings, deliveries, funnels, performance, pipelines, service, tasks
from etl.metrics.funnels import Found
from etl.metrics.inquiries import Inquiry


class Formula(NamedTuple):
    """compute: the answer's rows and notes; entity and behind: the records that were counted (a frame with `id`)."""

    compute: Callable[[Inquiry], Found]
    entity: str
    behind: Callable[[Inquiry], pl.DataFrame]


def people_behind(inquiry: Inquiry) -> pl.DataFrame:
    """The people who have a score."""
    return performance.components(inquiry).select(pl.col("person").alias("id"))


FORMULAS: dict[str, Formula] = {
    "stage_entered": Formula(funnels.stage_entered, "deal", funnels.first_entries),
    "step_conversion": Formula(funnels.step_conversion, "deal", funnels.step_entries),
    "step_conversion_flow": Formula(funnels.step_conversion_flow, "deal", funnels.stays),
    "funnel": Formula(funnels.funnel, "deal", funnels.cohort),
    "win_rate": Formula(closings.win_rate, "deal", closings.judged_deals),
    "win_rate_created": Formula(closings.win_rate_created, "deal", closings.created_deals),
    "sales_cycle_days": Formula(closings.sales_cycle_days, "deal", closings.won_deals),
    "weighted_pipeline": Formula(pipelines.weighted_pipeline, "deal", pipelines.weighted_lines),
    "open_pipeline": Formula(pipelines.open_pipeline, "deal", pipelines.open_lines),
    "won_amount": Formula(pipelines.won_amount, "deal", pipelines.won_lines),
    "credit": Formula(pipelines.credit, "deal", pipelines.credit_lines),
    "attainment": Formula(attainments.attainment, "deal", attainments.deals_behind),
    "coverage": Formula(attainments.coverage, "deal", attainments.deals_behind),
    "run_rate": Formula(pipelines.run_rate, "deal", pipelines.won_lines),
    "csat": Formula(service.csat, "rating", service.rated),
    "task_completion": Formula(tasks.task_completion, "task", tasks.due_tasks),
    "delivery_on_time": Formula(deliveries.delivery_on_time, "order", deliveries.late_or_there),
    "performance_score": Formula(performance.performance_score, "person", people_behind),
}
"""Every metric of dashboard.domain.metrics by name."""

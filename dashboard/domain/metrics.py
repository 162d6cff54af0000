"""Every metric as one row of a table: what it counts, whose records it needs, how it may be grouped and drawn."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from dashboard.domain.access import Family


class Unit(StrEnum):
    """What a metric's value is."""

    COUNT = "count"  # Int64
    SHARE = "share"  # Float64, 0 to 1 (attainment and coverage may exceed 1)
    MONEY = "money"  # Int64, 1/10,000 of the company currency
    DAYS = "days"  # Float64
    SCORE = "score"  # Float64, 0 to 100


class Chart(StrEnum):
    """How a metric is drawn unless a page asks otherwise."""

    FUNNEL = "funnel"
    BULLET = "bullet"
    RANKING = "ranking"
    LINE = "line"
    NUMBER = "number"


class Dimension(BaseModel):
    """What a metric is grouped or filtered by. The key is the id of an `entity`, a word, or a period's first day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    entity: str | None = None
    period: bool = False


DIMENSIONS: dict[str, Dimension] = {
    found.name: found
    for found in (
        Dimension(name="person", entity="person"),
        Dimension(name="team", entity="team"),
        Dimension(name="region", entity="region"),
        Dimension(name="source", entity="list_value"),
        Dimension(name="industry", entity="industry"),
        Dimension(name="customer", entity="customer"),
        Dimension(name="product", entity="product"),
        Dimension(name="stage", entity="stage"),
        Dimension(name="lost_reason", entity="list_value"),
        Dimension(name="category"),  # forecast category of a deal
        Dimension(name="kind"),  # kind of a task
        Dimension(name="priority"),  # priority of a task
        Dimension(name="level"),  # level of a target: person, team, company; a filter, never a grouping
        Dimension(name="period", period=True),  # of a target, by its first day
        Dimension(name="week", period=True),
        Dimension(name="month", period=True),
        Dimension(name="quarter", period=True),
        Dimension(name="year", period=True),
    )
}
"""Every dimension by name. Labels stand in data/locales as `dimension.<name>`."""


class Metric(BaseModel):
    """One definition. Texts stand in data/locales as `metric.<name>.name`, `.definition` and `.population`.

    entities: whose record ids the population must hold; needs: by entity, the fields that must be clear for whoever
    asks; dimensions: what `by` may name; filters: what `where` may name besides; always: the dimensions that every
    answer has; money: the columns beside value that are money too (Int64, 1/10,000); share_of: whether value is a part
    of n, shown with a Wilson 95 % interval; window: whether `since` and `until` must be given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    family: Family
    unit: Unit
    entities: tuple[str, ...]
    needs: dict[str, tuple[str, ...]]
    dimensions: tuple[str, ...]
    chart: Chart
    filters: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    share_of: bool = False
    window: bool = False

    def grouping(self, by: tuple[str, ...]) -> tuple[str, ...]:
        """What the answer is grouped by: what was asked for, then what every answer has."""
        return (*by, *(name for name in self.always if name not in by))


PERIODS = "week month quarter year"
OF_DEALS = f"person team region source industry customer product lost_reason category {PERIODS}"
OF_TARGETS = f"person team period {PERIODS}"
STAGES = ("stage_id", "stage_type", "stage_rank")
CLOSING = ("stage_type", "closed_on")
AMOUNTS = ("amount", "base_amount")
CREDITS = ("share", "amount")
TARGETS = ("level", "starts_on", "ends_on", "amount")

NEEDED = ("deal", "deal_credit", "target", "rating", "task", "order", "shipment")
"""The entities whose records metrics count."""


def metric(
    name: str, unit: Unit, dimensions: str, chart: Chart, family: Family = Family.SALES, **more: object
) -> Metric:
    """One row of the table: dimensions, filters, always and money are separated by blanks."""
    words = {key: tuple(str(more.pop(key, "")).split()) for key in ("filters", "always", "money")}
    needs = {key: more.pop(key) for key in NEEDED if key in more}
    entities = tuple(key for key in needs if key != "deal_credit")  # a credit is seen with its deal
    values = {**words, **more, "needs": needs, "entities": entities, "dimensions": tuple(dimensions.split())}
    return Metric.model_validate({"name": name, "unit": unit, "chart": chart, "family": family, **values})


METRICS: dict[str, Metric] = {
    found.name: found
    for found in (
        metric(
            "stage_entered",
            Unit.COUNT,
            f"stage {OF_DEALS}",
            Chart.LINE,
            always="stage",
            deal=STAGES,
        ),
        metric(
            "step_conversion",
            Unit.SHARE,
            f"stage {OF_DEALS}",
            Chart.RANKING,
            always="stage",
            share_of=True,
            deal=STAGES,
        ),
        metric(
            "step_conversion_flow",
            Unit.SHARE,
            f"stage {OF_DEALS}",
            Chart.RANKING,
            always="stage",
            share_of=True,
            deal=STAGES,
        ),
        metric(
            "funnel",
            Unit.COUNT,
            f"stage {OF_DEALS}",
            Chart.FUNNEL,
            always="stage",
            money="amount",
            deal=("created_on", *STAGES, *AMOUNTS),
            deal_credit=CREDITS,
        ),
        metric(
            "win_rate",
            Unit.SHARE,
            OF_DEALS,
            Chart.RANKING,
            share_of=True,
            deal=(*CLOSING, "lost_reason_id"),
        ),
        metric(
            "win_rate_created",
            Unit.SHARE,
            OF_DEALS,
            Chart.LINE,
            share_of=True,
            deal=("created_on", *CLOSING),
        ),
        metric("sales_cycle_days", Unit.DAYS, OF_DEALS, Chart.RANKING, deal=("created_on", *CLOSING)),
        metric(
            "weighted_pipeline",
            Unit.MONEY,
            f"stage {OF_DEALS}",
            Chart.RANKING,
            money="open won",
            deal=(*CLOSING, *AMOUNTS, "probability", "expected_close_on"),
            deal_credit=CREDITS,
        ),
        metric(
            "open_pipeline",
            Unit.MONEY,
            f"stage {OF_DEALS}",
            Chart.RANKING,
            deal=("stage_type", *AMOUNTS, "expected_close_on"),
            deal_credit=CREDITS,
        ),
        metric("won_amount", Unit.MONEY, OF_DEALS, Chart.RANKING, deal=(*CLOSING, *AMOUNTS), deal_credit=CREDITS),
        metric("credit", Unit.MONEY, OF_DEALS, Chart.RANKING, deal=(*CLOSING, *AMOUNTS), deal_credit=CREDITS),
        metric(
            "attainment",
            Unit.SHARE,
            OF_TARGETS,
            Chart.BULLET,
            money="won target members_target",
            filters="level",
            deal=(*CLOSING, *AMOUNTS),
            deal_credit=CREDITS,
            target=TARGETS,
        ),
        metric(
            "coverage",
            Unit.SHARE,
            OF_TARGETS,
            Chart.BULLET,
            money="open won target remaining",
            filters="level",
            deal=(*CLOSING, *AMOUNTS, "expected_close_on"),
            deal_credit=CREDITS,
            target=TARGETS,
        ),
        metric(
            "run_rate",
            Unit.MONEY,
            "person team region",
            Chart.NUMBER,
            money="won",
            filters="source industry customer product",
            window=True,
            deal=(*CLOSING, *AMOUNTS),
            deal_credit=CREDITS,
        ),
        metric(
            "csat",
            Unit.SHARE,
            f"person team region customer {PERIODS}",
            Chart.RANKING,
            Family.SERVICE,
            share_of=True,
            rating=("score", "rated_on"),
        ),
        metric(
            "task_completion",
            Unit.SHARE,
            f"person team region kind priority {PERIODS}",
            Chart.RANKING,
            task=("effort_hours", "due_on", "status", "done_on"),
        ),
        metric(
            "delivery_on_time",
            Unit.SHARE,
            f"person team region customer {PERIODS}",
            Chart.RANKING,
            Family.DELIVERY,
            share_of=True,
            order=("status", "promised_on", "delivery_state"),
            shipment=("order_id", "delivered_on"),
        ),
        metric(
            "performance_score",
            Unit.SCORE,
            "person",
            Chart.RANKING,
            filters="team",
            always="person",
            window=True,
            deal=(*CLOSING, *AMOUNTS),
            deal_credit=CREDITS,
            target=TARGETS,
            rating=("score", "rated_on"),
            task=("effort_hours", "due_on", "status", "done_on"),
        ),
    )
}
"""Every metric by name."""


COMPONENTS: dict[str, int] = {"sales_result": 60, "satisfaction": 20, "task_completion": 20}
"""The components of performance_score and their weights unless others are given; they sum to 100."""

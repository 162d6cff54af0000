"""Which facts the marts are made of: the columns of each entity's history, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import polars as pl

from dashboard.domain.entities import ENTITIES
from dashboard.domain.fields import Kind

FACT_TYPES: dict[Kind, pl.DataType] = {
    Kind.MONEY: pl.Int64(),  # 1/10,000 of the unit
    Kind.PRICE: pl.Float64(),
    Kind.NUMBER: pl.Float64(),
    Kind.SHARE: pl.Float64(),
    Kind.INTEGER: pl.Int64(),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us"),
    Kind.FLAG: pl.Boolean(),
}
"""How a fact of a kind arrives; every other kind is text."""

FACT_SYSTEM: dict[str, pl.DataType] = {
    "id": pl.String(),
    "version": pl.Int64(),
    "revision": pl.Int64(),
    "effective_at": pl.Datetime("us"),
    "recorded_at": pl.Datetime("us"),
    "verb": pl.String(),
    "changed": pl.String(),
    "archived_at": pl.Datetime("us"),
}
"""What every fact carries."""


@dataclass(frozen=True)
class Source:
    """One entity's part in the marts.

    columns: its fields in the marts; codes: those with few distinct values, kept as Categorical; follows: fields that
    the store derives from another one, so that a change that states the other states them too.
    """

    entity: str
    columns: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    follows: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of each column."""
        return {name: ENTITIES[self.entity].by_name[name].kind for name in self.columns}

    def fact_type(self, name: str) -> pl.DataType:
        """How the column arrives."""
        return FACT_TYPES.get(self.kinds[name], pl.String())

    def mart_type(self, name: str) -> pl.DataType:
        """How the column is kept."""
        return cast(pl.DataType, pl.Categorical()) if name in self.codes else self.fact_type(name)

    def stated_by(self, name: str) -> tuple[str, ...]:
        """The names in `changed` that state the column."""
        return (name, *self.follows.get(name, ()))


def source(entity: str, columns: str, codes: str = "", **follows: str) -> Source:
    """One row of the table: names are separated by blanks."""
    return Source(
        entity,
        tuple(columns.split()),
        frozenset(codes.split()),
        {name: tuple(others.split()) for name, others in follows.items()},
    )


TABLE: dict[str, Source] = {
    found.entity: found
    for found in (
        source(
            "deal",
            "customer_id owner_id region_id source_id created_on stage_id stage_type stage_rank base_amount "
            "probability forecast_category expected_close_on closed_on closed_owner_id closed_team_id closed_region_id "
            "lost_reason_id",
            codes="owner_id region_id source_id stage_id stage_type forecast_category closed_owner_id closed_team_id "
            "closed_region_id lost_reason_id",
            stage_type="stage_id",
            stage_rank="stage_id",
            base_amount="amount currency",
        ),
        source(
            "deal_credit",
            "deal_id person_id share amount team_id region_id",
            codes="person_id team_id region_id",
            team_id="amount",
            region_id="amount",
        ),
        source("deal_product", "deal_id product_id quantity amount", codes="product_id"),
        source(
            "customer", "industry_id region_id source_id level owner_id", codes="industry_id region_id source_id level"
        ),
        source("person", "team_id region_id active", codes="team_id region_id"),
        source("team", "parent_id manager_id region_id"),
        source("stage", "code type rank probability active"),
        source("list_value", "list code counts"),
        source("target", "level person_id team_id starts_on ends_on amount stretch_amount challenge_amount"),
        source(
            "task",
            "assignee_id region_id kind priority effort_hours created_on due_on status done_on",
            codes="assignee_id region_id kind priority status",
        ),
        source("rating", "customer_id person_id score rated_on", codes="person_id"),
        source("calendar_day", "day working"),
        source(
            "order",
            "customer_id owner_id region_id channel status ordered_on promised_on delivery_state base_amount "
            "closed_team_id deal_id",
            codes="owner_id region_id channel status delivery_state closed_team_id",
            base_amount="amount currency",
        ),
        source("shipment", "order_id delivered_on"),
        source("order_line", "order_id product_id quantity amount", codes="product_id"),
    )
}
"""The sources by entity."""

SOURCES: dict[str, tuple[str, ...]] = {name: found.columns for name, found in TABLE.items()}
"""The columns that `store.facts` is asked for, by entity."""


def no_facts(entity: str) -> pl.DataFrame:
    """An empty frame of facts of an entity."""
    columns = TABLE[entity]
    return pl.DataFrame(schema={**FACT_SYSTEM, **{name: columns.fact_type(name) for name in columns.columns}})

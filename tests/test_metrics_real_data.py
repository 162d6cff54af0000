"""The metrics over real pipelines and quotas, against numbers worked out elsewhere."""

from __future__ import annotations

import os
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from dashboard.domain.metrics import METRICS
from etl.marts import Marts, build, no_facts
from etl.metrics import Answer, Population, Question, compute
from tests.mart_book import ZONE, keyed, one

pytestmark = pytest.mark.real_data

FOLDER = Path(os.environ.get("SALES_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
STAGES = {"Prospecting": ("open", 1), "Engaging": ("open", 2), "Won": ("won", None), "Lost": ("lost", None)}
TENTHS_OF_A_MILL = 10_000


def table(name: str) -> pl.DataFrame:
    """One file of the real data; skips the test when it is not there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    return pl.read_csv(path, infer_schema=False)


def facts(entity: str, rows: pl.DataFrame, on: str = "created_on") -> pl.DataFrame:
    """Rows as whole records that happened at noon of a day; a second row of an id is a later version."""
    version = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("id")
    noon = pl.col(on).cast(pl.Datetime("us")) + pl.duration(hours=4)
    full = rows.with_columns(
        version.alias("version"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("revision"),
        noon.alias("effective_at"),
    ).with_columns(
        pl.col("effective_at").alias("recorded_at"), pl.lit("create").alias("verb"), pl.lit("*").alias("changed")
    )
    return pl.concat([no_facts(entity), full], how="diagonal").select(no_facts(entity).columns)


def stage_facts() -> pl.DataFrame:
    """The four stages."""
    rows = [{"id": name, "code": name, "type": kind, "rank": rank} for name, (kind, rank) in STAGES.items()]
    return facts("stage", pl.DataFrame(rows).with_columns(pl.lit(date(2010, 1, 1)).alias("on")), "on")


def in_stage(stage: pl.Expr) -> list[pl.Expr]:
    """What history states at an entry into a stage."""
    types = {name: kind for name, (kind, _) in STAGES.items()}
    ranks = {name: rank for name, (_, rank) in STAGES.items()}
    return [
        stage.alias("stage_id"),
        stage.replace_strict(types, return_dtype=pl.String).alias("stage_type"),
        stage.replace_strict(ranks, return_dtype=pl.Int64).alias("stage_rank"),
    ]


def money(name: str) -> pl.Expr:
    """A text amount in 1/10,000."""
    return (pl.col(name).cast(pl.Decimal(18, 4)) * TENTHS_OF_A_MILL).cast(pl.Int64)


@cache
def maven() -> Marts:
    """The hardware seller's deals: created on the day they were engaged, undated ones on the last day of the data."""
    raw = table("maven_crm/sales_pipeline.csv").select(
        pl.col("opportunity_id").alias("id"),
        pl.col("sales_agent").alias("owner_id"),
        pl.col("deal_stage").alias("final"),
        pl.col("engage_date").str.to_date("%Y-%m-%d", strict=False).fill_null(date(2017, 12, 31)).alias("created_on"),
        pl.col("close_date").str.to_date("%Y-%m-%d", strict=False).alias("closed_on"),
        money("close_value").alias("base_amount"),
    )
    first = pl.when(pl.col("final") == "Prospecting").then(pl.lit("Prospecting")).otherwise(pl.lit("Engaging"))
    made = raw.with_columns(
        *in_stage(first), pl.lit(None, dtype=pl.Date).alias("closed_on"), pl.col("created_on").alias("on")
    )
    ended = raw.filter(pl.col("closed_on").is_not_null()).with_columns(
        *in_stage(pl.col("final")), pl.col("closed_on").alias("on")
    )
    deals = pl.concat([made, ended]).with_columns(pl.col("owner_id").alias("closed_owner_id"))
    return build({"stage": stage_facts(), "deal": facts("deal", deals, "on")}, 1, ZONE)


@cache
def adventureworks() -> Marts:
    """The orders of sales people as won deals, and their quotas as targets up to the next quota."""
    orders = table("adventureworks/SalesOrderHeader.csv").filter(pl.col("SalesPersonID").is_not_null())
    day = pl.col("OrderDate").str.slice(0, 10).str.to_date("%Y-%m-%d")
    deals = orders.select(
        pl.col("SalesOrderID").alias("id"),
        day.alias("created_on"),
        day.alias("closed_on"),
        money("SubTotal").alias("base_amount"),
        pl.col("SalesPersonID").alias("owner_id"),
        pl.col("SalesPersonID").alias("closed_owner_id"),
        *in_stage(pl.lit("Won")),
    )
    credits_ = deals.select(
        (pl.col("id") + "/c").alias("id"), pl.col("id").alias("deal_id"), pl.col("owner_id").alias("person_id"),
        pl.col("base_amount").alias("amount"), pl.lit(1.0).alias("share"), "created_on",
    )  # fmt: skip
    quotas = table("adventureworks/SalesPersonQuotaHistory.csv")
    starts = quotas.select(pl.col("QuotaDate").str.slice(0, 10).str.to_date("%Y-%m-%d").alias("starts_on")).unique()
    ends = starts.sort("starts_on").with_columns(
        pl.col("starts_on").shift(-1).fill_null(date(2014, 7, 1)).alias("ends_on")
    )
    targets = quotas.select(
        pl.col("SalesPersonQuotaHistoryID").alias("id"),
        pl.lit("person").alias("level"),
        pl.col("BusinessEntityID").alias("person_id"),
        pl.col("QuotaDate").str.slice(0, 10).str.to_date("%Y-%m-%d").alias("starts_on"),
        money("SalesQuota").alias("amount"),
    ).join(ends, on="starts_on", how="left")
    return build(
        {
            "stage": stage_facts(),
            "deal": facts("deal", deals),
            "deal_credit": facts("deal_credit", credits_),
            "target": facts("target", targets, "starts_on"),
        },
        1,
        ZONE,
    )


def ask(marts: Marts, name: str, since: date | None = None, until: date | None = None, by: str = "") -> Answer:
    """A metric for everybody."""
    question = Question(name, since, until, tuple(by.split()), today=date(2026, 11, 23))
    return compute(question, marts, Population.everything(METRICS[name]))


def test_maven_reaches_each_stage() -> None:
    assert keyed(ask(maven(), "funnel")) == {"Prospecting": 8800, "Engaging": 8300, "Won": 4238}


def test_maven_wins_and_takes_its_time() -> None:
    assert one(ask(maven(), "win_rate"))["value"] == 4238 / 6711
    cycle = one(ask(maven(), "sales_cycle_days"))
    assert (cycle["value"], cycle["mean"]) == (57.0, pytest.approx(51.78, abs=5e-3))
    assert one(ask(maven(), "won_amount"))["value"] == 10_005_534 * TENTHS_OF_A_MILL


def test_the_first_quota_period_of_adventureworks() -> None:
    first = (date(2011, 5, 31), date(2011, 8, 31))
    whole = one(ask(adventureworks(), "attainment", *first))
    assert round(whole["won"] / TENTHS_OF_A_MILL, 2) == 3_193_633.97
    assert whole["target"] == 3_886_000 * TENTHS_OF_A_MILL
    assert whole["value"] == pytest.approx(0.822, abs=5e-4)
    answer = ask(adventureworks(), "attainment", *first, by="person")
    assert round(keyed(answer, "won")["275"] / TENTHS_OF_A_MILL, 2) == 304_755.60
    assert keyed(answer)["275"] == pytest.approx(0.830, abs=5e-4)
    assert keyed(answer, "target")["275"] == 367_000 * TENTHS_OF_A_MILL


def test_the_last_period_ends_with_the_data() -> None:
    last = ask(adventureworks(), "attainment", by="person period").frame["period"].max()
    assert last == "2014-03-01"
    assert one(ask(adventureworks(), "attainment", date(2014, 3, 1), date(2014, 7, 1)))["target"] > 0
    assert (
        one(ask(adventureworks(), "attainment", date(2014, 3, 1), date(2014, 7, 1) - timedelta(days=1)))["target"] == 0
    )

"""Every number over real data equals the same number computed in plain SQL straight from the source files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboard.actions.measure import measure
from dashboard.domain.access import operator
from dashboard.jobs import Desk
from etl.metrics import Answer, Question

pytestmark = pytest.mark.real_data

TODAY = date(2026, 11, 23)
DAY_AFTER = date(2018, 1, 1)
UNITS = 10_000


@pytest.fixture(scope="module")
def maven_sql(real_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files of maven_crm as views of an engine that knows nothing of the application."""
    with duckdb.connect() as sql:
        for name in ("sales_pipeline", "sales_teams", "accounts"):
            path = real_data / "maven_crm" / f"{name}.csv"
            sql.execute(f"CREATE VIEW {name} AS SELECT * FROM read_csv('{path}', header = true, all_varchar = true)")
        sql.execute(
            """CREATE VIEW deals AS SELECT p.*, t.manager, t.regional_office,
                   coalesce(engage_date, '2017-12-31')::DATE AS created, close_date::DATE AS closed,
                   CASE WHEN deal_stage = 'Won' THEN close_value::BIGINT END AS won
               FROM sales_pipeline p JOIN sales_teams t USING (sales_agent)"""
        )
        yield sql


@pytest.fixture(scope="module")
def adventure_sql(real_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Orders and quotas of adventureworks, with each quota's period."""
    folder = real_data / "adventureworks"
    with duckdb.connect() as sql:
        for name in ("SalesOrderHeader", "SalesPersonQuotaHistory", "SalesPersonNames"):
            source = f"read_csv('{folder / f'{name}.csv'}', header = true, all_varchar = true)"
            sql.execute(f"CREATE VIEW {name} AS SELECT * FROM {source}")
        sql.execute(
            """CREATE VIEW quotas AS SELECT BusinessEntityID AS person, QuotaDate::TIMESTAMP::DATE AS starts,
                   coalesce(lead(QuotaDate::TIMESTAMP::DATE) OVER (
                       PARTITION BY BusinessEntityID ORDER BY QuotaDate::TIMESTAMP), DATE '2014-07-01') AS ends,
                   SalesQuota::DECIMAL(18,4) AS quota
               FROM SalesPersonQuotaHistory"""
        )
        yield sql


def ask(desk: Desk, name: str, **more: object) -> Answer:
    """The answer for everybody's records."""
    assert desk.marts is not None
    return measure(desk.store, desk.marts, operator(), Question(name, today=TODAY, **more))  # type: ignore[arg-type]


def values(desk: Desk, answer: Answer, entity: str, dimension: str) -> dict[str | None, object]:
    """value by the name of a dimension's record."""
    names = desk.store.labels(entity, answer.frame[dimension].drop_nulls(), "en")
    rows = answer.frame.iter_rows(named=True)
    return {names.get(row[dimension]): row["value"] for row in rows}


def test_won_amount_of_every_agent(maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection) -> None:
    expected = dict(
        maven_sql.execute("SELECT sales_agent, sum(won) * 10000 FROM deals WHERE won IS NOT NULL GROUP BY 1").fetchall()
    )
    found = values(maven_desk, ask(maven_desk, "won_amount", by=("person",)), "person", "person")
    assert {name: value for name, value in found.items() if value} == {
        name: int(value) for name, value in expected.items()
    }


def test_won_amount_of_every_managers_team(maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection) -> None:
    expected = dict(maven_sql.execute("SELECT manager, sum(won) * 10000 FROM deals GROUP BY 1").fetchall())
    found = values(maven_desk, ask(maven_desk, "won_amount", by=("team",)), "team", "team")
    assert found == {name: int(value) for name, value in expected.items()}
    assert found["Melvin Marxen"] == 2_251_930 * UNITS


def test_win_rate_by_month_and_overall(maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT date_trunc('month', closed)::DATE::VARCHAR,
                   count(*) FILTER (deal_stage = 'Won') / count(*), count(*)
               FROM deals WHERE closed IS NOT NULL GROUP BY 1 ORDER BY 1"""
    answer = ask(maven_desk, "win_rate", by=("month",))
    found = [(row["month"], row["value"], row["n"]) for row in answer.frame.sort("month").iter_rows(named=True)]
    assert found == [(month, pytest.approx(share), n) for month, share, n in maven_sql.execute(query).fetchall()]
    whole = ask(maven_desk, "win_rate").frame.row(0, named=True)
    assert (whole["value"], whole["n"]) == (pytest.approx(4_238 / 6_711), 6_711)


def test_sales_cycle(maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT median(closed - created), avg(closed - created) FROM deals WHERE deal_stage = 'Won'"
    median, mean = maven_sql.execute(query).fetchone() or (None, None)
    row = ask(maven_desk, "sales_cycle_days").frame.row(0, named=True)
    assert (row["value"], row["mean"]) == (pytest.approx(median), pytest.approx(mean))
    assert (row["value"], round(row["mean"], 2)) == (57, 51.78)


@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (date(2017, 1, 1), date(2017, 4, 1)), (date(2017, 12, 31), DAY_AFTER)]
)
def test_funnel_of_a_cohort(
    maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection, since: date | None, until: date | None
) -> None:
    window = f"created >= '{since or date(2000, 1, 1)}' AND created < '{until or TODAY}'"
    counts = maven_sql.execute(
        f"""SELECT count(*), count(*) FILTER (deal_stage <> 'Prospecting'), count(*) FILTER (deal_stage = 'Won')
            FROM deals WHERE {window}"""
    ).fetchone()
    found = values(maven_desk, ask(maven_desk, "funnel", since=since, until=until), "stage", "stage")
    assert (found["Prospecting"], found["Engaging"], found["Won"]) == counts


def test_what_had_happened_by_a_day(maven_desk: Desk, maven_sql: duckdb.DuckDBPyConnection) -> None:
    day = date(2017, 6, 30)
    won = maven_sql.execute(f"SELECT sum(won) * 10000 FROM deals WHERE closed <= '{day}'").fetchone()
    answer = ask(maven_desk, "won_amount", as_of=day)
    assert won == (answer.frame["value"][0],)
    open_deals = maven_sql.execute(
        f"""SELECT count(*) FROM deals WHERE created <= '{day}' AND (closed IS NULL OR closed > '{day}')"""
    ).fetchone()
    assert open_deals == (ask(maven_desk, "open_pipeline", as_of=day).frame["n"][0],)


def test_attainment_of_every_person_and_period(adventure_desk: Desk, adventure_sql: duckdb.DuckDBPyConnection) -> None:
    expected = adventure_sql.execute(
        """SELECT n.Salesperson, q.starts::VARCHAR, coalesce(sum(round(o.SubTotal::DECIMAL(18,4), 2)), 0) / q.quota
           FROM quotas q JOIN SalesPersonNames n ON n.BusinessEntityID = q.person
           LEFT JOIN SalesOrderHeader o ON o.SalesPersonID = q.person
               AND o.OrderDate::DATE >= q.starts AND o.OrderDate::DATE < q.ends
           GROUP BY n.Salesperson, q.starts, q.quota"""
    ).fetchall()
    answer = ask(adventure_desk, "attainment", by=("person", "period"), where={"level": ["person"]})
    names = adventure_desk.store.labels("person", answer.frame["person"], "en")
    found = {(names[row["person"]], row["period"]): row["value"] for row in answer.frame.iter_rows(named=True)}
    assert len(found) == 163
    assert found == {(name, start): pytest.approx(value, abs=1e-6) for name, start, value in expected}


def test_attainment_of_the_first_period(adventure_desk: Desk) -> None:
    first = ask(adventure_desk, "attainment", by=("person", "period"), where={"level": ["person"]}).frame.filter(
        period="2011-05-31"
    )
    assert round(first["won"].sum() / UNITS, 2) == 3_193_633.97
    assert first["target"].sum() / UNITS == 3_886_000
    names = adventure_desk.store.labels("person", first["person"], "en")
    blythe = first.filter(first["person"].replace_strict(names) == "Michael Blythe").row(0, named=True)
    assert (round(blythe["won"] / UNITS, 2), round(blythe["value"], 3)) == (304_755.60, 0.830)

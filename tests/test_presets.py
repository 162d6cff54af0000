"""The shipped maps over the real data beside the project give the numbers of the specification, in every variant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dashboard.actions import imports, open_desk_store, submit
from dashboard.actions.measure import measure
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_ids
from dashboard.domain.seeds import seed_frames, with_ids
from dashboard.errors import Refused
from dashboard.jobs import Desk
from dashboard.store import Company, create_ring
from etl.ingest import preset, sources_from
from etl.metrics import Question
from tests.department import MASTER

pytestmark = pytest.mark.real_data

FOLDER = Path(os.environ.get("SALES_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
TODAY = date(2026, 11, 23)
UNITS = 10_000
MAVEN = ("accounts.csv", "products.csv", "sales_teams.csv")
VARIANTS = (
    "sales_pipeline.csv",
    "variants/sales_pipeline.us-mdy.csv",
    "variants/sales_pipeline.dd-mm-yy_extra-cols.csv",
)


def data(name: str) -> Path:
    """A folder of the real data; skips the test where it is not."""
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


def new_desk(folder: Path, currency: str = "USD") -> Desk:
    """An empty store with the delivered reference data."""
    store = open_desk_store(folder / "store.duckdb", create_ring(folder / "keys.json", MASTER)[0])
    store.found_company(Company(currency, "Asia/Shanghai", 1))
    seeds = [Change(name, "create", with_ids(frame, new_ids(frame.height))) for name, frame in seed_frames().items()]
    submit(store, operator(), seeds)
    return Desk(store)


def bring(desk: Desk, name: str, paths: list[Path]) -> imports.Imported:
    """Import files by a shipped map."""
    rehearsal = imports.rehearse(desk.store, operator(), sources_from(paths), preset(name))
    assert (rehearsal.questions, rehearsal.reasons.height) == ((), 0)
    done = imports.commit(desk.store, operator(), rehearsal)
    desk.refresh("write")
    return done


def answer(desk: Desk, name: str, **more: object) -> pl.DataFrame:
    """A metric over everything."""
    assert desk.marts is not None
    return measure(desk.store, desk.marts, operator(), Question(name, today=TODAY, **more)).frame  # type: ignore[arg-type]


def named(desk: Desk, frame: pl.DataFrame, dimension: str, entity: str) -> dict[str, int]:
    """The values of an answer by the name of the dimension's record."""
    labels = desk.store.labels(entity, frame[dimension].drop_nulls(), "en")
    return {labels[row[dimension]]: row["value"] for row in frame.iter_rows(named=True) if row[dimension]}


@pytest.fixture(scope="module", params=VARIANTS)
def maven(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The hardware seller, from one of the three date formats."""
    folder = data("maven_crm")
    desk = new_desk(tmp_path_factory.mktemp("maven"))
    bring(desk, "maven_crm", [*(folder / name for name in MAVEN), folder / request.param])
    yield desk
    desk.store.close()


@pytest.fixture(scope="module")
def adventureworks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The bicycle maker."""
    desk = new_desk(tmp_path_factory.mktemp("adventureworks"))
    bring(desk, "adventureworks", [data("adventureworks")])
    yield desk
    desk.store.close()


def test_maven_numbers_are_the_same_for_every_variant(maven: Desk) -> None:
    reached = named(maven, answer(maven, "funnel"), "stage", "stage")
    assert (reached["Prospecting"], reached["Engaging"], reached["Won"]) == (8_800, 8_300, 4_238)
    assert answer(maven, "won_amount")["value"][0] == 10_005_534 * UNITS
    rate = answer(maven, "win_rate").row(0, named=True)
    assert (rate["won"], rate["n"], rate["value"]) == (4_238, 6_711, pytest.approx(4_238 / 6_711))
    cycle = answer(maven, "sales_cycle_days").row(0, named=True)
    assert (cycle["value"], round(cycle["mean"], 2)) == (57, 51.78)


def test_every_agent_is_in_the_team_of_the_right_manager(maven: Desk) -> None:
    teams = pl.read_csv(data("maven_crm") / "sales_teams.csv")
    people = maven.store.find(operator(), "person")
    names = dict(maven.store.find(operator(), "team").select("id", "name").iter_rows())
    home = {row["name"]: names[row["team_id"]] for row in people.iter_rows(named=True)}
    assert {agent: home[agent] for agent in teams["sales_agent"]} == dict(
        teams.select("sales_agent", "manager").iter_rows()
    )
    bosses = maven.store.find(operator(), "team")
    managers = dict(people.select("id", "name").iter_rows())
    assert {row["name"]: managers[row["manager_id"]] for row in bosses.iter_rows(named=True)} == {
        name: name for name in names.values()
    }
    regions = maven.store.labels("region", bosses["region_id"], "en")
    assert {row["name"]: regions[row["region_id"]] for row in bosses.iter_rows(named=True)} == dict(
        teams.select("manager", "regional_office").unique().iter_rows()
    )
    won = named(maven, answer(maven, "won_amount", by=("team",)), "team", "team")
    assert won["Melvin Marxen"] == 2_251_930 * UNITS
    assert set(people["roles"].list.join("")) == {"manager", "rep"}


def test_the_alias_of_the_map_finds_the_product(maven: Desk) -> None:
    product = maven.store.find(operator(), "product").filter(pl.col("name") == "GTX Pro").row(0, named=True)
    sold = maven.store.find(operator(), "deal_product", fields=["product_id"])
    assert product["aliases"] == ["GTXPro"]
    assert sold.filter(pl.col("product_id") == product["id"]).height == 1_480
    assert sold.height == 8_800


def test_misspelt_and_missing_things_of_maven(maven: Desk) -> None:
    industries = maven.store.find(operator(), "industry")["code"].to_list()
    assert "technology" in industries
    assert "technolgy" not in industries
    customers = maven.store.find(operator(), "customer")
    acme = customers.filter(pl.col("name") == "Acme Corporation").row(0, named=True)
    assert (customers.height, acme["annual_revenue"]) == (85, 1_100_040_000)
    assert customers.filter(pl.col("parent_id") == acme["id"])["name"].to_list() == ["Bluth Company", "Codehow"] or (
        customers.filter(pl.col("parent_id") == acme["id"]).height >= 2
    )
    deals = maven.store.find(operator(), "deal")
    assert deals["customer_id"].null_count() == 1_425
    assert deals.filter(pl.col("created_on") == date(2017, 12, 31)).height >= 500
    assert deals.filter(pl.col("stage_type") == "lost")["amount"].null_count() == 2_473
    assert deals["currency"].unique().to_list() == ["USD"]


def test_a_second_import_of_maven_changes_nothing(maven: Desk) -> None:
    before = maven.store.revision
    folder = data("maven_crm")
    for variant in VARIANTS:
        paths = [*(folder / name for name in MAVEN), folder / variant]
        rehearsal = imports.rehearse(maven.store, operator(), sources_from(paths), preset("maven_crm"))
        assert rehearsal.changes == ()
        assert rehearsal.total["unchanged"] == rehearsal.rows.height
    assert maven.store.revision == before
    assert maven.store.check() == []


def test_the_folder_as_it_is_can_be_imported(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    done = bring(desk, "maven_crm", [data("maven_crm")])
    assert done.counts["deal"]["create"] == 8_800
    imports.undo(desk.store, operator(), done.batch_id or "")
    desk.refresh("write")
    assert answer(desk, "won_amount")["value"][0] == 0
    assert desk.store.find(operator(), "stage")["active"].all(), "what the import switched off is on again"
    desk.store.close()


def test_dollars_do_not_enter_a_store_of_another_currency_without_a_rate(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, "CNY")
    files = sources_from([data("maven_crm")])
    with pytest.raises(Refused) as caught:
        imports.rehearse(desk.store, operator(), files, preset("maven_crm"))
    assert caught.value.code == "rate.missing"
    rate = pl.DataFrame({"currency": ["USD"], "valid_on": [date(2016, 1, 1)], "rate": ["6.5"]})
    submit(desk.store, operator(), [Change("exchange_rate", "create", rate)])
    bring(desk, "maven_crm", [data("maven_crm")])
    assert answer(desk, "won_amount")["value"][0] == int(10_005_534 * 6.5) * UNITS
    desk.store.close()


def test_adventureworks_attainment_of_the_first_period(adventureworks: Desk) -> None:
    period = {"since": date(2011, 5, 31), "until": date(2011, 8, 31)}
    people = dict(adventureworks.store.find(operator(), "person").select("external_id", "id").iter_rows())
    by_person = answer(adventureworks, "attainment", by=("person",), **period)
    rows = {row["person"]: row for row in by_person.iter_rows(named=True)}
    assert round(rows[people["275"]]["value"], 3) == 0.830
    orders = pl.read_csv(data("adventureworks") / "SalesOrderHeader.csv", infer_schema=False)
    first = orders.filter(
        pl.col("SalesPersonID").is_not_null(),
        pl.col("OrderDate").is_between(pl.lit("2011-05-31"), pl.lit("2011-08-30")),
    )
    assert round(first["SubTotal"].cast(pl.Float64).sum() / 3_886_000, 3) == 0.822
    won = answer(adventureworks, "won_amount", **period)["value"][0]
    assert won / UNITS == pytest.approx(3_193_633.97, abs=0.5), "each deal is rounded to the cent"


def test_adventureworks_targets_run_from_quota_day_to_quota_day(adventureworks: Desk) -> None:
    targets = adventureworks.store.find(operator(), "target")
    assert targets.height == 163
    assert targets["level"].unique().to_list() == ["person"]
    first = targets.filter(pl.col("starts_on") == date(2011, 5, 31))
    assert (first.height, first["amount"].sum(), set(first["ends_on"])) == (10, 3_886_000, {date(2011, 8, 31)})
    assert set(targets.filter(pl.col("starts_on") == date(2014, 3, 1))["ends_on"]) == {date(2014, 7, 1)}
    gaps = targets.sort("person_id", "starts_on").filter(
        pl.col("ends_on").shift().over("person_id") != pl.col("starts_on")
    )
    assert gaps.height == 0


def test_adventureworks_people_stand_below_their_managers(adventureworks: Desk) -> None:
    store = adventureworks.store
    teams = {row["name"]: row for row in store.find(operator(), "team").iter_rows(named=True)}
    people = store.find(operator(), "person")
    names = dict(people.select("id", "name").iter_rows())
    assert {name: names[row["manager_id"]] for name, row in teams.items()} == {
        "Sales": "Brian Welcker",
        "North America": "Stephen Jiang",
        "Europe": "Amy Alberts",
        "Pacific": "Syed Abbas",
    }
    assert {teams[name]["parent_id"] for name in ("North America", "Europe", "Pacific")} == {teams["Sales"]["id"]}
    home = {team["id"]: name for name, team in teams.items()}
    count = people.group_by(pl.col("team_id").replace(home).alias("team")).len()
    assert dict(count.iter_rows()) == {"Sales": 1, "North America": 11, "Europe": 4, "Pacific": 2}


def test_adventureworks_orders_deals_and_shipments(adventureworks: Desk) -> None:
    store = adventureworks.store
    orders = store.find(operator(), "order")
    online = orders.filter(pl.col("channel") == "online")
    assert (orders.height, online.height, store.count(operator(), "deal")) == (31_465, 27_659, 3_806)
    assert (online["owner_id"].null_count(), online["deal_id"].null_count()) == (27_659, 27_659)
    assert orders["status"].unique().to_list() == ["confirmed"]
    deals = store.find(operator(), "deal")
    assert (deals["stage_type"] == "won").all()
    assert (deals["closed_on"] == deals["created_on"]).all()
    raw = pl.read_csv(data("adventureworks") / "SalesOrderHeader.csv", infer_schema=False)
    assert orders["amount"].sum() == raw["SubTotal"].cast(pl.Decimal(18, 4)).sum()
    whole = pl.sum_horizontal(raw[name].cast(pl.Decimal(18, 4)) for name in ("SubTotal", "TaxAmt", "ShippingCost"))
    assert orders["total_amount"].sum() == raw.select(whole).to_series().sum() == orders["due"].sum()
    states = orders.select("amount_from", "delivery_state", "payment_state").unique().rows()
    assert states == [("typed", "shipped", "unpaid")], "they left; nobody knows when they arrived, or who paid"
    assert (store.count(operator(), "order_line"), store.count(operator(), "shipment")) == (121_317, 31_465)
    assert store.check() == []

"""Metrics: the registry in the caller's language, answers over the own reach, and the records behind them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dashboard.domain.metrics import METRICS
from tests.api.calling import Api, fields_at_fault
from tests.selling import company_today, sell, this_quarter


@pytest.fixture(scope="module", autouse=True)
def sold(api: Api) -> None:
    """A quarter's worth of sales."""
    from dashboard import jobs

    sell(api.desk)
    assert jobs.Running.desk is not None
    jobs.Running.desk.refresh("write")


def window(**more: Any) -> dict[str, Any]:
    quarter = this_quarter()
    return {"from": quarter.since.isoformat(), "to": quarter.until.isoformat(), **more}


def test_the_registry_says_what_each_number_means_in_the_callers_language(api: Api) -> None:
    found = {row["metric"]: row for row in api("rep").get("/metrics")["items"]}
    assert found.keys() == {name for name, metric in METRICS.items() if metric.family in {"sales", "delivery"}}
    assert found["win_rate"]["title"] == "Win rate"
    assert {"person", "team"} <= {row["name"] for row in found["win_rate"]["dimensions"]}
    assert all(row["definition"] and row["population"] for row in found.values())
    assert {row["metric"]: row for row in api("rep", "zh").get("/metrics")["items"]}["win_rate"]["title"] == "赢单率"
    assert [row["metric"] for row in api("support").get("/metrics")["items"]] == ["csat", "delivery_on_time"]


def test_a_number_is_over_the_callers_own_reach(api: Api) -> None:
    expected = {"rep": 100_000, "manager": 150_000, "leader": 230_000}
    for who, amount in expected.items():
        found = api(who).get("/metrics/won_amount", **window())
        assert [row["value"] for row in found["rows"]] == [amount], who
        assert (found["unit"], found["scope"]["person"]) == ("money", who)
        assert found["definition"]
        assert len(found["fingerprint"]) == 64


def test_a_number_in_groups_has_labels_n_and_an_interval(api: Api) -> None:
    found = api("manager").get("/metrics/win_rate", by="person", **window())
    rows = {row["person_label"]: row for row in found["rows"]}
    assert rows.keys() == {"rep", "colleague"}
    assert (rows["rep"]["value"], rows["rep"]["n"]) == (0.5, 2)
    assert 0 < rows["rep"]["low"] < 0.5 < rows["rep"]["high"] < 1


def test_a_number_can_be_filtered_and_seen_as_of_a_past_day(api: Api) -> None:
    leader, desk = api("leader"), api.desk
    one = leader.get("/metrics/won_amount", person=desk.people["rep"], **window())
    assert [row["value"] for row in one["rows"]] == [100_000]
    before = (company_today() - dt.timedelta(days=200)).isoformat()
    past = leader.get("/metrics/won_amount", as_of=before)
    assert past["as_of"] == before
    assert sum(row["value"] or 0 for row in past["rows"]) == 0


def test_the_records_behind_a_number_are_those_that_make_it_up(api: Api) -> None:
    manager, seen, cursor = api("manager"), [], {}
    while cursor != {"cursor": None}:
        page = manager.get("/metrics/won_amount/records", limit=1, fields="name,amount", **window(), **cursor)
        assert (page["entity"], page["total"]) == ("deals", 2)
        seen += [(row["name"], row["amount"]) for row in page["items"]]
        cursor = {"cursor": page["next"]}
    assert sorted(seen) == [("Crane", "100000.0000"), ("Winch", "50000.0000")]


def test_support_asks_what_arrived_on_time_and_sees_the_orders_without_amounts(api: Api) -> None:
    desk, overdue = api.desk, company_today() - dt.timedelta(days=2)
    order = desk.make("order", owner_id=desk.people["rep"], promised_on=overdue, amount=4711)
    desk.step("operator", "order", "confirm", order)
    from dashboard import jobs

    assert jobs.Running.desk is not None
    jobs.Running.desk.refresh("write")
    for who in ("support", "rep", "manager", "leader"):
        (row,) = api(who).get("/metrics/delivery_on_time")["rows"]
        assert (row["value"], row["n"], row["open"]) == (0.0, 1, 1), who
    page = api("support").get("/metrics/delivery_on_time/records")
    assert (page["entity"], [item["id"] for item in page["items"]]) == ("orders", [order])
    assert not {"amount", "total_amount", "base_amount", "due"} & page["items"][0].keys()
    assert api("stranger").get("/metrics/delivery_on_time")["rows"][0]["n"] == 0
    api("admin").refused("GET", "/metrics/delivery_on_time", 403)


@pytest.mark.parametrize(
    ("who", "path", "params", "status", "code"),
    [
        ("rep", "nonsense", {}, 404, "metric.unknown"),
        ("rep", "csat", {}, 403, "access.forbidden"),
        ("admin", "won_amount", {}, 403, "access.forbidden"),
        ("rep", "win_rate", {"by": "nonsense"}, 400, "query.invalid"),
        ("rep", "win_rate", {"from": "yesterday"}, 400, "query.invalid"),
        ("rep", "win_rate", {"from": "2026-02-01", "to": "2026-01-01"}, 400, "query.invalid"),
        ("rep", "run_rate", {}, 400, "query.invalid"),
        ("rep", "win_rate", {"nonsense": "1"}, 400, "query.invalid"),
        ("rep", "win_rate/records", {"fields": "nonsense"}, 400, "query.invalid"),
    ],
)
def test_what_cannot_be_asked(api: Api, who: str, path: str, params: dict[str, str], status: int, code: str) -> None:
    assert api(who).refused("GET", f"/metrics/{path}", status, params=params)["code"] == code


def test_a_fault_names_its_parameter(api: Api) -> None:
    problem = api("rep").refused("GET", "/metrics/win_rate", 400, params={"as_of": "x", "known_at": "y"})
    assert fields_at_fault(problem) == {"as_of": "field.type", "known_at": "field.type"}


def test_a_window_names_its_ends_as_the_address_does(api: Api) -> None:
    empty = {"from": "2026-02-01", "to": "2026-01-01"}
    for name, params, end in (("win_rate", empty, "to"), ("run_rate", {}, "from")):
        problem = api("rep").refused("GET", f"/metrics/{name}", 400, params=params)
        assert end in fields_at_fault(problem)

"""What nobody works on returns to the pool: when, why, what is spared, and once only."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from dashboard.actions import pool, recycling, submit
from dashboard.actions.recycling import coming, recycle
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.pool import Rule, returning
from dashboard.domain.queries import Condition, Operator
from tests.builders import frame_of, moment_ago, now, valid
from tests.department import Desk

ZONE = ZoneInfo("Asia/Shanghai")


def on(day: date) -> datetime:
    """Ten in the morning of a business day, as naive UTC."""
    return datetime.combine(day, time(10), ZONE).astimezone(UTC).replace(tzinfo=None)


def today() -> date:
    """The business day."""
    return now().replace(tzinfo=UTC).astimezone(ZONE).date()


def days_ago(days: int) -> date:
    """A business day before today."""
    return today() - timedelta(days=days)


def held(desk: Desk, entity: str, days: int, who: str = "rep", **values: Any) -> str:
    """A record that somebody has had for so many days."""
    record = new_id()
    row = {"id": record, **valid(entity, desk.refs, owner_id=desk.people[who], **values)}
    submit(desk.store, operator(), [Change(entity, "create", frame_of(entity, row))], effective_at=on(days_ago(days)))
    return record


def spoken(desk: Desk, days: int, **about: str) -> None:
    """An interaction so many days ago."""
    desk.make("interaction", happened_at=on(days_ago(days)), author_id=desk.people["rep"], **about)


def rule(desk: Desk, entity: str, **limits: Any) -> str:
    """A rule of the team, as it was stated long ago."""
    found = desk.make("pool_rule", team_id=desk.teams["north"], entity=entity, **limits)
    with desk.store.engine.writing() as cursor:
        cursor.execute("UPDATE pool_rules SET updated_at = updated_at - INTERVAL '1' YEAR")
    return found


def due(desk: Desk, entity: str) -> dict[str, tuple[date, str]]:
    """When each record returns, and why."""
    return {row["id"]: (row["due_on"], row["reason"]) for row in coming(desk.store, entity).to_dicts()}


def test_a_lead_returns_after_so_many_days_without_contact_once_and_with_its_reason(desk: Desk) -> None:
    rule(desk, "lead", recycle_after_days=15, warn_before_days=3)
    quiet, called = held(desk, "lead", 40), held(desk, "lead", 40)
    spoken(desk, 14, lead_id=called)
    fresh, junk = held(desk, "lead", 14), held(desk, "lead", 40)
    desk.step("operator", "lead", "junk", junk)
    others = held(desk, "lead", 40, "stranger")  # no rule in the south
    assert due(desk, "lead") == {
        quiet: (days_ago(25), "no_contact"),
        called: (days_ago(-1), "no_contact"),
        fresh: (days_ago(-1), "no_contact"),
    }
    assert set(due(desk, "lead")) & {junk, others} == set()

    assert recycle(desk.store, today(), now()) == 1
    row = desk.row("lead", quiet)
    assert (row["owner_id"], row["pool_team_id"]) == (None, desk.teams["north"])
    change = desk.store.history(operator(), "lead", quiet).row(-1, named=True)
    assert (change["verb"], change["actor_id"], change["why"]) == ("release", "system", "pool.no_contact 15")
    run = desk.one("pool_run", record_id=quiet)
    assert (run["person_id"], run["reason"], run["status"]) == (desk.people["rep"], "pool.no_contact 15", "done")

    revision = desk.store.revision
    assert recycle(desk.store, today(), now()) == 0
    assert desk.store.revision == revision, "the second time on a day there is nothing to write"
    assert recycle(desk.store, days_ago(-1), now()) == 2

    desk.do("manager", "lead", "assign", quiet, owner_id=desk.people["rep"])  # taken back
    assert due(desk, "lead")[quiet] == (today() + timedelta(days=15), "no_contact")


def test_a_customer_returns_without_a_deal_and_an_open_one_protects_it(desk: Desk) -> None:
    limits = rule(desk, "customer", recycle_after_days=180, recycle_without_deal_days=90)
    never, sold, trying = (held(desk, "customer", 100) for _ in range(3))
    for customer in (never, sold, trying):
        spoken(desk, 5, customer_id=customer)
    deals = {
        c: desk.make("deal", customer_id=c, created_on=days_ago(95), owner_id=desk.people["rep"])
        for c in (sold, trying)
    }
    desk.step("operator", "deal", "lose", deals[sold])
    assert due(desk, "customer") == {
        never: (days_ago(10), "no_deal"),
        trying: (days_ago(5), "no_deal"),
        sold: (desk.row("deal", deals[sold])["closed_on"] + timedelta(days=90), "no_deal"),
    }
    protected = coming(desk.store, "customer").filter("protected")["id"].to_list()
    assert protected == [trying]
    assert recycle(desk.store, today(), now()) == 1
    assert desk.row("customer", trying)["owner_id"] == desk.people["rep"]
    desk.do("operator", "pool_rule", "update", limits, protect_open_deals=False)
    with desk.store.engine.writing() as cursor:
        cursor.execute("UPDATE pool_rules SET updated_at = updated_at - INTERVAL '1' YEAR")
    assert recycle(desk.store, today(), now()) == 1
    assert desk.row("customer", trying)["pool_team_id"] == desk.teams["north"]


def test_talks_about_a_deal_are_talks_with_its_customer(desk: Desk) -> None:
    rule(desk, "customer", recycle_after_days=30)
    customer = held(desk, "customer", 100)
    deal = desk.make("deal", customer_id=customer, owner_id=desk.people["rep"])
    assert due(desk, "customer")[customer][0] == days_ago(70)
    spoken(desk, 10, deal_id=deal)
    assert due(desk, "customer")[customer][0] == today() + timedelta(days=20)


def test_what_somebody_left_behind_is_listed_and_not_taken_from_the_manager(desk: Desk) -> None:
    rule(desk, "lead", recycle_after_days=15)
    lead = held(desk, "lead", 40, "colleague")
    desk.do("operator", "person", "update", desk.people["colleague"], active=False)
    assert due(desk, "lead") == {}
    assert recycle(desk.store, today(), now()) == 0
    assert desk.row("lead", lead)["owner_id"] == desk.people["colleague"]


def test_people_see_what_will_return_of_what_they_may_read(desk: Desk) -> None:
    rule(desk, "lead", recycle_after_days=15)
    mine, others = held(desk, "lead", 40), held(desk, "lead", 40, "colleague")
    ids = {
        who: set(recycling.within_reach(desk.store, desk.actor(who), "lead")["id"])
        for who in ("rep", "colleague", "manager", "other_manager", "admin", "support")
    }
    assert ids == {
        "rep": {mine},
        "colleague": {others},
        "manager": {mine, others},
        "other_manager": set(),
        "admin": {mine, others},
        "support": set(),
    }


@pytest.mark.parametrize(("age", "due_in"), [(400, -385), (2, 3)])
def test_after_a_change_of_the_rule_the_warning_comes_first(age: int, due_in: int) -> None:
    changed = date(2026, 6, 1) - timedelta(days=age)
    one = Rule(
        "r", "t", "lead", recycle_after_days=15, warn_before_days=5, updated_at=datetime.combine(changed, time())
    )
    frame = pl.DataFrame(
        [("a", 1, "p", "t", date(2026, 6, 1) - timedelta(days=400), None, None, 0)],
        schema={
            "id": pl.String, "version": pl.Int64, "owner_id": pl.String, "team_id": pl.String, "since_on": pl.Date,
            "contact_on": pl.Date, "deal_on": pl.Date, "open_deals": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    found = returning(frame, {"t": one}, "Asia/Shanghai").row(0, named=True)
    assert found["due_on"] == date(2026, 6, 1) + timedelta(days=due_in)
    assert found["warn_on"] == found["due_on"] - timedelta(days=5)
    late = replace(one, updated_at=datetime.combine(changed, time(20)))  # the next morning in the company's zone
    due = returning(frame, {"t": late}, "Asia/Shanghai")["due_on"][0]
    assert (due - found["due_on"]).days == (1 if age < 10 else 0)


def test_what_a_run_took_is_given_back_to_whoever_had_it(desk: Desk) -> None:
    rule(desk, "lead", recycle_after_days=15)
    leads = {who: held(desk, "lead", 40, who) for who in ("rep", "colleague", "helper")}
    assert recycle(desk.store, today(), now()) == 3
    pool.claim(desk.store, desk.actor("helper"), "lead", leads["colleague"])  # this one has found somebody
    desk.do("operator", "person", "update", desk.people["helper"], active=False)
    assert recycling.last_runs(desk.store, desk.actor("rep")) == []
    assert recycling.last_runs(desk.store, desk.actor("other_manager")) == []
    manager = desk.actor("manager")
    (taken,) = recycling.last_runs(desk.store, manager)
    assert taken.count == 1
    recycling.give_back(desk.store, manager, taken, "a mistake")
    row = desk.row("lead", leads["rep"])
    assert (row["owner_id"], row["pool_team_id"]) == (desk.people["rep"], None)
    change = desk.store.history(operator(), "lead", leads["rep"]).row(-1, named=True)
    assert (change["verb"], change["actor_id"], change["why"]) == ("assign", manager.person_id, "a mistake")
    revision = desk.store.revision
    recycling.give_back(desk.store, manager, taken, "a mistake")  # a double click
    assert desk.store.revision == revision
    assert recycling.last_runs(desk.store, manager) == []


@pytest.mark.parametrize("entity", ["lead", "customer"])
def test_of_many_clicks_at_once_one_gives_back_and_its_run_is_undone(desk: Desk, entity: str) -> None:
    rule(desk, entity, recycle_after_days=15)
    records = [held(desk, entity, 40) for _ in range(2)]
    assert recycle(desk.store, today(), now()) == 2
    assert {desk.one("pool_run", record_id=one)["status"] for one in records} == {"done"}
    manager, together = desk.actor("manager"), threading.Barrier(4)
    (taken,) = recycling.last_runs(desk.store, manager)
    before = desk.store.revision

    def click(_at: int) -> None:
        together.wait()
        recycling.give_back(desk.store, manager, taken, "a mistake")

    with ThreadPoolExecutor(4) as many:
        list(many.map(click, range(4)))
    assert desk.store.revision == before + 1
    for record in records:
        assert desk.row(entity, record)["owner_id"] == desk.people["rep"]
        run = desk.one("pool_run", record_id=record)
        log = desk.store.history(operator(), "pool_run", run["id"])
        assert (run["status"], log["verb"].to_list(), log["revision"][-1]) == (
            "undone",
            ["create", "update"],
            before + 1,
        )
    assert recycling.last_runs(desk.store, manager) == []


def test_a_run_is_undone_when_its_record_is_assigned_to_whoever_had_it_and_not_when_another_gets_it(
    desk: Desk,
) -> None:
    rule(desk, "lead", recycle_after_days=15)
    mine, given = held(desk, "lead", 40), held(desk, "lead", 40)
    recycle(desk.store, today(), now())
    desk.do("manager", "lead", "assign", mine, owner_id=desk.people["rep"])
    desk.do("manager", "lead", "assign", given, owner_id=desk.people["colleague"])
    assert desk.one("pool_run", record_id=mine)["status"] == "undone"
    assert desk.one("pool_run", record_id=given)["status"] == "done"
    desk.do("manager", "lead", "release", mine, why="no time")
    assert recycling.last_runs(desk.store, desk.actor("manager")) == [], "what somebody let go of was not taken"


def test_the_runs_say_what_was_decided_about_whom(desk: Desk) -> None:
    rule(desk, "lead", recycle_after_days=15)
    lead = held(desk, "lead", 40)
    recycle(desk.store, today(), now())
    runs = desk.store.find(desk.actor("manager"), "pool_run", [Condition("record_id", Operator.EQ, lead)])
    assert runs.height == 1


@pytest.mark.parametrize("who", ["leader", "admin"])
def test_whoever_only_reads_the_runs_has_nothing_to_give_back(desk: Desk, who: str) -> None:
    run = {"entity": "lead", "record_id": desk.make("lead"), "person_id": desk.people["rep"], "status": "done"}
    desk.make("pool_run", decided_at=moment_ago(hours=1), **run)
    assert recycling.last_runs(desk.store, desk.actor(who)) == []

"""The pool: who may claim what and how much of it, what a double click and a quicker colleague do, and what is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.actions import pool
from dashboard.domain.access import Action
from dashboard.domain.changes import Change
from dashboard.errors import Forbidden, NotFound, Refused, SalesDeskError, Stale
from tests.builders import frame_of
from tests.department import Desk

ZONE = ZoneInfo("Asia/Shanghai")


class Clock:
    """Sets the moment at which the store writes, by the company's clock."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        last = datetime.now(ZONE) + timedelta(days=1)
        self.day = last.date()

    def set(self, days: int, hour: int, minute: int = 0) -> date:
        """So many days after tomorrow, at a time of day; returns the business day."""
        at = datetime(self.day.year, self.day.month, self.day.day, hour, minute, tzinfo=ZONE) + timedelta(days=days)
        self.desk.store.clock = lambda: at.astimezone(UTC).replace(tzinfo=None)
        return at.date()


def pooled(desk: Desk, entity: str = "lead", team: str = "north", **values: Any) -> str:
    """A record in the pool of a team."""
    return desk.make(entity, pool_team_id=desk.teams[team], **values)


def rule(desk: Desk, team: str | None, entity: str, **limits: Any) -> str:
    """A rule of a team's pool."""
    return desk.make("pool_rule", team_id=desk.teams[team] if team else None, entity=entity, **limits)


def last(desk: Desk, entity: str, record: str) -> dict[str, Any]:
    """The last change of a record."""
    return desk.store.history(desk.actor("operator"), entity, record).row(-1, named=True)


def refused(desk: Desk, who: str, entity: str, record: str) -> Refused:
    """Why somebody may not claim a record."""
    with pytest.raises(Refused) as refusal:
        pool.claim(desk.store, desk.actor(who), entity, record)
    assert desk.row(entity, record)["owner_id"] != desk.people[who]
    return refusal.value


def test_a_lead_is_claimed_once_and_its_details_are_clear_from_then_on(shared_desk: Desk) -> None:
    desk, actor = shared_desk, shared_desk.actor("rep")
    lead = pooled(desk, phone="13800001234")
    assert desk.store.get(actor, "lead", lead)["phone"] == "138****1234"
    with pytest.raises(Forbidden):
        desk.do("rep", "lead", "update", lead, company="Mine")

    pool.claim(desk.store, actor, "lead", lead)
    mine = desk.store.get(actor, "lead", lead)
    assert (mine["phone"], mine["owner_id"], mine["pool_team_id"]) == ("13800001234", desk.people["rep"], None)
    change = last(desk, "lead", lead)
    assert (change["verb"], change["actor_id"], change["changed"]) == (
        "claim",
        desk.people["rep"],
        ",owner_id,pool_team_id,",
    )
    revision = desk.store.revision
    pool.claim(desk.store, actor, "lead", lead)  # a double click
    desk.submit("rep", *claims(desk, lead, version=1))  # and one that has not seen the first
    assert desk.store.revision == revision


def claims(desk: Desk, lead: str, version: int) -> list[Any]:
    """A claim as a change, at a version."""
    return [Change("lead", "claim", frame_of("lead", {"id": lead, "version": version}))]


def test_claiming_a_customer_makes_its_contacts_own(shared_desk: Desk) -> None:
    desk = shared_desk
    customer = pooled(desk, "customer")
    contact = desk.make("contact", customer_id=customer, phone="13900005678")
    seen = desk.store.get(desk.actor("rep"), "contact", contact)
    assert seen["phone"] == "139****5678"
    pool.claim(desk.store, desk.actor("rep"), "customer", customer)
    assert desk.store.get(desk.actor("rep"), "contact", contact)["phone"] == "13900005678"
    updatable = desk.store.ids(desk.actor("rep"), "contact", Action.UPDATE)
    assert updatable is not None
    assert contact in updatable
    with pytest.raises(NotFound):
        desk.store.get(desk.actor("colleague"), "contact", contact)


def attempt(desk: Desk, who: str, lead: str, together: Barrier) -> SalesDeskError | None:
    """Claim a lead at the same time as somebody else; returns what was said to it."""
    change = claims(desk, lead, version=1)
    together.wait()
    try:
        desk.submit(who, *change)
    except SalesDeskError as problem:
        return problem
    return None


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told(shared_desk: Desk) -> None:
    desk, both = shared_desk, ("rep", "colleague")
    for _ in range(5):
        lead, together = pooled(desk), Barrier(2)
        with ThreadPoolExecutor(2) as threads:
            tries = [threads.submit(attempt, desk, who, lead, together) for who in both]
        told = {who: one.result() for who, one in zip(both, tries, strict=True)}
        lost = [problem for problem in told.values() if problem]
        assert [(problem.code, problem.status) for problem in lost] == [("pool.claimed", 409)]
        winner = next(desk.people[who] for who, problem in told.items() if problem is None)
        assert desk.row("lead", lead)["owner_id"] == winner
        assert winner not in map(str, lost[0].values.values()), "nobody is named"


def test_only_whoever_could_see_it_in_the_pool_is_told_that_a_colleague_has_it(shared_desk: Desk) -> None:
    desk = shared_desk
    lead = pooled(desk)
    pool.claim(desk.store, desk.actor("colleague"), "lead", lead)
    assert refused(desk, "rep", "lead", lead).code == "pool.claimed"
    owned = desk.make("lead", owner_id=desk.people["colleague"])
    for who, record in (("stranger", lead), ("rep", owned), ("rep", "nobody-knows-it")):
        with pytest.raises(NotFound):
            pool.claim(desk.store, desk.actor(who), "lead", record)
    for who in ("leader", "admin", "support"):
        with pytest.raises((Forbidden, NotFound)):
            pool.claim(desk.store, desk.actor(who), "lead", pooled(desk))


def test_a_rep_gives_back_with_a_reason_what_is_theirs(shared_desk: Desk) -> None:
    desk, rep = shared_desk, shared_desk.actor("rep")
    lead = desk.make("lead", owner_id=desk.people["rep"])
    with pytest.raises(Refused) as refusal:
        desk.do("rep", "lead", "release", lead)
    assert refusal.value.code == "verb.needs_why"
    with pytest.raises(Stale):
        pool.release(desk.store, rep, "lead", lead, 9, "no time")
    pool.release(desk.store, rep, "lead", lead, 1, "no time")
    row, change = desk.row("lead", lead), last(desk, "lead", lead)
    assert (row["owner_id"], row["pool_team_id"]) == (None, desk.teams["north"])
    assert (change["verb"], change["actor_id"], change["why"]) == ("release", desk.people["rep"], "no time")
    revision = desk.store.revision
    pool.release(desk.store, rep, "lead", lead, 1, "no time")
    assert desk.store.revision == revision
    others = desk.make("lead", owner_id=desk.people["colleague"])
    with pytest.raises(NotFound):
        pool.release(desk.store, rep, "lead", others, 1, "not mine")
    with pytest.raises(Forbidden):
        desk.do("rep", "lead", "release", desk.make("lead", owner_id=desk.people["rep"]), why="away",
                pool_team_id=desk.teams["south"])  # fmt: skip
    junk = desk.make("lead", owner_id=desk.people["rep"])
    desk.step("rep", "lead", "junk", junk)
    with pytest.raises(Refused) as refusal:
        desk.do("rep", "lead", "release", junk, why="no use")
    assert (refusal.value.code, refusal.value.values["state"]) == ("pool.ended", "junk")


def test_a_manager_moves_records_between_pools_and_out_of_them(shared_desk: Desk) -> None:
    desk = shared_desk
    lead = pooled(desk)
    desk.do("head", "lead", "release", lead, why="closer to them", pool_team_id=desk.teams["south"])
    assert desk.row("lead", lead)["pool_team_id"] == desk.teams["south"]
    desk.do("other_manager", "lead", "assign", lead, owner_id=desk.people["stranger"])
    row = desk.row("lead", lead)
    assert (row["owner_id"], row["pool_team_id"]) == (desk.people["stranger"], None)
    revision = desk.store.revision
    desk.do("other_manager", "lead", "assign", lead, owner_id=desk.people["stranger"])
    assert desk.store.revision == revision
    with pytest.raises(Refused) as refusal:
        desk.do("other_manager", "lead", "claim", lead)
    assert refusal.value.code == "pool.claimed"
    desk.do("other_manager", "lead", "update", lead, owner_id=None)
    assert desk.row("lead", lead)["pool_team_id"] == desk.teams["south"], "what is nobody's lies in a pool"


def test_the_rule_of_the_nearest_team_holds_and_each_team_has_one(desk: Desk) -> None:
    rep = desk.actor("rep")

    def limit() -> int | None:
        found = pool.allowance(desk.store, rep, "lead", date.today()).rule  # noqa: DTZ011  (any day)
        return found.max_held if found else None

    assert limit() is None
    rule(desk, None, "lead", max_held=30)
    assert limit() == 30
    rule(desk, "sales", "lead", max_held=20)
    rule(desk, "south", "lead", max_held=1)
    rule(desk, "north", "customer", max_held=2)
    assert limit() == 20
    mine = rule(desk, "north", "lead", max_held=10)
    assert limit() == 10
    for team in (None, "north"):
        with pytest.raises(Refused) as refusal:
            rule(desk, team, "lead", max_held=5)
        assert refusal.value.code == "pool.rule_exists"
    desk.do("manager", "pool_rule", "update", mine, active=False)
    assert limit() == 20
    desk.do("manager", "pool_rule", "archive", mine)
    rule(desk, "north", "lead", max_held=5)
    with pytest.raises(Refused):
        desk.do("manager", "pool_rule", "restore", mine)
    with pytest.raises((Forbidden, NotFound)):
        desk.do("other_manager", "pool_rule", "update", mine, max_held=99)


def test_nobody_holds_more_than_the_rule_allows(desk: Desk) -> None:
    rule(desk, "north", "customer", max_held=2)
    desk.make("customer", owner_id=desk.people["rep"])
    free = [pooled(desk, "customer") for _ in range(2)]
    pool.claim(desk.store, desk.actor("rep"), "customer", free[0])
    told = refused(desk, "rep", "customer", free[1])
    assert (told.code, told.values) == ("pool.held_enough", {"limit": 2, "held": 2})
    desk.do("manager", "customer", "assign", free[1], owner_id=desk.people["rep"])  # a manager may
    assert desk.row("customer", free[1])["owner_id"] == desk.people["rep"]


def test_leads_that_ended_do_not_count_as_held(desk: Desk) -> None:
    rule(desk, "north", "lead", max_held=1)
    held = desk.make("lead", owner_id=desk.people["rep"])
    free = pooled(desk)
    assert refused(desk, "rep", "lead", free).code == "pool.held_enough"
    desk.step("rep", "lead", "junk", held)
    pool.claim(desk.store, desk.actor("rep"), "lead", free)


def test_claims_are_counted_from_midnight_in_the_companys_zone(desk: Desk) -> None:
    clock = Clock(desk)
    rule(desk, "north", "lead", max_claims_a_day=2)
    free = [pooled(desk) for _ in range(4)]
    today = clock.set(0, 23, 58)
    for lead in free[:2]:
        pool.claim(desk.store, desk.actor("rep"), "lead", lead)
    told = refused(desk, "rep", "lead", free[2])
    assert (told.code, told.values) == ("pool.claimed_enough", {"limit": 2, "claimed": 2})
    assert pool.allowance(desk.store, desk.actor("rep"), "lead", today).today == 0
    pool.claim(desk.store, desk.actor("colleague"), "lead", free[3])
    tomorrow = clock.set(1, 0, 0)
    assert pool.allowance(desk.store, desk.actor("rep"), "lead", tomorrow).today == 2
    pool.claim(desk.store, desk.actor("rep"), "lead", free[2])


def test_whoever_gave_it_back_waits_until_the_cool_down_is_over(desk: Desk) -> None:
    clock = Clock(desk)
    rule(desk, "north", "lead", cool_down_days=3)
    lead = desk.make("lead", owner_id=desk.people["rep"])
    day = clock.set(0, 23, 59)
    desk.do("rep", "lead", "release", lead, why="no time")
    for days, hour in ((0, 23), (2, 23)):
        clock.set(days, hour, 59)
        told = refused(desk, "rep", "lead", lead)
        assert (told.code, told.values["day"]) == ("pool.cooling_down", day + timedelta(days=3))
    clock.set(3, 0, 0)
    pool.claim(desk.store, desk.actor("rep"), "lead", lead)

    desk.do("rep", "lead", "release", lead, why="no time again")
    pool.claim(desk.store, desk.actor("colleague"), "lead", lead)  # it is for the colleagues meanwhile
    desk.do("colleague", "lead", "release", lead, why="neither have I")
    pool.claim(desk.store, desk.actor("rep"), "lead", lead)  # somebody else had it last

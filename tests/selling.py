"""A quarter's worth of sales in the department, small enough that every number on a page can be worked by hand.

North: the rep won 100,000 (an older deal), has 60,000 in proposal and lost 40,000; the colleague won 50,000 and has
20,000 open. South: the stranger won 80,000. So north won 150,000 of 250,000 and the company 230,000 of 500,000.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import bcrypt
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import jobs
from dashboard.domain.access import operator
from dashboard.domain.periods import Period, quarter_of
from dashboard.settings import ROOT
from dashboard.store import Store
from tests.builders import moment_ago
from tests.department import COMPANY, PEOPLE, Desk

PASSWORD = "correct horse battery"
CHEAP_ROUNDS = 4  # bcrypt's least: a test need not be slow
APP = ROOT / "dashboard" / "app.py"
ROLES = ("rep", "manager", "leader", "support", "admin")
"""One person of the department for each role, by name."""


def company_today() -> dt.date:
    """Today in the company's zone."""
    return dt.datetime.now(ZoneInfo(COMPANY.zone)).date()


def this_quarter() -> Period:
    """The quarter that the pages open with."""
    return quarter_of(company_today())


def sell(desk: Desk) -> None:
    """Write the deals, targets, ratings and tasks."""
    today = company_today()
    stages = {row["code"]: row["id"] for row in desk.store.reference("stage").to_dicts()}
    customer = desk.make("customer", name="Harbour <b>Works</b>", owner_id=desk.people["rep"])
    old: dict[str, Any] = {"created_on": today - dt.timedelta(days=400), "effective_at": moment_ago(days=399)}
    fresh: dict[str, Any] = {"created_on": today, "effective_at": moment_ago(minutes=5)}

    def deal(who: str, name: str, amount: int, **values: Any) -> str:
        return desk.make(
            "deal", name=name, owner_id=desk.people[who], amount=amount, customer_id=customer, **{**fresh, **values}
        )

    won = [
        deal("rep", "Crane", 100_000, **old),
        deal("colleague", "Winch", 50_000),
        deal("stranger", "Anchor", 80_000),
    ]
    pending, lost = deal("rep", "Hoist", 60_000, expected_close_on=this_quarter().last), deal("rep", "Buoy", 40_000)
    deal("colleague", "Rope", 20_000, expected_close_on=this_quarter().last)
    for record, code in ((pending, "qualification"), (pending, "proposal"), (lost, "qualification")):
        desk.do("operator", "deal", "advance", record, stage_id=stages[code])
    for record in won:
        desk.do("operator", "deal", "win", record, closed_on=today)
    reason = lost_reason(desk)
    desk.do("operator", "deal", "lose", lost, closed_on=today, lost_reason_id=reason)
    set_targets(desk)
    for score in (5, 5, 4, 4, 2):
        desk.make("rating", customer_id=customer, person_id=desk.people["rep"], score=score, rated_on=today)


def lost_reason(desk: Desk) -> str:
    """A reason that counts as a loss."""
    reasons = desk.store.reference("list_value").to_dicts()
    return next(str(row["id"]) for row in reasons if row["list"] == "lost_reason" and row["counts"] is not False)


def set_targets(desk: Desk) -> None:
    """The quarter's targets."""
    quarter = this_quarter()
    people = {"rep": (200_000, 240_000, 280_000), "colleague": (50_000, None, None)}
    shared: dict[str, Any] = {"starts_on": quarter.since, "ends_on": quarter.until}
    for who, (amount, stretch, challenge) in people.items():
        desk.make(
            "target",
            level="person",
            person_id=desk.people[who],
            amount=amount,
            stretch_amount=stretch,
            challenge_amount=challenge,
            **shared,
        )
    desk.make("target", level="team", team_id=desk.teams["north"], amount=250_000, **shared)
    desk.make("target", level="company", amount=500_000, **shared)


def give_passwords(store: Store, people: dict[str, str], rounds: int = CHEAP_ROUNDS) -> None:
    """Everybody may log in with PASSWORD."""
    found = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds)).decode()
    for name in PEOPLE:
        store.logins.set_password(operator(), people[name], found)


@contextmanager
def running(desk: Desk) -> Iterator[jobs.Desk]:
    """The desk of this process, as the server has it."""
    opened = jobs.Desk(desk.store)
    opened.refresh("start")
    assert opened.freshness.problem is None, opened.freshness.problem
    jobs.Running.desk = opened
    try:
        yield opened
    finally:
        jobs.Running.desk = None


def visiting(desk: Desk, name: str | None, page: str | None = None, language: str = "zh") -> AppTest:
    """The application as somebody sees it, logged in unless `name` is None; run once."""
    at = AppTest.from_file(str(APP), default_timeout=30)
    at.session_state["language"] = language
    if name is not None:
        at.session_state["session_token"] = desk.store.logins.open(desk.actor(name))
    if page is not None:
        at.run()
        at._page_hash = calc_hash(page)  # a page's address, whether or not this person gets its file
    return at.run()

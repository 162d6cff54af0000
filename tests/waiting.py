"""A day's work of the rep in the department: something in each group of the agenda, and things that belong in none.

Overdue: a deal (2 days) and a task (1 day); due today: a deal and a task; without next step: a deal; stale: a deal for
40 days in prospecting, whose limit is 14; ending: two signed contracts. The colleague and the stranger have one each.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import company_today

EXPECTED = {
    "overdue": ["Late deal", "Late task"],
    "today": ["Due deal", "Due task"],
    "no_step": ["Idle deal"],
    "stale": ["Stale deal"],
    "ending": ["Soon over", "Long notice"],
}
"""The names in each group of the rep, in order."""


def from_today(days: int) -> dt.date:
    """A day before or after today in the company."""
    return company_today() + dt.timedelta(days=days)


def make_work(desk: Desk) -> None:
    """Write it."""
    rep = desk.people["rep"]
    customer = desk.make("customer", name="Harbour Works", owner_id=rep)
    fresh: dict[str, Any] = {"created_on": from_today(-1), "effective_at": moment_ago(days=1)}

    def deal(who: str, name: str, **values: Any) -> str:
        given = {"owner_id": desk.people[who], "customer_id": customer, "amount": 10_000, **fresh, **values}
        return desk.make("deal", name=name, **given)

    old = {"created_on": from_today(-40), "effective_at": moment_ago(days=40)}
    deal("rep", "Late deal", next_step="Call", next_step_on=from_today(-2))
    deal("rep", "Due deal", next_step="Visit", next_step_on=from_today(0))
    deal("rep", "Idle deal")
    deal("rep", "Stale deal", next_step="Wait", next_step_on=from_today(5), **old)
    deal("rep", "Busy deal", next_step="Meet", next_step_on=from_today(5))
    deal("colleague", "Colleague deal", next_step="Call", next_step_on=from_today(-2))
    deal("stranger", "Stranger deal", next_step="Call", next_step_on=from_today(-2))
    closed = deal("rep", "Lost deal", next_step="Call", next_step_on=from_today(-2))
    reasons = desk.store.reference("list_value").to_dicts()
    reason = next(row["id"] for row in reasons if row["list"] == "lost_reason")
    desk.do("operator", "deal", "lose", closed, lost_reason_id=reason)
    for name, days in (("Late task", -1), ("Due task", 0), ("Later task", 3)):
        desk.make("task", title=name, assignee_id=rep, customer_id=customer, due_on=from_today(days))
    done = desk.make("task", title="Done task", assignee_id=rep, due_on=from_today(-1))
    desk.do("operator", "task", "complete", done, done_on=from_today(0))
    for name, days, notice in (("Soon over", 30, None), ("Long notice", 100, 120), ("Far away", 100, 60)):
        sign(desk, customer, name, from_today(days), notice)
    desk.make("contract", name="Only a draft", customer_id=customer, owner_id=rep, ends_on=from_today(10))


def sign(desk: Desk, customer: str, name: str, ends_on: dt.date, notice: int | None) -> None:
    """A signed contract of the rep."""
    values = {"owner_id": desk.people["rep"], "customer_id": customer, "amount": 5_000}
    contract = desk.make("contract", name=name, ends_on=ends_on, renewal_notice_days=notice, **values)
    for verb in ("submit", "approve", "sign"):
        desk.step("operator", "contract", verb, contract)

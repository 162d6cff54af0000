"""Lines on cards: what the months before came to, and the target that a share is of."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboard.domain.periods import add_months, month_of
from tests.builders import moment_ago
from tests.department import Desk
from tests.selling import company_today, running, sell, this_quarter, visiting

AMOUNTS = {1: 30_000, 2: 20_000, 4: 50_000}
"""What was won so many months ago."""


@pytest.mark.parametrize("role", ["rep", "manager", "stranger"])
def test_a_card_draws_what_the_months_of_the_own_reach_came_to(desk: Desk, role: str) -> None:
    this_month = month_of(company_today()).since
    for months, amount in AMOUNTS.items():
        day = add_months(this_month, -months) + dt.timedelta(days=9)
        long_ago = moment_ago(days=500)
        deal = desk.make(
            "deal", owner_id=desk.people["rep"], amount=amount, created_on=long_ago.date(), effective_at=long_ago
        )
        desk.do("operator", "deal", "win", deal, closed_on=day)
    with running(desk):
        at = visiting(desk, role, "overview")
    assert not at.exception
    drawn = [AMOUNTS.get(months, 0) for months in reversed(range(12))] if role != "stranger" else []
    assert list(at.metric[0].proto.chart_data) == drawn


def test_the_card_of_the_attainment_names_the_target_and_draws_no_part_of_a_quarter(desk: Desk) -> None:
    sell(desk)
    for back in (3, 6, 9):
        since = add_months(this_quarter().since, -back)
        until = add_months(since, 3)
        desk.make("target", level="company", amount=500_000, starts_on=since, ends_on=until)
    with running(desk):
        at = visiting(desk, "leader", "overview")
    assert any("目标 ¥50万" in one.value for one in at.markdown)
    assert list(at.metric[1].proto.chart_data) == [0, 0, 0], "nothing was won in the whole quarters before this one"

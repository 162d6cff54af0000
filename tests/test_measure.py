"""A number is computed over what the person may open, and only for those whose role has its family."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import jobs
from dashboard.actions.measure import as_json
from dashboard.domain.access import operator
from dashboard.errors import Forbidden, NotFound
from etl.metrics import Question
from tests.department import Desk

TODAY = date(2026, 11, 23)


@pytest.fixture
def won(desk: Desk) -> Desk:
    """Two deals won by two people of two teams: 100 and 40."""
    for owner, amount in (("rep", 100), ("stranger", 40)):
        deal = desk.make("deal", owner_id=desk.people[owner], amount=amount)
        desk.step("operator", "deal", "win", deal, amount=amount)
    return desk


@pytest.mark.parametrize(
    ("who", "amount"),
    [
        ("rep", 100),
        ("colleague", 0),
        ("stranger", 40),
        ("manager", 100),
        ("other_manager", 40),
        ("head", 140),
        ("leader", 140),
    ],
)
def test_everybody_sees_the_won_amount_of_what_they_may_open(won: Desk, who: str, amount: int) -> None:
    answer = jobs_desk(won).measure(won.actor(who), Question("won_amount", today=TODAY))
    assert answer.frame["value"].to_list() == [amount * 10_000]


@pytest.mark.parametrize("who", ["support", "admin"])
def test_who_sells_nothing_gets_no_sales_figures(won: Desk, who: str) -> None:
    with pytest.raises(Forbidden):
        jobs_desk(won).measure(won.actor(who), Question("won_amount", today=TODAY))


def test_support_measures_satisfaction(won: Desk) -> None:
    assert jobs_desk(won).measure(won.actor("support"), Question("csat", today=TODAY)).frame.height == 1


def test_an_unknown_metric_is_named(won: Desk) -> None:
    with pytest.raises(NotFound, match="luck"):
        jobs_desk(won).measure(won.actor("leader"), Question("luck", today=TODAY))


def test_the_same_records_have_the_same_fingerprint_in_both_languages(won: Desk) -> None:
    question, desk = Question("won_amount", by=("team",), today=TODAY), jobs_desk(won)
    answer = desk.measure(operator(), question)
    zh, en = (as_json(won.store, answer, question, operator(), language) for language in ("zh", "en"))
    assert zh["fingerprint"] == en["fingerprint"]
    assert sorted(row["value"] for row in en["rows"]) == [40.0, 100.0]
    assert {row["team_label"] for row in en["rows"]} == {"north", "south"}


def jobs_desk(desk: Desk) -> jobs.Desk:
    """The numbers over a department."""
    numbers = jobs.Desk(desk.store)
    numbers.refresh("start")
    return numbers

"""What a deal keeps from the day it was closed, and what it forgets when it is opened again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dashboard.errors import Invalid
from tests.builders import days_ago, today
from tests.department import Desk


def closed(desk: Desk, verb: str, **values: Any) -> dict[str, object]:
    """A deal of the rep in a region, after it was won or lost."""
    deal = desk.make("deal", owner_id=desk.people["rep"], region_id=desk.refs["region"], created_on=days_ago(9))
    desk.step("rep", "deal", verb, deal, **values)
    return desk.row("deal", deal)


@pytest.mark.parametrize(("verb", "type_"), [("win", "won"), ("lose", "lost")])
def test_a_closed_deal_keeps_owner_team_and_region_of_that_day(shared_desk: Desk, verb: str, type_: str) -> None:
    deal = closed(shared_desk, verb, closed_on=today())
    assert (deal["stage_type"], deal["closed_on"]) == (type_, today())
    assert shared_desk.row("stage", str(deal["stage_id"]))["type"] == type_
    copies = (deal["closed_owner_id"], deal["closed_team_id"], deal["closed_region_id"])
    assert copies == (shared_desk.people["rep"], shared_desk.teams["north"], shared_desk.refs["region"])


def test_they_stay_when_the_person_moves_and_the_deal_changes_hands(shared_desk: Desk) -> None:
    person = shared_desk.make("person", roles=["rep"], team_id=shared_desk.teams["north"])
    deal = shared_desk.make("deal", owner_id=person)
    shared_desk.step("operator", "deal", "lose", deal)
    shared_desk.do("operator", "person", "update", person, team_id=shared_desk.teams["south"])
    shared_desk.do("operator", "deal", "update", deal, owner_id=shared_desk.people["stranger"])
    after = shared_desk.row("deal", deal)
    assert (after["closed_owner_id"], after["closed_team_id"]) == (person, shared_desk.teams["north"])


def test_without_a_region_of_its_own_a_deal_closes_in_its_owners(shared_desk: Desk) -> None:
    region = shared_desk.make("region")
    person = shared_desk.make("person", roles=["rep"], region_id=region)
    deal = shared_desk.make("deal", owner_id=person)
    shared_desk.step("operator", "deal", "lose", deal)
    assert shared_desk.row("deal", deal)["closed_region_id"] == region


def test_without_a_day_a_deal_closes_today(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(5))
    shared_desk.do("operator", "deal", "win", deal)
    assert shared_desk.row("deal", deal)["closed_on"] >= today()


def test_reopening_forgets_the_closing(shared_desk: Desk) -> None:
    deal = closed(shared_desk, "lose", close_note="too dear")
    shared_desk.step("rep", "deal", "reopen", str(deal["id"]))
    after = shared_desk.row("deal", str(deal["id"]))
    forgotten = ("closed_on", "closed_owner_id", "closed_team_id", "closed_region_id", "lost_reason_id", "close_note")
    assert [after[name] for name in forgotten] == [None] * 6
    assert after["stage_type"] == "open"
    assert shared_desk.row("stage", after["stage_id"])["type"] == "open"


def test_a_new_deal_stands_in_the_first_open_stage(shared_desk: Desk) -> None:
    deal = shared_desk.row("deal", shared_desk.make("deal"))
    stage = shared_desk.row("stage", deal["stage_id"])
    assert (stage["code"], deal["stage_type"], deal["stage_rank"]) == ("prospecting", "open", 1)
    assert deal["stage_since"] == deal["created_at"]


def test_advancing_keeps_rank_and_moment_of_the_new_stage(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal")
    shared_desk.do("operator", "deal", "advance", deal, stage_id=shared_desk.refs["stage"])
    after = shared_desk.row("deal", deal)
    assert (after["stage_rank"], after["stage_since"]) == (2, after["updated_at"])


@pytest.mark.parametrize(("verb", "type_"), [("advance", "won"), ("win", "open"), ("win", "lost"), ("lose", "won")])
def test_a_verb_leads_to_no_stage_of_another_type(shared_desk: Desk, verb: str, type_: str) -> None:
    stage = shared_desk.make("stage", type=type_)
    deal = shared_desk.make("deal")
    with pytest.raises(Invalid) as refusal:
        shared_desk.step("operator", "deal", verb, deal, stage_id=stage)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("stage_id", "stage.wrong_type")]
    shared_desk.do("operator", "stage", "archive", stage)

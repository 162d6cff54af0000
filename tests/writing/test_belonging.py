"""Whose a record is: assigned by those above, claimed out of the pool by oneself, released into it."""

from __future__ import annotations

import pytest

from dashboard.errors import Forbidden, Invalid, NotFound
from tests.department import Desk


def test_a_rep_cannot_give_a_record_away(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    for verb in ("update", "assign"):
        with pytest.raises(Forbidden):
            shared_desk.do("rep", "deal", verb, deal, owner_id=shared_desk.people["colleague"])


def test_a_manager_assigns_what_is_below(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", owner_id=shared_desk.people["rep"])
    shared_desk.do("manager", "deal", "assign", deal, owner_id=shared_desk.people["colleague"])
    assert shared_desk.row("deal", deal)["owner_id"] == shared_desk.people["colleague"]
    with pytest.raises(NotFound):
        shared_desk.do("other_manager", "deal", "assign", deal, owner_id=shared_desk.people["stranger"])


@pytest.mark.parametrize("verb", ["assign", "update"])
def test_nothing_is_handed_to_who_left_though_what_they_have_goes_on(desk: Desk, verb: str) -> None:
    mine, theirs = (desk.make("deal", owner_id=desk.people[who]) for who in ("colleague", "rep"))
    desk.do("admin", "person", "update", desk.people["rep"], active=False)
    with pytest.raises(Invalid) as refusal:
        desk.do("manager", "deal", verb, mine, owner_id=desk.people["rep"])
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("owner_id", "person.left")]
    desk.do("manager", "deal", "update", theirs, owner_id=desk.people["rep"], next_step="Call")
    desk.do("manager", "deal", verb, theirs, owner_id=desk.people["colleague"])
    desk.do("operator", "deal", verb, theirs, owner_id=desk.people["rep"])


@pytest.mark.parametrize("verb", ["assign", "claim", "release"])
def test_these_verbs_change_nothing_else(shared_desk: Desk, verb: str) -> None:
    lead = shared_desk.make("lead", owner_id=shared_desk.people["rep"])
    with pytest.raises(Invalid) as refusal:
        shared_desk.do("manager", "lead", verb, lead, owner_id=shared_desk.people["rep"], company="Another")
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("company", "field.not_allowed")]


def test_a_pooled_lead_is_claimed_for_oneself(shared_desk: Desk) -> None:
    lead = shared_desk.make("lead", pool_team_id=shared_desk.teams["north"])
    with pytest.raises(Forbidden):
        shared_desk.do("rep", "lead", "claim", lead, owner_id=shared_desk.people["colleague"], pool_team_id=None)
    shared_desk.do("rep", "lead", "claim", lead, owner_id=shared_desk.people["rep"], pool_team_id=None)
    after = shared_desk.row("lead", lead)
    assert (after["owner_id"], after["pool_team_id"]) == (shared_desk.people["rep"], None)


def test_a_claim_is_for_oneself_and_for_somebody(shared_desk: Desk) -> None:
    lead = shared_desk.make("lead", pool_team_id=shared_desk.teams["north"])
    with pytest.raises(Invalid):
        shared_desk.do("rep", "lead", "claim", lead, owner_id=None)
    shared_desk.do("rep", "lead", "claim", lead)
    after = shared_desk.row("lead", lead)
    assert (after["owner_id"], after["pool_team_id"]) == (shared_desk.people["rep"], None)


def test_what_somebody_owns_and_what_is_in_another_pool_is_not_claimed(shared_desk: Desk) -> None:
    mine = {"owner_id": shared_desk.people["rep"], "pool_team_id": None}
    owned = shared_desk.make("lead", owner_id=shared_desk.people["colleague"])
    elsewhere = shared_desk.make("lead", pool_team_id=shared_desk.teams["south"])
    for lead in (owned, elsewhere):
        with pytest.raises(NotFound):
            shared_desk.do("rep", "lead", "claim", lead, **mine)


def test_a_released_lead_is_in_the_pool(shared_desk: Desk) -> None:
    lead = shared_desk.make("lead", owner_id=shared_desk.people["rep"])
    shared_desk.do("manager", "lead", "release", lead, why="no time")
    assert lead in shared_desk.store.find(shared_desk.actor("colleague"), "lead")["id"]


def test_a_released_record_belongs_to_nobody(shared_desk: Desk) -> None:
    lead = shared_desk.make("lead", owner_id=shared_desk.people["rep"])
    with pytest.raises(Invalid):
        shared_desk.do("manager", "lead", "release", lead, owner_id=shared_desk.people["rep"], why="no time")

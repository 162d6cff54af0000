"""Whoever may share a view shares it with the own team and no other, whichever way the change comes in."""

from __future__ import annotations

import pytest

from dashboard.errors import Forbidden
from tests.department import Desk

QUERY = "{}"


def keep(desk: Desk, who: str, team: str | None) -> str:
    """A saved view of somebody, shared with a team or not."""
    shared = None if team is None else desk.teams[team]
    person = desk.people[who]
    return desk.make(
        "saved_view", who=who, person_id=person, name="mine", page="deals", query=QUERY, shared_team_id=shared
    )


def test_managers_share_with_their_team(shared_desk: Desk) -> None:
    view = keep(shared_desk, "manager", "north")
    assert view in shared_desk.store.find(shared_desk.actor("rep"), "saved_view")["id"]
    assert view not in shared_desk.store.find(shared_desk.actor("stranger"), "saved_view")["id"]


@pytest.mark.parametrize(("who", "team"), [("rep", "north"), ("manager", "south"), ("leader", "north")])
def test_nobody_shares_further_than_they_may(shared_desk: Desk, who: str, team: str) -> None:
    with pytest.raises(Forbidden):
        keep(shared_desk, who, team)
    own = keep(shared_desk, who, None)
    with pytest.raises(Forbidden):
        shared_desk.do(who, "saved_view", "update", own, shared_team_id=shared_desk.teams[team])
    assert shared_desk.row("saved_view", own)["shared_team_id"] is None

"""A change of roles, team or state counts at once, whatever a page or a token still remembers of the person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dashboard.actions import submit
from dashboard.domain.access import Role
from dashboard.domain.changes import Change
from dashboard.errors import Forbidden
from tests.builders import frame_of, valid
from tests.department import Desk


def person(desk: Desk, **values: Any) -> str:
    """A rep of the north."""
    return desk.make("person", roles=["rep"], team_id=desk.teams["north"], **values)


def create_for(desk: Desk, owner: str) -> Change:
    """A new deal of somebody."""
    return Change("deal", "create", frame_of("deal", valid("deal", owner_id=owner)))


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["support"]}, {"roles": []}], ids=str)
def test_a_remembered_actor_writes_nothing_after_the_right_was_taken(shared_desk: Desk, change: dict[str, Any]) -> None:
    rep = person(shared_desk)
    remembered = shared_desk.store.actor(rep)
    submit(shared_desk.store, remembered, [create_for(shared_desk, rep)])
    shared_desk.do("operator", "person", "update", rep, **change)
    with pytest.raises(Forbidden):
        submit(shared_desk.store, remembered, [create_for(shared_desk, rep)])


@pytest.mark.parametrize("verb", ["archive", "disable"])
def test_who_is_gone_is_no_actor(shared_desk: Desk, verb: str) -> None:
    rep = person(shared_desk)
    assert shared_desk.store.actor(rep).roles == (Role.REP,)
    if verb == "archive":
        shared_desk.do("operator", "person", "archive", rep)
    else:
        shared_desk.do("operator", "person", "update", rep, active=False)
    with pytest.raises(Forbidden) as refusal:
        shared_desk.store.actor(rep)
    assert refusal.value.code == "access.disabled"


def test_a_new_team_above_counts_at_once(desk: Desk) -> None:
    deal = desk.make("deal", owner_id=desk.people["rep"])
    assert desk.store.find(desk.actor("other_manager"), "deal").is_empty()
    desk.do("operator", "team", "update", desk.teams["north"], parent_id=desk.teams["south"])
    assert desk.store.find(desk.actor("other_manager"), "deal")["id"].to_list() == [deal]


def test_reading_while_people_change_never_keeps_an_old_actor(desk: Desk) -> None:
    rep = person(desk)

    def toggle(at: int) -> None:
        """Change the roles, then read them back: what was written last is what counts."""
        roles = ["rep", "support"] if at % 2 else ["rep"]
        desk.do("operator", "person", "update", rep, roles=roles)
        assert len(desk.store.actor(rep).roles) == len(roles)

    def read(_: int) -> None:
        """Somebody else reads all the time."""
        assert Role.REP in desk.store.actor(rep).roles

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, at) for at in range(300)]
        for at in range(15):
            toggle(at)
        for reader in readers:
            reader.result()


def test_nobody_makes_themselves_a_machine(shared_desk: Desk) -> None:
    """The roles of the command line and of jobs are not among those that a person can have."""
    rep = person(shared_desk)
    with pytest.raises(Exception, match="choices"):
        shared_desk.do("operator", "person", "update", rep, roles=["operator"])


def test_a_person_whose_id_is_a_machines_name_is_a_person(shared_desk: Desk) -> None:
    shared_desk.make("person", id="system", roles=["rep"], team_id=shared_desk.teams["north"])
    task = shared_desk.make("task", assignee_id="system")
    change = Change("task", "update", frame_of("task", {"id": task, "title": "without a version"}))
    with pytest.raises(Exception, match="version"):
        submit(shared_desk.store, shared_desk.store.actor("system"), [change])

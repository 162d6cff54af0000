"""Two people at one record: the later one is told what the earlier one wrote, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from dashboard.domain.changes import Change
from dashboard.errors import Refused, Stale
from tests.builders import frame_of
from tests.department import Desk


def stale_write(desk: Desk, who: str, entity: str, record: str, **values: object) -> Stale:
    """The refusal of an update made at version 1 of a record that is at a later one."""
    row = {"id": record, "version": 1, **values}
    with pytest.raises(Stale) as refusal:
        desk.submit(who, Change(entity, "update", frame_of(entity, row)))
    return refusal.value


def test_a_stale_write_is_refused_and_both_versions_are_shown(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", name="First", owner_id=shared_desk.people["rep"])
    shared_desk.do("manager", "customer", "update", record, name="Theirs")
    refusal = stale_write(shared_desk, "rep", "customer", record, name="Mine")
    mine, theirs = refusal.values["mine"], refusal.values["theirs"]
    assert isinstance(mine, dict)
    assert isinstance(theirs, dict)
    assert (mine["name"], mine["version"]) == ("Mine", 1)
    assert (theirs["name"], theirs["version"]) == ("Theirs", 2)
    assert shared_desk.row("customer", record)["name"] == "Theirs"


def test_a_personal_detail_is_compared_as_people_read_it(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", phone="13800001111", owner_id=shared_desk.people["rep"])
    shared_desk.do("manager", "customer", "update", record, phone="13800002222")
    refusal = stale_write(shared_desk, "rep", "customer", record, phone="13800003333")
    theirs = refusal.values["theirs"]
    assert isinstance(theirs, dict)
    assert theirs["phone"] == "13800002222"
    assert not [name for name in theirs if name.endswith(("_hash", "_tail"))]


def test_one_stale_row_refuses_all_of_them(shared_desk: Desk) -> None:
    first, second = shared_desk.make("customer"), shared_desk.make("customer")
    shared_desk.do("operator", "customer", "update", second, name="Theirs")
    rows = [{"id": record, "version": 1, "name": "Mine"} for record in (first, second)]
    with pytest.raises(Stale) as refusal:
        shared_desk.submit("operator", Change("customer", "update", frame_of("customer", *rows)))
    assert refusal.value.values["id"] == second
    assert shared_desk.row("customer", first)["name"] != "Mine"


def test_a_person_must_say_which_version_was_seen(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", owner_id=shared_desk.people["rep"])
    change = Change("customer", "update", frame_of("customer", {"id": record, "name": "New"}))
    with pytest.raises(Refused) as refusal:
        shared_desk.submit("rep", change)
    assert refusal.value.code == "record.version_missing"
    shared_desk.submit("operator", change)


def test_of_eight_at_once_one_wins_and_seven_are_told(shared_desk: Desk) -> None:
    record = shared_desk.make("customer")

    def rename(name: str) -> bool:
        """Whether this one was first."""
        row = {"id": record, "version": 1, "name": name}
        try:
            shared_desk.submit("operator", Change("customer", "update", frame_of("customer", row)))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(rename, [f"Name {n}" for n in range(8)]))
    assert won.count(True) == 1
    assert shared_desk.row("customer", record)["name"] == f"Name {won.index(True)}"


def test_the_same_form_sent_twice_makes_one_record(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", name="Once")
    with pytest.raises(Refused) as refusal:
        shared_desk.make("customer", id=record, name="Once")
    assert refusal.value.code == "unique.taken"
    assert shared_desk.version("customer", record) == 1


def test_winning_a_deal_twice_wins_it_once(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(100), owner_id=shared_desk.people["rep"])
    seen = {"id": deal, "version": 1, "closed_on": None}

    def win(_: int) -> bool:
        """Whether this click was the first."""
        try:
            shared_desk.submit("rep", Change("deal", "win", frame_of("deal", seen)))
        except (Stale, Refused):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(win, range(2))) == [False, True]
    assert shared_desk.one("deal_credit", deal_id=deal)["version"] == 1

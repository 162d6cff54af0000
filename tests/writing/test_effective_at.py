"""When something happened: never in the future, never before the record was there, never behind what was said later."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, Refused
from tests.builders import days_ago, frame_of, moment_ago, now, valid
from tests.department import Desk


def make_at(desk: Desk, moment: datetime, **values: Any) -> str:
    """A customer that was there since a moment."""
    return desk.make("customer", effective_at=moment, **values)


def change(desk: Desk, record: str, moment: datetime, **values: Any) -> None:
    """An update that happened at a moment."""
    desk.do("operator", "customer", "update", record, effective_at=moment, **values)


def moments(desk: Desk, entity: str, record: str) -> list[datetime]:
    """When each change of a record took effect."""
    return desk.store.history(desk.actor("operator"), entity, record)["effective_at"].to_list()


def test_a_change_takes_effect_when_it_is_recorded_unless_said_otherwise(shared_desk: Desk) -> None:
    record = shared_desk.make("customer")
    log = shared_desk.store.history(shared_desk.actor("operator"), "customer", record)
    assert log["effective_at"].to_list() == log["recorded_at"].to_list()


def test_each_row_has_its_own_moment_and_the_change_set_the_default(shared_desk: Desk) -> None:
    early, late = moment_ago(days=5), moment_ago(days=2)
    rows = [
        {"id": new_id(), "effective_at": None, **valid("customer")},
        {"id": new_id(), "effective_at": early, **valid("customer")},
    ]
    shared_desk.submit("operator", Change("customer", "create", frame_of("customer", *rows)), effective_at=late)
    assert [moments(shared_desk, "customer", row["id"]) for row in rows] == [[late], [early]]


def test_nothing_happens_in_the_future(shared_desk: Desk) -> None:
    tomorrow = now() + timedelta(days=1)
    with pytest.raises(Refused) as refusal:
        make_at(shared_desk, tomorrow)
    assert refusal.value.code == "record.in_future"
    create = Change("customer", "create", frame_of("customer", valid("customer")))
    with pytest.raises(Refused):
        shared_desk.submit("operator", create, effective_at=tomorrow)


@pytest.mark.parametrize("whole_set", [False, True], ids=["per row", "for the change-set"])
def test_nothing_happens_to_a_record_before_it_was_there(shared_desk: Desk, whole_set: bool) -> None:
    record, before = make_at(shared_desk, moment_ago(days=3)), moment_ago(days=4)
    row = {"id": record, "version": 1, "name": "New"} | ({} if whole_set else {"effective_at": before})
    with pytest.raises(Refused) as refusal:
        shared_desk.submit(
            "operator",
            Change("customer", "update", frame_of("customer", row)),
            effective_at=before if whole_set else None,
        )
    assert refusal.value.code == "record.stated_later"


def test_what_was_said_about_a_field_later_is_not_overtaken(shared_desk: Desk) -> None:
    record = make_at(shared_desk, moment_ago(days=9))
    change(shared_desk, record, moment_ago(days=2), name="As of two days ago")
    with pytest.raises(Refused) as refusal:
        change(shared_desk, record, moment_ago(days=5), name="As of five days ago")
    assert refusal.value.code == "record.stated_later"


def test_another_field_may_be_stated_for_an_earlier_day(shared_desk: Desk) -> None:
    record = make_at(shared_desk, moment_ago(days=9), address="old")
    change(shared_desk, record, moment_ago(days=2), name="As of two days ago")
    change(shared_desk, record, moment_ago(days=5), address="As of five days ago")
    after = shared_desk.row("customer", record)
    assert (after["name"], after["address"]) == ("As of two days ago", "As of five days ago")


def test_steps_of_one_change_set_follow_each_other(shared_desk: Desk) -> None:
    deal, stage = new_id(), shared_desk.refs["stage"]
    at = [moment_ago(days=days) for days in (9, 5, 1)]
    create = {"id": deal, "effective_at": at[0], **valid("deal", amount=Decimal(90), created_on=days_ago(9))}
    shared_desk.submit(
        "operator",
        Change("deal", "create", frame_of("deal", create)),
        Change("deal", "advance", frame_of("deal", {"id": deal, "stage_id": stage, "effective_at": at[1]})),
        Change("deal", "win", frame_of("deal", {"id": deal, "closed_on": days_ago(1), "effective_at": at[2]})),
    )
    log = shared_desk.store.history(shared_desk.actor("operator"), "deal", deal)
    assert (log["effective_at"].to_list(), log["verb"].to_list()) == (at, ["create", "advance", "win"])
    assert log["version"].to_list() == [1, 2, 3]


def test_steps_in_the_wrong_order_are_refused(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", effective_at=moment_ago(days=9), created_on=days_ago(9))
    shared_desk.do(
        "operator", "deal", "advance", deal, stage_id=shared_desk.refs["stage"], effective_at=moment_ago(days=2)
    )
    with pytest.raises(Refused):
        shared_desk.step("operator", "deal", "lose", deal, closed_on=days_ago(5), effective_at=moment_ago(days=5))


@pytest.mark.parametrize(
    ("entity", "verb", "field"),
    [("deal", "win", "closed_on"), ("deal", "lose", "closed_on"), ("task", "complete", "done_on")],
)
def test_an_end_day_before_the_first_day_is_refused(shared_desk: Desk, entity: str, verb: str, field: str) -> None:
    values: dict[str, Any] = {"amount": Decimal(5)} if entity == "deal" else {}
    record = shared_desk.make(entity, created_on=days_ago(3), **values)
    with pytest.raises(Invalid) as refusal:
        shared_desk.step("operator", entity, verb, record, **{field: days_ago(4)})
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, "field.sequence")]


def test_a_first_day_after_the_end_day_is_refused_too(shared_desk: Desk) -> None:
    record = shared_desk.make("absence", starts_on=days_ago(5), ends_on=days_ago(3))
    with pytest.raises(Invalid) as refusal:
        shared_desk.do("operator", "absence", "update", record, starts_on=days_ago(1))
    assert [problem.code for problem in refusal.value.problems] == ["field.sequence"]


def test_a_deal_entered_after_its_closing_day_closed_at_the_end_of_that_day(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(8), created_on=days_ago(9), effective_at=moment_ago(days=9))
    shared_desk.step("operator", "deal", "win", deal, closed_on=days_ago(3), amount=Decimal(8))
    closed = moments(shared_desk, "deal", deal)[-1]
    end_in_shanghai = datetime.combine(days_ago(3), datetime.min.time()) + timedelta(hours=16)
    assert closed == end_in_shanghai - timedelta(seconds=1)


def test_a_deal_touched_after_its_closing_day_closes_now(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(8), created_on=days_ago(9), effective_at=moment_ago(days=9))
    shared_desk.do("operator", "deal", "update", deal, amount=Decimal(9))
    shared_desk.step("operator", "deal", "win", deal, closed_on=days_ago(3), amount=Decimal(8))
    assert moments(shared_desk, "deal", deal)[-1] > moment_ago(hours=1)


def test_shares_agreed_after_the_closing_day_do_not_stand_in_the_way(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", amount=Decimal(8), created_on=days_ago(9), effective_at=moment_ago(days=9))
    credit = shared_desk.make("deal_credit", deal_id=deal, share=Decimal(1))
    shared_desk.step("operator", "deal", "win", deal, closed_on=days_ago(3), amount=Decimal(8))
    assert shared_desk.row("deal_credit", credit)["amount"] == Decimal(8)

"""What must be unique is; whoever runs into it learns nothing but that it is taken."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.domain.ids import new_id
from dashboard.errors import Refused
from tests.builders import frame_of, valid
from tests.department import Desk

UNIQUE = [(name, field.name) for name, entity in RECORDS.items() for field in entity.fields if field.unique]
TOGETHER = [(name, fields) for name, entity in RECORDS.items() for fields in entity.unique_together]


@pytest.mark.parametrize(("name", "field"), UNIQUE)
def test_a_unique_value_is_taken_once(shared_desk: Desk, name: str, field: str) -> None:
    value = shared_desk.row(name, shared_desk.make(name, **valid_value(name, field)))[field]
    with pytest.raises(Refused) as refusal:
        shared_desk.make(name, **{field: value})
    assert (refusal.value.code, refusal.value.values) == ("unique.taken", {"entity": name})
    other = shared_desk.make(name, **valid_value(name, field))
    with pytest.raises(Refused):
        shared_desk.do("operator", name, "update", other, **{field: value})


def valid_value(name: str, field: str) -> dict[str, Any]:
    """A value for one field, as a new record has it."""
    return {field: valid(name, {}, full=True)[field]}


@pytest.mark.parametrize(("name", "fields"), TOGETHER)
def test_values_unique_together_are_taken_once(shared_desk: Desk, name: str, fields: tuple[str, ...]) -> None:
    record = shared_desk.row(name, shared_desk.make(name))
    with pytest.raises(Refused) as refusal:
        shared_desk.make(name, **{field: record[field] for field in fields})
    assert refusal.value.code == "unique.taken"


def test_a_rep_learns_nothing_about_whose_it_is(shared_desk: Desk) -> None:
    shared_desk.make("customer", credit_code="91310000MA1K35X01A", owner_id=shared_desk.people["stranger"])
    with pytest.raises(Refused) as refusal:
        shared_desk.make("customer", who="rep", credit_code="91310000MA1K35X01A", owner_id=shared_desk.people["rep"])
    assert refusal.value.values == {"entity": "customer"}
    assert "stranger" not in str(refusal.value)


def test_a_unique_value_may_be_written_again_on_its_own_record(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", credit_code="91310000MA1K35X02B")
    for name in ("One", "Two", "Three"):
        shared_desk.do("operator", "customer", "update", record, name=name, credit_code="91310000MA1K35X02B")
    assert shared_desk.version("customer", record) == 4


def test_a_released_value_may_be_taken_by_another(shared_desk: Desk) -> None:
    first = shared_desk.make("customer", credit_code="91310000MA1K35X03C")
    shared_desk.do("operator", "customer", "update", first, credit_code=None)
    second = shared_desk.make("customer", credit_code="91310000MA1K35X03C")
    shared_desk.do("operator", "customer", "update", second, credit_code=None)
    shared_desk.do("operator", "customer", "update", first, credit_code="91310000MA1K35X03C")


def test_a_value_taken_and_changed_in_one_change_set(shared_desk: Desk) -> None:
    record = new_id()
    shared_desk.submit(
        "operator",
        Change("customer", "create", frame_of("customer", {"id": record, **valid("customer", credit_code="A1")})),
        Change("customer", "update", frame_of("customer", {"id": record, "credit_code": "A2"})),
        Change("customer", "update", frame_of("customer", {"id": record, "credit_code": "A1"})),
    )
    assert shared_desk.row("customer", record)["credit_code"] == "A1"


def test_user_names_differ_by_more_than_case_and_blanks(shared_desk: Desk) -> None:
    shared_desk.make("person", username="zhang.wei")
    with pytest.raises(Refused):
        shared_desk.make("person", username=" Zhang.Wei ")

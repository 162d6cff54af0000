"""A reference points at a record that exists and that the writer may read; anything else looks like nothing at all."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS, entity_of
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid
from tests.builders import frame_of, valid
from tests.department import Desk

JUDGED_OTHERWISE = {("deal", "stage_id")}  # by the type that the stage must have
SETTABLE = [
    (name, field.name)
    for name, entity in RECORDS.items()
    for field in entity.settable
    if field.to is not None and (name, field.name) not in JUDGED_OTHERWISE
]


def problem(desk: Desk, who: str, entity: str, **values: object) -> tuple[str, dict[str, object]]:
    """Code and values of the only problem of a new record; its text follows from them."""
    with pytest.raises(Invalid) as refusal:
        desk.make(entity, who=who, **values)
    found = refusal.value.problems
    assert len(found) == 1
    return found[0].code, found[0].values


@pytest.mark.parametrize(("name", "field"), SETTABLE)
def test_a_reference_to_nothing_is_refused(shared_desk: Desk, name: str, field: str) -> None:
    code, values = problem(shared_desk, "operator", name, **{field: new_id()})
    assert (code, values["field"]) == ("reference.not_found", field)


def test_a_record_out_of_reach_looks_exactly_like_none(shared_desk: Desk) -> None:
    theirs = shared_desk.make("customer", owner_id=shared_desk.people["stranger"])
    mine = {"owner_id": shared_desk.people["rep"]}
    assert problem(shared_desk, "rep", "deal", customer_id=theirs, **mine) == problem(
        shared_desk, "rep", "deal", customer_id=new_id(), **mine
    )


def test_the_row_at_fault_is_named(shared_desk: Desk) -> None:
    good, bad = shared_desk.make("customer"), new_id()
    rows = [{"id": new_id(), **valid("contact", customer_id=customer)} for customer in (good, good, bad)]
    with pytest.raises(Invalid) as refusal:
        shared_desk.submit("operator", Change("contact", "create", frame_of("contact", *rows)))
    assert [(found.row, found.field) for found in refusal.value.problems] == [(2, "customer_id")]


def test_many_references_at_once_are_judged_alike(shared_desk: Desk) -> None:
    good, bad = shared_desk.make("customer"), new_id()
    rows = [{"id": new_id(), **valid("contact", customer_id=shared_desk.make("customer"))} for _ in range(70)]
    rows += [{"id": new_id(), **valid("contact", customer_id=customer)} for customer in (good, bad)]
    with pytest.raises(Invalid) as refusal:
        shared_desk.submit("operator", Change("contact", "create", frame_of("contact", *rows)))
    assert [(found.row, found.field) for found in refusal.value.problems] == [(71, "customer_id")]


def test_anybody_may_point_at_a_colleague(shared_desk: Desk) -> None:
    deal = shared_desk.make("deal", who="rep", owner_id=shared_desk.people["rep"])
    values = {"deal_id": deal, "person_id": shared_desk.people["stranger"]}
    assert shared_desk.make("deal_participant", who="rep", **values)


def test_a_tree_comes_in_one_change_children_beside_their_parents(shared_desk: Desk) -> None:
    above, under = new_id(), new_id()
    rows = [{"id": under, **valid("region", parent_id=above)}, {"id": above, **valid("region", parent_id=None)}]
    shared_desk.submit("operator", Change("region", "create", frame_of("region", *rows)))
    assert shared_desk.row("region", under)["parent_id"] == above


def test_a_change_points_at_what_an_earlier_change_of_the_same_set_made(shared_desk: Desk) -> None:
    customer, contact = new_id(), new_id()
    shared_desk.submit(
        "operator",
        Change("customer", "create", frame_of("customer", {"id": customer, **valid("customer")})),
        Change("contact", "create", frame_of("contact", {"id": contact, **valid("contact", customer_id=customer)})),
    )
    assert shared_desk.row("contact", contact)["customer_id"] == customer


def test_an_update_is_judged_by_what_it_changes(shared_desk: Desk) -> None:
    """A rep keeps working on a contact's card although a reference on it has moved out of reach."""
    rep, stranger = shared_desk.people["rep"], shared_desk.people["stranger"]
    customer = shared_desk.make("customer", owner_id=rep)
    deal = shared_desk.make("deal", owner_id=rep, customer_id=customer)
    shared_desk.do("operator", "customer", "update", customer, owner_id=stranger)
    other = shared_desk.make("customer", owner_id=stranger)
    shared_desk.do("rep", "deal", "update", deal, customer_id=customer, name="Renamed")
    with pytest.raises(Invalid):
        shared_desk.do("rep", "deal", "update", deal, customer_id=other)


def test_every_reference_names_an_entity_that_people_work_on() -> None:
    targets = {field.to for entity in RECORDS.values() for field in entity.all_fields if field.to is not None}
    assert all(entity_of(target).name in RECORDS for target in targets)
    assert pl.Series(sorted(targets)).is_unique().all()

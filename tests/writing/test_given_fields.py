"""What a form, a REST body or an import may say about a record: its declared fields, and not those that verbs set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import SYSTEM_COLUMNS
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Invalid, Refused
from tests.builders import Anywhere, frame_of, now, valid, value_of, verb_values
from tests.department import Desk

BY_VERB = {name: [f for f in entity.all_fields if f.by_verb and not f.at_creation] for name, entity in RECORDS.items()}
FOLLOWING = {"currency", "committed_revision", "undone_revision"}  # the desk fills these itself
WITH_BY_VERB = [name for name, fields in BY_VERB.items() if fields]


@contextmanager
def refused(code: str, field: str) -> Iterator[None]:
    """The change is invalid because of this field, for this reason."""
    with pytest.raises(Invalid) as refusal:
        yield
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, code)]


@pytest.mark.parametrize("name", WITH_BY_VERB)
def test_a_field_of_a_verb_is_set_neither_when_creating_nor_by_an_update(shared_desk: Desk, name: str) -> None:
    record = shared_desk.make(name)
    for field in BY_VERB[name]:
        value = value_of(field, Anywhere())
        with refused("field.not_allowed", field.name):
            shared_desk.make(name, **{field.name: value})
        with refused("field.not_allowed", field.name):
            shared_desk.do("operator", name, "update", record, **{field.name: value})


@pytest.mark.parametrize("name", LIFECYCLES)
def test_a_verb_sets_no_field_of_another_verb(shared_desk: Desk, name: str) -> None:
    shared_desk.refs.setdefault("customer", shared_desk.make("customer"))
    record, cycle = shared_desk.make(name), LIFECYCLES[name]
    first = next(t for t in cycle.transitions if cycle.start in t.sources)
    given = verb_values(name, first.verb, shared_desk.refs)
    for field in BY_VERB[name]:
        if field.name in (*first.needs, *first.may_set):
            continue
        with refused("field.not_allowed", field.name):
            shared_desk.do("operator", name, first.verb, record, **given, **{field.name: value_of(field, Anywhere())})


@pytest.mark.parametrize("column", [c.name for c in SYSTEM_COLUMNS if c.name not in ("id", "version")])
def test_the_stores_own_columns_cannot_be_updated(shared_desk: Desk, column: str) -> None:
    record = shared_desk.make("customer")
    value: Any = {"revision": 1, "created_at": now(), "updated_at": now(), "archived_at": now()}.get(column, "mine")
    with refused("field.unknown", column):
        shared_desk.do("operator", "customer", "update", record, **{column: value})


def test_where_a_record_came_from_is_stated_when_it_is_created(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", source="legacy", external_id="42")
    assert shared_desk.row("customer", record)["external_id"] == "42"
    with pytest.raises(Refused) as refusal:
        shared_desk.make("customer", source="legacy", external_id="42")
    assert refusal.value.code == "unique.taken"


@pytest.mark.parametrize("verb", ["archive", "restore"])
def test_archiving_changes_nothing_else(shared_desk: Desk, verb: str) -> None:
    record = shared_desk.make("customer", name="Kept")
    with refused("field.not_allowed", "name"):
        shared_desk.do("operator", "customer", verb, record, name="Changed")


def test_an_unknown_field_is_named(shared_desk: Desk) -> None:
    with refused("field.unknown", "colour"):
        shared_desk.make("customer", colour="red")


def test_a_number_for_people_cannot_be_chosen(shared_desk: Desk) -> None:
    with refused("field.unknown", "number"):
        shared_desk.make("deal", number="D-2026-99999")


def test_the_version_of_a_new_record_is_one_whatever_is_said(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", version=7)
    assert shared_desk.version("customer", record) == 1


def test_a_null_sets_a_field_to_nothing_and_a_field_without_column_stays(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", address="1 Long Street", website="https://example.com")
    shared_desk.do("operator", "customer", "update", record, address=None)
    after = shared_desk.row("customer", record)
    assert (after["address"], after["website"]) == (None, "https://example.com")


def test_an_update_that_changes_nothing_writes_nothing(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", name="Same", phone="13800001111")
    before = shared_desk.store.revision
    applied = shared_desk.do("operator", "customer", "update", record, name="Same", phone="13800001111")
    assert (shared_desk.store.revision, applied.counts) == (before, {})
    assert shared_desk.version("customer", record) == 1


def test_what_a_change_states_is_what_differs(shared_desk: Desk) -> None:
    record = shared_desk.make("customer", name="Old", phone="13800001111", aliases=["a"])
    shared_desk.do("operator", "customer", "update", record, name="New", phone="13800002222", aliases=["a"])
    log = shared_desk.store.history(shared_desk.actor("operator"), "customer", record)
    assert log["changed"].to_list() == ["*", ",name,phone,"]


def test_a_frame_of_several_rows_leaves_unchanged_rows_alone(shared_desk: Desk) -> None:
    first, second = shared_desk.make("customer", name="One"), shared_desk.make("customer", name="Two")
    rows = [{"id": first, "version": 1, "name": "One"}, {"id": second, "version": 1, "name": "Deux"}]
    shared_desk.submit("operator", Change("customer", "update", frame_of("customer", *rows)))
    assert (shared_desk.version("customer", first), shared_desk.version("customer", second)) == (1, 2)


def test_a_record_stands_only_once_in_a_change(shared_desk: Desk) -> None:
    record = shared_desk.make("customer")
    rows = [{"id": record, "version": 1, "name": name} for name in ("One", "Two")]
    with refused("record.twice", "id"):
        shared_desk.submit("operator", Change("customer", "update", frame_of("customer", *rows)))


def test_every_valid_record_keeps_what_it_was_given(shared_desk: Desk) -> None:
    shared_desk.refs.setdefault("customer", shared_desk.make("customer"))
    for name in RECORDS:
        record = shared_desk.make(name)
        given = valid(name, Anywhere(shared_desk.refs), full=True)
        kept = [key for key in given if RECORDS[name].by_name[key].to is None and key not in FOLLOWING]
        plain = {key: given[key] for key in kept}
        shared_desk.do("operator", name, "update", record, **plain)
        after = shared_desk.row(name, record)
        assert {key: after[key] for key in plain} == plain, name


@pytest.mark.parametrize("record_id", ["", "x" * 41, "two words", "'; DROP", "../etc"])
def test_an_id_is_short_and_plain(shared_desk: Desk, record_id: str) -> None:
    with refused("field.type", "id"):
        shared_desk.make("customer", id=record_id)


def test_a_row_without_an_id_gets_one(shared_desk: Desk) -> None:
    rows = [{"id": name, **valid("customer")} for name in (None, "given-by-a-form")]
    before = shared_desk.store.count(shared_desk.actor("operator"), "customer")
    shared_desk.submit("operator", Change("customer", "create", frame_of("customer", *rows)))
    assert shared_desk.store.count(shared_desk.actor("operator"), "customer") == before + 2
    assert shared_desk.version("customer", "given-by-a-form") == 1


def test_a_masked_value_does_not_come_back_as_the_value(shared_desk: Desk) -> None:
    """Whoever sees a number masked may set a new one, but a form that sends back what it showed changes nothing."""
    person = shared_desk.make("person", phone="13912345678")
    shown = shared_desk.store.get(shared_desk.actor("admin"), "person", person)["phone"]
    assert shown == "139****5678"
    with refused("field.masked", "phone"):
        shared_desk.do("admin", "person", "update", person, phone=shown)
    shared_desk.do("admin", "person", "update", person, phone="13912345679")
    assert shared_desk.row("person", person)["phone"] == "13912345679"

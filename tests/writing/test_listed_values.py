"""A value of a list is taken only by fields of that list, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.domain.entities import ENTITIES
from dashboard.domain.entities.reference import TAG_LISTS
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Invalid
from tests.builders import verb_values
from tests.department import Desk
from tests.tables import fingerprints

LISTED = [
    (entity.name, field) for entity in ENTITIES.values() for field in entity.all_fields if field.to == "list_value"
]


def other_than(desk: Desk, of: str | None, *, archived: bool = False) -> str:
    """A value of another list."""
    listed = desk.make("list_value", list="need" if of != "need" else "source", code=f"other-{desk.store.revision}")
    if archived:
        desk.do("operator", "list_value", "archive", listed)
    return listed


def test_every_field_that_points_at_a_list_says_which() -> None:
    assert [(entity, field.name) for entity, field in LISTED if field.list is None] == []
    assert {field.list for _, field in LISTED} <= set(ENTITIES["list_value"].by_name["list"].choices)
    assert {(entity, field.name) for entity, field in LISTED} >= {
        ("lead", "source_id"),
        ("lead", "reason_id"),
        ("deal", "lost_reason_id"),
        ("deal", "competitor_id"),
        ("return", "reason_id"),
    }


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize(("entity", "name"), [(entity, field.name) for entity, field in LISTED if not field.by_verb])
def test_a_value_of_another_list_is_refused_in_new_records_and_in_changes(
    shared_desk: Desk, entity: str, name: str, archived: bool
) -> None:
    desk, field = shared_desk, ENTITIES[entity].by_name[name]
    wrong, record = other_than(desk, field.list, archived=archived), desk.make(entity)
    table = ENTITIES[entity].plural
    written = fingerprints(desk.store)[table]
    for write in (
        lambda: desk.make(entity, **{name: wrong}),
        lambda: desk.do("operator", entity, "update", record, **{name: wrong}),
    ):
        with pytest.raises(Invalid) as told:
            write()
        assert [(one.field, one.code) for one in told.value.problems] == [(name, "reference.wrong_list")]
    assert fingerprints(desk.store)[table] == written
    desk.do("operator", entity, "update", record, **{name: desk.refs[str(field.list)]})
    assert desk.row(entity, record)[name] == desk.refs[str(field.list)]


@pytest.mark.parametrize(
    ("entity", "name", "verb"),
    [
        (entity, field.name, step.verb)
        for entity, field in LISTED
        for step in (LIFECYCLES[entity].transitions if entity in LIFECYCLES else ())
        if field.name in step.needs
    ],
)
def test_a_verb_takes_no_value_of_another_list(shared_desk: Desk, entity: str, name: str, verb: str) -> None:
    desk = shared_desk
    record = desk.make(entity, owner_id=desk.people["rep"])
    values: dict[str, Any] = verb_values(entity, verb, desk.refs)
    wrong = other_than(desk, ENTITIES[entity].by_name[name].list)
    with pytest.raises(Invalid) as told:
        desk.do("rep", entity, verb, record, why="as agreed", **{**values, name: wrong})
    assert [(one.field, one.code) for one in told.value.problems] == [(name, "reference.wrong_list")]
    desk.do("rep", entity, verb, record, why="as agreed", **values)
    assert desk.row(entity, record)[name] == values[name]


@pytest.mark.parametrize(
    ("entity", "name"),
    [*((entity, field.name) for entity, field in LISTED if not field.by_verb), ("deal", "need_tags")],
)
def test_a_value_that_records_hold_stays_in_its_list(shared_desk: Desk, entity: str, name: str) -> None:
    desk, field = shared_desk, ENTITIES[entity].by_name[name]
    of, code = field.list or TAG_LISTS[name], f"试用-{desk.store.revision}"
    value = desk.make("list_value", list=of, code=code)
    elsewhere = next(one for one in ENTITIES["list_value"].by_name["list"].choices if one != of)
    record = desk.make(entity, **{name: value if field.to else ["other", code]})
    if not field.required:
        desk.do("operator", entity, "update", record, **{name: None})
    before = desk.store.revision
    with pytest.raises(Invalid) as told:
        desk.do("admin", "list_value", "update", value, list=elsewhere)
    assert [(one.row, one.field, one.code) for one in told.value.problems] == [(0, "list", "list_value.used")]
    assert desk.store.revision == before
    desk.do("admin", "list_value", "update", value, list=of, label_en="Another name")


def test_a_tag_keeps_its_code_while_what_is_pointed_at_may_get_another(shared_desk: Desk) -> None:
    desk = shared_desk
    code = f"标签-{desk.store.revision}"
    tag, source = desk.make("list_value", list="need", code=code), desk.make("list_value", list="source", code=code)
    desk.do("admin", "list_value", "update", tag, code=f"{code}-a")
    desk.make("lead", need_tags=[f"{code}-a"], source_id=source)
    with pytest.raises(Invalid) as told:
        desk.do("admin", "list_value", "update", tag, code=f"{code}-b")
    assert [(one.row, one.field, one.code) for one in told.value.problems] == [(0, "code", "list_value.tagged")]
    desk.do("admin", "list_value", "update", source, code=f"{code}-b")
    assert desk.row("list_value", source)["code"] == f"{code}-b"


def test_a_value_that_no_record_holds_goes_to_another_list(shared_desk: Desk) -> None:
    value = shared_desk.make("list_value", list="need", code=f"new-{shared_desk.store.revision}")
    shared_desk.do("admin", "list_value", "update", value, list="source")
    assert shared_desk.row("list_value", value)["list"] == "source"

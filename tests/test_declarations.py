"""Entities and life cycles hold together: every name that one declaration uses, another declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from dashboard.domain.access import Role
from dashboard.domain.entities import BY_PLURAL, ENTITIES, RECORDS, entity_of
from dashboard.domain.entities.organisation import ROLES
from dashboard.domain.fields import HISTORY_COLUMNS, SYSTEM_COLUMNS, Entity, Field, Kind, columns_of
from dashboard.domain.lifecycles import LIFECYCLES, Lifecycle

EVERY_ENTITY = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES.keys())
EVERY_LIFECYCLE = pytest.mark.parametrize("cycle", LIFECYCLES.values(), ids=LIFECYCLES.keys())
MACHINES = {Role.OPERATOR, Role.SYSTEM}
PERSONAL_KINDS = {Kind.EMAIL, Kind.PHONE}
PERSONAL_WORDS = ("phone", "mobile", "email", "bank_account", "id_number", "passport")


def repeated(values: Iterable[object]) -> list[object]:
    """What stands more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def unknown(entity: Entity, names: Iterable[str]) -> list[str]:
    """The names that are no fields of the entity."""
    return [name for name in names if name not in entity.by_name]


# names and tables


@EVERY_ENTITY
def test_an_entity_has_no_field_twice(entity: Entity) -> None:
    assert repeated(field.name for field in entity.all_fields) == []


@EVERY_ENTITY
def test_no_field_takes_the_name_of_a_system_column(entity: Entity) -> None:
    system = SYSTEM_COLUMNS[:1] if entity.log else (*SYSTEM_COLUMNS, *HISTORY_COLUMNS)
    stored = [column.name for field in entity.all_fields for column in columns_of(field)]
    assert repeated([*stored, *(column.name for column in system)]) == []


def test_entities_and_tables_have_names_of_their_own() -> None:
    tables = [entity.plural for entity in ENTITIES.values()] + [entity.history for entity in RECORDS.values()]
    assert repeated(tables) == []
    assert {name for name in ENTITIES if name in BY_PLURAL and BY_PLURAL[name].name != name} == set()


@EVERY_ENTITY
def test_an_entity_is_found_by_its_name_and_its_plural(entity: Entity) -> None:
    assert entity_of(entity.name) is entity
    assert entity_of(entity.plural) is entity


def test_number_prefixes_are_unique() -> None:
    assert repeated(entity.number for entity in ENTITIES.values() if entity.number) == []


# fields


@EVERY_ENTITY
def test_references_point_at_records(entity: Entity) -> None:
    for field in entity.all_fields:
        assert (field.kind is Kind.REFERENCE) == (field.to is not None), field.name
        assert field.to is None or field.to in RECORDS, field.name


@EVERY_ENTITY
def test_a_reference_is_called_like_an_id_and_a_day_like_a_day(entity: Entity) -> None:
    endings = {Kind.REFERENCE: ("_id",), Kind.INSTANT: ("_at", "_since", "_until")}
    for field in entity.all_fields:
        if field.kind in endings:
            assert field.name.endswith(endings[field.kind]), field.name


@EVERY_ENTITY
def test_choices_are_there_where_a_choice_is_asked_and_none_stands_twice(entity: Entity) -> None:
    for field in entity.all_fields:
        assert repeated(field.choices) == [], field.name
        assert field.choices or field.kind is not Kind.CHOICE, field.name
        assert not field.choices or field.kind in (Kind.CHOICE, Kind.TAGS), field.name


@EVERY_ENTITY
def test_a_default_is_a_value_that_the_field_accepts(entity: Entity) -> None:
    types = {Kind.FLAG: bool, Kind.INTEGER: int, Kind.CHOICE: str, Kind.TEXT: str}
    for field in entity.all_fields:
        if field.default is not None:
            assert isinstance(field.default, types[field.kind]), field.name
            assert not field.choices or field.default in field.choices, field.name


@EVERY_ENTITY
def test_bounds_are_in_order(entity: Entity) -> None:
    for field in entity.all_fields:
        assert field.low is None or field.high is None or field.low < field.high, field.name


def test_choices_that_name_entities_and_roles_name_real_ones() -> None:
    for name in ("pool_rule", "assignment_rule"):
        assert set(ENTITIES[name].by_name["entity"].choices) <= RECORDS.keys()
    assert set(ROLES) == {role.value for role in Role} - {role.value for role in MACHINES}


@EVERY_ENTITY
def test_keys_and_titles_name_fields(entity: Entity) -> None:
    for names in (*entity.natural_keys, *entity.unique_together):
        assert unknown(entity, names) == []
        assert repeated(names) == []
    assert entity.title is None or entity.title in entity.by_name or (entity.title == "number" and entity.number)


@EVERY_ENTITY
def test_a_natural_key_is_not_an_encrypted_value_without_hash(entity: Entity) -> None:
    for name in {name for names in (*entity.natural_keys, *entity.unique_together) for name in names}:
        field = entity.by_name[name]
        assert not field.encrypted or f"{name}_hash" in {column.name for column in columns_of(field)}


@EVERY_ENTITY
def test_personal_details_are_encrypted(entity: Entity) -> None:
    clear = [field.name for field in entity.all_fields if personal(field) and not field.encrypted]
    assert clear == []


def personal(field: Field) -> bool:
    """Whether a field holds a phone, an e-mail, a bank account or an identity number."""
    named = any(field.name == word or field.name.endswith(f"_{word}") for word in PERSONAL_WORDS)
    return field.kind in PERSONAL_KINDS or (named and field.kind is Kind.TEXT)


@EVERY_ENTITY
def test_encrypted_values_have_a_subject_whose_key_can_be_destroyed(entity: Entity) -> None:
    encrypted = [field.name for field in entity.all_fields if field.encrypted]
    if not encrypted:
        assert entity.subject is None
    elif entity.subject != "id":
        assert entity.subject is not None
        assert entity.by_name[entity.subject].kind is Kind.REFERENCE


@EVERY_ENTITY
def test_only_records_have_numbers_and_custom_fields(entity: Entity) -> None:
    assert not entity.log or (entity.number is None and not entity.customisable)


# life cycles


def states_of(cycle: Lifecycle) -> tuple[str, ...]:
    """The states that the entity's field can hold."""
    return ENTITIES[cycle.entity].by_name[cycle.field].choices


@EVERY_LIFECYCLE
def test_a_life_cycle_stands_on_a_choice_that_only_verbs_set(cycle: Lifecycle) -> None:
    field = ENTITIES[cycle.entity].by_name[cycle.field]
    assert field.kind is Kind.CHOICE
    assert field.by_verb
    assert field.default == cycle.start
    assert LIFECYCLES[cycle.entity] is cycle


@EVERY_LIFECYCLE
def test_verbs_lead_between_states_that_exist(cycle: Lifecycle) -> None:
    for transition in cycle.transitions:
        assert {*transition.sources, transition.target} <= set(states_of(cycle)), transition.verb
        assert repeated(transition.sources) == [], transition.verb
    assert repeated(transition.verb for transition in cycle.transitions) == []


@EVERY_LIFECYCLE
def test_every_state_can_be_reached_from_the_start(cycle: Lifecycle) -> None:
    reached = {cycle.start}
    for _ in cycle.transitions:
        reached |= {transition.target for transition in cycle.transitions if reached & set(transition.sources)}
    assert reached == set(states_of(cycle))


@EVERY_LIFECYCLE
def test_a_verb_that_stays_in_its_state_writes_something(cycle: Lifecycle) -> None:
    for transition in cycle.transitions:
        if transition.target in transition.sources:
            assert transition.needs or transition.may_set, transition.verb


@EVERY_LIFECYCLE
def test_verbs_need_and_set_fields_of_their_entity(cycle: Lifecycle) -> None:
    entity = ENTITIES[cycle.entity]
    for transition in cycle.transitions:
        assert unknown(entity, (*transition.needs, *transition.may_set)) == [], transition.verb
        assert repeated(transition.needs) == repeated(transition.may_set) == [], transition.verb
        settable = [name for name in transition.may_set if not entity.by_name[name].by_verb]
        assert settable == [], f"{transition.verb}: anybody may set {settable}, no verb is needed"


@EVERY_LIFECYCLE
def test_no_verb_takes_the_name_of_what_every_record_has(cycle: Lifecycle) -> None:
    assert {transition.verb for transition in cycle.transitions} & {"create", "update", "archive", "restore"} == set()

"""The access table holds together: what it names exists, and what it grants can be told from a record."""

from __future__ import annotations

from collections import Counter

import pytest

from dashboard.domain.access import DEFAULTS, OWNERSHIP, Action, Grant, Ownership, Reach, Role
from dashboard.domain.entities import ENTITIES, LOGS, RECORDS, Entity
from dashboard.domain.lifecycles import LIFECYCLES, Lifecycle, Transition

MACHINES = {Role.OPERATOR, Role.SYSTEM}
NAMEABLE = {"id", "number"}  # the system columns that a rule on fields may name


def test_grants_speak_of_records() -> None:
    assert {grant.entity for grant in DEFAULTS} == set(RECORDS)
    assert {grant.entity for grant in DEFAULTS} & set(LOGS) == set()


def test_no_grant_stands_twice() -> None:
    assert [grant for grant, count in Counter(DEFAULTS).items() if count > 1] == []


def test_rules_on_fields_name_fields() -> None:
    wrong = {
        (grant.role.value, grant.entity, name)
        for grant in DEFAULTS
        for name in grant.fields.only
        if name not in RECORDS[grant.entity].by_name and name not in NAMEABLE
    }
    assert wrong == set()


def test_grants_limited_to_states_name_states_of_the_life_cycle_that_the_record_follows() -> None:
    wrong = {
        (grant.role.value, grant.entity, state)
        for grant in DEFAULTS
        for state in grant.states
        if state not in followed_states(grant.entity)
    }
    assert wrong == set()


def followed_states(name: str) -> set[str]:
    """The states of an entity's own life cycle, or of the record that it is a part of."""
    if name in LIFECYCLES:
        return states_of(name)
    parents = {parent for parent, _ in hangs(name).parents if parent in LIFECYCLES}
    return set().union(*(states_of(parent) for parent in parents))


def states_of(name: str) -> set[str]:
    """The states of an entity's own life cycle."""
    return set(ENTITIES[name].by_name[LIFECYCLES[name].field].choices)


def hangs(name: str) -> Ownership:
    """How the records of an entity hang on people and teams."""
    return OWNERSHIP.get(name, Ownership())


@pytest.mark.parametrize("reach", [reach for reach in Reach if reach is not Reach.ALL])
def test_a_grant_below_all_is_given_only_where_the_record_tells_whose_it_is(reach: Reach) -> None:
    blind = {grant.entity for grant in DEFAULTS if grant.reach is reach and not expresses(grant.entity, reach)}
    assert blind == set()


def expresses(name: str, reach: Reach) -> bool:
    """Whether an entity's ownership, or that of what it hangs on, can tell which records lie in a reach."""
    ownership, fields = hangs(name), RECORDS[name].by_name
    own = {
        Reach.ALL: True,
        Reach.OWN: bool(ownership.people or ownership.children),
        Reach.TEAM: bool(ownership.people or ownership.teams or ownership.closing_teams or ownership.children),
        Reach.BELOW: bool(ownership.people or ownership.teams or ownership.closing_teams or ownership.children),
        Reach.HEADS: bool(ownership.people),
        Reach.LINKED: bool(ownership.linked or ownership.serving),
        Reach.POOL: "pool_team_id" in fields and "owner_id" in fields,
        Reach.MINE: ownership.account is not None,
        Reach.SHARED: "shared_team_id" in fields,
        Reach.NAMED: name == "contract",  # whoever is to decide on it
    }
    return own[reach] or any(expresses(parent, reach) for parent, _ in ownership.parents)


@pytest.mark.parametrize("name", RECORDS)
def test_somebody_may_read_every_record(name: str) -> None:
    readers = {grant.role for grant in DEFAULTS if grant.entity == name and grant.action is Action.READ}
    assert readers - MACHINES


@pytest.mark.parametrize("role", [role for role in Role if role not in MACHINES])
def test_whoever_may_change_a_record_may_read_it(role: Role) -> None:
    granted = {(grant.entity, grant.action) for grant in DEFAULTS if grant.role is role}
    changed = {entity for entity, action in granted if action is not Action.IMPORT}
    assert changed - {entity for entity, action in granted if action is Action.READ} == set()


@pytest.mark.parametrize("name", OWNERSHIP)
def test_ownership_names_references_of_the_right_kind(name: str) -> None:
    entity, ownership = RECORDS[name], OWNERSHIP[name]
    assert {target(entity, field) for field in ownership.people} <= {"person"}
    assert {target(entity, field) for field in (*ownership.teams, *ownership.closing_teams)} <= {"team"}
    assert ownership.account is None or target(entity, ownership.account) == "person"
    for there, field in (*ownership.parents, *ownership.serving):
        of_any_kind = field == "record_id" and "entity" in entity.by_name
        assert of_any_kind or target(entity, field) == there
    for there, field in ownership.linked:
        assert target(RECORDS[there], field) == name
    for there, field, person in ownership.children:
        assert (target(RECORDS[there], field), target(RECORDS[there], person)) == (name, "person")


def target(entity: Entity, field: str) -> str | None:
    """What a reference points at; a record's id points at itself."""
    return entity.name if field == "id" else entity.by_name[field].to


def test_no_record_inherits_its_reach_in_a_circle() -> None:
    for name in OWNERSHIP:
        above: set[str] = set()
        level = {name}
        while level:
            level = {parent for one in level for parent, _ in hangs(one).parents}
            assert name not in level, name
            level -= above
            above |= level


@pytest.mark.parametrize("cycle", LIFECYCLES.values(), ids=LIFECYCLES.keys())
def test_every_verb_is_granted_to_somebody_in_all_states_it_starts_from(cycle: Lifecycle) -> None:
    for transition in cycle.transitions:
        assert any(lets(grant, cycle, transition) for grant in DEFAULTS if grant.role not in MACHINES), transition.verb


def lets(grant: Grant, cycle: Lifecycle, transition: Transition) -> bool:
    """Whether a grant lets somebody use a verb in every state it starts from."""
    suits = (grant.entity, grant.action) == (cycle.entity, transition.who)
    return suits and (not grant.states or set(transition.sources) <= set(grant.states))

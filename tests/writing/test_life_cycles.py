"""Every row of the transition tables: what leads out of a state is done, everything else is refused with the reason."""

from __future__ import annotations

import pytest

from dashboard.domain.entities import entity_of
from dashboard.domain.fields import Field
from dashboard.domain.lifecycles import LIFECYCLES, Lifecycle, Transition
from dashboard.errors import Invalid, Refused
from tests.builders import verb_values
from tests.department import Desk

DERIVED = {"stage_id", "closed_on", "competitor_id"}
"""What a verb needs and finds by itself: the only stage of its type, today, that no competitor is known."""


def paths(cycle: Lifecycle) -> dict[str, tuple[str, ...]]:
    """For each state a shortest way of verbs that leads there from the start."""
    found: dict[str, tuple[str, ...]] = {cycle.start: ()}
    queue = [cycle.start]
    for state in queue:
        for transition in cycle.transitions:
            if state in transition.sources and transition.target not in found:
                found[transition.target] = (*found[state], transition.verb)
                queue.append(transition.target)
    return found


def legal() -> list[tuple[str, str, str]]:
    """Entity, state and verb of everything the tables allow."""
    return [
        (name, state, t.verb) for name, cycle in LIFECYCLES.items() for t in cycle.transitions for state in t.sources
    ]


def states() -> list[tuple[str, str]]:
    """Every entity with each of its states."""
    return [(name, state) for name, cycle in LIFECYCLES.items() for state in state_field(cycle).choices]


def state_field(cycle: Lifecycle) -> Field:
    """The field that holds the state."""
    return entity_of(cycle.entity).by_name[cycle.field]


def needing() -> list[tuple[str, str, str]]:
    """Entity, verb and each field that the verb must be given."""
    return [
        (name, t.verb, field)
        for name, cycle in LIFECYCLES.items()
        for t in cycle.transitions
        for field in t.needs
        if field not in DERIVED
    ]


def in_state(desk: Desk, name: str, state: str) -> str:
    """A record that was led to a state by its verbs."""
    for needed in ("customer", "contract_template"):
        if needed not in desk.refs:
            desk.refs[needed] = desk.make(needed)
    record = desk.make(name)
    for verb in paths(LIFECYCLES[name])[state]:
        desk.step("operator", name, verb, record)
    assert desk.row(name, record)[LIFECYCLES[name].field] == state
    return record


def transition_of(name: str, verb: str) -> Transition:
    """A row of the table."""
    found = LIFECYCLES[name].verb(verb)
    assert found is not None
    return found


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_state_can_be_reached(name: str) -> None:
    assert set(paths(LIFECYCLES[name])) == set(state_field(LIFECYCLES[name]).choices)


@pytest.mark.parametrize(("name", "state", "verb"), legal())
def test_a_verb_leads_from_each_of_its_sources_to_its_target(
    shared_desk: Desk, name: str, state: str, verb: str
) -> None:
    record = in_state(shared_desk, name, state)
    shared_desk.step("operator", name, verb, record)
    after = shared_desk.row(name, record)
    assert after[LIFECYCLES[name].field] == transition_of(name, verb).target


@pytest.mark.parametrize(("name", "state"), states())
def test_any_other_verb_is_refused_with_the_state_and_what_is_possible(
    shared_desk: Desk, name: str, state: str
) -> None:
    cycle = LIFECYCLES[name]
    record = in_state(shared_desk, name, state)
    before = shared_desk.row(name, record)
    for transition in cycle.transitions:
        if state in transition.sources:
            continue
        with pytest.raises(Refused) as refusal:
            shared_desk.step("operator", name, transition.verb, record)
        assert refusal.value.code == "verb.not_allowed"
        assert refusal.value.values["state"] == state
        assert refusal.value.values["allowed"] == list(cycle.allowed(state))
    assert shared_desk.row(name, record) == before


@pytest.mark.parametrize(("name", "verb", "field"), needing())
def test_what_a_verb_needs_must_be_given(shared_desk: Desk, name: str, verb: str, field: str) -> None:
    source = transition_of(name, verb).sources[0]
    record = in_state(shared_desk, name, source)
    given = verb_values(name, verb, shared_desk.refs) | {field: None}
    with pytest.raises(Invalid) as refusal:
        shared_desk.do("operator", name, verb, record, why="as agreed", **given)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, "field.required")]


@pytest.mark.parametrize(
    ("name", "verb"), [(name, t.verb) for name, cycle in LIFECYCLES.items() for t in cycle.transitions if t.why]
)
def test_a_verb_that_asks_for_a_reason_is_refused_without(shared_desk: Desk, name: str, verb: str) -> None:
    record = in_state(shared_desk, name, transition_of(name, verb).sources[0])
    with pytest.raises(Refused) as refusal:
        shared_desk.do("operator", name, verb, record, **verb_values(name, verb, shared_desk.refs))
    assert refusal.value.code == "verb.needs_why"


def test_an_unknown_verb_is_refused(shared_desk: Desk) -> None:
    record = shared_desk.make("task")
    with pytest.raises(Refused) as refusal:
        shared_desk.do("operator", "task", "explode", record)
    assert refusal.value.code == "verb.unknown"


def test_an_archived_record_has_no_verbs_until_it_is_restored(shared_desk: Desk) -> None:
    record = shared_desk.make("task")
    shared_desk.do("operator", "task", "archive", record)
    with pytest.raises(Refused):
        shared_desk.step("operator", "task", "complete", record)
    shared_desk.do("operator", "task", "restore", record)
    shared_desk.step("operator", "task", "complete", record)

"""The grants as an administrator changes them, previewed; why somebody sees a record; looking as somebody else."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, Role, Visibility, system
from dashboard.domain.access_rules import Rule, check, policy_of, rule_of, seen_through
from dashboard.domain.changes import Applied, Change
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden
from dashboard.store import Store, audit
from dashboard.store.explaining import Difference, Reason, fields_shown
from dashboard.store.logs import LOOK

RULE = "access_rule"


class Effect(NamedTuple):
    """What a change of the grants means for one person: records, and fields by how they were shown and will be."""

    person_id: str
    records: Difference
    fields: dict[str, tuple[Visibility, Visibility]]


def rules(store: Store) -> list[Rule]:
    """The rules in force."""
    found = store.find(system(), RULE)
    return [rule_of(row) for row in found.to_dicts()]


def preview(store: Store, actor: Actor, rule: Rule | None, line: tuple[Role, str, Action]) -> list[Effect]:
    """What a rule would give and take, person by person; None stands for what was delivered.

    Raises Forbidden for whoever may not change the grants, Refused (access_rule.*) for a rule that may not be.
    """
    permitted(actor)
    if rule is not None:
        check(rule)
    role, entity, action = line
    kept = [one for one in rules(store) if (one.role, one.entity, one.action) != line]
    policy = policy_of([*kept, rule] if rule else kept)
    effects = []
    for person in people_with(store, role):
        before = store.actor(person)
        after = before.model_copy(update={"policy": policy})
        shown = fields_shown(before, entity_of(entity)), fields_shown(after, entity_of(entity))
        changed = {name: (shown[0][name], shown[1][name]) for name in shown[0] if shown[0][name] != shown[1][name]}
        effects.append(Effect(person, store.difference(before, after, entity, action), changed))
    return effects


def set_rule(store: Store, actor: Actor, rule: Rule, why: str | None = None) -> Applied:
    """Put a rule in force, in place of an earlier one of the same line. Raises Forbidden, Refused (access_rule.*)."""
    permitted(actor)
    line = {"role": str(rule.role), "entity": rule.entity, "action": str(rule.action)}
    where = [Condition(name, Operator.EQ, word) for name, word in line.items()]
    found = store.find(actor, RULE, where, archived=True)
    values = {"reaches": [[str(reach) for reach in rule.reaches]], "shows": [rule.shows]}
    schema = {"reaches": pl.List(pl.String)}
    if found.is_empty():
        rows = pl.DataFrame({**{name: [word] for name, word in line.items()}, **values}, schema_overrides=schema)
        return submit(store, actor, [Change(RULE, "create", rows)], why)
    seen = found.row(0, named=True)
    known = {"id": [seen["id"]], "version": [seen["version"]]}
    changes = []
    if seen["archived_at"] is not None:
        changes.append(Change(RULE, "restore", pl.DataFrame(known)))
        known = {"id": [seen["id"]], "version": [seen["version"] + 1]}
    changes.append(Change(RULE, "update", pl.DataFrame({**known, **values}, schema_overrides=schema)))
    return submit(store, actor, changes, why)


def unset_rule(store: Store, actor: Actor, line: tuple[Role, str, Action], why: str | None = None) -> Applied | None:
    """Return a line to what was delivered; None when it is that already. Raises Forbidden."""
    permitted(actor)
    names = zip(("role", "entity", "action"), line, strict=True)
    found = store.find(actor, RULE, [Condition(name, Operator.EQ, str(word)) for name, word in names])
    if found.is_empty():
        return None
    return submit(store, actor, [Change(RULE, "archive", found.select("id", "version"))], why)


def why(store: Store, actor: Actor, person_id: str, entity: str, record_id: str) -> list[Reason]:
    """By which grants a person may read a record; none when they may not.

    Raises Forbidden for whoever may not look into the grants, NotFound for a record the asking one may not read.
    """
    permitted(actor)
    store.get(actor, entity, record_id)
    return store.why(store.actor(person_id), entity, record_id)


def look_as(store: Store, actor: Actor, person_id: str) -> Actor:
    """The person as the administrator may look through their eyes, noted in the audit trail."""
    seen = through(store, actor, person_id)
    store.note(actor, [audit.Entry(LOOK, "person", person_id, 1)])
    return seen


def through(store: Store, actor: Actor, person_id: str) -> Actor:
    """The person as the administrator may look through their eyes. Raises Forbidden."""
    permitted(actor)
    return seen_through(store.actor(person_id), actor)


def permitted(actor: Actor) -> None:
    """Raises Forbidden for whoever may not change the grants."""
    if actor.viewer is not None or not actor.grants(RULE, Action.UPDATE):
        raise Forbidden("access.forbidden", entity=RULE, action=str(Action.UPDATE))


def people_with(store: Store, role: Role) -> list[str]:
    """The ids of the active people with a role, by name."""
    people = store.reference("person").filter(pl.col("active")).sort("name")
    return people.filter(pl.col("roles").str.contains(f'"{role}"', literal=True))["id"].to_list()

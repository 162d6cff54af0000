"""Why a right does not reach records: somebody has it in another state of theirs, or does not have it at all."""

from __future__ import annotations

import polars as pl
from sqlalchemy import ColumnElement, func, select

from dashboard.domain.access import Action, Actor, Grant, Policy, Reach, Visibility, ownership_of
from dashboard.domain.entities import Entity, entity_of
from dashboard.domain.fields import Field
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.errors import Forbidden, Refused
from dashboard.store.engine_duckdb import frame, one_of, rows
from dashboard.store.schema import table_of
from dashboard.store.scope import scope_of
from dashboard.store.transaction import Transaction

PORTION = 1_000
"""Records that are looked for in one go."""


def refusal(
    open_: Transaction, entity: Entity, verb: str, action: Action, ids: list[str], fields: tuple[Field, ...] = ()
) -> Refused | Forbidden:
    """What is said of readable records that the right to an action, or to these fields with it, does not reach.

    Refused (verb.not_allowed) with the state of the first that it would reach in another state; else Forbidden.
    """
    scope = scope_of(in_any_state(open_.actor), entity, action)
    if covered(open_, entity, ids, scope.rows_opening(fields)) == len(ids):
        fitting = states_of(open_.actor, entity, verb, action, fields)
        for row in states(open_, entity, ids).to_dicts():
            cycle = LIFECYCLES[row["whole"]]
            if row["state"] not in fitting:
                told = {"state": row["state"], "allowed": list(cycle.allowed(row["state"])), "id": row["id"]}
                return Refused("verb.not_allowed", entity=row["whole"], verb=verb, **told)
    return Forbidden("access.forbidden", entity=entity.name, action=str(action))


def in_any_state(actor: Actor) -> Actor:
    """The same person with every right in every state; that a decision waits for somebody is a state, too."""
    return actor.model_copy(update={"policy": Policy(tuple(whenever(grant) for grant in actor.policy.grants))})


def whenever(grant: Grant) -> Grant:
    """A grant whatever the state."""
    return grant._replace(states=(), reach=Reach.ALL if grant.reach is Reach.NAMED else grant.reach)


def states_of(actor: Actor, entity: Entity, verb: str, action: Action, fields: tuple[Field, ...]) -> set[str]:
    """The states in which somebody may do it: those that the verb leads out of, else those of the grants."""
    cycle = LIFECYCLES.get(entity.name)
    if cycle and (transition := cycle.verb(verb)):
        return set(transition.sources)
    opening = (
        grant
        for grant in actor.grants(entity.name, action)
        if all(grant.fields.visibility(field) is not Visibility.HIDDEN for field in fields)
    )
    return {state for grant in opening for state in grant.states}


def states(open_: Transaction, entity: Entity, ids: list[str]) -> pl.DataFrame:
    """The state of each record, or of what it is a part of: id, whole (its kind), state."""
    table = table_of(entity.name)
    if entity.name in LIFECYCLES:
        state = table.c[LIFECYCLES[entity.name].field].label("state")
        found = frame(open_.cursor, select(table.c.id, state).where(one_of(table.c.id, ids)))
        return found.with_columns(whole=pl.lit(entity.name))
    parts = []
    for parent, name in ownership_of(entity).parents:
        if parent in LIFECYCLES:
            whole = table_of(entity_of(parent).name)
            state = whole.c[LIFECYCLES[parent].field].label("state")
            picked = select(table.c.id, state).join(whole, whole.c.id == table.c[name])
            parts.append(frame(open_.cursor, picked.where(one_of(table.c.id, ids))).with_columns(whole=pl.lit(parent)))
    return pl.concat(parts) if parts else pl.DataFrame(schema={"id": pl.String, "state": pl.String, "whole": pl.String})


def covered(open_: Transaction, entity: Entity, ids: list[str], reach: ColumnElement[bool]) -> int:
    """How many of these records lie within a reach."""
    table = table_of(entity.name)
    found = select(func.count()).select_from(table).where(reach)
    return sum(
        int(rows(open_.cursor, found.where(one_of(table.c.id, ids[at : at + PORTION])))[0][0])
        for at in range(0, len(ids), PORTION)
    )

"""Why somebody may see a record, and what a change of the grants would give or take."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
from sqlalchemy import and_, func, not_, select

from dashboard.domain.access import Action, Actor, Grant, Reach, Visibility, ownership_of
from dashboard.domain.entities import Entity
from dashboard.store.engine_duckdb import rows
from dashboard.store.schema import table_of
from dashboard.store.scope import covers, scope_of, threads

WHOLE = (Reach.ALL, Reach.MINE, Reach.SHARED, Reach.POOL, Reach.LINKED, Reach.NAMED)
"""Reaches that are explained by their name alone."""


class Reason(NamedTuple):
    """One grant that covers a record, and the fields or entities by which the record hangs on the person."""

    grant: Grant
    by: tuple[str, ...]


class Difference(NamedTuple):
    """How many records an actor may act on before and after, and how many of them are new or gone."""

    before: int
    after: int
    gained: int
    lost: int


def reasons(
    cursor: duckdb.DuckDBPyConnection, actor: Actor, entity: Entity, record_id: str, action: Action
) -> list[Reason]:
    """Every grant by which the actor may act on the record; none when they may not."""
    table = table_of(entity.name)
    found = []
    for grant in actor.grants(entity.name, action):
        named = [] if grant.reach in WHOLE else threads(grant.reach, actor, table, ownership_of(entity), grant.states)
        asked = [covers(grant, actor, entity, table), *(predicate for _, predicate in named)]
        answers = rows(cursor, select(*(func.coalesce(each, False) for each in asked)).where(table.c.id == record_id))
        if answers and answers[0][0]:
            held = zip(named, answers[0][1:], strict=True)
            found.append(Reason(grant, tuple(name for (name, _), holds in held if holds)))
    return found


def difference(
    cursor: duckdb.DuckDBPyConnection, before: Actor, after: Actor, entity: Entity, action: Action
) -> Difference:
    """The records that are not archived, counted under both actors."""
    table = table_of(entity.name)
    old, new = (func.coalesce(scope_of(actor, entity, action).rows, False) for actor in (before, after))
    counts = (old, new, and_(new, not_(old)), and_(old, not_(new)))
    statement = select(*(func.count().filter(each) for each in counts)).select_from(table)
    return Difference(*rows(cursor, statement.where(table.c.archived_at.is_(None)))[0])


def fields_shown(actor: Actor, entity: Entity, action: Action = Action.READ) -> dict[str, Visibility]:
    """The most that the actor sees of each field in any record."""
    scope = scope_of(actor, entity, action)
    return {field.name: scope.best(field) for field in entity.all_fields}

"""Who acts, read from the store: roles, team and the teams below, as they are now."""

from __future__ import annotations

import duckdb
import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Actor, Policy, Role
from dashboard.domain.access_rules import policy_of, rule_of
from dashboard.errors import Forbidden
from dashboard.store.engine_duckdb import frame, rows
from dashboard.store.schema import table_of


def policy_in_force(cursor: duckdb.DuckDBPyConnection) -> Policy:
    """The grants as delivered, with what an administrator changed."""
    rules = table_of("access_rule")
    names = ("role", "entity", "action", "reaches", "shows")
    found = frame(cursor, select(*(rules.c[name] for name in names)).where(rules.c.archived_at.is_(None)))
    reaches = found["reaches"].str.json_decode(pl.List(pl.String))
    return policy_of(rule_of(row) for row in found.with_columns(reaches).to_dicts())


def actor_of(cursor: duckdb.DuckDBPyConnection, person_id: str, via: str, policy: Policy) -> Actor:
    """The active person as an actor. Raises Forbidden (access.disabled) for anybody else."""
    people = table_of("person")
    columns = (
        people.c.name,
        people.c.roles,
        people.c.team_id,
        people.c.active,
        people.c.archived_at,
        people.c.language,
    )
    found = rows(cursor, select(*columns).where(people.c.id == person_id))
    if not found or not found[0][3] or found[0][4] is not None:
        raise Forbidden("access.disabled")
    name, roles, team_id, _, _, language = found[0]
    known = tuple(role for role in Role if role not in (Role.OPERATOR, Role.SYSTEM) and f'"{role}"' in (roles or ""))
    return Actor(
        person_id=person_id,
        name=name,
        roles=known,
        team_id=team_id,
        below=below(cursor, person_id, team_id) if Role.MANAGER in known else (),
        language=language,
        via=via,
        policy=policy,
    )


def below(cursor: duckdb.DuckDBPyConnection, person_id: str, team_id: str | None) -> tuple[str, ...]:
    """The own team, the teams one manages, and all under them."""
    teams = table_of("team")
    found = rows(cursor, select(teams.c.id, teams.c.parent_id, teams.c.manager_id).where(teams.c.archived_at.is_(None)))
    children: dict[str | None, list[str]] = {}
    for team, parent, _ in found:
        children.setdefault(parent, []).append(team)
    queue = [team for team, _, manager in found if team == team_id or manager == person_id]
    reached: dict[str, None] = {}
    while queue:
        team = queue.pop()
        if team not in reached:
            reached[team] = None
            queue.extend(children.get(team, ()))
    return tuple(sorted(reached))

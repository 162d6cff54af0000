"""Whose a record is: assigned, claimed out of the pool, released into it, and what the pool's rules say to that."""

from __future__ import annotations

from datetime import UTC, date
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Action, Actor, ownership_of
from dashboard.domain.entities import Entity
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.pool import ENDED, OWNER, POOL, free_from
from dashboard.errors import Forbidden, Invalid, Problem, Refused
from dashboard.store import pooling
from dashboard.store.engine_duckdb import frame
from dashboard.store.schema import table_of
from dashboard.store.transaction import MACHINES, Transaction

ASSIGN, RELEASE, CLAIM = "assign", "release", "claim"
BELONGING = (ASSIGN, RELEASE, CLAIM)
"""The verbs that change whose a record is, and nothing else."""
READS = (OWNER, POOL)


def settable(entity: Entity, verb: str) -> tuple[str, ...]:
    """The fields that say whose a record is, as far as the verb may set them; none for other verbs."""
    people = ownership_of(entity).people
    return {ASSIGN: people, RELEASE: (*people, POOL), CLAIM: (*people, POOL)}.get(verb, ())


def said(actor: Actor, entity: Entity, verb: str, given: pl.DataFrame) -> pl.DataFrame:
    """The rows with what the verb says by itself: one claims for oneself, what is released is nobody's.

    Raises Invalid, Forbidden for rows that say something else.
    """
    if verb == ASSIGN:
        return given
    whose = actor.person_id if verb == CLAIM else None
    people = [name for name in ownership_of(entity).people if name not in given.columns]
    given = given.with_columns(pl.lit(whose, pl.String).alias(name) for name in people)
    for name in ownership_of(entity).people:
        if verb == CLAIM and given[name].null_count():
            raise Invalid((Problem(None, name, "field.required", {"field": name}),))
        if verb == RELEASE and given[name].null_count() < given.height:
            raise Invalid((Problem(None, name, "field.not_allowed", {"field": name}),))
        if verb == CLAIM and not machine(actor) and (given[name] != actor.person_id).any():
            raise Forbidden("access.forbidden", entity="person", action=verb)
    return given


def born(given: pl.DataFrame) -> pl.DataFrame:
    """New rows: what somebody owns is in no pool."""
    if not {OWNER, POOL} <= set(given.columns):
        return given
    return given.with_columns(pl.when(pl.col(OWNER).is_null()).then(pl.col(POOL)).alias(POOL))


def machine(actor: Actor) -> bool:
    """Whether nobody in particular acts."""
    return bool(MACHINES & set(actor.roles))


def not_done_yet(open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame) -> pl.DataFrame:
    """The rows without those that the same person claimed or released just so before.

    Raises Refused (pool.claimed) for a record that was in a pool of the actor until a colleague got it: it is out of
    reach now, but it is no secret that it was there.
    """
    if verb == ASSIGN or machine(open_.actor) or "version" not in given.columns:
        return given
    table = table_of(entity.name)
    picked = select(*(table.c[name] for name in ("id", "version", *READS)))
    now = frame(open_.cursor, picked.where(table.c.id.in_(given["id"].to_list())))
    now = given.select("id").join(now, on="id", how="left", maintain_order="left")
    changed = seen_before(given, now["version"])
    if verb == CLAIM:
        mine = now[OWNER].eq_missing(given[OWNER]) & changed
        refuse_claimed(open_, entity, now.filter(now[OWNER].is_not_null() & ~mine & changed))
        return given.filter(~mine)
    pooled = now.filter(now[OWNER].is_null() & now[POOL].is_not_null() & changed)["id"]
    if not pooled.len():
        return given
    past = pooling.belongings(open_.cursor, entity.name, pooled)
    done = past.filter((pl.col("verb") == RELEASE) & (pl.col("actor_id") == open_.actor.person_id))["id"]
    return given.filter(~given["id"].is_in(done.to_list()))


def seen_before(given: pl.DataFrame, versions: pl.Series) -> pl.Series:
    """Which rows speak of a version that there is or was."""
    return (given["version"] <= versions).fill_null(value=False)


def refuse_claimed(open_: Transaction, entity: Entity, owned: pl.DataFrame) -> None:
    """Raises Refused (pool.claimed) when one of the owned records came out of a pool that the actor claims from."""
    if owned.height:
        past = pooling.belongings(open_.cursor, entity.name, owned["id"])
        reached = past.filter(pl.col("pool_before").is_in(teams_of(open_.actor)))
        if reached.height:
            raise Refused("pool.claimed", entity=entity.name, id=reached["id"][0])


def teams_of(actor: Actor) -> list[str]:
    """The teams from whose pools somebody claims."""
    return [*actor.below, *((actor.team_id,) if actor.team_id else ())]


def still_to_assign(verb: str, entity: Entity, given: pl.DataFrame, current: pl.DataFrame) -> pl.Series:
    """Which rows an assignment still changes: somebody who is given a record twice has it once."""
    people = [name for name in ownership_of(entity).people if name in given.columns]
    if verb != ASSIGN or not people or "version" not in given.columns:
        return pl.Series([True] * given.height, dtype=pl.Boolean)
    same = pl.DataFrame([given[name].eq_missing(current[name]).alias(name) for name in people])
    return ~(same.select(pl.all_horizontal(pl.all())).to_series() & seen_before(given, current["version"]))


def settled(open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """The rows with the pool that follows from the owner: what somebody owns is in none, what is freed is in one.

    Raises Refused (pool.ended, pool.not_there, pool.held_enough, pool.claimed_enough, pool.cooling_down, pool.no_team,
    verb.needs_why), Forbidden.
    """
    if verb in (CLAIM, RELEASE):
        refuse_ended(entity, current)
    if verb == CLAIM and not machine(open_.actor):
        check_claim(open_, entity, current)
    if verb == RELEASE and not open_.why:
        raise Refused("verb.needs_why", verb=verb, entity=entity.name)
    if OWNER not in given.columns:
        return given
    return given.with_columns(pools(open_, entity, verb, given, current).alias(POOL))


def refuse_ended(entity: Entity, current: pl.DataFrame) -> None:
    """Raises Refused (pool.ended) for a record on which nobody works any more."""
    if entity.name in ENDED:
        field = LIFECYCLES[entity.name].field
        ended = current.filter(pl.col(field).is_in(ENDED[entity.name]))
        if ended.height:
            raise Refused("pool.ended", entity=entity.name, state=ended[field][0], id=ended["id"][0])


def pools(open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame, current: pl.DataFrame) -> pl.Series:
    """The pool of each record: none with an owner; else the one that is given, it is in, or its owner's team has."""
    before = homes_of(open_, current[OWNER])
    asked = given[POOL] if POOL in given.columns else pl.Series([None] * given.height, dtype=pl.String)
    if not machine(open_.actor):
        allowed = [*teams_of(open_.actor), *before.drop_nulls()]
        strange = asked.drop_nulls().filter(~asked.drop_nulls().is_in([*allowed, *current[POOL].drop_nulls()]))
        if strange.len():
            raise Forbidden("access.forbidden", entity=entity.name, action=str(Action.RELEASE))
    own = pl.Series([open_.actor.team_id if verb == RELEASE else None] * given.height, dtype=pl.String)
    found = pl.select(pl.when(given[OWNER].is_null()).then(pl.coalesce(asked, current[POOL], before, own))).to_series()
    if verb == RELEASE and found.null_count():
        raise Refused("pool.no_team", entity=entity.name, id=current["id"][found.is_null().arg_true()[0]])
    return found


def homes_of(open_: Transaction, people: pl.Series) -> pl.Series:
    """The team of each person."""
    homes = pooling.homes(open_.cursor, people.drop_nulls().unique().to_list())
    return pl.Series([homes.get(person) for person in people], dtype=pl.String)


def check_claim(open_: Transaction, entity: Entity, current: pl.DataFrame) -> None:
    """Raises Refused when the rules of the pool do not let the actor claim these records now."""
    out = current.filter(pl.col(OWNER).is_not_null() | pl.col(POOL).is_null() | pl.col("archived_at").is_not_null())
    if out.height:
        raise Refused("pool.not_there", entity=entity.name, id=out["id"][0])
    asked, zone = current.select("id", POOL), open_.zone.key
    for refusal in refusals(open_.cursor, open_.actor, entity.name, asked, open_.today, zone, together=True).values():
        raise refusal


def refusals(
    cursor: duckdb.DuckDBPyConnection,
    actor: Actor,
    entity: str,
    found: pl.DataFrame,
    today: date,
    zone: str,
    *,
    together: bool = False,
) -> dict[str, Refused]:
    """Why the rules of the pool do not let somebody claim records: id → the refusal.

    found: id and pool_team_id of what is in a pool; together: whether all of them are claimed at once.
    """
    allowed = pooling.allowance(cursor, entity, actor.person_id, actor.team_id, today, zone)
    limits, n = allowed.rule, found.height if together else 1
    if limits and allowed.room is not None and n > allowed.room:
        return dict.fromkeys(found["id"], Refused("pool.held_enough", limit=limits.max_held, held=allowed.held))
    if limits and allowed.today is not None and n > allowed.today:
        told = Refused("pool.claimed_enough", limit=limits.max_claims_a_day, claimed=allowed.claimed)
        return dict.fromkeys(found["id"], told)
    mine = pooling.belongings(cursor, entity, found["id"]).filter(pl.col("last_owner") == actor.person_id)
    days = {}
    for record, pool, freed_at in mine.join(found, on="id").select("id", POOL, "freed_at").iter_rows():
        freed_on = freed_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
        days[record] = free_from(pooling.rule_of(cursor, entity, pool), freed_on)
    return {
        record: Refused("pool.cooling_down", entity=entity, id=record, day=day)
        for record, day in days.items()
        if today < day
    }

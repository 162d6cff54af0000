"""The pool: claim out of it, release into it, and what the rules still allow a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboard.actions.records import take
from dashboard.domain.access import Actor
from dashboard.domain.changes import Applied
from dashboard.domain.pool import POOL, Allowance
from dashboard.domain.queries import Condition
from dashboard.errors import Refused
from dashboard.store import Store, belonging, pooling

GONE = 0
"""The version of a record that is not there: the write path says whether a colleague has it or it never was."""


def claim(store: Store, actor: Actor, entity: str, record_id: str) -> Applied:
    """Take a record out of the pool, whatever was written in it meanwhile. Once more changes nothing.

    Raises Refused (pool.*), NotFound, Forbidden.
    """
    with store.engine.lock:  # nobody writes between the look and the write
        return take(store, actor, entity, "claim", record_id, version_now(store, actor, entity, record_id))


def version_now(store: Store, actor: Actor, entity: str, record_id: str) -> int:
    """The version that a record has, GONE when it is out of reach."""
    return store.version(actor, entity, record_id) or GONE


def release(store: Store, actor: Actor, entity: str, record_id: str, version: int, why: str) -> Applied:
    """Give a record back into the pool of its owner's team. Once more changes nothing.

    Raises Refused (pool.ended, pool.no_team, verb.needs_why), NotFound, Forbidden, Stale.
    """
    return take(store, actor, entity, "release", record_id, version, why=why)


def allowance(store: Store, actor: Actor, entity: str, today: date) -> Allowance:
    """What the rules still allow a person."""
    key = ("allowance", actor.person_id, actor.team_id, today)
    return store.once(
        entity,
        key,
        lambda cursor: pooling.allowance(cursor, entity, actor.person_id, actor.team_id, today, store.company.zone),
    )


def belongings(store: Store, entity: str, ids: pl.Series) -> pl.DataFrame:
    """Since when records are whose they are, and why; see `pooling.belongings`."""
    with store.reading() as cursor:
        return pooling.belongings(cursor, entity, ids)


def waiting(store: Store, actor: Actor, entity: str, where: Sequence[Condition]) -> list[str]:
    """The records that fit, those that have been in the pool the longest first."""
    found = store.find(actor, entity, where, fields=[])["id"]
    return belongings(store, entity, found).sort("since", "id")["id"].to_list()


def refusals(store: Store, actor: Actor, entity: str, found: pl.DataFrame, today: date) -> dict[str, Refused]:
    """Why the rules do not let a person claim some of these records now: id → the refusal. found: id, pool_team_id."""
    with store.reading() as cursor:
        return belonging.refusals(cursor, actor, entity, found.select("id", POOL), today, store.company.zone)

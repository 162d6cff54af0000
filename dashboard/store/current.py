"""The stored rows that a change is about to alter, read within the reach of its right."""

from __future__ import annotations

import polars as pl
from sqlalchemy import func, select, true

from dashboard.domain.access import Action, Actor
from dashboard.domain.entities import Entity
from dashboard.domain.lifecycles import LIFECYCLES, Transition
from dashboard.domain.validation import SEQUENCES
from dashboard.errors import Invalid, NotFound, Problem
from dashboard.store import beyond
from dashboard.store.engine_duckdb import frame, one_of, rows
from dashboard.store.few import framed, row_within, storage_schema
from dashboard.store.schema import table_of
from dashboard.store.scope import scope_of
from dashboard.store.staging import staged
from dashboard.store.transaction import Transaction
from dashboard.store.values import compared

MANY = 20


def current_rows(
    open_: Transaction,
    entity: Entity,
    given: pl.DataFrame,
    verb: str,
    action: Action,
    transition: Transition | None,
    reads: tuple[str, ...],
    derived: bool,
) -> pl.DataFrame:
    """The stored rows that are to change, in the given order; raises NotFound when one is out of reach, and what
    `beyond.refusal` says of those that may be read."""
    table = table_of(entity.name)
    wanted = {"id", "version", "archived_at"}
    wanted |= {compared(entity, name) for name in given.columns if name in entity.by_name}
    wanted |= {name for pair in SEQUENCES.get(entity.name, ()) for name in (pair.first, pair.second)}
    wanted |= set(reads)
    wanted |= {LIFECYCLES[entity.name].field} if entity.name in LIFECYCLES else set()
    wanted |= {compared(entity, name) for name in (*transition.needs, *transition.may_set)} if transition else set()
    if given["id"].is_duplicated().any():
        raise Invalid((Problem(None, "id", "record.twice", {}),))
    actor = None if derived else open_.actor
    if given.height == 1:
        found = current_row(open_, entity, given["id"][0], actor, action)
        if found.height:
            return found
    else:
        reach = scope_of(actor, entity, action).rows if actor else true()
        with staged(open_.cursor, given.select("id"), {}) as source:
            picked = select(*(table.c[name] for name in sorted(wanted))).join(source, source.c.id == table.c.id)
            found = frame(open_.cursor, picked.where(reach))
    if found.height < given.height:
        missing = given.join(found, on="id", how="anti")["id"].head(MANY).to_list()
        if readable(open_, entity, missing):
            raise beyond.refusal(open_, entity, verb, action, missing)
        raise NotFound("record.not_found", entity=entity.name, ids=missing)
    return given.select("id").join(found, on="id", how="left", maintain_order="left")


def current_row(
    open_: Transaction,
    entity: Entity,
    record_id: str,
    actor: Actor | None,
    action: Action,
) -> pl.DataFrame:
    """One whole stored row that is to change."""
    columns = tuple(storage_schema(entity.name))
    return framed(entity.name, columns, row_within(open_.cursor, entity.name, record_id, actor, action, columns))


def readable(open_: Transaction, entity: Entity, ids: list[str]) -> bool:
    """Whether the actor may at least read all of these, so that a refusal may say so."""
    table = table_of(entity.name)
    scope = scope_of(open_.actor, entity, Action.READ)
    statement = select(func.count()).select_from(table).where(one_of(table.c.id, ids), scope.rows)
    return int(rows(open_.cursor, statement)[0][0]) == len(ids)

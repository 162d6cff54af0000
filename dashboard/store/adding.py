"""Nothing is added to a record in the archive, and its parts stay as they are: it is put back first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

import polars as pl

from dashboard.domain.access import Action
from dashboard.domain.entities import ENTITIES, Entity
from dashboard.domain.wholes import GOING_ON, WHOLES
from dashboard.errors import Refused
from dashboard.store.few import row_within
from dashboard.store.transaction import MACHINES, Transaction

KIND = "entity"
"""The field that says what kind of record a file is about."""


def reads(entity: Entity) -> tuple[str, ...]:
    """The stored fields that tell what a record is added to."""
    names = WHOLES.get(entity.name, ())
    return (*names, KIND) if names and KIND in entity.by_name else names


def check(
    open_: Transaction, entity: Entity, verb: str, given: pl.DataFrame, current: pl.DataFrame | None = None
) -> None:
    """Raises Refused (record.whole_archived) for rows that come to something archived, or are a part of it.

    Machines may do so. given: what is new of the rows; current: what is stored of them, None for new ones.
    """
    names = WHOLES.get(entity.name, ())
    if not names or MACHINES & set(open_.actor.roles) or open_.takes_back:
        return
    for wholes in concerned(entity, verb, given, current):
        for target, near in targets(entity, names, wholes):
            refuse_archived(open_, entity, target, near)


def refuse_archived(open_: Transaction, entity: Entity, target: str, near: pl.DataFrame) -> None:
    """Raises Refused (record.whole_archived) for the first row whose whole is archived, as far as the actor knows."""
    for gone in open_.lookup(target, "id", near["whole"], (), archived=True)["id"]:
        if row_within(open_.cursor, target, gone, open_.actor, Action.READ, ("id",)):
            row = near.filter(pl.col("whole") == gone)["id"][0]
            raise Refused("record.whole_archived", entity=entity.name, id=row, whole=gone)


def concerned(entity: Entity, verb: str, given: pl.DataFrame, current: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
    """What the rows come to, and what those belong to that do not go on by themselves."""
    names = reads(entity)
    if current is None or verb == "restore":
        yield coming(names, given, current)
    else:
        yield coming(names, given, current).filter(moved(names, given, current))
        if entity.name not in GOING_ON:
            yield current.select("id", *names)


def coming(names: tuple[str, ...], given: pl.DataFrame, current: pl.DataFrame | None) -> pl.DataFrame:
    """What each row is added to: as given, else as it was."""
    empty = pl.Series([None] * given.height, dtype=pl.String)
    kept = given.clear(given.height) if current is None else current
    return given.select("id").with_columns(
        [
            (given[name] if name in given.columns else kept[name] if name in kept.columns else empty).alias(name)
            for name in names
        ]
    )


def moved(names: tuple[str, ...], given: pl.DataFrame, current: pl.DataFrame) -> pl.Series:
    """Which rows are given to something else."""
    changed = [given[name].ne_missing(current[name]) for name in names if name in given.columns]
    return reduce(or_, changed, pl.Series([False] * given.height, dtype=pl.Boolean))


def targets(entity: Entity, names: tuple[str, ...], wholes: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The kinds of records that something is added to, and of each row (id) the nearest of them (whole)."""
    for name in names:
        field = entity.by_name[name]
        near = wholes.filter(pl.col(name).is_not_null())
        wholes = wholes.filter(pl.col(name).is_null())
        if field.to:
            yield field.to, near.select("id", whole=name)
        else:
            kinds = near.group_by(KIND, maintain_order=True)
            yield from ((kind, part.select("id", whole=name)) for (kind,), part in kinds if kind in ENTITIES)

"""Nothing is added to a record in the archive: it is put back first."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dashboard.domain.access import Action
from dashboard.domain.entities import ENTITIES, Entity
from dashboard.domain.wholes import WHOLES
from dashboard.errors import Refused
from dashboard.store.few import row_within
from dashboard.store.transaction import MACHINES, Transaction

KIND = "entity"
"""The field that says what kind of record a file is about."""


def reads(entity: Entity) -> tuple[str, ...]:
    """The stored fields that tell what a record is added to."""
    names = WHOLES.get(entity.name, ())
    return (*names, KIND) if names and KIND in entity.by_name else names


def check(open_: Transaction, entity: Entity, given: pl.DataFrame, current: pl.DataFrame | None = None) -> None:
    """Raises Refused (record.whole_archived) for rows that come to something archived; machines may do so.

    given: what is new of the rows; current: what is stored of them, None for new ones.
    """
    names = WHOLES.get(entity.name, ())
    if not names or MACHINES & set(open_.actor.roles) or open_.takes_back:
        return
    for target, wholes in targets(entity, names, coming(reads(entity), given, current)):
        for gone in open_.lookup(target, "id", wholes["whole"], (), archived=True)["id"]:
            if row_within(open_.cursor, target, gone, open_.actor, Action.READ, ("id",)):
                row = wholes.filter(pl.col("whole") == gone)["id"][0]
                raise Refused("record.whole_archived", entity=entity.name, id=row, whole=gone)


def coming(names: tuple[str, ...], given: pl.DataFrame, current: pl.DataFrame | None) -> pl.DataFrame:
    """What the rows are added to: of new ones all, of others those that it changes for, or that come back."""
    told = [name for name in names if name in given.columns]
    empty = pl.Series([None] * given.height, dtype=pl.String)
    kept = given.clear(given.height) if current is None else current
    wholes = given.select("id").with_columns(
        [(given[name] if name in told else kept[name] if name in kept.columns else empty).alias(name) for name in names]
    )
    if current is None or not told:
        return wholes
    moved = [given[name].ne_missing(current[name]).alias(name) for name in told]
    return wholes.filter(pl.DataFrame(moved).select(pl.any_horizontal(pl.all())).to_series())


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

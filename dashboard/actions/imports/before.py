"""What an import wrote, entity by entity, and the changes that give known records back what they had before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from dashboard.actions.imports.reach import BATCH
from dashboard.domain.access import operator
from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.validation import cast
from dashboard.errors import Refused
from dashboard.store import Store, history
from dashboard.store.subjects import decrypt

WAYS_BACK = ("reopen", "advance")
"""The verbs that lead back to an earlier state."""


@dataclass
class Written:
    """What an import wrote in one entity.

    made: ids of its new records; touched: ids of records that it changed; before: their rows as they were (storage
    form); brought_back: ids of those that it took out of the archive; left: ids that are not undone.
    """

    entity: Entity
    rows: pl.DataFrame
    before: pl.DataFrame
    made: list[str]
    touched: list[str]
    brought_back: list[str]
    left: set[str] = field(default_factory=set)


def written_in(store: Store, name: str, revision: int) -> Written | None:
    """What a revision wrote in an entity; None for nothing."""
    entity = RECORDS[name]
    with store.reading() as cursor:
        rows = history.of_revision(cursor, name, revision)
        if rows.height == 0:
            return None
        before = history.before(cursor, name, revision)
    made, restored = rows.filter(pl.col("verb") == "create"), rows.filter(pl.col("verb") == "restore")
    if name == "deal_credit":  # those that a win has made or brought back go and come back with their deal
        made, restored = made.filter(pl.col("source").is_not_null()), restored.clear()
    ids = rows.filter(pl.col("verb") == "create")["id"].to_list()
    touched = before.filter(~pl.col("id").is_in(ids))["id"].to_list()
    back = restored["id"].unique().to_list()
    return Written(entity, rows, before, made["id"].to_list(), touched, back)


def leave(store: Store, written: list[Written], revision: int) -> None:
    """Mark what cannot be undone: records changed since, and new ones that anything left standing points at."""
    for part in written:
        later = set(store.facts(part.entity.name, (), since=revision)["id"].to_list())
        part.left = later & {*part.made, *part.touched}
    gone = {part.entity.name: {*part.made} - part.left for part in written}
    pointers = {name: pointing(store, name) for name in RECORDS if name != BATCH}
    grown = True
    while grown:
        grown = False
        for name, frame in pointers.items():
            standing = frame.filter(~pl.col("id").is_in(list(gone.get(name, ()))))
            for declared in RECORDS[name].all_fields:
                if declared.to not in gone or name == "deal_credit" or declared.name not in standing.columns:
                    continue
                used = gone[declared.to] & set(standing[declared.name].drop_nulls().to_list())
                if used:
                    gone[declared.to] -= used
                    next(part for part in written if part.entity.name == declared.to).left |= used
                    grown = True


def pointing(store: Store, name: str) -> pl.DataFrame:
    """The live records of an entity with what they point at."""
    fields = [declared.name for declared in RECORDS[name].all_fields if declared.kind is Kind.REFERENCE]
    return store.find(operator(), name, fields=fields) if fields else pl.DataFrame({"id": []}, schema={"id": pl.String})


def given_back(store: Store, part: Written) -> Iterator[Change]:
    """The changes that give records back what they had: first the way back in their life, then their plain fields."""
    before = part.before.filter(pl.col("id").is_in([i for i in part.touched if i not in part.left]))
    if before.height == 0:
        return
    entity = part.entity
    last = part.rows.group_by("id", maintain_order=True).last()
    versions = dict(last.select("id", "version").iter_rows())
    for verb, rows in ways_back(entity, before, last):
        yield Change(entity.name, verb, with_version(rows, versions))
        versions |= {record: versions[record] + 1 for record in rows["id"]}
    stated = set(",".join(part.rows["changed"].to_list()).split(","))
    names = [field.name for field in entity.settable if field.name in stated and not field.by_verb]
    if names:
        plain = cast(entity, decrypted(store, entity, before, names).select("id", *names))
        yield Change(entity.name, "update", with_version(plain, versions))  # the writer leaves what does not differ


def with_version(rows: pl.DataFrame, versions: dict[str, int]) -> pl.DataFrame:
    """Rows of a change with the version that each record has by then."""
    return rows.with_columns(rows["id"].replace_strict(versions, return_dtype=pl.Int64).alias("version"))


def ways_back(entity: Entity, before: pl.DataFrame, last: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The verbs that lead back to where records were before the import. Raises Refused (import.cannot_undo)."""
    cycle = LIFECYCLES.get(entity.name)
    if cycle is None:
        return
    state, stage = cycle.field, "stage_id" if "stage_id" in entity.by_name else None
    now = before.select("id").join(last, on="id", how="left", maintain_order="left")
    moved = before[state].ne_missing(now[state])
    restaged = before[stage].ne_missing(now[stage]) & ~moved if stage else moved.clear(moved.len())
    for was, became in sorted({*zip(before.filter(moved)[state], now.filter(moved)[state], strict=True)}):
        verb = next((v for v in WAYS_BACK if (t := cycle.verb(v)) and became in t.sources and t.target == was), None)
        if verb is None:
            raise Refused("import.cannot_undo", entity=entity.name, verb=f"{was} → {became}")
        chosen = moved & (before[state] == was) & (now[state] == became)
        yield verb, before.filter(chosen).select("id", *([stage] if stage else []))
    if stage and restaged.any():
        yield "advance", before.filter(restaged).select("id", stage)


def decrypted(store: Store, entity: Entity, before: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Rows in storage form with personal details in plain text."""
    secret = [name for name in names if entity.by_name[name].encrypted]
    if not secret:
        return before
    with store.reading() as cursor:
        ciphers = store.subjects.existing(cursor, before["id"].to_list())
    opened = [
        pl.Series(
            name,
            [
                decrypt(ciphers.get(record), entity, entity.by_name[name], record, sealed)
                for record, sealed in before.select("id", name).iter_rows()
            ],
            dtype=pl.String,
        )
        for name in secret
    ]
    return before.with_columns(opened)

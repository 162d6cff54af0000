"""Undoing an import: new records are archived, changed ones get the values back that they had before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from dashboard.actions.imports.reach import BATCH, writer_of
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, operator
from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.fields import Kind
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.queries import Condition, Operator
from dashboard.domain.validation import cast
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.store import Store, history
from dashboard.store.subjects import decrypt

WAYS_BACK = ("reopen", "advance")
"""The verbs that lead back to an earlier state."""

NAMES_SHOWN = 5


@dataclass(frozen=True)
class Undone:
    """What an undo did: the revision, how many records were archived and given back, and which were left as they are."""

    revision: int
    archived: int
    given_back: int
    left: dict[str, list[str]]  # entity → ids changed or used since


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


def undo(store: Store, actor: Actor, batch: str, *, leave_changed: bool = False) -> Undone:
    """Undo the import with this id or number, as one change-set.

    Records that were changed or used since are named and nothing is undone, unless `leave_changed`: then they stay as they
    are, and with them what they point at.
    Raises NotFound, Forbidden, Refused (import.undone_already, import.changed_since, import.cannot_undo).
    """
    row = batch_of(store, actor, batch)
    writer = writer_of(undoer(actor, row))
    revision = int(str(row["committed_revision"]))
    written = [part for part in (written_in(store, name, revision) for name in RECORDS if name != BATCH) if part]
    leave(store, written, revision)
    left = {part.entity.name: sorted(part.left) for part in written if part.left}
    if left and not leave_changed:
        raise Refused("import.changed_since", records=sum(map(len, left.values())), names=names_of(store, left))
    changes = [change for part in written for change in given_back(store, part)]
    archived = [change for part in reversed(written) for change in put_away(store, part)]
    status = {"id": [row["id"]], "version": [row["version"]], "status": ["undone"]}
    applied = submit(
        store,
        writer,
        [*changes, *archived, Change(BATCH, "update", pl.DataFrame(status))],
        why=f"undo {row['number']}",
        details={"import_batch": row["id"]},
    )
    back = len({record for change in changes for record in change.rows["id"]})
    return Undone(applied.revision, sum(change.rows.height for change in archived), back, left)


def batch_of(store: Store, actor: Actor, batch: str) -> dict[str, object]:
    """The import within the actor's reach. Raises NotFound, Refused (import.undone_already)."""
    for name in ("id", "number"):
        found = store.find(actor, BATCH, [Condition(name, Operator.EQ, batch)])
        if found.height:
            row = found.row(0, named=True)
            if row["status"] == "undone":
                raise Refused("import.undone_already", number=row["number"])
            return row
    raise NotFound("record.not_found", entity=BATCH)


def undoer(actor: Actor, row: dict[str, object]) -> Actor:
    """The actor with the right to take back what the actor brought in. Raises Forbidden for somebody else's import.

    Who may import may undo the own import, although archiving needs more than creating; administrators and the operator
    may undo any.
    """
    if writer_of(actor) is not actor:
        return actor
    if row["person_id"] != actor.person_id:
        raise Forbidden("access.forbidden", entity=BATCH, action=str(Action.UPDATE))
    return actor.model_copy(update={"roles": operator().roles})


def written_in(store: Store, name: str, revision: int) -> Written | None:
    """What a revision wrote in an entity; None for nothing."""
    entity = RECORDS[name]
    with store.reading() as cursor:
        rows = history.of_revision(cursor, name, revision)
        if rows.height == 0:
            return None
        before = history.before(cursor, name, revision)
    made = rows.filter(pl.col("verb") == "create")
    if name == "deal_credit":  # those that a win has made go and come back with their deal
        made = made.filter(pl.col("source").is_not_null())
    ids = rows.filter(pl.col("verb") == "create")["id"].to_list()
    touched = before.filter(~pl.col("id").is_in(ids))["id"].to_list()
    back = rows.filter(pl.col("verb") == "restore")["id"].unique().to_list()
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


def names_of(store: Store, left: dict[str, list[str]]) -> list[str]:
    """What a few of the records are called."""
    return [
        label
        for entity, ids in left.items()
        for label in (store.labels(entity, ids[:NAMES_SHOWN], "en") or dict.fromkeys(ids[:1], ids[0])).values()
    ][:NAMES_SHOWN]


def put_away(store: Store, part: Written) -> Iterator[Change]:
    """The archiving of what the import made or took out of the archive."""
    ids = [record for record in (*part.made, *part.brought_back) if record not in part.left]
    if ids:
        yield Change(part.entity.name, "archive", current(store, part.entity, ids))


def current(store: Store, entity: Entity, ids: list[str]) -> pl.DataFrame:
    """The records with the version they have now."""
    now = store.find(operator(), entity.name, fields=[], archived=True).select("id", "version")
    return now.filter(pl.col("id").is_in(ids))


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
    """The verbs that lead from where the import left records to where they were. Raises Refused (import.cannot_undo)."""
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

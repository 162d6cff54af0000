"""Rehearse files over all rows; commit what was rehearsed as one change-set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from dashboard.actions.imports.likeness import likenesses
from dashboard.actions.imports.reach import BATCH, Reachable, rights_of, writer_of
from dashboard.actions.submit import submit
from dashboard.domain.access import Actor, system
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.labels import coded
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Refused
from dashboard.store import Store
from etl.ingest import Limits, Plan, Rehearsal, Source
from etl.ingest import rehearse as rehearse_files


@dataclass(frozen=True)
class Imported:
    """What a commit did. revision: None when there was nothing to write; batch_id: of the batch that holds it."""

    batch_id: str | None
    number: str | None
    revision: int | None
    already: bool
    counts: dict[str, dict[str, int]]


def rehearse(
    store: Store,
    actor: Actor,
    sources: Sequence[Source],
    plan: Plan,
    answers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Rehearsal:
    """Judge every row of the files; nothing is written. answers: what a person said to the questions of an earlier run.

    Raises Refused (file.*, map.*, import.too_many) and Forbidden.
    """
    rights = rights_of(actor)
    chosen = plan.answered(answers) if answers else plan
    today, zone = store.company.today(), store.company.zone
    found = rehearse_files(sources, chosen, Reachable(store, actor), today, zone, rights, limits)
    return replace(found, alike=likenesses(store, actor, found))


def committed_before(store: Store, content_sha256: str) -> dict[str, object] | None:
    """The batch that committed the same content and was not undone, or None."""
    where = [Condition("content_sha256", Operator.EQ, content_sha256), Condition("status", Operator.EQ, "committed")]
    found = store.find(system(), BATCH, where)
    return found.row(found.height - 1, named=True) if found.height else None


def commit(
    store: Store,
    actor: Actor,
    rehearsal: Rehearsal,
    *,
    again: bool = False,
    name: str | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Imported:
    """Write what a rehearsal found, as one change-set with the batch that remembers it.

    progress: told how many rows were written just now; there are `to_write` of them at least.

    The same content is imported once: when it was committed before, nothing is written. Where it would still change
    something (rows that were rejected then, records changed since) a person has to say so with `again`.
    Raises Refused: import.questions, import.already; and what the write path raises: then nothing was written.
    """
    if rehearsal.questions:
        raise Refused("import.questions", columns=[question.column for question in rehearsal.questions])
    earlier = committed_before(store, rehearsal.content_sha256)
    if earlier and rehearsal.changes and not again:
        raise Refused("import.already", number=str(earlier["number"]))
    if not rehearsal.changes:
        known = earlier or {}
        return Imported(text(known.get("id")), text(known.get("number")), None, bool(earlier), rehearsal.counts)
    batch = batch_row(actor, rehearsal, name)
    changes = [*rehearsal.changes, Change(BATCH, "create", batch)]
    details: dict[str, object] = {"import_batch": batch["id"][0]}
    applied = submit(store, writer_of(actor), changes, why=why(batch), details=details, progress=progress)
    number = store.get(system(), BATCH, batch["id"][0])["number"]
    return Imported(batch["id"][0], number, applied.revision, False, rehearsal.counts)


def to_write(rehearsal: Rehearsal) -> int:
    """How many rows a commit will write, without those that follow from them."""
    return sum(change.rows.height for change in rehearsal.changes)


def text(value: object) -> str | None:
    """A value as text, nothing as nothing."""
    return None if value is None else str(value)


def why(batch: pl.DataFrame) -> str:
    """The reason that the history of the imported records gives."""
    return coded("imported.batch", name=batch["name"][0])


def batch_row(actor: Actor, rehearsal: Rehearsal, name: str | None) -> pl.DataFrame:
    """The record of an import."""
    person = None if actor.person_id in ("operator", "system") else actor.person_id
    files = [{"name": file, "sha256": digest} for file, digest in rehearsal.files]
    title = name or ", ".join(file for file, _ in rehearsal.files)
    return pl.DataFrame(
        {
            "id": [new_id()],
            "name": [title[:200]],
            "person_id": [person],
            "preset": [rehearsal.plan.name],
            "content_sha256": [rehearsal.content_sha256],
            "files": [json.dumps(files, ensure_ascii=False)],
            "counts": [json.dumps(rehearsal.counts)],
            "status": ["committed"],
        },
        schema_overrides={"person_id": pl.String},
    )

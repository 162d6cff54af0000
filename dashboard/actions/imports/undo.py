"""Undoing an import: new records are archived, changed ones get the values back that they had before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from dashboard.actions.imports.before import Written, given_back, leave, written_in
from dashboard.actions.imports.reach import BATCH, writer_of
from dashboard.actions.submit import submit
from dashboard.domain.access import Action, Actor, operator
from dashboard.domain.changes import Change
from dashboard.domain.entities import RECORDS, Entity
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Forbidden, NotFound, Refused
from dashboard.store import Store, naming

NAMES_SHOWN = 5


@dataclass(frozen=True)
class Undone:
    """What an undo did: its revision, how many records it archived and gave back, and which it left as they are."""

    revision: int
    archived: int
    given_back: int
    left: dict[str, list[str]]  # entity → ids changed or used since


def undo(store: Store, actor: Actor, batch: str, *, leave_changed: bool = False) -> Undone:
    """Undo the import with this id or number, as one change-set.

    Records that were changed or used since are named and nothing is undone, unless `leave_changed`: then they stay as
    they are, and with them what they point at.
    Raises NotFound, Forbidden, Refused (import.undone_already, import.changed_since, import.cannot_undo).
    """
    row = batch_of(store, actor, batch)
    writer = writer_of(undoer(actor, row))
    revision = int(str(row["committed_revision"]))
    written = [part for part in (written_in(store, name, revision) for name in RECORDS if name != BATCH) if part]
    leave(store, written, revision)
    left = {part.entity.name: sorted(part.left) for part in written if part.left}
    if left and not leave_changed:
        raise Refused("import.changed_since", records=sum(map(len, left.values())), names=names_of(store, actor, left))
    changes = [change for part in written for change in given_back(store, part)]
    archived = [change for part in reversed(written) for change in put_away(store, part)]
    status = {"id": [row["id"]], "version": [row["version"]], "status": ["undone"]}
    applied = submit(
        store,
        writer,
        [*changes, *archived, Change(BATCH, "update", pl.DataFrame(status))],
        why=f"undo {row['number']}",
        details={"import_batch": row["id"]},
        takes_back=True,
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


def names_of(store: Store, actor: Actor, left: dict[str, list[str]]) -> list[str]:
    """What a few of the records are called, as far as the actor may know."""
    found: list[str] = []
    for entity, ids in left.items():
        known = naming.names(store, actor, entity, ids[:NAMES_SHOWN], "en")
        found += known.values() or ids[:1]
    return found[:NAMES_SHOWN]


def put_away(store: Store, part: Written) -> Iterator[Change]:
    """The archiving of what the import made or took out of the archive."""
    ids = [record for record in (*part.made, *part.brought_back) if record not in part.left]
    if ids:
        yield Change(part.entity.name, "archive", current(store, part.entity, ids))


def current(store: Store, entity: Entity, ids: list[str]) -> pl.DataFrame:
    """The records with the version they have now."""
    now = store.find(operator(), entity.name, fields=[], archived=True).select("id", "version")
    return now.filter(pl.col("id").is_in(ids))

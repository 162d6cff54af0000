"""Every version of a record with its values, as far as the actor may see the record's fields today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Actor
from dashboard.domain.entities import entity_of
from dashboard.domain.queries import Condition
from dashboard.errors import NotFound
from dashboard.store import history
from dashboard.store.engine_duckdb import frame, one_of, rows
from dashboard.store.records import HIDDEN, decoded, revealed
from dashboard.store.schema import history_of, table_of
from dashboard.store.scope import scope_of
from dashboard.store.subjects import decrypt

if TYPE_CHECKING:
    from dashboard.store.store import Store

ABOUT = ("version", "revision", "effective_at", "recorded_at", "actor_id", "verb", "why")


def revisions(store: Store, actor: Actor, name: str, record_id: str) -> pl.DataFrame:
    """ABOUT, `changed` (the visible fields that the change states; "*" for a new record) and the visible fields.

    Oldest first. Raises NotFound.
    """
    entity, reader = entity_of(name), store.reader
    scope, table = scope_of(actor, entity), table_of(entity.name)
    fields = reader.shown_fields(scope, None)
    with store.reading() as cursor:
        now = frame(cursor, reader.selection(scope, table, fields).where(table.c.id == record_id))
        if now.height == 0:
            raise NotFound("record.not_found", entity=entity.name)
        log = history.of_record(cursor, entity.name, record_id)
        columns: list[pl.Series] = []
        for field in fields:
            level = int(reader.level(scope, field, now)[0])
            if level == HIDDEN:
                continue
            values = log[field.name]
            if field.encrypted:
                cipher = store.subjects.existing(cursor, [record_id]).get(record_id)
                plain = [decrypt(cipher, entity, field, record_id, sealed) for sealed in values]
                values = pl.Series(field.name, plain, dtype=pl.String)
            levels = pl.Series("level", [level] * log.height, dtype=pl.Int32)
            columns.append(revealed(field, decoded(field, values), levels))
    seen = [*(column.name for column in columns), "archived_at", "*"]
    named = pl.col("changed").str.strip_chars(",").str.split(",").list
    stated = named.eval(pl.element().filter(pl.element().is_in(seen)))
    return log.select(*ABOUT, "archived_at", stated.alias("changed")).with_columns(columns)


def written_then(
    store: Store, actor: Actor, name: str, where: Sequence[Condition], revisions: Sequence[int]
) -> list[tuple[int, str]]:
    """Which records that the actor may read were written in some revisions: the revision, and what the record is called
    by its number, else its title."""
    entity = entity_of(name)
    told = "number" if entity.number else str(entity.title)
    own = store.find(actor, name, where, fields=[told], archived=True)
    names = dict(own.select("id", told).iter_rows()) if told in own.columns else {}
    if not names or not revisions:
        return []
    log = history_of(name)
    wanted = select(log.c.revision, log.c.id).distinct()
    with store.reading() as cursor:
        found = rows(cursor, wanted.where(one_of(log.c.id, list(names)), log.c.revision.in_(list(revisions))))
    return [(revision, names[record]) for revision, record in sorted(found) if names[record]]

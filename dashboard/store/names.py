"""What names are found and compared by: kept beside the records in the same transaction, computed once for each name.

A search by pinyin asks the columns; the brands that are spelled nearly alike are found in memory, in a list of all
distinct brands that is brought up to date by revision.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, and_, delete, or_, select

from dashboard.domain.companies import CLOSE, Parts, bare, parts
from dashboard.domain.entities import Field, entity_of
from dashboard.domain.fields import Kind
from dashboard.domain.ids import new_ids
from dashboard.domain.pinyin import LATIN, initials, spoken
from dashboard.store.engine_duckdb import frame, rows, run
from dashboard.store.schema import own_table, table_of
from dashboard.store.staging import insert_rows, staged

if TYPE_CHECKING:
    from dashboard.store.store import Store

COMPANY, PERSON = "company", "person"
NAMED: dict[str, dict[str, str]] = {
    "lead": {"company": COMPANY, "person_name": PERSON},
    "customer": {"name": COMPANY, "aliases": COMPANY},
    "contact": {"name": PERSON},
}
"""The fields that hold names, and whose names they are."""

SHORTEST = 2  # letters from which a search is by ear too
MOST = 1_000  # records of one kind that may share a brand
MOST_BRANDS = 50
A_PART = 5_000
KEYS = own_table("name_keys")


def keep(cursor: duckdb.DuckDBPyConnection, entity: str, ids: pl.Series, revision: int) -> None:
    """Compute the keys of records anew, from the names that stand in their table."""
    fields, table = NAMED[entity], table_of(entity)
    asked = pl.DataFrame({"id": ids})
    with staged(cursor, asked, {}) as source:
        wanted = select(source.c.id)
        run(cursor, delete(KEYS).where(KEYS.c.entity == entity, KEYS.c.record_id.in_(wanted)))
        names = select(table.c.id, *(table.c[name] for name in fields)).where(table.c.id.in_(wanted))
        found = frame(cursor, names)
    lines = [line for row in found.iter_rows(named=True) for line in lines_of(entity, row)]
    columns = ("record_id", "field", "brand", "core", "sound", "spoken", "initials")
    fresh = pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row")
    if fresh.height:
        stamps = (pl.lit(entity).alias("entity"), pl.lit(revision, pl.Int64).alias("revision"))
        insert_rows(cursor, KEYS, fresh.with_columns(new_ids(fresh.height).alias("id"), *stamps))


def lines_of(entity: str, row: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The keys of each name of a record; a record without any has an empty one, so that it counts as done."""
    found = False
    for field, whose in NAMED[entity].items():
        for name in texts_of(entity_of(entity).by_name[field], row[field]):
            found = True
            yield (row["id"], field, *keys_of(name, whose))
    if not found:
        yield (row["id"], "", "", "", "", "", "")


def texts_of(field: Field, value: str | None) -> list[str]:
    """The names in a column: one, or a list as JSON."""
    if not value:
        return []
    return [str(name) for name in json.loads(value)] if field.kind is Kind.TAGS else [value]


def keys_of(name: str, whose: str) -> tuple[str, str, str, str, str]:
    """Brand, core and sound of a name, and the whole as it is spoken, with its initials."""
    person = whose == PERSON
    said, letters = spoken(name, person=person), initials(name, person=person)
    if person:
        folded = bare(unicodedata.normalize("NFKC", name).casefold())
        return folded, folded, said, said, letters
    known = parts(name)
    return known.brand, bare(known.core), known.sound, said, letters


def heard(entity: str, field: str, record: ColumnElement[Any], text: str) -> ColumnElement[bool] | None:
    """Where a name is spoken like a text or has its letters as initials; None for what is not asked by ear."""
    letters = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if field not in NAMED.get(entity, {}) or len(letters) < SHORTEST or not LATIN.fullmatch(letters):
        return None
    spelled = or_(
        KEYS.c.initials.contains(letters, autoescape=True),
        KEYS.c.sound.startswith(letters, autoescape=True),
        KEYS.c.spoken.startswith(letters, autoescape=True),
    )
    return record.in_(select(KEYS.c.record_id).where(KEYS.c.entity == entity, KEYS.c.field == field, spelled))


class Names:
    """The names of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = Lock()
        self.brands: dict[str, None] = {}
        self.known = -1  # the revision that the brands are of

    def fill(self) -> int:
        """Compute what is missing, in a store that is older than the keys; returns how many records that were."""
        count = 0
        for entity in NAMED:
            for at in self.missing(entity).iter_slices(A_PART):
                with self.store.engine.writing() as cursor:
                    keep(cursor, entity, at["id"], self.store.revision)
                count += at.height
        return count

    def missing(self, entity: str) -> pl.DataFrame:
        """The records that have no keys."""
        table = table_of(entity)
        done = select(KEYS.c.record_id).where(KEYS.c.entity == entity)
        with self.store.reading() as cursor:
            return frame(cursor, select(table.c.id).where(table.c.id.not_in(done)))

    def companies(self, name: str) -> dict[str, list[str]]:
        """The records whose company may be the one of this name, by entity: candidates, to be judged and seen."""
        asked = parts(name)
        brands = [asked.brand, *self.close(asked)]
        same = or_(KEYS.c.core == bare(asked.core), KEYS.c.brand.in_(brands), KEYS.c.sound == asked.sound)
        fields = [
            and_(KEYS.c.entity == entity, KEYS.c.field.in_(of_companies(entity)))
            for entity in NAMED
            if of_companies(entity)
        ]
        found: dict[str, list[str]] = {}
        with self.store.reading() as cursor:
            for each in fields:
                statement = select(KEYS.c.entity, KEYS.c.record_id).where(each, same).distinct().limit(MOST)
                for entity, record in rows(cursor, statement):
                    found.setdefault(entity, []).append(record)
        return found

    def keys(self, entity: str) -> pl.DataFrame:
        """What the names of an entity's companies are found by: id, brand, core and sound, a line for each name."""
        wanted = select(KEYS.c.record_id.label("id"), KEYS.c.brand, KEYS.c.core, KEYS.c.sound)
        wanted = wanted.where(KEYS.c.entity == entity, KEYS.c.field.in_(of_companies(entity)), KEYS.c.brand != "")
        with self.store.reading() as cursor:
            return frame(cursor, wanted.order_by(KEYS.c.record_id))

    def close(self, asked: Parts) -> list[str]:
        """The brands that are spelled nearly alike."""
        near = process.extract(
            asked.brand, self.all_brands(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=MOST_BRANDS, processor=None
        )
        return [brand for brand, _, _ in near]

    def all_brands(self) -> Sequence[str]:
        """Every brand that any record has had, up to date."""
        with self.lock:
            now = self.store.revision
            if self.known < now:
                with self.store.reading() as cursor:
                    wanted = select(KEYS.c.brand).where(KEYS.c.revision > self.known).distinct()
                    self.brands |= dict.fromkeys(brand for (brand,) in rows(cursor, wanted) if brand)
                self.known = now
            return tuple(self.brands)


def of_companies(entity: str) -> list[str]:
    """The fields of an entity that hold names of companies."""
    return [field for field, whose in NAMED[entity].items() if whose == COMPANY]

"""One open change-set, and what a derivation may look up while it is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from sqlalchemy import Select, Table, func, or_, select

from dashboard.domain.access import Actor, Role
from dashboard.domain.changes import Change
from dashboard.store import audit
from dashboard.store.engine_duckdb import SMALL, frame
from dashboard.store.few import among_values, framed
from dashboard.store.schema import history_of, table_of
from dashboard.store.staging import staged

MACHINES = frozenset({Role.OPERATOR, Role.SYSTEM})
IMPORT = "import_batch"  # what the details of an import's change-set name


@dataclass(frozen=True)
class Derivation:
    """How an entity's derived values follow from a change.

    reads: the current fields it needs or writes; apply: gives the rows with derived columns, and the changes that
    follow at once; settle: the changes that follow from the change-set as a whole, see `Transaction.touched`.
    """

    reads: tuple[str, ...]
    apply: Callable[[Transaction, Change, pl.DataFrame], tuple[pl.DataFrame, list[Change]]]
    settle: Callable[[Transaction], list[Change]] | None = None


@dataclass
class Transaction:
    """One open change-set: what a derivation may look up while it is written."""

    cursor: duckdb.DuckDBPyConnection
    actor: Actor
    revision: int
    moment: datetime
    zone: ZoneInfo
    currency: str
    effective_at: datetime | None
    why: str | None
    counts: dict[tuple[str, str], int]
    entries: list[audit.Entry]
    details: dict[str, object]
    takes_back: bool = False
    progress: Callable[[int], None] = lambda _rows: None  # told how many rows were written just now
    touched: dict[str, dict[str, datetime]] = field(default_factory=dict)  # to settle at the end: entity → id → when
    kept: dict[str, dict[Hashable, pl.DataFrame]] = field(default_factory=dict)  # looked up since an entity was written
    known: set[str] = field(default_factory=set)  # people and teams that were found
    pending: dict[str, list[Any]] = field(default_factory=dict)  # to look at when the change-set ends, by subject

    @property
    def today(self) -> date:
        """The business day in the company zone."""
        return self.moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone).date()

    @property
    def stating(self) -> bool:
        """Whether history is stated as it was, by an import or at the machine, rather than made by a person."""
        return bool(MACHINES & set(self.actor.roles)) or IMPORT in self.details

    @property
    def telling(self) -> bool:
        """Whether the machine states history, or something is taken back: then nothing stands fast yet, or any more."""
        return self.takes_back or (bool(MACHINES & set(self.actor.roles)) and IMPORT not in self.details)

    def when(self, rows: pl.DataFrame) -> pl.Series:
        """When each row took effect: as stated, else as the change-set says, else now."""
        default = self.effective_at or self.moment
        if "effective_at" in rows.columns:
            return rows["effective_at"].fill_null(default)
        return pl.Series("effective_at", [default] * rows.height, dtype=pl.Datetime("us"))

    def touch(self, entity: str, ids: pl.Series, moments: pl.Series) -> None:
        """Note records on which something hangs that must hold when the change-set ends."""
        known = self.touched.setdefault(entity, {})
        known |= {row: max(moment, known.get(row, moment)) for row, moment in zip(ids, moments, strict=True)}

    def rows_of(self, entity: str, columns: tuple[str, ...], **equal: object) -> pl.DataFrame:
        """Current rows of a small reference entity, archived ones aside."""
        table = table_of(entity)
        wanted = [table.c[name] for name in dict.fromkeys(("id", *columns))]
        limits = [table.c[name] == value for name, value in equal.items()]
        return frame(self.cursor, select(*wanted).where(table.c.archived_at.is_(None), *limits))

    def lookup(
        self, entity: str, key: str, values: pl.Series, columns: tuple[str, ...], *, archived: bool = False
    ) -> pl.DataFrame:
        """Current rows whose `key` is among `values`: those that are not archived, or only those that are."""
        names = tuple(dict.fromkeys((key, "id", *columns)))
        distinct = values.drop_nulls().unique()
        if not distinct.len():
            return framed(entity, names, [])
        if distinct.len() <= SMALL:
            return self.looked_up(entity, key, tuple(sorted(distinct)), names, archived=archived)
        table = table_of(entity)
        kept = table.c.archived_at.is_not(None) if archived else table.c.archived_at.is_(None)
        wanted = select(*(table.c[name] for name in names)).where(kept)
        asked = pl.DataFrame({"wanted": distinct}, schema={"wanted": pl.String})
        with staged(self.cursor, asked, {}) as source:
            return frame(self.cursor, wanted.join(source, source.c.wanted == table.c[key]))

    def looked_up(
        self, entity: str, key: str, values: tuple[str, ...], names: tuple[str, ...], *, archived: bool
    ) -> pl.DataFrame:
        """The rows of a look-up by few values; several derivations ask for the same, so they are kept until a write."""
        kept, asked = self.kept.setdefault(entity, {}), (key, values, names, archived)
        if asked not in kept:
            statement = among_values(entity, key, names, archived=archived)
            found = self.cursor.execute(statement.text, statement.bound({"wanted": list(values)})).fetchall()
            kept[asked] = framed(entity, names, found)
        return kept[asked]

    def used(self, entity: str, field: str, ids: pl.Series) -> list[str]:
        """Those of `ids` that a field of some record ever pointed at."""
        log = history_of(entity)
        pointed = select(log.c[field]).where(log.c[field].in_(ids.drop_nulls().to_list())).distinct()
        return frame(self.cursor, pointed)[field].to_list() if ids.len() else []

    def tagged(self, entity: str, field: str, word: str) -> bool:
        """Whether some record ever had a word among the tags of a field."""
        log = history_of(entity)
        holding = log.c[field].contains(json.dumps(word, ensure_ascii=False), autoescape=True)
        return frame(self.cursor, select(log.c.id).where(holding).limit(1)).height > 0

    def stated(self, entity: str, ids: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        """What was stated about columns of records: id, version, effective_at and the columns after each change."""
        log = history_of(entity)
        about = or_(log.c.changed == "*", *(log.c.changed.contains(f",{name},", autoescape=True) for name in columns))
        wanted = select(log.c.id, log.c.version, log.c.effective_at, *(log.c[name] for name in columns)).where(about)
        return self.told_of(log, wanted, ids)

    def before(self, entity: str, ids: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        """Columns of records, archived ones aside, as they were before this change-set; a new one has no row."""
        log = history_of(entity)
        wanted = select(log.c.id, log.c.version, log.c.archived_at, *(log.c[name] for name in columns))
        found = self.told_of(log, wanted.where(log.c.revision < self.revision), ids)
        last = found.sort("version").unique("id", keep="last", maintain_order=True)
        return last.filter(pl.col("archived_at").is_null())

    def last_stated(self, entity: str, ids: pl.Series) -> pl.Series:
        """When the latest change of each record took effect, in the order of `ids`; null for a record without any."""
        log = history_of(entity)
        latest = select(log.c.id, func.max(log.c.effective_at).label("stated_at")).group_by(log.c.id)
        found = self.told_of(log, latest, ids)
        asked = pl.DataFrame({"id": ids}, schema={"id": pl.String})
        return asked.join(found, on="id", how="left", maintain_order="left")["stated_at"]

    def told_of(self, log: Table, wanted: Select[Any], ids: pl.Series) -> pl.DataFrame:
        """What a statement finds in a history about some records."""
        asked = pl.DataFrame({"id": ids.drop_nulls().unique()}, schema={"id": pl.String})
        with staged(self.cursor, asked, {}) as source:
            return frame(self.cursor, wanted.where(log.c.id.in_(select(source.c.id))))

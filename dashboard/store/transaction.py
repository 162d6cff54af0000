"""One open change-set, and what a derivation may look up while it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from sqlalchemy import select

from dashboard.domain.access import Actor
from dashboard.domain.changes import Change
from dashboard.store import audit
from dashboard.store.engine_duckdb import SMALL, frame
from dashboard.store.schema import table_of
from dashboard.store.staging import staged


@dataclass(frozen=True)
class Derivation:
    """How an entity's derived values follow from a change.

    reads: the current fields it needs or writes; apply: gives the rows with derived columns, and the changes that
    follow.
    """

    reads: tuple[str, ...]
    apply: Callable[[Transaction, Change, pl.DataFrame], tuple[pl.DataFrame, list[Change]]]


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

    @property
    def today(self) -> date:
        """The business day in the company zone."""
        return self.moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone).date()

    def rows_of(self, entity: str, columns: tuple[str, ...], **equal: object) -> pl.DataFrame:
        """Current rows of a small reference entity, archived ones aside."""
        table = table_of(entity)
        wanted = [table.c[name] for name in dict.fromkeys(("id", *columns))]
        limits = [table.c[name] == value for name, value in equal.items()]
        return frame(self.cursor, select(*wanted).where(table.c.archived_at.is_(None), *limits))

    def lookup(self, entity: str, key: str, values: pl.Series, columns: tuple[str, ...]) -> pl.DataFrame:
        """Current rows whose `key` is among `values`, archived ones aside."""
        table = table_of(entity)
        wanted = [table.c[name] for name in dict.fromkeys((key, "id", *columns))]
        distinct = pl.DataFrame({"wanted": values.drop_nulls().unique()}, schema={"wanted": pl.String})
        if distinct.height <= SMALL:
            return frame(
                self.cursor,
                select(*wanted).where(table.c.archived_at.is_(None), table.c[key].in_(distinct["wanted"].to_list())),
            )
        with staged(self.cursor, distinct, {}) as source:
            return frame(
                self.cursor,
                select(*wanted).join(source, source.c.wanted == table.c[key]).where(table.c.archived_at.is_(None)),
            )

"""A change-set: what one submit, one import or one job run wants written, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from dashboard.domain.access import Actor

UNDO = "undo"
"""In a history the verb of a change that takes back what the change-set before it wrote in the same record: known from
then on as something that never happened."""


@dataclass(frozen=True)
class Change:
    """One verb over n rows of one entity.

    rows: a frame with the column `id`; `version` (the version that was seen) unless the verb is "create"; optionally
    `effective_at` (naive UTC, when it happened, per row); and one column per field that the verb sets. A null in a
    field column sets the field to null; a field without column stays as it is. "create" rows may also carry
    `source` and `external_id`. Values: text as String, money and numbers as Decimal, exact text or integer, dates as
    Date, instants as Datetime("us") naive UTC, tags as List(String), personal details in plain text (the store
    encrypts them).
    why: the reason of this change, where it is not that of the whole change-set.
    carried: a new record that the right to another verb of the change-set carries, so that it may lie beyond the reach
    of the right to make it; whoever says so has asked for that other right.
    """

    entity: str
    verb: str
    rows: pl.DataFrame
    why: str | None = None
    carried: bool = False


@dataclass(frozen=True)
class ChangeSet:
    """Changes written in order in one transaction, by one actor, for one reason."""

    actor: Actor
    changes: tuple[Change, ...]
    why: str | None = None
    effective_at: datetime | None = None  # naive UTC; default: when it is recorded
    details: dict[str, object] = field(default_factory=dict)  # noted in the audit entry
    takes_back: bool = False  # whether histories note it as UNDO


@dataclass(frozen=True)
class Applied:
    """What was written: the revision number of the change-set and how many rows per (entity, verb)."""

    revision: int
    recorded_at: datetime
    counts: dict[tuple[str, str], int]

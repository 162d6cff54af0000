"""The marts: immutable frames at record grain, built whole from the facts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self

import polars as pl

from etl.marts.histories import SYSTEM, history_of, standing
from etl.marts.sources import TABLE, Source, no_facts
from etl.marts.states import derive


@dataclass(frozen=True)
class Marts:
    """Frames by name, the revision of the store they show, and the company's time zone.

    For each entity of SOURCES `<entity>` (one row per record, by ascending id; `archived` ones too) and
    `<entity>_history` (one row per record and version; `row` is the record's place in `<entity>`), and `deal_stage`.
    Money is Int64 in 1/10,000 of the company currency. Nobody writes to a frame: a refresh makes new ones.
    """

    parts: Mapping[str, pl.DataFrame]
    revision: int
    zone: str
    views: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict, compare=False, repr=False)
    """The views asked for last, see `view_of`; emptied by whoever replaces the marts, for they point back here."""

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.parts[name]

    def frames(self) -> dict[str, pl.DataFrame]:
        """Every frame by name, to be kept."""
        return dict(self.parts)

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], revision: int, zone: str) -> Self:
        """The marts made of kept frames; KeyError or ValueError when they were kept by a version with other marts."""
        for name, source in TABLE.items():
            if frames[f"{name}_history"].columns != [*SYSTEM, *source.columns]:
                raise ValueError(name)
        return cls({name: frames[name] for name in FRAMES}, revision, zone)

    @cached_property
    def last_effective_at(self) -> datetime | None:
        """When the last fact happened; None when there is none."""
        return self.latest("effective_at")

    @cached_property
    def last_recorded_at(self) -> datetime | None:
        """When the last fact was recorded; None when there is none."""
        return self.latest("recorded_at")

    def latest(self, column: str) -> datetime | None:
        """The greatest instant of a column over all histories."""
        moments = [self.parts[f"{name}_history"].select(pl.col(column).max()).item() for name in TABLE]
        return max((moment for moment in moments if moment is not None), default=None)


FRAMES: tuple[str, ...] = (*TABLE, *(f"{name}_history" for name in TABLE), "deal_stage")
"""The names of all frames."""


def build(facts: Mapping[str, pl.DataFrame], revision: int, zone: str) -> Marts:
    """The marts of all facts up to a revision; an entity without a frame has no records."""
    parts: dict[str, pl.DataFrame] = {}
    for name, source in TABLE.items():
        parts.update(parts_of(source, facts.get(name, no_facts(name))))
    return Marts(parts, revision, zone)


def parts_of(source: Source, facts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """One entity's frames from all its facts."""
    rows = facts.lazy().select("id").filter(creation(facts)).unique().sort("id").with_row_index("row").collect()
    history = history_of(source, facts, rows)
    made = {f"{source.entity}_history": history, **derive(source, standing(history), rows)}
    return {name: frame.rechunk() for name, frame in made.items()}


def creation(facts: pl.DataFrame) -> pl.Series:
    """Which facts are the first of their record: a record is created whole, so `changed` is "*"."""
    return facts["changed"] == "*"

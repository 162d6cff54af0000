"""What every part of the generator is given: the number of deals, the seed, the clock, the known reference rows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import known as reference
from etl.demo.clock import Clock, quarter_start
from etl.demo.columns import Ints
from etl.demo.ids import seeded_ids
from etl.demo.sizes import volume

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
QUARTERS = 9  # quarters before the present one that have deals; targets begin one quarter later


@cache
def words(name: str) -> dict[str, Any]:
    """A word list of data/reference."""
    return tomllib.loads((REFERENCE / f"demo_{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class World:
    """The frame of one demo. Equal worlds give equal records."""

    deals: int
    seed: int
    today: date
    clock: Clock
    known: reference.Known

    @classmethod
    def of(cls, deals: int, seed: int, today: date, zone: str, known: Mapping[str, pl.DataFrame]) -> World:
        """The world of a demo of `deals` deals that ends on the evening before `today`."""
        return cls(deals, seed, today, Clock.of(today, zone), reference.read(known))

    @cached_property
    def start_day(self) -> date:
        """The first day of the first quarter with deals."""
        return quarter_start(self.today, QUARTERS)

    @cached_property
    def start(self) -> int:
        """The first tick with deals."""
        return self.clock.tick(self.start_day)

    def dice(self, name: str) -> np.random.Generator:
        """A stream of random numbers of its own for each purpose, so that parts do not disturb each other."""
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def ids(self, entity: str, ticks: Ints, first: int = 0) -> pl.Series:
        """Ids for records made at these ticks, ascending."""
        return seeded_ids(self.seed, entity, self.clock.moments(ticks), first)

    def size(self, name: str) -> int:
        """How many records of a kind there are."""
        return volume(name, self.deals)

    def create(self, entity: str, ticks: Ints, columns: Mapping[str, pl.Series | object]) -> tuple[pl.Series, Change]:
        """New records made at ascending ticks, with their ids; a plain value stands in every row."""
        ids = self.ids(entity, ticks)
        return ids, stated(entity, "create", ids, self.clock.instants(ticks), columns)


def stated(
    entity: str, verb: str, ids: pl.Series, moments: pl.Series, columns: Mapping[str, pl.Series | object]
) -> Change:
    """A change of these records at these moments; a plain value stands in every row."""
    frame = pl.DataFrame({"id": ids, "effective_at": moments})
    given = [
        (value.alias(name) if isinstance(value, pl.Series) else pl.lit(value).alias(name))
        for name, value in columns.items()
    ]
    return Change(entity, verb, frame.with_columns(given))

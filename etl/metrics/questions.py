"""A question to the marts, for whose records it is asked, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

import polars as pl

from dashboard.domain.metrics import COMPONENTS, Metric, Unit

Note = tuple[str, dict[str, object]]
"""Something to say beside a value: a code (`metric_note.<code>` in data/locales) and values."""


@dataclass(frozen=True)
class Question:
    """A metric over the business days [since, until); None leaves that side open.

    by: dimensions to group by; as_of: count what had happened by the end of that day (None: now); known_at: count what
    was recorded by then (naive UTC, None: now); where: by dimension, the keys to keep ("" keeps what has none);
    today: the current business day; weights: of the components of performance_score, in percent.
    """

    name: str
    since: date | None = None
    until: date | None = None
    by: tuple[str, ...] = ()
    as_of: date | None = None
    known_at: datetime | None = None
    where: Mapping[str, list[str]] = field(default_factory=dict)
    today: date = field(kw_only=True)
    weights: Mapping[str, float] = field(default_factory=lambda: dict(COMPONENTS), kw_only=True)

    @property
    def day(self) -> date:
        """The day on which the answer holds."""
        return self.today if self.as_of is None else min(self.as_of, self.today)


@dataclass(frozen=True)
class Population:
    """The records that count: ids by entity, and the people whose share of money is added; None means all of them.

    An entity that is not named has no records: nothing is counted that nobody was asked about.
    """

    ids: Mapping[str, pl.Series | None]
    people: pl.Series | None = None

    @classmethod
    def everything(cls, metric: Metric) -> Self:
        """Every record that a metric needs, and everybody's share."""
        return cls(dict.fromkeys(metric.entities), None)

    def of(self, entity: str) -> pl.Series | None:
        """The ids of an entity's records; None: all."""
        return self.ids.get(entity, pl.Series("id", [], dtype=pl.String))


@dataclass(frozen=True)
class Answer:
    """What was found.

    frame: a String column per dimension (an id, a word or a period's first day), then value (by unit), n (Int64), low
    and high (Float64: the Wilson 95 % interval of a share, else null), reason (String: why value is null,
    `metric_reason.<code>`), then the columns of the metric.
    """

    frame: pl.DataFrame
    unit: Unit
    notes: tuple[Note, ...]
    metric: Metric

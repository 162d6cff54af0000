"""A chart as data: what it shows and what that means, not how it is drawn. Plotly is one renderer of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.domain.quantities import Scale


class Kind(StrEnum):
    """The kinds of charts."""

    FUNNEL = "funnel"  # rows of bars, each a part of the first
    BULLET = "bullet"  # rows of bars against marks: target, stretch, challenge, run rate
    RANKING = "ranking"  # rows of bars in order, with columns of figures beside them
    BARS = "bars"  # rows of bars, with intervals where there are any
    LINE = "line"  # values over time
    HEAT = "heat"  # a table whose cells are shaded by value


class Tone(StrEnum):
    """What a colour means; the same on every page."""

    PLAIN = "plain"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    TARGET = "target"
    PREVIOUS = "previous"
    ATTENTION = "attention"
    LATE = "late"


class Part(StrEnum):
    """What a series is in its chart."""

    VALUE = "value"
    TARGET = "target"
    STRETCH = "stretch"
    CHALLENGE = "challenge"
    PACE = "pace"  # where it ends when it goes on like this


@dataclass(frozen=True)
class Series:
    """One value per label; None where there is none.

    texts: direct labels; hovers: the lines of each tooltip; low and high: an interval around the value; unfinished:
    the positions whose period still runs.
    """

    part: Part
    name: str
    values: tuple[float | None, ...]
    tone: Tone = Tone.PLAIN
    tones: tuple[Tone, ...] = ()  # one per value, where they differ
    texts: tuple[str, ...] = ()
    hovers: tuple[tuple[str, ...], ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    unfinished: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Column:
    """Figures beside the bars, one per label."""

    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class ChartSpec:
    """A chart.

    title: subject and unit; summary: the chart in a sentence, for those who do not see it; labels: the categories, or
    the periods of a line; keys: what stands behind each label (an id or a word); left_out: how many
    more labels there would be; cells: of a heat table, rows of
    values by label and column.
    """

    kind: Kind
    title: str
    summary: str
    scale: Scale
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    left_out: int = 0
    series: tuple[Series, ...] = ()
    columns: tuple[Column, ...] = ()
    across: tuple[str, ...] = ()
    cells: tuple[tuple[float | None, ...], ...] = field(default=())
    hovers: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw; a funnel that nothing went into is nothing."""
        drawn = [value for series in self.series for value in series.values]
        drawn += [value for row in self.cells for value in row]
        return not any(drawn) if self.kind is Kind.FUNNEL else all(value is None for value in drawn)

    def part(self, part: Part) -> Series | None:
        """The first series of a part."""
        return next((series for series in self.series if series.part is part), None)


STEPS = (1, 2, 2.5, 5, 10)


def ticks(highest: float, lowest: float = 0.0, wanted: int = 4, *, whole: bool = False) -> tuple[float, ...]:
    """Round numbers from zero, or from below `lowest`, to above `highest`: about `wanted` steps, or whole ones."""
    span = max(highest, 0.0) - min(lowest, 0.0)
    if not math.isfinite(span) or span <= 0:
        return (0.0, 1.0)
    raw = span / wanted
    size = 10 ** math.floor(math.log10(raw))
    steps = [1.0] if whole and raw <= 1 else [size * step for step in STEPS]
    step = next(step for step in steps if step >= raw * 0.999 and (not whole or step % 1 == 0))
    first, last = math.floor(min(lowest, 0.0) / step), math.ceil(max(highest, 0.0) / step)
    return tuple(round(i * step, 10) for i in range(first, last + 1))

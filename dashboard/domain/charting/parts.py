"""What the charts have in common: texts, intervals, columns of figures, marks, and where a long list is cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from dashboard.domain.charts import Column, Part, Series, Tone
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import Scale
from dashboard.i18n import Language, percent, translate

Row = dict[str, Any]
Names = Mapping[str, str]
MOST_ROWS = 12


class Sayer(Protocol):
    """Gives the texts of one language."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key."""


def sayer(language: Language) -> Sayer:
    """The texts of one language."""

    def say(key: str, /, **values: object) -> str:
        return translate(key, language, **values)

    return say


def titled(*parts: str) -> str:
    """What a chart is about, then its unit and grouping."""
    return " · ".join(parts)


def unit(scale: Scale) -> tuple[str, ...]:
    """The currency where a title must say it."""
    return (scale.currency,) if scale.unit is Unit.MONEY else ()


def summary(language: Language, title: str, labels: Sequence[str], texts: Sequence[str]) -> str:
    """A chart in a sentence: its title, then each label with its value."""
    pairs = [f"{label} {text}" for label, text in zip(labels, texts, strict=True)]
    return translate("chart.summary", language, title=title, values=pairs)


def interval(row: Row, language: Language) -> str:
    """The 95 % interval of a share; nothing where there is none."""
    if row["low"] is None or row["high"] is None:
        return ""
    low, high = percent(row["low"], language), percent(row["high"], language)
    return translate("chart.hover.interval", language, low=low, high=high)


def share_column(name: str, values: Sequence[float | None], scale: Scale) -> Column:
    """A column of percentages."""
    nothing = translate("common.nothing", scale.language)
    return Column(name, tuple(nothing if value is None else percent(value, scale.language) for value in values))


def mark(part: Part, name: str, values: Sequence[float | None]) -> Series:
    """A mark that a bar is held against."""
    return Series(part, name, tuple(values), tone=Tone.TARGET)


def cut(rows: pl.DataFrame, dimension: str, most: int = MOST_ROWS) -> tuple[list[Row], int]:
    """The first rows that belong to somebody, and how many more there are."""
    known = rows.filter(pl.col(dimension).is_not_null())
    return known.head(most).to_dicts(), max(known.height - most, 0)

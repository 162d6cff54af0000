"""A table of two dimensions, shaded by value; the smaller columns are added up as "others"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from dashboard.domain.charting.parts import Names, Row, Sayer, sayer, summary, titled, unit
from dashboard.domain.charts import ChartSpec, Kind
from dashboard.domain.quantities import Scale

MOST_COLUMNS = 7


class Group(NamedTuple):
    """A column: what it is called and the keys that it adds up."""

    name: str
    keys: tuple[str, ...]


def heat(
    rows: pl.DataFrame, down: str, across: str, names: Mapping[str, Names], scale: Scale, period: str, title: str
) -> ChartSpec:
    """A value for each pair of two dimensions, the greatest first. names: by dimension and id."""
    say = sayer(scale.language)
    placed = rows.with_columns(pl.col(down, across).fill_null("")).filter(pl.col("value").is_not_null())
    groups = columns_of(greatest_first(placed, across), names[across], say)
    lines = greatest_first(placed, down)
    at = {(row[down], row[across]): row for row in placed.to_dicts()}
    found = [[[at[line, key] for key in group.keys if (line, key) in at] for group in groups] for line in lines]
    labels = tuple(names[down].get(line) or say("chart.heat.nobody") for line in lines)
    totals = [scale.text(sum(value_of(cell, scale) or 0 for cell in row)) for row in found]
    return ChartSpec(
        kind=Kind.HEAT,
        title=titled(title, *unit(scale), say(f"chart.heat.{down}_by_{across}")),
        summary=summary(scale.language, title, labels, totals),
        scale=scale,
        labels=labels,
        keys=tuple(lines),
        across=tuple(group.name for group in groups),
        cells=tuple(tuple(value_of(cell, scale) for cell in row) for row in found),
        hovers=tuple(
            tuple(hover(label, group, cell, scale, period) for group, cell in zip(groups, row, strict=True))
            for label, row in zip(labels, found, strict=True)
        ),
    )


def greatest_first(rows: pl.DataFrame, dimension: str) -> list[str]:
    """The keys of a dimension by the sum of their values."""
    sums = rows.group_by(dimension).agg(pl.col("value").sum()).sort(["value", dimension], descending=[True, False])
    return sums[dimension].to_list()


def columns_of(keys: list[str], names: Names, say: Sayer) -> list[Group]:
    """A column a key; more than eight become seven and "others"."""
    kept = keys if len(keys) <= MOST_COLUMNS + 1 else keys[:MOST_COLUMNS]
    found = [Group(names.get(key) or say("chart.heat.nowhere"), (key,)) for key in kept]
    return [*found, Group(say("common.others"), tuple(keys[len(kept) :]))] if len(kept) < len(keys) else found


def value_of(cell: list[Row], scale: Scale) -> float | None:
    """What a cell adds up to; None where nothing is in it."""
    return scale.of(sum(row["value"] for row in cell)) if cell else None


def hover(label: str, group: Group, cell: list[Row], scale: Scale, period: str) -> tuple[str, ...]:
    """What the tooltip of a cell says."""
    say = sayer(scale.language)
    count = say("chart.hover.n", n=sum(row["n"] for row in cell))
    return (f"{label} · {group.name}", scale.full(value_of(cell, scale)), count, period)

"""People and teams in order: scores with their components, rates with n and an interval."""

from __future__ import annotations

import polars as pl

from dashboard.domain.charting.parts import MOST_ROWS, Names, Row, cut, interval, sayer, summary, titled
from dashboard.domain.charts import ChartSpec, Column, Kind, Part, Series
from dashboard.domain.metrics import COMPONENTS
from dashboard.domain.quantities import Scale


def ranking(rows: pl.DataFrame, names: Names, scale: Scale, period: str) -> ChartSpec:
    """Performance scores in order, with their components beside them; a missing one is a dash and is named."""
    say = sayer(scale.language)
    scored, left_out = cut(rows.filter(pl.col("value").is_not_null()).sort("value", descending=True), "person")
    labels = tuple(names.get(row["person"], "") for row in scored)
    value = Series(
        part=Part.VALUE,
        name=say("chart.ranking.title"),
        values=tuple(row["value"] for row in scored),
        texts=tuple(scale.text(row["value"]) for row in scored),
        hovers=tuple(ranking_hover(row, names, scale, period) for row in scored),
    )
    return ChartSpec(
        kind=Kind.RANKING,
        title=titled(say("chart.ranking.title"), say("chart.ranking.points")),
        summary=summary(scale.language, say("chart.ranking.title"), labels, value.texts),
        scale=scale,
        labels=labels,
        keys=tuple(row["person"] for row in scored),
        left_out=left_out,
        series=(value,),
        columns=tuple(
            Column(say(f"chart.ranking.{name}"), tuple(scale.text(row[name]) for row in scored)) for name in COMPONENTS
        ),
    )


def ranking_hover(row: Row, names: Names, scale: Scale, period: str) -> tuple[str, ...]:
    """What the tooltip of a person says."""
    say = sayer(scale.language)
    lines = [names.get(row["person"], ""), say("chart.hover.score", score=scale.text(row["value"]))]
    lines += [
        say("chart.hover.component", name=say(f"metric_column.{name}"), score=scale.text(row[name]), weight=weight)
        for name, weight in COMPONENTS.items()
        if row[name] is not None
    ]
    if row["missing"]:
        absent = [say(f"metric_column.{name}") for name in row["missing"]]
        lines.append(say("chart.hover.missing", names=absent))
    return (*lines, period)


def shares(
    rows: pl.DataFrame,
    dimension: str,
    names: Names,
    scale: Scale,
    period: str,
    title: str,
    most: int = MOST_ROWS,
) -> ChartSpec:
    """Rates by person or team with n and the interval; the order is that of the interval's lower bound."""
    say = sayer(scale.language)
    known = rows.filter(pl.col("value").is_not_null() & pl.col(dimension).is_not_null())
    found, left_out = cut(known.sort("low", descending=True, nulls_last=True), dimension, most)
    labels = tuple(names.get(row[dimension], "") for row in found)
    texts = tuple(scale.text(row["value"]) for row in found)
    value = Series(
        part=Part.VALUE,
        name=title,
        values=tuple(row["value"] for row in found),
        low=tuple(row["low"] for row in found),
        high=tuple(row["high"] for row in found),
        hovers=tuple(
            tuple(
                line
                for line in (
                    names.get(row[dimension], ""),
                    say("chart.hover.rate", share=scale.text(row["value"]), n=row["n"]),
                    interval(row, scale.language),
                    period,
                )
                if line
            )
            for row in found
        ),
    )
    return ChartSpec(
        kind=Kind.BARS,
        title=titled(title, say("chart.rate.unit")),
        summary=summary(scale.language, title, labels, texts),
        scale=scale,
        labels=labels,
        keys=tuple(row[dimension] for row in found),
        left_out=left_out,
        series=(value,),
        columns=(
            Column(say("chart.rate.share"), texts),
            Column(say("chart.rate.n"), tuple(str(row["n"]) for row in found)),
        ),
    )

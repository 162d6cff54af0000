"""Results against targets: a bar for each person or team, held against target, stretch and challenge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from dashboard.domain.charting.parts import Names, Row, cut, mark, sayer, summary, titled
from dashboard.domain.charts import ChartSpec, Column, Kind, Part, Series, Tone
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import Scale
from dashboard.i18n import percent


def attainment(
    rows: pl.DataFrame, names: Names, scale: Scale, period: str, paces: Mapping[str, float], running: bool
) -> ChartSpec:
    """Won amount against the target of each person or team, as shares of the target.

    rows: holder, won, target, value and, where set, stretch and challenge (1/10,000); paces: by holder, the amount at
    the period's end when it goes on like this (currency units); running: whether the period is not over.
    """
    say, money = sayer(scale.language), replace(scale, unit=Unit.MONEY)
    found, left_out = cut(rows.filter(pl.col("value").is_not_null()).sort("value", descending=True), "holder")
    targets = [money.of(row["target"]) for row in found]
    marks = [
        mark(Part.TARGET, say("chart.attainment.target"), [1.0] * len(found)),
        mark(Part.STRETCH, say("chart.attainment.stretch"), parts(found, "stretch")),
        mark(Part.CHALLENGE, say("chart.attainment.challenge"), parts(found, "challenge")),
    ]
    if running:
        ends = [paces.get(row["holder"]) for row in found]
        shares = [None if end is None else end / goal for end, goal in zip(ends, targets, strict=True)]
        marks.append(mark(Part.PACE, say("chart.attainment.pace"), shares))
    labels = tuple(names.get(row["holder"], "") for row in found)
    shares_of = tuple(percent(row["value"], scale.language) for row in found)
    value = Series(
        part=Part.VALUE,
        name=say("chart.attainment.title"),
        values=tuple(row["value"] for row in found),
        tone=Tone.WON,
        hovers=tuple(attainment_hover(row, names, money, period, paces if running else {}) for row in found),
    )
    return ChartSpec(
        kind=Kind.BULLET,
        title=titled(say("chart.attainment.title"), say("chart.attainment.of_target")),
        summary=summary(scale.language, say("chart.attainment.title"), labels, shares_of),
        scale=scale,
        labels=labels,
        keys=tuple(row["holder"] for row in found),
        left_out=left_out,
        series=(value, *(series for series in marks if any(one is not None for one in series.values))),
        columns=(
            Column(say("chart.attainment.share"), shares_of),
            Column(say("chart.attainment.won"), tuple(money.tick(money.of(row["won"])) for row in found)),
            Column(say("chart.attainment.target"), tuple(money.tick(goal) for goal in targets)),
        ),
    )


def attainment_hover(row: Row, names: Names, money: Scale, period: str, paces: Mapping[str, float]) -> tuple[str, ...]:
    """What the tooltip of a holder says."""
    say = sayer(money.language)
    lines = [
        names.get(row["holder"], ""),
        say("chart.hover.attained", share=percent(row["value"], money.language)),
        say("chart.hover.won_of", won=money.full(money.of(row["won"])), target=money.full(money.of(row["target"]))),
        say("chart.hover.deals", n=money_free(money).text(row["n"])),
    ]
    if (pace := paces.get(row["holder"])) is not None:
        lines.append(say("chart.hover.pace", amount=money.text(pace)))
    higher = [part for part in ("stretch", "challenge") if row.get(part)]
    lines += [say(f"chart.hover.{part}", amount=money.text(money.of(row[part]))) for part in higher]
    return (*lines, period)


def parts(rows: Sequence[Row], field: str) -> list[float | None]:
    """An amount of each row as a share of its target."""
    return [row[field] / row["target"] if row.get(field) else None for row in rows]


def money_free(scale: Scale) -> Scale:
    """The same language, for counts."""
    return replace(scale, unit=Unit.COUNT)

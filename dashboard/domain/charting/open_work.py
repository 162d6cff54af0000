"""What is still open: weighted pipeline by stage, cover of what is missing, work against capacity, late next steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from dashboard.domain.charting.parts import Names, Row, cut, mark, sayer, summary, titled, unit
from dashboard.domain.charts import ChartSpec, Column, Kind, Part, Series, Tone
from dashboard.domain.follow_ups import FOLLOWED
from dashboard.domain.labels import entity_label
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import Scale, multiple

MOST_COVER = 5.0
"""A cover beyond this is drawn this long: whoever misses little is covered many times."""


def by_stage(rows: pl.DataFrame, names: Names, scale: Scale, period: str) -> ChartSpec:
    """Weighted amounts of the stages in their order. rows: stage, value, open (1/10,000) and n."""
    say = sayer(scale.language)
    found = rows.to_dicts()
    labels = tuple(names.get(row["stage"], "") for row in found)
    texts = tuple(scale.text(scale.of(row["value"])) for row in found)
    value = Series(
        part=Part.VALUE,
        name=say("chart.weighted.title"),
        values=tuple(scale.of(row["value"]) for row in found),
        tone=Tone.OPEN,
        hovers=tuple(
            (
                label,
                say("chart.weighted.hover", amount=scale.full(scale.of(row["value"]))),
                say("chart.weighted.hover_open", amount=scale.full(scale.of(row["open"]))),
                say("chart.hover.deals", n=row["n"]),
                period,
            )
            for row, label in zip(found, labels, strict=True)
        ),
    )
    return ChartSpec(
        kind=Kind.BARS,
        title=titled(say("chart.weighted.title"), *unit(scale), say("chart.weighted.by_stage")),
        summary=summary(scale.language, say("chart.weighted.title"), labels, texts),
        scale=scale,
        labels=labels,
        keys=tuple(row["stage"] for row in found),
        series=(value,),
        columns=(
            Column(say("chart.weighted.weighted"), tuple(scale.tick(scale.of(row["value"])) for row in found)),
            Column(say("chart.weighted.n"), tuple(str(row["n"]) for row in found)),
        ),
    )


def cover(rows: pl.DataFrame, names: Names, scale: Scale, period: str) -> ChartSpec:
    """How often each person's open deals cover what is missing, the least covered first.

    rows: person, value, open, remaining (1/10,000) and n; whoever misses nothing has no value and no bar.
    """
    say, money = sayer(scale.language), replace(scale, unit=Unit.MONEY)
    found, left_out = cut(rows.filter(pl.col("value").is_not_null()).sort("value", "person"), "person")
    labels = tuple(names.get(row["person"], "") for row in found)
    texts = tuple(multiple(row["value"], scale.language) for row in found)
    value = Series(
        part=Part.VALUE,
        name=say("chart.cover.title"),
        values=tuple(min(row["value"], MOST_COVER) for row in found),
        tones=tuple(Tone.ATTENTION if row["value"] < 1 else Tone.OPEN for row in found),
        hovers=tuple(cover_hover(row, names, money, period) for row in found),
    )
    return ChartSpec(
        kind=Kind.BULLET,
        title=titled(say("chart.cover.title"), say("chart.cover.unit")),
        summary=summary(scale.language, say("chart.cover.title"), labels, texts),
        scale=replace(scale, unit=Unit.COUNT),
        labels=labels,
        keys=tuple(row["person"] for row in found),
        left_out=left_out,
        series=(value, mark(Part.TARGET, say("chart.cover.enough"), [1.0] * len(found))) if found else (value,),
        columns=(
            Column(say("chart.cover.times"), texts),
            Column(say("chart.weighted.open"), amounts(found, "open", money)),
            Column(say("chart.cover.missing"), amounts(found, "remaining", money)),
        ),
    )


def amounts(rows: Sequence[Row], name: str, money: Scale) -> tuple[str, ...]:
    """A column of amounts."""
    return tuple(money.tick(money.of(row[name])) for row in rows)


def cover_hover(row: Row, names: Names, money: Scale, period: str) -> tuple[str, ...]:
    """What the tooltip of a person says."""
    say = sayer(money.language)
    return (
        names.get(row["person"], ""),
        say("chart.cover.hover", times=multiple(row["value"], money.language)),
        say("chart.weighted.hover_open", amount=money.full(money.of(row["open"]))),
        say("chart.cover.hover_missing", amount=money.full(money.of(row["remaining"]))),
        period,
    )


def workload(rows: pl.DataFrame, names: Names, scale: Scale) -> ChartSpec:
    """Hours of work that is due against the hours of a week, the fullest first.

    rows: person, hours, capacity (hours, null when unknown), tasks and deals.
    """
    say = sayer(scale.language)
    filled = pl.when(pl.col("capacity") > 0).then(pl.col("hours") / pl.col("capacity")).fill_null(0.0)
    found, left_out = cut(rows.sort(filled, "hours", "person", descending=[True, True, False]), "person")
    labels = tuple(names.get(row["person"], "") for row in found)
    texts = tuple(scale.tick(row["hours"]) for row in found)
    nothing = say("common.nothing")
    value = Series(
        part=Part.VALUE,
        name=say("chart.workload.due"),
        values=tuple(row["hours"] for row in found),
        tones=tuple(
            Tone.ATTENTION if row["capacity"] and row["hours"] > row["capacity"] else Tone.OPEN for row in found
        ),
        hovers=tuple(
            (
                label,
                say("chart.workload.hover_tasks", n=row["tasks"], hours=scale.tick(row["hours"])),
                say("chart.workload.hover_deals", n=row["deals"]),
            )
            for row, label in zip(found, labels, strict=True)
        ),
    )
    capacity = mark(Part.TARGET, say("chart.workload.capacity"), [row["capacity"] for row in found])
    return ChartSpec(
        kind=Kind.BULLET,
        title=titled(say("chart.workload.title"), say("chart.workload.unit")),
        summary=summary(scale.language, say("chart.workload.title"), labels, texts),
        scale=scale,
        labels=labels,
        keys=tuple(row["person"] for row in found),
        left_out=left_out,
        series=(value, *((capacity,) if any(row["capacity"] for row in found) else ())),
        columns=(
            Column(say("chart.workload.hours"), texts),
            Column(
                say("chart.workload.of"),
                tuple(scale.tick(row["capacity"]) if row["capacity"] else nothing for row in found),
            ),
            Column(say("chart.workload.deals"), tuple(str(row["deals"]) for row in found)),
        ),
    )


def late_steps(rows: pl.DataFrame, names: Names, scale: Scale) -> ChartSpec:
    """Overdue next steps of each person, the most first.

    rows: person, late, and a count for each entity that is followed up.
    """
    say = sayer(scale.language)
    found, left_out = cut(rows.sort("late", "person", descending=[True, False]), "person")
    labels = tuple(names.get(row["person"], "") for row in found)
    texts = tuple(scale.tick(row["late"]) for row in found)
    kinds = {entity: entity_label(entity, scale.language, many=True) for entity in FOLLOWED}
    value = Series(
        part=Part.VALUE,
        name=say("chart.late_steps.title"),
        values=tuple(float(row["late"]) for row in found),
        tone=Tone.LATE,
        texts=texts,
        hovers=tuple(
            (label, *(say("chart.late_steps.hover", records=kinds[entity], n=row[entity]) for entity in kinds))
            for row, label in zip(found, labels, strict=True)
        ),
    )
    return ChartSpec(
        kind=Kind.BARS,
        title=say("chart.late_steps.title"),
        summary=summary(scale.language, say("chart.late_steps.title"), labels, texts),
        scale=scale,
        labels=labels,
        keys=tuple(row["person"] for row in found),
        left_out=left_out,
        series=(value,),
        columns=tuple(Column(kinds[entity], tuple(scale.tick(row[entity]) for row in found)) for entity in kinds),
    )

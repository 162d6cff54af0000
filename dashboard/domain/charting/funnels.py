"""The funnel: stages in order, each with its share of the one before and of the first."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard.domain.charting.parts import Names, Row, interval, sayer, share_column, summary, titled
from dashboard.domain.charts import ChartSpec, Kind, Part, Series, Tone
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import Scale
from dashboard.i18n import percent


def funnel(rows: pl.DataFrame, names: Names, scale: Scale, period: str, *, by_amount: bool = False) -> ChartSpec:
    """Stages in order, each with its share of the one before and of the first. scale: of the counts."""
    say, steps = sayer(scale.language), rows.to_dicts()
    shown = replace(scale, unit=Unit.MONEY) if by_amount else scale
    field, prefix = ("amount", "amount_") if by_amount else ("value", "")
    values = tuple(shown.of(step[field] or 0) for step in steps)
    labels = tuple(names.get(step["stage"], "") for step in steps)
    value = Series(
        part=Part.VALUE,
        name=say(f"chart.funnel.{'amount' if by_amount else 'count'}"),
        values=values,
        tones=tuple(Tone.WON if place == len(steps) - 1 else Tone.OPEN for place in range(len(steps))),
        texts=tuple(shown.text(one) for one in values),
        hovers=tuple(
            funnel_hover(step, prefix, label, scale, period) for step, label in zip(steps, labels, strict=True)
        ),
    )
    return ChartSpec(
        kind=Kind.FUNNEL,
        title=titled(say("chart.funnel.title"), shown.currency if by_amount else say("chart.funnel.unit")),
        summary=summary(scale.language, say("chart.funnel.title"), labels, value.texts),
        scale=shown,
        labels=labels,
        keys=tuple(step["stage"] for step in steps),
        series=(value,),
        columns=(
            share_column(say("chart.funnel.of_previous"), [step[f"{prefix}of_previous"] for step in steps], scale),
            share_column(say("chart.funnel.of_first"), [step[f"{prefix}of_first"] for step in steps], scale),
        ),
    )


def funnel_hover(step: Row, prefix: str, label: str, scale: Scale, period: str) -> tuple[str, ...]:
    """What the tooltip of a stage says; the interval is that of the counts."""
    say, money = sayer(scale.language), replace(scale, unit=Unit.MONEY)
    previous, first = step[f"{prefix}of_previous"], step[f"{prefix}of_first"]
    lines = [
        label,
        say("chart.hover.deals", n=scale.text(step["value"])),
        say("chart.hover.amount", amount=money.full(money.of(step["amount"] or 0))),
        "" if previous is None else say("chart.hover.of_previous", share=percent(previous, scale.language)),
        "" if prefix else interval(step, scale.language),
        "" if first is None else say("chart.hover.of_first", share=percent(first, scale.language)),
        say("chart.hover.still_open", n=scale.text(step["open"])),
        period,
    ]
    return tuple(line for line in lines if line)

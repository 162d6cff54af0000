"""Values month by month, the running one marked, with a target line where there are targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.domain.charting.parts import sayer, summary, titled, unit
from dashboard.domain.charts import ChartSpec, Kind, Part, Series, Tone
from dashboard.domain.quantities import Scale
from dashboard.i18n import Language, translate


def trend(
    title: str,
    months: Sequence[date],
    values: Sequence[float | None],
    counts: Sequence[int],
    scale: Scale,
    unfinished: frozenset[int],
    targets: Sequence[float | None] = (),
    target_name: str = "",
) -> ChartSpec:
    """Values month by month, the running one marked, and a target line where there are targets."""
    say = sayer(scale.language)
    labels = tuple(month_name(month, scale.language) for month in months)
    hovers = tuple(
        trend_hover(label, value, count, scale, place in unfinished)
        for place, (label, value, count) in enumerate(zip(labels, values, counts, strict=True))
    )
    last = next((place for place in reversed(range(len(values))) if values[place] is not None), None)
    series = [
        Series(
            part=Part.VALUE,
            name=title,
            values=tuple(values),
            tone=Tone.WON,
            texts=tuple(scale.text(value) if place == last else "" for place, value in enumerate(values)),
            hovers=hovers,
            unfinished=unfinished,
        )
    ]
    if any(target is not None for target in targets):
        lines = tuple((label, f"{target_name} {scale.text(t)}") for label, t in zip(labels, targets, strict=True))
        series.append(Series(Part.TARGET, target_name, tuple(targets), tone=Tone.TARGET, hovers=lines))
    return ChartSpec(
        kind=Kind.LINE,
        title=titled(title, *unit(scale), say("chart.trend.by_month")),
        summary=summary(scale.language, title, labels, [scale.text(value) for value in values]),
        scale=scale,
        labels=tuple(month_label(month, scale.language) for month in months),
        keys=tuple(month.isoformat() for month in months),
        series=tuple(series),
    )


def trend_hover(label: str, value: float | None, count: int, scale: Scale, running: bool) -> tuple[str, ...]:
    """What the tooltip of a month says."""
    say = sayer(scale.language)
    named = f"{label} · {say('common.to_date')}" if running else label
    return (named, scale.full(value), say("chart.hover.n", n=count))


def month_label(month: date, language: Language) -> str:
    """A month on an axis; January has the year below it."""
    name = translate(f"month.{month.month}", language)
    return f"{name}\n{month.year}" if month.month == 1 else name


def month_name(month: date, language: Language) -> str:
    """A month with its year."""
    name = translate(f"month.{month.month}", language)
    return translate("month.with_year", language, month=name, year=str(month.year))

"""From the rows of an answer to a chart: funnel, attainment, ranking, shares, trend and heat table.

Rows are frames as `etl.metrics` documents them; names: by id, what a person, a team or a stage is called; period: the
window in words, for tooltips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from dashboard.domain.charts import ChartSpec, Column, Kind, Part, Series, Tone
from dashboard.domain.metrics import COMPONENTS, Unit
from dashboard.domain.quantities import Scale
from dashboard.i18n import Language, percent, translate

Row = dict[str, Any]
Names = Mapping[str, str]
MOST_ROWS = 12
MOST_COLUMNS = 7


def funnel(rows: pl.DataFrame, names: Names, scale: Scale, period: str, *, by_amount: bool = False) -> ChartSpec:
    """Stages in order, each with its share of the one before and of the first. scale: of the counts."""
    say, steps = sayer(scale.language), rows.to_dicts()
    shown = replace(scale, unit=Unit.MONEY) if by_amount else scale
    field, prefix = ("amount", "amount_") if by_amount else ("value", "")
    value = Series(
        part=Part.VALUE,
        name=say(f"chart.funnel.{'amount' if by_amount else 'count'}"),
        values=tuple(shown.of(step[field] or 0) for step in steps),
        tones=tuple(Tone.WON if place == len(steps) - 1 else Tone.OPEN for place in range(len(steps))),
        texts=tuple(shown.text(shown.of(step[field] or 0)) for step in steps),
        hovers=tuple(funnel_hover(step, names, scale, period) for step in steps),
    )
    return ChartSpec(
        kind=Kind.FUNNEL,
        title=titled(say("chart.funnel.title"), value.name),
        summary=summary(scale.language, "chart.funnel.title", [names.get(s["stage"], "") for s in steps], value.texts),
        scale=shown,
        labels=tuple(names.get(step["stage"], "") for step in steps),
        keys=tuple(step["stage"] for step in steps),
        series=(value,),
        columns=(
            share_column(say("chart.funnel.of_previous"), [step[f"{prefix}of_previous"] for step in steps], scale),
            share_column(say("chart.funnel.of_first"), [step[f"{prefix}of_first"] for step in steps], scale),
        ),
    )


def funnel_hover(step: Row, names: Names, scale: Scale, period: str) -> tuple[str, ...]:
    """What the tooltip of a stage says."""
    say, money = sayer(scale.language), replace(scale, unit=Unit.MONEY)
    lines = [
        names.get(step["stage"], ""),
        say("chart.hover.deals", n=scale.text(step["value"])),
        say("chart.hover.amount", amount=money.full(money.of(step["amount"] or 0))),
    ]
    if step["of_previous"] is not None:
        lines.append(say("chart.hover.of_previous", share=percent(step["of_previous"], scale.language)))
        lines.append(interval(step, scale.language))
    if step["of_first"] is not None:
        lines.append(say("chart.hover.of_first", share=percent(step["of_first"], scale.language)))
    lines.append(say("chart.hover.still_open", n=scale.text(step["open"])))
    return (*(line for line in lines if line), period)


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
        summary=summary(
            scale.language, "chart.attainment.title", [names.get(row["holder"], "") for row in found], shares_of
        ),
        scale=scale,
        labels=tuple(names.get(row["holder"], "") for row in found),
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


def ranking(rows: pl.DataFrame, names: Names, scale: Scale, period: str) -> ChartSpec:
    """Performance scores in order, with their components beside them; a missing one is a dash and is named."""
    say = sayer(scale.language)
    scored, left_out = cut(rows.filter(pl.col("value").is_not_null()).sort("value", descending=True), "person")
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
        summary=summary(
            scale.language, "chart.ranking.title", [names.get(row["person"], "") for row in scored], value.texts
        ),
        scale=scale,
        labels=tuple(names.get(row["person"], "") for row in scored),
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
        say("chart.hover.component", name=say(f"chart.ranking.{name}"), score=scale.text(row[name]), weight=weight)
        for name, weight in COMPONENTS.items()
        if row[name] is not None
    ]
    if row["missing"]:
        absent = [say(f"chart.ranking.{name}") for name in row["missing"]]
        lines.append(say("chart.hover.missing", names=absent))
    return (*lines, period)


def shares(rows: pl.DataFrame, dimension: str, names: Names, scale: Scale, period: str, title: str) -> ChartSpec:
    """Rates by person or team with n and the interval; the order is that of the interval's lower bound."""
    say = sayer(scale.language)
    known = rows.filter(pl.col("value").is_not_null() & pl.col(dimension).is_not_null())
    found, left_out = cut(known.sort("low", descending=True, nulls_last=True), dimension)
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
        summary=summary(scale.language, None, [names.get(r[dimension], "") for r in found], texts, title),
        scale=scale,
        labels=tuple(names.get(row[dimension], "") for row in found),
        keys=tuple(row[dimension] for row in found),
        left_out=left_out,
        series=(value,),
        columns=(
            Column(say("chart.rate.share"), texts),
            Column(say("chart.rate.n"), tuple(str(row["n"]) for row in found)),
        ),
    )


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
        title=titled(title, say("chart.trend.by_month")),
        summary=summary(scale.language, None, labels, [scale.text(value) for value in values], title),
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


def heat(
    rows: pl.DataFrame, down: str, across: str, names: Mapping[str, Names], scale: Scale, period: str, title: str
) -> ChartSpec:
    """A value for each pair of two dimensions; the smaller columns are added up as "others"."""
    say = sayer(scale.language)
    placed = rows.with_columns(pl.col(down, across).fill_null("")).filter(pl.col("value").is_not_null())
    order = placed.group_by(across).agg(pl.col("value").sum()).sort("value", descending=True)[across].to_list()
    kept, rest = (order, []) if len(order) <= MOST_COLUMNS + 1 else (order[:MOST_COLUMNS], order[MOST_COLUMNS:])
    lines = placed.group_by(down).agg(pl.col("value").sum()).sort("value", descending=True)[down].to_list()
    at = {(row[down], row[across]): row for row in placed.to_dicts()}
    columns = [(key, [key]) for key in kept] + ([("", rest)] if rest else [])
    cells, hovers = [], []
    for line in lines:
        found = [[at[line, key] for key in keys if (line, key) in at] for _, keys in columns]
        cells.append(tuple(scale.of(sum(r["value"] for r in group)) if group else None for group in found))
        hovers.append(
            tuple(
                (
                    f"{names[down].get(line, say('common.nothing'))} · {column_name(keys, names[across], say)}",
                    scale.full(scale.of(sum(r["value"] for r in group))),
                    say("chart.hover.n", n=sum(r["n"] for r in group)),
                    period,
                )
                for (_, keys), group in zip(columns, found, strict=True)
            )
        )
    return ChartSpec(
        kind=Kind.HEAT,
        title=titled(title, say(f"chart.heat.{down}_by_{across}")),
        summary=summary(scale.language, None, [names[down].get(line, "") for line in lines], [], title),
        scale=scale,
        labels=tuple(names[down].get(line, say("common.nothing")) for line in lines),
        keys=tuple(lines),
        across=tuple(column_name(keys, names[across], say) for _, keys in columns),
        cells=tuple(cells),
        hovers=tuple(hovers),
    )


# -- parts ----------------------------------------------------------------------------------------------------------


def sayer(language: Language) -> Any:
    """The texts of one language."""

    def say(key: str, /, **values: object) -> str:
        return translate(key, language, **values)

    return say


def titled(*parts: str) -> str:
    """What a chart is about, then its unit and grouping."""
    return " · ".join(parts)


def summary(language: Language, key: str | None, labels: Sequence[str], texts: Sequence[str], title: str = "") -> str:
    """A chart in a sentence: title, then each label with its value."""
    pairs = [f"{label} {text}" for label, text in zip(labels, texts, strict=False)] or list(labels)
    return translate("chart.summary", language, title=translate(key, language) if key else title, values=pairs)


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


def parts(rows: Sequence[Row], field: str) -> list[float | None]:
    """An amount of each row as a share of its target."""
    return [row[field] / row["target"] if row.get(field) else None for row in rows]


def money_free(scale: Scale) -> Scale:
    """The same language, for counts."""
    return replace(scale, unit=Unit.COUNT)


def cut(rows: pl.DataFrame, dimension: str) -> tuple[list[Row], int]:
    """The first rows that belong to somebody, and how many more there are."""
    known = rows.filter(pl.col(dimension).is_not_null())
    return known.head(MOST_ROWS).to_dicts(), max(known.height - MOST_ROWS, 0)


def column_name(keys: Sequence[str], names: Names, say: Any) -> str:
    """What a column of a heat table is called."""
    if len(keys) != 1:
        return str(say("common.others"))
    return names.get(keys[0]) or str(say("chart.heat.nowhere"))


def month_label(month: date, language: Language) -> str:
    """A month on an axis; January has the year below it."""
    name = translate(f"month.{month.month}", language)
    return f"{name}\n{month.year}" if month.month == 1 else name


def month_name(month: date, language: Language) -> str:
    """A month with its year."""
    name = translate(f"month.{month.month}", language)
    return translate("month.with_year", language, month=name, year=str(month.year))

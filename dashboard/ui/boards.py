"""The charts of Team and Overview: each asks its question, draws the answer, and opens the records behind a bar."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard.domain import charting, seeing
from dashboard.domain.access import Visibility
from dashboard.domain.charts import ChartSpec
from dashboard.domain.entities import entity_of
from dashboard.domain.metrics import Unit
from dashboard.domain.quantities import MONEY_UNITS
from dashboard.domain.queries import Condition, Operator
from dashboard.i18n import day
from dashboard.ui import charts, choices, explain, records
from dashboard.ui.filters import Standpoint, teams_in_reach
from dashboard.ui.markdown import muted
from dashboard.ui.readings import name_of
from dashboard.ui.visit import Visit
from etl.metrics import Answer, Question

NAMED = 8  # people in a sentence
MARKS = {"amount": "target", "stretch_amount": "stretch", "challenge_amount": "challenge"}
"""The levels of a target, and what they are called in a chart."""


def period_words(visit: Visit, seen: Standpoint) -> str:
    """The period for a tooltip."""
    since, last = day(seen.period.since, visit.language), day(seen.elapsed.day, visit.language)
    return visit.text("chart.hover.period", since=since, until=last)


def funnel(visit: Visit, seen: Standpoint, key: str) -> None:
    """How many of the deals created in the period reached each stage, by count or by amount."""
    question = seen.ask("funnel")
    answer = visit.answer(question)
    with charts.head() as title:
        counted = choices.side_by_side(
            visit, f"{key}_by", "chart.funnel.by", ["count", "amount"], lambda word: visit.text(f"chart.funnel.{word}")
        )
        explain.answer(visit, seen, question, answer, key)

    def made() -> ChartSpec:
        names = visit.names("stage", answer.frame["stage"])
        scale, period = visit.scale_of(Unit.COUNT), period_words(visit, seen)
        return charting.funnel(answer.frame, names, scale, period, by_amount=counted == "amount")

    spec = visit.once(("funnel", seen, counted), made)
    charts.name(title, spec)
    charts.draw(
        visit, spec, key, "empty.funnel", lambda stage, name: open_with(seen.ask("funnel", stage=[stage]), name)
    )


def open_with(question: Question, title: str) -> None:
    """Show the records behind one bar."""
    records.ask_for(question, title)


def whose(visit: Visit, seen: Standpoint, key: str) -> str:
    """Whether bars stand for teams or for people; asked only where several teams are in sight."""
    if seen.team or len(teams_in_reach(visit)) <= 1:
        return "person"
    return choices.side_by_side(
        visit, f"{key}_by", "chart.by", ["team", "person"], lambda word: visit.text(f"dimension.{word}")
    )


def attainment(visit: Visit, seen: Standpoint, key: str) -> str:
    """Each team's or person's won amount against the own target; returns which of the two."""
    with charts.head() as title:
        by = whose(visit, seen, key)
        question = seen.ask("attainment", by)
        answer = visit.answer(question)
        explain.answer(visit, seen, question, answer, key)
    spec = visit.once(("attainment", seen, by), lambda: attained(visit, seen, by, answer))
    charts.name(title, spec)
    charts.draw(
        visit,
        spec,
        key,
        "empty.attainment",
        lambda holder, name: open_with(narrowed(seen, "attainment", by, holder), name),
    )
    return by


def attained(visit: Visit, seen: Standpoint, by: str, answer: Answer) -> ChartSpec:
    """The chart of the attainment of teams or people, with the pace of a period that runs."""
    paces = visit.answer(seen.ask("run_rate", by)).frame if seen.elapsed.running else None
    rows = answer.frame.rename({by: "holder"}).filter(pl.col("holder").is_not_null())
    rows = rows.join(higher_marks(visit, seen, by), on=["holder", "target"], how="left", maintain_order="left")
    names, period = visit.names(by, rows["holder"]), period_words(visit, seen)
    running = seen.elapsed.running
    return charting.attainment(rows, names, visit.scale_of(Unit.SHARE), period, amounts(paces, by), running)


def narrowed(seen: Standpoint, metric: str, by: str, holder: str) -> Question:
    """The question about one person or team only."""
    return seen.question(metric, (), {by: [holder]})


def amounts(paces: pl.DataFrame | None, by: str) -> dict[str, float]:
    """The amount at the period's end by holder, in currency units."""
    if paces is None:
        return {}
    known = paces.filter(pl.col(by).is_not_null() & pl.col("value").is_not_null())
    return {holder: value / MONEY_UNITS for holder, value in known.select(by, "value").iter_rows()}


def higher_marks(visit: Visit, seen: Standpoint, level: str) -> pl.DataFrame:
    """The stretch and challenge amounts of the period's targets: holder, target, stretch, challenge (1/10,000).

    None for whoever does not see all of them in clear.
    """
    holder = f"{level}_id"
    shown = seeing.seen(visit.actor, entity_of("target"))
    if any(shown.get(name) is not Visibility.CLEAR for name in ("level", "starts_on", "ends_on", holder, *MARKS)):
        return pl.DataFrame(schema={"holder": pl.String, **dict.fromkeys(MARKS.values(), pl.Int64)})
    found = visit.desk.store.find(
        visit.actor,
        "target",
        [
            Condition("level", Operator.EQ, level),
            Condition("starts_on", Operator.GE, seen.period.since),
            Condition("ends_on", Operator.LE, seen.period.until),
        ],
    )
    return found.select(
        pl.col(holder).alias("holder"),
        *((pl.col(field) * MONEY_UNITS).cast(pl.Int64).alias(name) for field, name in MARKS.items()),
    ).unique(["holder", "target"], maintain_order=True)


def performance(visit: Visit, seen: Standpoint, key: str) -> None:
    """Scores of people with their components; what is missing is named."""
    question = seen.ask("performance_score")
    answer = visit.answer(question)
    spec, lacking = visit.once(("performance", seen), lambda: ranked(visit, seen, answer))
    with charts.head(spec):
        explain.answer(visit, seen, question, answer, key)
    charts.draw(
        visit,
        spec,
        key,
        "empty.performance",
        lambda person, name: open_with(narrowed(seen, "attainment", "person", person), name),
    )
    for words in lacking:
        st.markdown(muted(words))


def ranked(visit: Visit, seen: Standpoint, answer: Answer) -> tuple[ChartSpec, tuple[str, ...]]:
    """The chart of the scores, and what is missing in them in words."""
    names = visit.names("person", answer.frame["person"])
    spec = charting.ranking(answer.frame, names, visit.scale("performance_score"), period_words(visit, seen))
    return spec, tuple(
        who_lacks(visit, visit.text(f"metric_column.{component}"), [names[one] for one in missing if one in names])
        for component, missing in missing_by_component(answer.frame).items()
    )


def who_lacks(visit: Visit, component: str, people: list[str]) -> str:
    """Whose score is without a component; a long list is cut."""
    if len(people) <= NAMED:
        return visit.text("kpi.missing", component=component, people=people)
    return visit.text("kpi.missing_many", component=component, people=people[:NAMED], n=len(people))


def missing_by_component(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Who lacks which component of the score."""
    each = rows.filter(pl.col("value").is_not_null()).select("person", "missing").explode("missing").drop_nulls()
    found: dict[str, list[str]] = {}
    for person, component in each.sort("missing", "person").iter_rows():
        found.setdefault(component, []).append(person)
    return found


def rates(visit: Visit, seen: Standpoint, metric: str, by: str, key: str, most: int = 12) -> None:
    """A rate of each person or team, at most so many, with n and its interval."""
    question = seen.ask(metric, by)
    answer = visit.answer(question)

    def made() -> ChartSpec:
        names, period = visit.names(by, answer.frame[by].drop_nulls()), period_words(visit, seen)
        return charting.shares(answer.frame, by, names, visit.scale(metric), period, name_of(visit, metric), most)

    spec = visit.once(("rates", seen, metric, by, most), made)
    with charts.head(spec):
        explain.answer(visit, seen, question, answer, key)
    charts.draw(
        visit, spec, key, f"empty.{metric}", lambda holder, name: open_with(seen.ask(metric, **{by: [holder]}), name)
    )


def spread(visit: Visit, seen: Standpoint, key: str) -> None:
    """Where the won amount comes from: teams by regions; whoever sees one team only gets the funnel."""
    if len(teams_in_reach(visit)) > 1:
        heat(visit, seen, key)
    else:
        funnel(visit, seen, key)


def heat(visit: Visit, seen: Standpoint, key: str) -> None:
    """Won amount by team and region."""
    question = seen.ask("won_amount", "team", "region")
    answer = visit.answer(question)

    def made() -> ChartSpec:
        sides = ("team", "region")
        names = {name: visit.names(name, answer.frame[name].drop_nulls()) for name in sides}
        scale, period = visit.scale("won_amount"), period_words(visit, seen)
        return charting.heat(answer.frame, *sides, names, scale, period, name_of(visit, "won_amount"))

    spec = visit.once(("heat", seen), made)
    with charts.head(spec):
        explain.answer(visit, seen, question, answer, key)
    charts.draw(visit, spec, key, "empty.won_amount")

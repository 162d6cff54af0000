"""The charts of Team about what is still open; a person's bar leads to that person's day."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboard.actions.exports import Table
from dashboard.actions.workload import due_tasks, late_records, late_steps, people_of, workload
from dashboard.domain.access import Action, Actor
from dashboard.domain.charting import open_work
from dashboard.domain.charts import ChartSpec
from dashboard.domain.entities import entity_of
from dashboard.domain.follow_ups import DAY, FOLLOWED, STEP
from dashboard.domain.labels import entity_label
from dashboard.domain.metrics import Unit
from dashboard.domain.queries import Sort
from dashboard.store import naming
from dashboard.ui import boards, charts, explain, records
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted
from dashboard.ui.team import days
from dashboard.ui.visit import Visit


def show(visit: Visit, seen: Standpoint) -> None:
    """Two charts about money, then the work of this week and the way to somebody's day."""
    left, right = st.columns(2, gap="medium")
    with left:
        by_stage(visit, seen, "team_weighted")
    with right:
        cover(visit, seen, "team_cover")
    left, right = st.columns(2, gap="medium")
    with left:
        work(visit, seen, "team_workload")
    with right:
        late(visit, seen, "team_late")
        days.ask(visit)


def by_stage(visit: Visit, seen: Standpoint, key: str) -> None:
    """The weighted pipeline of the period by stage."""
    question = seen.ask("weighted_pipeline", "stage")
    answer = visit.answer(question)

    def made() -> ChartSpec:
        ranks = visit.desk.store.reference("stage").filter(pl.col("type") == "open").select(stage="id", rank="rank")
        rows = answer.frame.join(ranks, on="stage").filter(pl.col("n") > 0).sort("rank", "stage")
        names, period = visit.names("stage", rows["stage"]), boards.period_words(visit, seen)
        return open_work.by_stage(rows, names, visit.scale_of(Unit.MONEY), period)

    spec = visit.once(("open by stage", seen), made)
    with charts.head(spec):
        explain.answer(visit, seen, question, answer, key)
    charts.draw(
        visit,
        spec,
        key,
        "empty.weighted_pipeline",
        lambda stage, name: boards.open_with(seen.ask("weighted_pipeline", stage=[stage]), name),
    )


def cover(visit: Visit, seen: Standpoint, key: str) -> None:
    """How far each person's open deals cover what is missing to the target."""
    question = seen.ask("coverage", "person")
    answer = visit.answer(question)

    def made() -> ChartSpec:
        rows = answer.frame.filter(pl.col("person").is_not_null())
        names, period = visit.names("person", rows["person"]), boards.period_words(visit, seen)
        return open_work.cover(rows, names, visit.scale_of(Unit.SHARE), period)

    spec = visit.once(("cover", seen), made)
    with charts.head(spec):
        explain.answer(visit, seen, question, answer, key)
    charts.draw(visit, spec, key, "empty.coverage", days.opener(visit) or records_of(seen))


def records_of(seen: Standpoint) -> Callable[[str, str], None]:
    """For whoever has no page for a person's day: the deals behind the bar."""
    return lambda person, name: boards.open_with(boards.narrowed(seen, "coverage", "person", person), name)


def work(visit: Visit, seen: Standpoint, key: str) -> None:
    """The work that is due this week against what each person has time for; only of today."""

    def made() -> ChartSpec:
        rows = workload(visit.desk.store, visit.actor, visit.today, seen.teams)
        return open_work.workload(rows, visit.names("person", rows["person"]), visit.scale_of(Unit.COUNT))

    spec = visit.once(("workload", seen.teams), made)
    table, behind, opened = work_table(visit, seen), work_behind(seen), days.opener(visit)
    of_today(visit, seen, key, spec, table, behind, "team_work.of_today", opened)


def late(visit: Visit, seen: Standpoint, key: str) -> None:
    """How many next steps of each person are overdue, with the records; only of today."""

    def made() -> ChartSpec:
        rows = late_steps(visit.desk.store, visit.actor, visit.today, seen.teams)
        return open_work.late_steps(rows, visit.names("person", rows["person"]), visit.scale_of(Unit.COUNT))

    spec = visit.once(("late steps", seen.teams), made)
    table, behind = late_table(visit, seen), late_behind(seen)

    def opened(person: str, name: str) -> None:
        records.ask_for(late_behind(seen, person), name)

    of_today(visit, seen, key, spec, table, behind, "team_late.of_today", opened)


def of_today(
    visit: Visit,
    seen: Standpoint,
    key: str,
    spec: ChartSpec,
    table: Table,
    behind: records.Behind,
    elsewhen: str,
    opened: Callable[[str, str], None] | None,
) -> None:
    """A chart of today, with its rows for a file, what they mean, how many records that are and the way to them.

    elsewhen: the text to whoever looks at another day.
    """

    def count() -> int:
        return sum(visit.desk.store.count(visit.actor, one.entity, one.where) for one in behind(visit))

    visit.figures.append(table)
    with charts.head(spec), explain.box(visit, key):
        n = visit.once(("counted", key, seen.teams), count)
        st.markdown(explain.counted(visit, table.definition, None, n, seen.team))
        explain.to_records(visit, key, behind, spec.title)
    if seen.day < visit.today:
        st.markdown(muted(visit.text(elsewhen)))
    charts.draw(visit, spec, key, f"empty.{table.name}", opened)


def work_behind(seen: Standpoint) -> records.Behind:
    """The tasks of this week."""

    def listed(visit: Visit) -> list[records.Listed]:
        if not visit.actor.grants("person", Action.READ):
            return []
        where = due_tasks(people_of(visit.desk.store, visit.actor, seen.teams), visit.today)
        title = visit.text("chart.workload.title")
        return [records.Listed("task", tuple(where), records.COLUMNS["task"], Sort("due_on"), title)]

    return listed


def late_behind(seen: Standpoint, person: str | None = None) -> records.Behind:
    """The records whose next step is overdue, kind by kind, of one person or of all of them."""

    def listed(visit: Visit) -> list[records.Listed]:
        found = late_records(visit.desk.store, visit.actor, visit.today, seen.teams, person)
        told = visit.text("chart.late_steps.title")
        columns = {entity: ("number", str(entity_of(entity).title), "owner_id", STEP, DAY) for entity in found}
        return [records.Listed(name, tuple(where), columns[name], Sort(DAY), told) for name, where in found.items()]

    return listed


def late_table(visit: Visit, seen: Standpoint) -> Table:
    """The overdue next steps as rows, for a file."""

    def rows(actor: Actor) -> pl.DataFrame:
        found = late_steps(visit.desk.store, actor, visit.today, seen.teams)
        return named(visit, actor, found.sort("late", "person", descending=[True, False]))

    kinds = {entity: entity_label(entity, visit.language, many=True) for entity in FOLLOWED}
    titles = {"person": visit.text("dimension.person"), "late": visit.text("chart.late_steps.title"), **kinds}
    return Table("late_steps", visit.text("chart.late_steps.title"), visit.text("team_late.help"), rows, titles)


def named(visit: Visit, actor: Actor, found: pl.DataFrame) -> pl.DataFrame:
    """Rows with the names of people instead of their ids."""
    names = naming.names(visit.desk.store, actor, "person", found["person"], visit.language)
    return found.with_columns(pl.col("person").replace_strict(names, default=None, return_dtype=pl.String))


def work_table(visit: Visit, seen: Standpoint) -> Table:
    """The work that is due as rows, for a file."""
    store, today, teams = visit.desk.store, visit.today, seen.teams

    def rows(actor: Actor) -> pl.DataFrame:
        return named(visit, actor, workload(store, actor, today, teams))

    titles = {
        "person": visit.text("dimension.person"),
        "hours": visit.text("chart.workload.hours"),
        "capacity": visit.text("chart.workload.of"),
        "tasks": entity_label("task", visit.language, many=True),
        "deals": visit.text("chart.workload.deals"),
    }
    return Table("workload", visit.text("chart.workload.title"), visit.text("team_work.help"), rows, titles)

"""Where a person stands against the target: a bar below the greeting, a bullet and the deals that close the gap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from dashboard.actions.agenda import open_deals
from dashboard.actions.work_days import calendar_of
from dashboard.domain import charting
from dashboard.domain.access import Action
from dashboard.domain.charts import ChartSpec
from dashboard.domain.comparisons import Span, period_on
from dashboard.domain.metrics import Unit
from dashboard.i18n import compact_money, near_day, percent
from dashboard.ui import boards, charts, explain
from dashboard.ui.filters import Standpoint
from dashboard.ui.markdown import muted, plain
from dashboard.ui.today import ways
from dashboard.ui.visit import Visit
from etl.metrics import Answer, Question

SPANS = (Span.THIS_QUARTER, Span.THIS_MONTH, Span.THIS_YEAR)
"""Where a target is looked for, in this order."""

CLOSERS = 5
KEY = "today_target"


@dataclass(frozen=True)
class Standing:
    """The attainment of a person in the first period that has a target; row: its numbers in 1/10,000."""

    seen: Standpoint
    span: Span
    question: Question
    answer: Answer
    row: dict[str, Any] | None

    @property
    def gap(self) -> int:
        """What is missing, in 1/10,000; 0 or less once the target is met."""
        return self.row["target"] - self.row["won"] if self.row else 0


def standing_of(visit: Visit, person: str) -> Standing:
    """The attainment of a person now."""
    return visit.once(("standing", person), lambda: first_with_a_target(visit, person))


def first_with_a_target(visit: Visit, person: str) -> Standing:
    """The attainment in the first period that has a target, else in the first."""
    found: Standing | None = None
    for span in SPANS:
        period = period_on(span, visit.today, visit.desk.store.company.fiscal_year_start_month)
        seen = Standpoint(visit.today, visit.today, period, None, (), {"person": [person]})
        question = seen.ask_target("attainment", "person")
        answer = visit.answer(question)
        rows = answer.frame.filter((pl.col("person") == person) & pl.col("value").is_not_null())
        found = found or Standing(seen, span, question, answer, None)
        if rows.height:
            return Standing(seen, span, question, answer, rows.row(0, named=True))
    assert found is not None
    return found


def bar(visit: Visit, standing: Standing) -> None:
    """The attainment as a bar with its numbers in words, or a sentence and a way on where there is no target."""
    if standing.row is None and not visit.actor.grants("target", Action.READ):
        return
    if standing.row is None:
        with st.container(horizontal=True, vertical_alignment="center", key="today_no_target"):
            st.markdown(muted(visit.text("today.no_target")), width="content")
            ways.button(visit, "overview", "today.see_overview", "today_no_target_overview")
        return
    money = visit.scale("won_amount")
    words = visit.text(
        "today.attained",
        span=visit.text(f"span.{standing.span}"),
        won=money.text(money.of(standing.row["won"])),
        target=money.text(money.of(standing.row["target"])),
        share=percent(standing.row["value"], visit.language),
    )
    st.progress(min(max(standing.row["value"], 0.0), 1.0), text=plain(words))


def bullet(visit: Visit, standing: Standing) -> None:
    """The chart of the target: what is won, the levels, and where it ends at this pace."""
    if standing.row is None:
        return
    seen = standing.seen
    spec = visit.once(("bullet", seen), lambda: bullet_of(visit, standing))
    with charts.head(spec):
        explain.answer(visit, seen, standing.question, standing.answer, KEY)
    charts.draw(visit, spec, KEY, "empty.attainment", lambda _holder, name: boards.open_with(standing.question, name))


def bullet_of(visit: Visit, standing: Standing) -> ChartSpec:
    """The chart of one person's target."""
    seen = standing.seen
    rows = standing.answer.frame.rename({"person": "holder"}).filter(pl.col("value").is_not_null())
    rows = rows.join(boards.higher_marks(visit, seen, "person"), on=["holder", "target"], how="left")
    paces = visit.answer(seen.ask("run_rate", "person", **seen.holder)).frame if seen.elapsed.running else None
    return charting.attainment(
        rows,
        visit.names("person", rows["holder"]),
        visit.scale_of(Unit.SHARE),
        boards.period_words(visit, seen),
        boards.amounts(paces, "person"),
        seen.elapsed.running,
    )


def gap(visit: Visit, standing: Standing, person: str) -> None:
    """What is missing in words, and the open deals that weigh most among those expected to close in the period."""
    if standing.row is None:
        return
    st.subheader(visit.text("today.gap.title"), anchor=False)
    deals = visit.once(("closing", standing.seen, person), lambda: closing(visit, standing, person))
    money = visit.scale("won_amount")
    if standing.gap <= 0:
        st.markdown(plain(visit.text("sentence.target_met")))
    else:
        today, until = visit.today, standing.seen.period.until
        days = calendar_of(visit.desk.store).count(today, until)
        missing = money.text(money.of(standing.gap))
        st.markdown(plain(visit.text("today.gap.missing", amount=missing, days=days)))
    if deals.is_empty():
        st.markdown(muted(visit.text("today.gap.no_deals")))
        return
    total = compact_money(deals["weighted"].sum(), visit.language, visit.currency)
    st.markdown(muted(visit.text("today.gap.closers", n=deals.height, amount=total)))
    names = visit.names("customer", deals["customer_id"].head(CLOSERS).to_list())
    for row in deals.head(CLOSERS).iter_rows(named=True):
        closer(visit, row, names.get(row["customer_id"], ""))


def closer(visit: Visit, row: dict[str, Any], customer: str) -> None:
    """One deal that closes a part of the gap."""
    late = row["expected_close_on"] < visit.today
    due, share = near_day(row["expected_close_on"], visit.today, visit.language), percent(row["odds"], visit.language)
    title = " · ".join(part for part in (customer, row["name"]) if part)
    when = muted("· " + visit.text("today.gap.was_due" if late else "today.gap.due", day=due, share=share))
    weighted = compact_money(row["weighted"], visit.language, visit.currency)
    st.markdown(f"{plain(title)}  \n{plain(weighted)} {when}")


def closing(visit: Visit, standing: Standing, person: str) -> pl.DataFrame:
    """The person's open deals due in the rest of the period: name, customer, day, odds and weighted amount, by weight.

    odds: the deal's own probability, else that of its stage.
    """
    period, deals = standing.seen.period, open_deals(visit.desk.store, visit.actor, person)
    if deals.is_empty():
        return deals
    due = pl.col("expected_close_on").is_between(period.since, period.until, closed="left")
    found = deals.filter(due & (pl.col("base_amount") > 0))
    usual = visit.desk.store.reference("stage").select(pl.col("id").alias("stage_id"), usual="probability")
    odds = pl.coalesce("probability", "usual", pl.lit(Decimal(0))).cast(pl.Float64)
    joined = found.join(usual, on="stage_id", how="left", maintain_order="left").with_columns(odds=odds)
    weighted = (pl.col("base_amount").cast(pl.Float64) * pl.col("odds")).round(2)
    return joined.with_columns(weighted=weighted).sort("weighted", "base_amount", descending=True, maintain_order=True)

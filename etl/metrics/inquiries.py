"""A question put to the marts: the records it may count, within its window, as of its day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from dashboard.domain.metrics import METRICS, Metric
from dashboard.domain.periods import start_of
from etl.marts import Marts, View, view_of
from etl.metrics.questions import Population, Question


@dataclass(frozen=True)
class Inquiry:
    """One question, the marts as of its day, and whose records count."""

    question: Question
    metric: Metric
    view: View
    population: Population

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions of the answer, in order."""
        return self.metric.grouping(self.question.by)

    @property
    def needed(self) -> frozenset[str]:
        """The dimensions that are grouped or filtered by."""
        return frozenset((*self.by, *self.question.where))

    def records(self, entity: str) -> pl.DataFrame:
        """The population's records of an entity as of the day, without archived ones."""
        everything, ids = self.view.records(entity), self.population.of(entity)
        if ids is None:
            return everything
        return self.view.for_whom(f"records of {entity}", (ids,), lambda: of_population(everything, ids))

    def within(self, day: str) -> pl.Expr:
        """Whether a business day lies in the window; a missing one does where the window is open on both sides."""
        return between(pl.col(day), self.question.since, self.question.until)

    def at_or_after_start(self, instant: pl.Expr) -> pl.Expr:
        """Whether an instant lies at or after the window's start."""
        since = self.question.since
        return pl.lit(True) if since is None else instant >= self.instant_of_start()

    def before_end(self, instant: pl.Expr) -> pl.Expr:
        """Whether an instant lies before the window's end."""
        until = self.question.until
        return pl.lit(True) if until is None else instant < start_of(until, self.zone)

    def instant_of_start(self) -> datetime | None:
        """When the window begins (naive UTC)."""
        since = self.question.since
        return None if since is None else start_of(since, self.zone)

    @property
    def zone(self) -> str:
        """The company's time zone."""
        return self.view.marts.zone

    def local_day(self, instant: str) -> pl.Expr:
        """The business day of an instant, in the company zone."""
        return pl.col(instant).dt.replace_time_zone("UTC").dt.convert_time_zone(self.zone).dt.date()

    def asking(self, name: str, **changes: object) -> Inquiry:
        """Another metric for the same records and day."""
        question = replace(self.question, name=name, **changes)  # type: ignore[arg-type]
        return replace(self, question=question, metric=METRICS[name])


def inquiry(question: Question, marts: Marts, population: Population) -> Inquiry:
    """The question with the marts as of its day."""
    view = view_of(marts, question.as_of, question.known_at)
    return Inquiry(question, METRICS[question.name], view, population)


def of_population(frame: pl.DataFrame, ids: pl.Series | None) -> pl.DataFrame:
    """The rows whose `id` is one of `ids`; None keeps all."""
    if ids is None:
        return frame
    return frame.join(ids.unique().alias("id").to_frame(), on="id", how="semi", maintain_order="left")


def between(day: pl.Expr, since: date | pl.Expr | None, until: date | pl.Expr | None) -> pl.Expr:
    """since <= day < until, each side only where it is given."""
    after = pl.lit(True) if since is None else day >= since
    return after if until is None else after & (day < until)

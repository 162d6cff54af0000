"""Metrics: pure functions from marts, a question and a population to an answer and the records behind it."""

from __future__ import annotations

import polars as pl

from dashboard.domain.metrics import METRICS
from dashboard.errors import Invalid, NotFound, Problem
from etl.marts import Marts
from etl.metrics.formulas import FORMULAS
from etl.metrics.inquiries import Inquiry, inquiry
from etl.metrics.questions import Answer, Note, Population, Question

__all__ = ["Answer", "Note", "Population", "Question", "compute", "records"]


def compute(question: Question, marts: Marts, population: Population) -> Answer:
    """The answer over the records of the population.

    Raises NotFound for an unknown metric, Invalid for a dimension it does not have or a window that is missing or
    empty, Refused for weights that do not sum to 100.
    """
    asked = checked(question, marts, population)
    frame, notes = FORMULAS[question.name].compute(asked)
    return Answer(frame, asked.metric.unit, notes, asked.metric)


def records(question: Question, marts: Marts, population: Population) -> tuple[str, pl.Series]:
    """The entity and the ids, in ascending order, of the records behind the answer. Raises as `compute` does."""
    asked = checked(question, marts, population)
    formula = FORMULAS[question.name]
    return formula.entity, formula.behind(asked)["id"].unique().sort()


def checked(question: Question, marts: Marts, population: Population) -> Inquiry:
    """The question with its marts, once it is clear that it can be answered."""
    if question.name not in METRICS:
        raise NotFound("metric.unknown", name=question.name)
    if problems := problems_of(question):
        raise Invalid(problems)
    return inquiry(question, marts, population)


def problems_of(question: Question) -> list[Problem]:
    """What is wrong with a question."""
    metric = METRICS[question.name]
    known = {"by": metric.dimensions, "where": (*metric.dimensions, *metric.filters)}
    asked = {"by": question.by, "where": tuple(question.where)}
    found = [
        Problem(None, side, "metric.dimension", {"name": name, "metric": metric.name, "known": list(known[side])})
        for side, names in asked.items()
        for name in names
        if name not in known[side]
    ]
    if metric.window and (question.since is None or question.until is None):
        found.append(Problem(None, "from", "metric.window", {"metric": metric.name}))
    if question.since and question.until and question.until <= question.since:
        found.append(Problem(None, "to", "metric.empty_window", {"since": question.since, "until": question.until}))
    return found

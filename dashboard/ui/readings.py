"""One number with everything that explains it: the question, the value, n, the interval, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.domain.metrics import METRICS
from dashboard.i18n import percent
from dashboard.ui.visit import Visit
from etl.metrics import Answer, Question
from etl.metrics.questions import Note


@dataclass(frozen=True)
class Reading:
    """The single row of an answer. value is as the mart has it: money in 1/10,000."""

    question: Question
    value: float | int | None
    n: int
    low: float | None
    high: float | None
    reason: str | None
    notes: tuple[Note, ...]

    @property
    def metric(self) -> str:
        """What was measured."""
        return self.question.name


def read(visit: Visit, question: Question) -> Reading:
    """The number that answers a question without a grouping."""
    answer = visit.answer(question)
    row: dict[str, Any] = answer.frame.row(0, named=True) if answer.frame.height else {}
    return Reading(
        question,
        row.get("value"),
        int(row.get("n") or 0),
        row.get("low"),
        row.get("high"),
        row.get("reason") if row else None,
        answer.notes,
    )


def interval(visit: Visit, reading: Reading) -> str | None:
    """The 95 % interval in words; None where the number has none."""
    if reading.low is None or reading.high is None:
        return None
    low, high = percent(reading.low, visit.language), percent(reading.high, visit.language)
    return visit.text("explain.interval", low=low, high=high)


def why_empty(visit: Visit, reading: Reading) -> str:
    """Why there is no value, in a sentence."""
    return visit.text(f"metric_reason.{reading.reason}") if reading.reason else visit.text("empty.no_value")


def notes_of(visit: Visit, answer: Answer | Reading) -> list[str]:
    """What there is to say beside a value."""
    return [visit.text(f"metric_note.{code}", **values) for code, values in answer.notes]


def name_of(visit: Visit, metric: str) -> str:
    """What a metric is called."""
    assert metric in METRICS
    return visit.text(f"metric.{metric}.name")

"""The periods people look at, and the equal part of the one before that an unfinished one is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.periods import Period, Unit, period_of, previous


class Span(StrEnum):
    """The periods that a page offers; years and quarters are fiscal ones. Labels: `span.<name>`."""

    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"


UNITS: dict[Span, tuple[Unit, bool]] = {
    Span.THIS_MONTH: (Unit.MONTH, False),
    Span.LAST_MONTH: (Unit.MONTH, True),
    Span.THIS_QUARTER: (Unit.QUARTER, False),
    Span.LAST_QUARTER: (Unit.QUARTER, True),
    Span.THIS_YEAR: (Unit.YEAR, False),
    Span.LAST_YEAR: (Unit.YEAR, True),
}
"""The calendar unit of each, and whether it is the one before."""


@dataclass(frozen=True)
class Elapsed:
    """A period up to a day: until is the day after, or the period's own end when it is over."""

    period: Period
    day: date

    @property
    def running(self) -> bool:
        """Whether the period is not over."""
        return self.day < self.period.last


def period_on(span: Span, day: date, year_starts_in: int) -> Period:
    """The period that a span means on a day."""
    unit, before = UNITS[span]
    running = period_of(unit, day, year_starts_in)
    return previous(running) if before else running


def equal_part_before(elapsed: Elapsed, calendar: WorkCalendar) -> Elapsed:
    """The period before; of an unfinished one as many working days as have passed in it."""
    before = previous(elapsed.period)
    if not elapsed.running:
        return Elapsed(before, before.last)
    passed = calendar.count(elapsed.period.since, elapsed.day + timedelta(days=1))
    same = calendar.nth(before.since, passed) if passed else before.since
    return Elapsed(before, min(same, before.last))

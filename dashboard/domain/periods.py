"""Calendar periods as half-open ranges of business days, and the instants at which they begin."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import polars as pl

MONTHS = 12


class Unit(StrEnum):
    """The calendar units people compare by; a week starts on Monday (ISO 8601)."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_IN: dict[Unit, int] = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


@dataclass(frozen=True, order=True)
class Period:
    """The days from `since` up to, and without, `until`."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise ValueError(f"a period must end after it starts: {self.since} to {self.until}")

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.until

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.until - self.since).days

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.until - timedelta(days=1)


def period_of(unit: Unit, day: date, year_starts_in: int = 1) -> Period:
    """The calendar period that holds `day`; quarters and years count from the month the (fiscal) year starts in."""
    if unit is Unit.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=7))
    months = MONTHS_IN[unit]
    start = add_months(day.replace(day=1), -((day.month - year_starts_in) % MONTHS % months))
    return Period(start, add_months(start, months))


def month_of(day: date) -> Period:
    """The calendar month that holds `day`."""
    return period_of(Unit.MONTH, day)


def quarter_of(day: date, year_starts_in: int = 1) -> Period:
    """The (fiscal) quarter that holds `day`."""
    return period_of(Unit.QUARTER, day, year_starts_in)


def year_of(day: date, year_starts_in: int = 1) -> Period:
    """The (fiscal) year that holds `day`."""
    return period_of(Unit.YEAR, day, year_starts_in)


def week_of(day: date) -> Period:
    """Monday to Sunday around `day`."""
    return period_of(Unit.WEEK, day)


def previous(period: Period) -> Period:
    """The period before: whole calendar months go back as many months, anything else as many days."""
    months = whole_months(period)
    start = add_months(period.since, -months) if months else period.since - timedelta(days=period.days)
    return Period(start, period.since)


def year_before(period: Period) -> Period:
    """The same period one year earlier; 29 February becomes 28 February, as a day one starts on or ends before."""
    return Period(add_months(period.since, -MONTHS), add_months(period.until, -MONTHS))


def whole_months(period: Period) -> int:
    """How many calendar months a period is made of; 0 when it does not start and end with a month."""
    if period.since.day != 1 or period.until.day != 1:
        return 0
    return (period.until.year - period.since.year) * MONTHS + period.until.month - period.since.month


def periods_in(unit: Unit, since: date, until: date, year_starts_in: int = 1) -> list[Period]:
    """The calendar periods that [since, until) touches, in order; none when it is empty."""
    found: list[Period] = []
    day = since
    while day < until:
        found.append(period_of(unit, day, year_starts_in))
        day = found[-1].until
    return found


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last one of a shorter month."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def start_of(day: date, zone: str) -> datetime:
    """The instant (naive UTC) at which a business day begins in the company zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def end_of(day: date, zone: str) -> datetime:
    """The first instant (naive UTC) after a business day."""
    return start_of(day + timedelta(days=1), zone)


def starts_of(day: pl.Expr, zone: str) -> pl.Expr:
    """The instants (Datetime, naive UTC) at which business days (Date) begin in the company zone.

    A midnight that a change of the clock leaves out is null, one that it repeats is the first.
    """
    local = day.cast(pl.Datetime("us")).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

"""Time as the department lives it: a line of working minutes, laid over China's working days and office hours.

A tick is a working minute; a working day has 540 of them. Durations are drawn in ticks, so everything falls on working
days, the order of events holds by itself, and holidays and make-up days show in the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from dashboard.domain.calendars import WorkCalendar
from etl.demo.columns import Flags, Floats, Ints

DAY = 540  # ticks of a working day
MIDNIGHT = 1440  # minutes
COUNTRY = "CN"
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
EPOCH = date(1970, 1, 1)
YEARS_BACK, YEARS_AHEAD = 8, 2

OFFICE_TICKS = (0, 30, 240, 300, 500, 530, 540)
OFFICE_MINUTES = (525, 545, 715, 815, 1065, 1140, 1260)
"""Where the ticks of a day fall on the clock: from 8:45 to 21:00, few at noon and after 17:45."""

WEEKEND_FROM = 526  # the last ticks before a free day happen on that free day


@dataclass(frozen=True)
class Clock:
    """days: the working days as days since 1970, ascending; offsets: the zone's offset on each, in microseconds."""

    days: Ints
    offsets: Ints
    today: date
    free_after: Flags  # the next day is free, and already past

    @classmethod
    def of(cls, today: date, zone: str) -> Clock:
        """The clock around today, from eight years before to two years after."""
        first, last = today.year - YEARS_BACK, today.year + YEARS_AHEAD
        calendar = WorkCalendar(country=COUNTRY)
        span = (date(first, 1, 1) + timedelta(days=n) for n in range((date(last, 12, 31) - date(first, 1, 1)).days + 1))
        working = [day for day in span if calendar.is_working(day)]
        days = np.array([(day - EPOCH).days for day in working], dtype=np.int64)
        gaps = np.append(np.diff(days) > 1, False) & (days + 1 < (today - EPOCH).days)
        return cls(days, offsets(working, zone), today, gaps)

    @property
    def now(self) -> int:
        """The last tick in which something may have happened: the evening before today."""
        return int(np.searchsorted(self.days, (self.today - EPOCH).days)) * DAY - 1

    def tick(self, day: date) -> int:
        """The first tick on or after a day."""
        return int(np.searchsorted(self.days, (day - EPOCH).days)) * DAY

    def months_ago(self, months: float) -> int:
        """The first tick of the working day that lies so many months before today."""
        return self.tick(self.today - timedelta(days=round(months * 30.44)))

    def minutes(self, ticks: Ints) -> tuple[Ints, Floats]:
        """The working day's number and the minute after midnight; beyond 1,440 it is the free day that follows."""
        at, within = np.divmod(ticks, DAY)
        minute = np.interp(within, OFFICE_TICKS, OFFICE_MINUTES)
        weekend = self.free_after[at] & (within >= WEEKEND_FROM)
        return at, np.where(weekend, MIDNIGHT + 600 + (within - WEEKEND_FROM) * 25, minute)

    def moments(self, ticks: Ints) -> Ints:
        """UTC microseconds since 1970, on whole seconds."""
        at, minute = self.minutes(ticks)
        seconds = np.floor(minute * 60).astype(np.int64)
        return self.days[at] * DAY_US + seconds * 1_000_000 - self.offsets[at]

    def instants(self, ticks: Ints) -> pl.Series:
        """Naive UTC timestamps."""
        return pl.Series("instant", self.moments(ticks).view("datetime64[us]"))

    def day_numbers(self, ticks: Ints) -> Ints:
        """Local days since 1970."""
        at, minute = self.minutes(ticks)
        return self.days[at] + (minute >= MIDNIGHT)

    def dates(self, ticks: Ints) -> pl.Series:
        """Business days."""
        return dates(self.day_numbers(ticks))


def offsets(days: list[date], zone: str) -> Ints:
    """How far the zone is ahead of UTC at noon of each day, in microseconds."""
    place = ZoneInfo(zone)
    ahead = [datetime.combine(day, time(12), place).utcoffset() or timedelta() for day in days]
    return np.array([delta // timedelta(microseconds=1) for delta in ahead], dtype=np.int64)


def dates(day_numbers: Ints) -> pl.Series:
    """Days since 1970 as Date."""
    return pl.Series("day", day_numbers.astype("datetime64[D]"))


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def quarter_start(day: date, back: int = 0) -> date:
    """The first day of the calendar quarter, `back` quarters before the one of `day`."""
    index = day.year * 4 + (day.month - 1) // 3 - back
    return date(index // 4, index % 4 * 3 + 1, 1)

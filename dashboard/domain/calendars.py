"""Working days: the company's own calendar rows first, then the public holidays, then Monday to Friday."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from dashboard.i18n import Language, translate

COUNTRIES: dict[str, str] = {"Asia/Shanghai": "CN", "Asia/Urumqi": "CN"}
"""The country whose public holidays a company zone follows; another zone starts with Monday to Friday."""

WEEKEND = (5, 6)
NAMES_IN: dict[Language, str] = {"zh": "zh_CN", "en": "en_US"}


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from Monday to Friday; provisional: announced make-up days may still change it."""

    day: date
    working: bool
    label: str
    provisional: bool


@dataclass(frozen=True)
class WorkCalendar:
    """Which days people work. `days` holds the company's own rows; `country` fills in public holidays, or None."""

    days: Mapping[date, bool] = field(default_factory=dict)
    country: str | None = None

    def is_working(self, day: date) -> bool:
        """Whether people work on that day."""
        known = self.days.get(day)
        if known is None:
            known = exceptions(self.country, day.year).get(day)
        return day.weekday() not in WEEKEND if known is None else known

    def count(self, since: date, until: date) -> int:
        """The working days of [since, until); 0 when it is empty."""
        return sum(self.is_working(since + timedelta(days=i)) for i in range((until - since).days))

    def nth(self, since: date, number: int) -> date:
        """The `number`-th working day (from 1) on or after `since`."""
        day = since - timedelta(days=1)
        while number > 0:
            day += timedelta(days=1)
            number -= self.is_working(day)
        return day


def exceptions(country: str | None, year: int) -> Mapping[date, bool]:
    """The days of a year that differ from Monday to Friday by public holiday."""
    return {} if country is None else {found.day: found.working for found in seed_days(country, year)}


@cache
def seed_days(country: str, year: int, language: Language = "zh") -> tuple[CalendarDay, ...]:
    """The public holidays on weekdays and the make-up working days (调休) on weekends of one year, by day.

    Source: the `holidays` package. A year past its last announced make-up days is provisional.
    """
    import holidays

    known = holidays.country_holidays(country, years=[year], language=NAMES_IN[language])
    makeup = set(getattr(known, "weekend_workdays", ()))
    provisional = bool(makeup) and year > max(makeup).year
    free = [CalendarDay(day, False, name, provisional) for day, name in known.items() if day.weekday() not in WEEKEND]
    label = translate("calendar.makeup_day", language)
    worked = [CalendarDay(day, True, label, provisional) for day in makeup if day.year == year]
    return tuple(sorted((*free, *worked), key=lambda found: found.day))

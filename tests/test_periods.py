"""Months, quarters, fiscal years and weeks; the company's days; working days with make-up days."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.calendars import WorkCalendar, seed_days
from dashboard.domain.periods import (
    Period,
    Unit,
    add_months,
    end_of,
    month_of,
    period_of,
    periods_in,
    previous,
    quarter_of,
    start_of,
    starts_of,
    week_of,
    year_before,
    year_of,
)

SHANGHAI = "Asia/Shanghai"
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def test_a_month_ends_before_the_first_of_the_next() -> None:
    assert month_of(date(2026, 12, 31)) == Period(date(2026, 12, 1), date(2027, 1, 1))
    assert month_of(date(2026, 12, 31)).last == date(2026, 12, 31)


def test_a_fiscal_year_from_april_holds_the_next_years_february() -> None:
    assert year_of(date(2026, 2, 15), 4) == Period(date(2025, 4, 1), date(2026, 4, 1))
    assert quarter_of(date(2026, 2, 15), 4) == Period(date(2026, 1, 1), date(2026, 4, 1))
    assert quarter_of(date(2026, 2, 15), 2) == Period(date(2026, 2, 1), date(2026, 5, 1))


def test_a_week_starts_on_monday() -> None:
    assert week_of(date(2026, 11, 22)) == Period(date(2026, 11, 16), date(2026, 11, 23))


@given(st.sampled_from(Unit), DAYS, st.integers(1, 12))
def test_every_day_lies_in_its_period_and_the_periods_tile_the_calendar(unit: Unit, day: date, start: int) -> None:
    period = period_of(unit, day, start)
    assert day in period
    assert period_of(unit, period.last, start) == period
    assert period_of(unit, period.until, start).since == period.until


def test_the_previous_period_of_a_month_is_a_month_and_of_a_free_window_is_as_long() -> None:
    assert previous(month_of(date(2026, 3, 10))) == month_of(date(2026, 2, 1))
    assert previous(quarter_of(date(2026, 1, 1))) == quarter_of(date(2025, 12, 1))
    assert previous(Period(date(2026, 3, 5), date(2026, 3, 15))) == Period(date(2026, 2, 23), date(2026, 3, 5))


def test_a_year_before_a_leap_day_is_the_28th() -> None:
    assert add_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert year_before(month_of(date(2026, 2, 3))) == month_of(date(2025, 2, 1))


def test_a_period_cannot_be_empty() -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        Period(date(2026, 1, 1), date(2026, 1, 1))


def test_the_months_of_a_window() -> None:
    assert [p.since.month for p in periods_in(Unit.MONTH, date(2026, 1, 15), date(2026, 3, 1))] == [1, 2]
    assert periods_in(Unit.MONTH, date(2026, 1, 15), date(2026, 1, 15)) == []


def test_a_business_day_in_shanghai_begins_the_afternoon_before() -> None:
    assert start_of(date(2026, 11, 23), SHANGHAI) == datetime(2026, 11, 22, 16)
    assert end_of(date(2026, 11, 23), SHANGHAI) == datetime(2026, 11, 23, 16)


@given(DAYS, st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York"]))
def test_a_column_of_days_begins_when_each_day_does(day: date, zone: str) -> None:
    frame = pl.DataFrame({"day": [day]}).select(starts_of(pl.col("day"), zone))
    assert frame.item() == start_of(day, zone)


def test_the_make_up_days_of_2026_are_worked_and_the_spring_festival_is_not() -> None:
    china = WorkCalendar(country="CN")
    assert china.is_working(date(2026, 2, 14))  # a Saturday
    assert not china.is_working(date(2026, 2, 17))
    assert china.count(date(2026, 2, 1), date(2026, 3, 1)) == 16
    assert china.nth(date(2026, 2, 13), 3) == date(2026, 2, 24)


def test_the_companys_own_day_outweighs_the_public_holiday() -> None:
    own = WorkCalendar({date(2026, 2, 17): True, date(2026, 11, 23): False}, "CN")
    assert own.is_working(date(2026, 2, 17))
    assert not own.is_working(date(2026, 11, 23))


def test_without_a_country_people_work_monday_to_friday() -> None:
    plain = WorkCalendar()
    assert plain.count(date(2026, 2, 16), date(2026, 2, 23)) == 5
    assert plain.count(date(2026, 2, 23), date(2026, 2, 23)) == 0


def test_a_year_without_announced_make_up_days_is_provisional() -> None:
    assert not any(found.provisional for found in seed_days("CN", 2026))
    assert all(found.provisional for found in seed_days("CN", 2027))
    assert {found.label for found in seed_days("CN", 2026, "en") if found.working} == {"Make-up working day"}

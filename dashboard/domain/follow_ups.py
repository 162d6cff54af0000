"""Which records are followed up: those with a next step and its day, as long as something can come of them."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.queries import Condition, Operator

STEP, DAY = "next_step", "next_step_on"

FOLLOWED: dict[str, tuple[Condition, ...]] = {
    "lead": (Condition("status", Operator.IN, ["new", "contacted", "nurture", "qualified"]),),
    "customer": (),
    "deal": (Condition("stage_type", Operator.EQ, "open"),),
    "contract": (Condition("step", Operator.NE, "terminated"),),
}
"""By entity: what holds of a record that is still followed up."""

PUT_OFF_DAYS: dict[str, int] = {"next_day": 1, "three_days": 3, "week": 7, "fortnight": 14}
"""How long a next step is put off with one tap, by the key of its words."""


def later_days(today: date, calendar: WorkCalendar) -> dict[str, date]:
    """The days that a next step may be put off to with one tap: each a working day, or the first one after it."""
    return {key: calendar.nth(today + timedelta(days=days), 1) for key, days in PUT_OFF_DAYS.items()}

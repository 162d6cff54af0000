"""Which records are followed up: those with a next step and its day, as long as something can come of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from dashboard.domain.calendars import WorkCalendar
from dashboard.domain.lifecycles import LIFECYCLES
from dashboard.domain.queries import Condition, Operator

STEP, DAY = "next_step", "next_step_on"

FOLLOWED: dict[str, tuple[str, ...]] = {
    "lead": ("new", "contacted", "nurture", "qualified"),
    "customer": (),
    "deal": ("open",),
    "contract": ("draft", "in_review", "approved", "sent", "signed"),
}
"""By entity: the states of its life in which a record is followed up; a record without such a life always is."""

PUT_OFF_DAYS: dict[str, int] = {"next_day": 1, "three_days": 3, "week": 7, "fortnight": 14}
"""How long a next step is put off with one tap, by the key of its words."""


def is_followed(entity: str, state: object) -> bool:
    """Whether a record in this state of its life is followed up."""
    return not FOLLOWED[entity] or state in FOLLOWED[entity]


def followed(entity: str) -> list[Condition]:
    """Where a record of an entity is still followed up."""
    states = FOLLOWED[entity]
    return [Condition(LIFECYCLES[entity].field, Operator.IN, list(states))] if states else []


def late(entity: str, today: date) -> list[Condition]:
    """Where a record of an entity is still followed up and the day of its next step has passed."""
    return [*followed(entity), Condition(DAY, Operator.LT, today)]


def is_late(entity: str, record: Mapping[str, Any], today: date) -> bool:
    """Whether a record is followed up and the day of its next step has passed."""
    day = record.get(DAY)
    if entity not in FOLLOWED or day is None or day >= today:
        return False
    return not FOLLOWED[entity] or record.get(LIFECYCLES[entity].field) in FOLLOWED[entity]


def later_days(today: date, calendar: WorkCalendar) -> dict[str, date]:
    """The days that a next step may be put off to with one tap: each a working day, or the first one after it."""
    return {key: calendar.nth(today + timedelta(days=days), 1) for key, days in PUT_OFF_DAYS.items()}

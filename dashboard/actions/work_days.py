"""The company's working days, as its calendar and the public holidays say."""

from __future__ import annotations

from dashboard.domain.calendars import COUNTRIES, WorkCalendar
from dashboard.store import Store


def calendar_of(store: Store) -> WorkCalendar:
    """The company's working days."""

    def made(_cursor: object) -> WorkCalendar:
        days = store.reference("calendar_day").select("day", "working")
        return WorkCalendar(dict(days.iter_rows()), COUNTRIES.get(store.company.zone))

    return store.once("calendar_day", ("working days",), made)

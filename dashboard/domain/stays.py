"""How long a record stood in each stage, from what was stated about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboard.domain.changes import UNDO


@dataclass(frozen=True)
class Stay:
    """One time in one stage; until is None for the one it stands in."""

    stage: str
    since: datetime
    until: datetime | None

    def days(self, day_of: Callable[[datetime], date], today: date) -> int:
        """Midnights passed, up to today for the last one. day_of: the business day of a moment."""
        last = day_of(self.until) if self.until else today
        return max((last - day_of(self.since)).days, 0)


def standing(past: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The changes of a record, oldest first, without those that an undo took back: see `UNDO`."""
    kept: list[Mapping[str, Any]] = []
    for row in past:
        if kept and row["verb"] == UNDO and row["recorded_at"] != kept[-1]["recorded_at"]:
            gone = kept[-1]["recorded_at"]
            while len(kept) > 1 and kept[-1]["recorded_at"] == gone:
                kept.pop()
        kept.append(row)
    return kept


def stays(entries: Iterable[tuple[str | None, datetime]]) -> list[Stay]:
    """The stays that follow from pairs of stage and moment, in any order; the same stage twice is one stay."""
    found: list[Stay] = []
    for stage, moment in sorted(((stage, moment) for stage, moment in entries if stage), key=lambda pair: pair[1]):
        if found and found[-1].stage == stage:
            continue
        if found:
            found[-1] = Stay(found[-1].stage, found[-1].since, moment)
        found.append(Stay(stage, moment, None))
    return found


def days_by_stage(found: Iterable[Stay], day_of: Callable[[datetime], date], today: date) -> dict[str, int]:
    """The days in each stage, all stays in it together."""
    days: dict[str, int] = {}
    for stay in found:
        days[stay.stage] = days.get(stay.stage, 0) + stay.days(day_of, today)
    return days

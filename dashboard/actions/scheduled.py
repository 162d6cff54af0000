"""What the machine does by itself at set times: a table of jobs, whose due times stand in the store.

A job that was due while nobody was there is done once, then at its usual time. A job must bear being done twice: it is
done again when the machine stopped before the next time was written down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog

from dashboard.actions import digest, recycling, waiting
from dashboard.store import Store

log = structlog.get_logger()
AGAIN_AFTER = timedelta(minutes=15)
"""When a job that failed is tried again, unless it is due before."""
DAY = timedelta(days=1)


class Job(NamedTuple):
    """One job. Its name in words stands in the texts as job.<name>.

    every: how long from one time to the next; work: does it as the machine and returns how many records it changed,
    given the store, the business day and the moment (naive UTC); starts_at: for a job that is done once a day, the time
    of day in the company's zone.
    """

    name: str
    every: timedelta
    work: Callable[[Store, date, datetime], int]
    starts_at: clock | None = None

    def next_due(self, moment: datetime, zone: str) -> datetime:
        """The first time after a moment; both naive UTC."""
        if self.starts_at is None:
            return moment + self.every
        day = day_of(moment, zone)
        found = in_utc(day, self.starts_at, zone)
        return found if found > moment else in_utc(day + self.every, self.starts_at, zone)


JOBS: tuple[Job, ...] = (
    Job("digest", timedelta(minutes=5), digest.send_due),
    Job("deputies", DAY, waiting.renew_deputies, starts_at=clock(0, 5)),
    Job("recycle", DAY, recycling.recycle, starts_at=clock(1, 0)),
)
"""Every job."""


def run_due(
    store: Store, jobs: Sequence[Job], moment: datetime, stopping: Callable[[], bool] = lambda: False
) -> datetime | None:
    """Do what is due at a moment, one after the other; returns when the next job is due."""
    due, zone = store.logs.due(), store.company.zone
    for job in jobs:
        if job.name not in due:
            due[job.name] = job.next_due(moment, zone)
            store.logs.plan(job.name, due[job.name])
        elif due[job.name] <= moment and not stopping():
            due[job.name] = done(store, job, moment)
            store.logs.plan(job.name, due[job.name])
    return min((due[job.name] for job in jobs), default=None)


def done(store: Store, job: Job, moment: datetime, cause: str = "schedule") -> datetime:
    """Do a job and record the run; returns when it is due next. What fails is told there, and tried again soon."""
    run, started, problem, count = store.logs.start(job.name, cause, moment), time.perf_counter(), None, 0
    try:
        count = job.work(store, store.company.day_of(moment), moment)
    except Exception as failure:  # noqa: BLE001  (whatever it is: the other jobs are done, and it is recorded)
        problem = f"{type(failure).__name__}: {failure}"
        log.error("job.failed", job=job.name, problem=problem)
    took = time.perf_counter() - started
    ended = moment + timedelta(seconds=took)
    store.logs.finish(run, ended, problem=problem, revision=store.revision, count=count, duration_ms=round(took * 1000))
    following = job.next_due(moment, store.company.zone)
    return following if problem is None else min(following, moment + AGAIN_AFTER)


def day_of(moment: datetime, zone: str) -> date:
    """The business day of a moment in naive UTC."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def in_utc(day: date, at_clock: clock, zone: str) -> datetime:
    """A time of a business day as naive UTC."""
    return datetime.combine(day, at_clock, ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)

"""The machine's own rows: job runs, when jobs are due, and who looked through whose eyes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import and_, delete, func, insert, select, update

from dashboard.domain.ids import new_id
from dashboard.store.engine_duckdb import frame, rows, run
from dashboard.store.schema import own_table, table_of

if TYPE_CHECKING:
    from dashboard.store.store import Store

RUNS = table_of("job_run")
DUE = own_table("job_times")
TRAIL = table_of("audit_entry")
LOOK = "view_as"


class Logs:
    """Job runs, due times and looks of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def start(self, job: str, cause: str, moment: datetime) -> str:
        """Note that a job began; returns the run's id."""
        run_id = new_id()
        with self.store.engine.writing() as cursor:
            run(cursor, insert(RUNS).values(id=run_id, job=job, cause=cause, started_at=moment, status="running"))
        return run_id

    def finish(
        self, run_id: str, moment: datetime, *, problem: str | None, revision: int, count: int, duration_ms: int
    ) -> None:
        """Note how a job ended."""
        ended = update(RUNS).where(RUNS.c.id == run_id)
        status = "failed" if problem else "done"
        with self.store.engine.writing() as cursor:
            run(
                cursor,
                ended.values(
                    finished_at=moment,
                    status=status,
                    problem=problem,
                    revision=revision,
                    rows=count,
                    duration_ms=duration_ms,
                ),
            )

    def interrupt(self, moment: datetime) -> None:
        """Note that the runs which have not ended never will: whoever runs jobs begins anew."""
        with self.store.engine.writing() as cursor:
            left = update(RUNS).where(RUNS.c.status == "running")
            run(cursor, left.values(finished_at=moment, status="failed", problem="interrupted"))

    def due(self) -> dict[str, datetime]:
        """When each job is due next."""
        with self.store.reading() as cursor:
            return dict(rows(cursor, select(DUE.c.job, DUE.c.due_at)))

    def plan(self, job: str, due_at: datetime) -> None:
        """Let a job be due at a moment."""
        with self.store.engine.writing() as cursor:
            run(cursor, delete(DUE).where(DUE.c.job == job))
            run(cursor, insert(DUE).values(job=job, due_at=due_at))

    def last_runs(self) -> pl.DataFrame:
        """The latest run of each job."""
        with self.store.reading() as cursor:
            newest = select(RUNS.c.job, func.max(RUNS.c.started_at).label("started_at")).group_by(RUNS.c.job).subquery()
            same = and_(RUNS.c.job == newest.c.job, RUNS.c.started_at == newest.c.started_at)
            return frame(cursor, select(RUNS).join(newest, same).order_by(RUNS.c.job, RUNS.c.id)).unique(
                "job", keep="last"
            )

    def recent(self, limit: int = 50) -> pl.DataFrame:
        """The latest job runs, newest first."""
        with self.store.reading() as cursor:
            return frame(cursor, select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.id.desc()).limit(limit))

    def last_look(self, person_id: str, since: datetime) -> tuple[str, datetime] | None:
        """Who looked through a person's eyes last, and when; None when nobody did since then."""
        looks = select(TRAIL.c.actor_id, TRAIL.c.recorded_at).where(
            TRAIL.c.verb == LOOK, TRAIL.c.record_id == person_id, TRAIL.c.recorded_at >= since
        )
        with self.store.reading() as cursor:
            found = rows(cursor, looks.order_by(TRAIL.c.sequence.desc()).limit(1))
        return found[0] if found else None

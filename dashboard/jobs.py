"""Background work: one daemon thread does what is due and keeps the marts fresh.

They are refreshed on a schedule and shortly after writes. Each run is recorded. A refresh that fails leaves the last
good marts in place, and the desk says so.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from dashboard.actions import measure, scheduled
from dashboard.domain.access import Actor
from dashboard.domain.changes import Applied
from dashboard.store import Store, snapshots
from etl import marts as mart_builder
from etl.marts import Marts
from etl.metrics import Answer, Question

log = structlog.get_logger()
DEBOUNCE_SECONDS = (0.2, 0.6)
"""How long to wait after a write for more writes, at least and at most: three times what the last refresh took, so
that a stream of writes leaves three quarters of the time to those who write."""
EVERY_SECONDS = 15 * 60
SNAPSHOT_EVERY_SECONDS = 10 * 60
JOB = "marts"


@dataclass(frozen=True)
class Freshness:
    """How current the marts are."""

    revision: int
    refreshed_at: datetime | None
    problem: str | None  # of the last run; None when it went well


class Desk:
    """The store and its marts, for one process. Jobs run in a daemon thread between `start` and `stop`."""

    def __init__(self, store: Store, marts_dir: Path | None = None) -> None:
        self.store = store
        self.marts_dir = marts_dir
        self.marts: Marts | None = None
        self.freshness = Freshness(0, None, None)
        self.wake = threading.Event()
        self.stopping = threading.Event()
        self.refreshing = threading.Lock()
        self.fresh = threading.Condition()
        self.thread: threading.Thread | None = None
        self.saved_at = time.monotonic()
        self.took_seconds = 0.0  # the last refresh
        store.listeners.append(self.written)

    def start(self) -> None:
        """Load the last snapshot, bring it up to date, and begin the background work."""
        self.store.logs.interrupt(now())
        self.refresh("start")
        self.thread = threading.Thread(target=self.work, name="jobs", daemon=True)
        self.thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """End the background work, keep a snapshot, and leave the store open for the caller to close."""
        self.stopping.set()
        self.wake.set()
        if self.thread:
            self.thread.join(seconds)
        self.keep_snapshot()

    def written(self, _applied: Applied) -> None:
        """After a write: refresh soon."""
        self.wake.set()

    def work(self) -> None:
        """The thread: what is due, and a refresh once things are quiet after a write, else on schedule."""
        while not self.stopping.is_set():
            due_at = scheduled.run_due(self.store, scheduled.JOBS, now(), self.stopping.is_set)
            cause = "write" if self.wake.wait(seconds_until(due_at)) else "schedule"
            if cause == "write":
                self.stopping.wait(sorted((*DEBOUNCE_SECONDS, 3 * self.took_seconds))[1])
            self.wake.clear()
            if not self.stopping.is_set():
                self.refresh(cause)
                if time.monotonic() - self.saved_at > SNAPSHOT_EVERY_SECONDS:
                    self.keep_snapshot()

    def refresh(self, cause: str, *, full: bool = False) -> None:
        """Bring the marts up to the store's revision; record the run. A failure keeps the marts as they were."""
        with self.refreshing:
            current = None if full else self.marts or self.snapshot()
            if current is not None and current.revision == self.store.revision and cause == "write":
                return
            begun, started = now(), time.perf_counter()
            run = self.store.logs.start(JOB, cause, begun)
            problem, count = None, 0
            try:
                fresh, count = refreshed(self.store, current)
                if current is not None and current is not fresh:
                    current.views.clear()
                self.marts = fresh
            except Exception as failure:  # noqa: BLE001  (whatever it is: the last good marts stay, and it is recorded)
                problem = f"{type(failure).__name__}: {failure}"
                log.error("marts.failed", problem=problem)
            self.took_seconds = time.perf_counter() - started
            revision = self.marts.revision if self.marts else 0
            self.store.logs.finish(
                run, now(), problem=problem, revision=revision, count=count, duration_ms=round(self.took_seconds * 1000)
            )
            with self.fresh:
                self.freshness = Freshness(revision, now() if problem is None else self.freshness.refreshed_at, problem)
                self.fresh.notify_all()

    def snapshot(self) -> Marts | None:
        """The marts as last kept on disk, when they belong to this store."""
        if self.marts_dir is None:
            return None
        found = snapshots.load(self.marts_dir, self.store.ring.current("mart").secret)
        if found is None or found[1] > self.store.revision:
            return None
        try:
            return Marts.of(found[0], found[1], self.store.company.zone)
        except (KeyError, ValueError):  # written by a version with other marts
            return None

    def keep_snapshot(self) -> None:
        """Keep the marts on disk, encrypted, for a quick start."""
        if self.marts is not None and self.marts_dir is not None:
            snapshots.save(
                self.marts_dir, self.store.ring.current("mart").secret, self.marts.frames(), self.marts.revision
            )
        self.saved_at = time.monotonic()

    def wait_for(self, revision: int, seconds: float) -> bool:
        """Wait until the marts hold `revision`; False when that took too long or the refresh failed."""
        with self.fresh:
            return self.fresh.wait_for(lambda: self.freshness.revision >= revision, seconds)

    def measure(self, actor: Actor, question: Question) -> Answer:
        """The answer to a question over what the actor may open."""
        if self.marts is None:
            self.refresh("person")
        assert self.marts is not None, self.freshness.problem
        return measure.measure(self.store, self.marts, actor, question)


def refreshed(store: Store, current: Marts | None) -> tuple[Marts, int]:
    """Marts at the store's revision and the number of facts read: the changes since `current`, or everything."""
    revision, since = store.revision, current.revision if current else 0
    facts = {entity: store.facts(entity, columns, since, revision) for entity, columns in mart_builder.SOURCES.items()}
    count = sum(frame.height for frame in facts.values())
    if current is None:
        return mart_builder.build(facts, revision, store.company.zone), count
    return mart_builder.refresh(current, facts, revision), count


def seconds_until(due_at: datetime | None) -> float:
    """How long to wait for a write before something else is to be done."""
    left = EVERY_SECONDS if due_at is None else (due_at - now()).total_seconds()
    return min(max(left, 0.0), EVERY_SECONDS)


def now() -> datetime:
    """The moment, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


class Running:
    """The desk of this process, set by the server while it runs and by tests."""

    desk: Desk | None = None


def current() -> Desk:
    """The desk of this process."""
    assert Running.desk is not None, "the desk is opened by the server's lifespan"
    return Running.desk

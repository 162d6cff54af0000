"""The marts follow the writes; a failing run leaves the last good ones in place, says so, and is recorded."""

from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import jobs
from dashboard.actions import scheduled
from dashboard.actions.scheduled import Job, run_due
from dashboard.domain.access import operator
from dashboard.i18n import LANGUAGES, translate
from dashboard.store import Store, snapshots
from etl.metrics import Question
from tests.department import Desk

TODAY = date(2026, 11, 23)
SECONDS = 20


def deals_counted(desk: jobs.Desk) -> int:
    """How many deals the funnel starts with."""
    answer = desk.measure(operator(), Question("funnel", today=TODAY))
    return int(answer.frame["value"][0])


def runs(desk: Desk) -> list[tuple[str, str]]:
    """Cause and outcome of every run, oldest first."""
    return desk.store.logs.recent().reverse().select("cause", "status").rows()


def test_a_write_reaches_the_numbers_in_the_background(desk: Desk) -> None:
    working = jobs.Desk(desk.store)
    working.start()
    try:
        before = deals_counted(working)
        desk.make("deal")
        assert working.wait_for(desk.store.revision, SECONDS)
        assert deals_counted(working) == before + 1
    finally:
        working.stop()
    assert runs(desk)[:2] == [("start", "done"), ("write", "done")]


def test_many_writes_in_a_row_are_gathered_into_few_runs(desk: Desk) -> None:
    working = jobs.Desk(desk.store)
    working.start()
    try:
        for _ in range(30):
            desk.make("deal")
        assert working.wait_for(desk.store.revision, SECONDS)
    finally:
        working.stop()
    assert len(runs(desk)) < 30


def test_a_failing_run_leaves_the_last_good_marts_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    working = jobs.Desk(desk.store)
    working.refresh("start")
    good, revision = working.marts, working.freshness.revision

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the job is broken")

    monkeypatch.setattr("etl.marts.refresh", broken)
    desk.make("deal")
    working.refresh("write")

    assert working.marts is good
    assert working.freshness.revision == revision
    assert "ZeroDivisionError" in str(working.freshness.problem)
    last = desk.store.logs.recent(1).row(0, named=True)
    assert (last["status"], last["cause"]) == ("failed", "write")
    assert "the job is broken" in last["problem"]

    monkeypatch.undo()
    working.refresh("write")
    assert (working.freshness.problem, working.freshness.revision) == (None, desk.store.revision)


def test_the_refreshed_marts_equal_a_full_rebuild(desk: Desk) -> None:
    working = jobs.Desk(desk.store)
    working.refresh("start")
    deal = desk.make("deal")
    desk.step("operator", "deal", "win", deal)
    desk.make("task")
    working.refresh("write")
    whole, _ = jobs.refreshed(desk.store, None)
    assert working.marts is not None
    for name, frame in whole.frames().items():
        assert_frame_equal(working.marts[name], frame, categorical_as_str=True)


def test_a_snapshot_saves_the_next_start_the_rebuild(desk: Desk, tmp_path: Path) -> None:
    first = jobs.Desk(desk.store, tmp_path / "marts")
    first.refresh("start")
    first.stop()
    desk.make("deal")
    second = jobs.Desk(desk.store, tmp_path / "marts")
    second.refresh("start")
    assert deals_counted(second) == deals_counted(first) + 1
    assert desk.store.logs.recent(1)["rows"][0] < 10


def test_a_snapshot_holds_no_plain_text_and_a_tampered_one_does_not_open(desk: Desk, tmp_path: Path) -> None:
    marts = tmp_path / "marts"
    key = desk.store.ring.current("mart").secret
    snapshots.save(marts, key, {"deal": pl.DataFrame({"customer_id": ["very-telling-name"] * 50})}, 7)
    files = [file for file in marts.rglob("*") if file.is_file()]
    assert files
    assert not any(b"very-telling-name" in file.read_bytes() for file in files)
    assert snapshots.load(marts, key) is not None
    sealed = files[0].read_bytes()
    files[0].write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert snapshots.load(marts, key) is None


MIDNIGHT = datetime(2026, 11, 22, 16)
"""The first moment of 23 November in Shanghai, as naive UTC."""


def due_times(desk: Desk) -> dict[str, datetime]:
    """When each job is due."""
    return desk.store.logs.due()


def test_a_job_is_done_when_it_is_due_and_once_after_a_long_absence(desk: Desk) -> None:
    done: list[tuple[date, datetime]] = []

    def work(_store: Store, today: date, moment: datetime) -> int:
        done.append((today, moment))
        return 7

    daily = Job("daily", scheduled.DAY, work, starts_at=time(0, 30))
    start = MIDNIGHT - timedelta(minutes=5)
    assert run_due(desk.store, [daily], start) == MIDNIGHT + timedelta(minutes=30)
    assert run_due(desk.store, [daily], MIDNIGHT + timedelta(minutes=29)) == MIDNIGHT + timedelta(minutes=30)
    assert done == []

    late = MIDNIGHT + timedelta(days=3, hours=5)  # nobody was there for three days
    assert run_due(desk.store, [daily], late) == MIDNIGHT + timedelta(days=4, minutes=30)
    run_due(desk.store, [daily], late)
    assert done == [(date(2026, 11, 26), late)]
    run = desk.store.logs.last_runs().row(0, named=True)
    assert (run["job"], run["status"], run["cause"], run["rows"]) == ("daily", "done", "schedule", 7)


def test_a_job_that_fails_is_recorded_and_tried_again_while_others_go_on(desk: Desk) -> None:
    done: list[str] = []

    def broken(_store: Store, _today: date, _moment: datetime) -> int:
        raise ZeroDivisionError("no way")

    hour = timedelta(hours=1)
    jobs_ = [Job("broken", hour, broken), Job("whole", hour, lambda *_: done.append("whole") or 0)]
    run_due(desk.store, jobs_, MIDNIGHT)
    run_due(desk.store, jobs_, MIDNIGHT + hour)
    assert done == ["whole"]
    assert due_times(desk) == {"broken": MIDNIGHT + hour + scheduled.AGAIN_AFTER, "whole": MIDNIGHT + 2 * hour}
    runs = {run["job"]: run for run in desk.store.logs.last_runs().to_dicts()}
    assert (runs["broken"]["status"], runs["broken"]["problem"]) == ("failed", "ZeroDivisionError: no way")
    assert runs["whole"]["status"] == "done"


def test_nothing_is_begun_once_the_machine_stops_and_due_times_outlive_it(desk: Desk) -> None:
    done: list[str] = []
    job = Job("hourly", timedelta(hours=1), lambda *_: done.append("x") or 0)
    run_due(desk.store, [job], MIDNIGHT)
    run_due(desk.store, [job], MIDNIGHT + timedelta(hours=2), stopping=lambda: True)
    assert done == []
    assert due_times(desk) == {"hourly": MIDNIGHT + timedelta(hours=1)}
    run_due(desk.store, [job], MIDNIGHT + timedelta(hours=2))
    assert done == ["x"]


def test_the_thread_does_what_is_due(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(scheduled, "JOBS", (Job("soon", timedelta(hours=1), lambda *_: done.set() or 0),))
    desk.store.logs.plan("soon", jobs.now())
    left = desk.store.logs.start("soon", "schedule", jobs.now())
    working = jobs.Desk(desk.store)
    working.start()
    try:
        assert done.wait(SECONDS)
    finally:
        working.stop()
    found = {run["id"]: run for run in desk.store.logs.recent().to_dicts()}
    assert (found[left]["status"], found[left]["problem"]) == ("failed", "interrupted")


def test_every_job_has_a_name_of_its_own_and_words_for_it() -> None:
    names = ["marts", *(job.name for job in scheduled.JOBS)]
    assert len(set(names)) == len(names)
    assert [translate(f"job.{name}", language) for language in LANGUAGES for name in names]

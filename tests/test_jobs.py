"""The marts follow the writes; a failing run leaves the last good ones in place, says so, and is recorded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard import jobs
from dashboard.domain.access import operator
from dashboard.store import snapshots
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

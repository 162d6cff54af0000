"""kill -9 of the writing process: every acknowledged write is there, nothing is half-written, the chain is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from polars.testing import assert_frame_equal

from dashboard import jobs
from dashboard.actions import open_desk_store
from dashboard.settings import ROOT
from dashboard.store import Store, open_ring
from etl.marts import Marts
from tests.department import MASTER, Desk, desk_of, open_copy
from tests.drills.writer import WRITES

pytestmark = pytest.mark.drill
WRITE_SECONDS = 0.04  # about how long a write takes
DRILLS = int(os.environ.get("DRILLS", "20"))


class Acknowledged(NamedTuple):
    """One write that the process told of: its revision, its verb, the deal, and the text it left there."""

    revision: int
    kind: str
    deal: str
    text: str


@pytest.mark.parametrize("seed", range(DRILLS))
def test_a_killed_writer_loses_nothing_it_acknowledged(template: Path, tmp_path: Path, seed: int) -> None:
    desk = open_copy(template, tmp_path)
    before, _ = jobs.refreshed(desk.store, None)
    desk.store.close()
    acknowledged = killed(tmp_path, seed)
    assert acknowledged

    reopened = desk_of(open_desk_store(tmp_path / "store.duckdb", open_ring(tmp_path / "keys.json", MASTER)))
    try:
        hold_acknowledged(reopened.store, acknowledged)
        assert reopened.store.check() == []
        hold_marts(reopened.store, before)
        hold_usable(reopened)
    finally:
        reopened.store.close()


def killed(folder: Path, seed: int) -> list[Acknowledged]:
    """Let a process write and kill it after a random number of acknowledged writes; returns what it told of."""
    command = [sys.executable, "-m", "tests.drills.writer", str(folder), str(seed)]
    dice = random.Random(seed)
    stop_after = dice.randrange(1, WRITES - 10)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if len(told) == stop_after:
                linger(dice.uniform(0, WRITE_SECONDS))
                process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    return told_of(told)


def told_of(lines: list[str]) -> list[Acknowledged]:
    """The writes that a process told of, a line each."""
    return [
        Acknowledged(int(revision), kind, deal, text)
        for revision, kind, deal, text in (line.rstrip("\n").split("\t") for line in lines)
    ]


def linger(seconds: float) -> None:
    """Stay a moment, so that the kill falls anywhere in a write and not always at its beginning."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def hold_acknowledged(store: Store, acknowledged: list[Acknowledged]) -> None:
    """Each deal stands as its last acknowledged write left it, or as one unacknowledged write after that."""
    last = {write.deal: write for write in acknowledged}
    deals = {row["id"]: row for row in store.reference("deal").iter_rows(named=True)}
    assert store.revision >= acknowledged[-1].revision
    assert store.revision <= acknowledged[-1].revision + 1
    late = [deal for deal, write in last.items() if deals[deal]["next_step"] != write.text]
    assert len(late) <= store.revision - acknowledged[-1].revision
    for deal, write in last.items():
        if deal not in late:
            assert deals[deal]["revision"] == write.revision
            assert (deals[deal]["stage_type"] == "won") == (write.kind == "win")


def hold_marts(store: Store, before: Marts) -> None:
    """Marts brought up to date from before the writes equal a full rebuild."""
    refreshed, _ = jobs.refreshed(store, before)
    rebuilt, _ = jobs.refreshed(store, None)
    for name, frame in rebuilt.frames().items():
        assert_frame_equal(refreshed[name], frame, categorical_as_str=True)


def hold_usable(desk: Desk) -> None:
    """The store takes writes again, numbered on."""
    revision = desk.store.revision
    desk.make("deal")
    assert desk.store.revision == revision + 1

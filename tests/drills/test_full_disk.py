"""A disk that runs full: the write that does not fit is refused, and everything acknowledged before stands."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.actions import open_desk_store
from dashboard.settings import ROOT
from dashboard.store import open_ring
from tests.department import MASTER, desk_of, open_copy
from tests.drills.test_kill import DRILLS, hold_acknowledged, hold_usable, told_of

pytestmark = pytest.mark.drill
LEAST_BYTES = 100_000


@pytest.mark.parametrize("seed", range(DRILLS))
def test_what_was_acknowledged_before_the_disk_was_full_stands(template: Path, tmp_path: Path, seed: int) -> None:
    open_copy(template, tmp_path).store.close()
    room = LEAST_BYTES * (seed + 1)
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.writer", str(tmp_path), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    acknowledged = told_of(done.stdout.splitlines())
    assert acknowledged, done.stderr
    assert done.returncode != 0, "it never ran full"
    reopened = desk_of(open_desk_store(tmp_path / "store.duckdb", open_ring(tmp_path / "keys.json", MASTER)))
    try:
        hold_acknowledged(reopened.store, acknowledged)
        assert reopened.store.check() == []
        hold_usable(reopened)
    finally:
        reopened.store.close()

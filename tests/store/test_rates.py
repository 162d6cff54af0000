"""How often something may be done in a while: counted in the store, over a restart, forgiven as time goes on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboard.actions import open_desk_store
from dashboard.errors import Limited
from dashboard.store import open_ring
from dashboard.store.engine_duckdb import rows
from dashboard.store.questions import Questions
from dashboard.store.rates import Rate
from tests.department import MASTER, Desk
from tests.store.test_login_tries import Clock

MINUTE = timedelta(minutes=1)
FEW = Rate("few", 3, MINUTE)


@pytest.fixture
def clock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock at the beginning of a minute, moved by the test."""
    found = Clock()
    found.now = (found.now + MINUTE).replace(second=0, microsecond=0)
    monkeypatch.setattr(desk.store, "clock", found)
    return found


def kept(desk: Desk) -> list[tuple[str, datetime, int]]:
    """What stands in the store."""
    with desk.store.reading() as cursor:
        return [tuple(row) for row in rows(cursor, "SELECT subject_hash, began_at, used FROM rates ORDER BY began_at")]


def test_so_many_are_let_through_and_more_as_time_goes_on(desk: Desk, clock: Clock) -> None:
    rates = desk.store.rates
    assert [rates.use(FEW, "ann") for _ in range(4)] == [0, 0, 0, 80]
    assert rates.use(FEW, "bea") == 0, "each for themselves"
    clock.now += MINUTE + timedelta(seconds=19)
    assert rates.use(FEW, "ann") == 1
    clock.now += timedelta(seconds=1)
    assert [rates.use(FEW, "ann") for _ in range(2)] == [0, 20]
    clock.now += 2 * MINUTE
    assert [rates.use(FEW, "ann") for _ in range(4)][:3] == [0, 0, 0]


def test_what_is_not_let_through_leaves_no_trace_and_what_counts_no_more_goes(desk: Desk, clock: Clock) -> None:
    rates = desk.store.rates
    for _ in range(9):
        rates.use(FEW, "ann")
    (row,) = kept(desk)
    assert (row[1], row[2]) == (clock.now, 3)
    assert "ann" not in row[0]
    clock.now += 2 * MINUTE
    rates.use(FEW, "bea")
    assert [used for _, _, used in kept(desk)] == [1]


def test_a_restart_forgives_nothing(tmp_path: Path, desk: Desk) -> None:
    day = Rate("a day", 2, timedelta(days=400))
    questions = Questions(desk.store.rates, most=2)
    for at in range(2):
        assert desk.store.rates.use(day, "ann") == 0
        questions.ask(desk.actor("rep"), "phone", f"1380000000{at}")
    path, ring = desk.store.engine.path, desk.store.engine.path.parent / "keys.json"
    desk.store.close()
    again = open_desk_store(path, open_ring(ring, MASTER))
    try:
        assert again.rates.use(day, "ann") > 0
        with pytest.raises(Limited):
            Questions(again.rates, most=2).ask(again.actor(desk.people["rep"]), "phone", "13800000009")
    finally:
        again.close()

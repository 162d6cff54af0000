"""Tries to log in: few at a time from a place, forgiven after a while, kept over a restart, and never in clear."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboard.actions import open_desk_store
from dashboard.store import open_ring
from dashboard.store.engine_duckdb import rows
from dashboard.store.tries import PER_ADDRESS, PER_NAME, WINDOW, Tries, now
from tests.department import MASTER, Desk


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(desk: Desk) -> Clock:
    found = Clock()
    desk.store.logins.tries = Tries(desk.store, found)
    return found


def audited(desk: Desk) -> list[tuple[str, str | None]]:
    """The verbs and the persons of the entries about logins."""
    found = "SELECT verb, record_id FROM audit_entries WHERE verb LIKE 'log_in%' ORDER BY sequence"
    with desk.store.reading() as cursor:
        return [(verb, record) for verb, record in rows(cursor, found)]


def test_a_name_waits_after_its_tries_and_may_try_again_later(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    assert [tries.begin("ann", "1.2.3.4") for _ in range(PER_NAME + 1)] == [0] * PER_NAME + [15]
    assert tries.begin("ann", "5.6.7.8") == 0, "the person at another address is not locked out"
    clock.now += WINDOW - timedelta(seconds=1)
    assert tries.begin("ann", "1.2.3.4") == 1
    clock.now += timedelta(seconds=1)
    assert tries.begin("ann", "1.2.3.4") == 0


def test_going_on_while_refused_does_not_make_the_wait_longer(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    for _ in range(PER_NAME):
        tries.begin("ann", "1.2.3.4")
    for _ in range(14):
        clock.now += timedelta(minutes=1)
        assert tries.begin("ann", "1.2.3.4") > 0
    clock.now += timedelta(minutes=1)
    assert tries.begin("ann", "1.2.3.4") == 0


def test_an_address_waits_after_many_names(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    assert {tries.begin(f"name {number}", "1.2.3.4") for number in range(PER_ADDRESS)} == {0}
    assert tries.begin("one more", "1.2.3.4") == 15
    assert tries.begin("one more", "5.6.7.8") == 0


def test_success_forgets_the_own_tries_only(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    for _ in range(PER_NAME - 1):
        tries.begin("ann", "1.2.3.4")
        tries.begin("bob", "1.2.3.4")
    tries.succeeded("ann", "1.2.3.4")
    assert [tries.begin("ann", "1.2.3.4") for _ in range(PER_NAME + 1)] == [0] * PER_NAME + [15]
    assert [tries.begin("bob", "1.2.3.4") for _ in range(2)] == [0, 15]


def test_a_restart_forgives_nothing(desk: Desk, tmp_path: Path) -> None:
    for _ in range(PER_NAME):
        desk.store.logins.tries.begin("ann", "1.2.3.4")
    desk.store.close()
    again = open_desk_store(tmp_path / "store.duckdb", open_ring(tmp_path / "keys.json", MASTER))
    assert again.logins.tries.begin("ann", "1.2.3.4") == 15
    again.close()


def test_neither_name_nor_address_stands_there_and_nothing_stays(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    tries.begin("my secret typed too early", "1.2.3.4")
    with desk.store.reading() as cursor:
        kept = str(rows(cursor, "SELECT * FROM login_tries"))
    assert "secret" not in kept
    assert "1.2.3.4" not in kept
    clock.now += WINDOW
    tries.begin("bob", "5.6.7.8")
    with desk.store.reading() as cursor:
        assert rows(cursor, "SELECT count(*) FROM login_tries") == [(1,)]


def test_a_failed_login_is_audited_and_a_flood_leaves_one_entry(desk: Desk, clock: Clock) -> None:
    tries = desk.store.logins.tries
    tries.failed("rep", "1.2.3.4")
    tries.failed("nobody-of-that-name", "1.2.3.4")
    assert audited(desk) == [("log_in_failed", desk.people["rep"]), ("log_in_failed", None)]
    for _ in range(PER_NAME + 20):
        tries.begin("rep", "1.2.3.4")
    assert audited(desk)[2:] == [("log_in_throttled", desk.people["rep"])]
    assert desk.store.check() == []

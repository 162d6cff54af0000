"""Login sessions: how long they last, what ends them, and whose they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.domain.access import operator
from dashboard.errors import Forbidden, NotFound
from dashboard.store.engine_duckdb import rows
from dashboard.store.logins import IDLE, LIFETIME, SEEN_EVERY, digest
from tests.department import Desk
from tests.selling import give_passwords
from tests.store.test_login_tries import Clock


@pytest.fixture
def clock(desk: Desk) -> Clock:
    found = Clock()
    desk.store.logins.clock = found
    return found


def is_over(desk: Desk, token: str) -> str | None:
    """Why a session does not count; None when it does."""
    try:
        desk.store.logins.actor(token, used=False)
    except Forbidden as refusal:
        return refusal.code
    return None


def test_each_login_has_a_secret_of_its_own_and_the_store_keeps_only_its_hash(desk: Desk) -> None:
    tokens = {desk.store.logins.open(desk.actor("rep")) for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == 43 for token in tokens), "256 random bits"
    with desk.store.reading() as cursor:
        kept = str(rows(cursor, "SELECT * FROM login_sessions"))
    assert not any(token in kept for token in tokens)
    assert all(digest(token) in kept for token in tokens)


def test_an_idle_session_ends_and_a_used_one_goes_on(desk: Desk, clock: Clock) -> None:
    logins = desk.store.logins
    used, idle = logins.open(desk.actor("rep")), logins.open(desk.actor("rep"))
    clock.now += IDLE - timedelta(minutes=1)
    logins.actor(used)
    assert is_over(desk, idle) is None, "asking whether it counts is no use of it"
    clock.now += timedelta(minutes=1)
    assert is_over(desk, used) is None
    assert is_over(desk, idle) == "access.logged_out"


def test_no_session_lasts_longer_than_a_week(desk: Desk, clock: Clock) -> None:
    token = desk.store.logins.open(desk.actor("rep"))
    for _ in range(int(LIFETIME / IDLE) * 2 - 1):
        clock.now += IDLE / 2
        desk.store.logins.actor(token)
    clock.now += IDLE / 2
    assert is_over(desk, token) == "access.logged_out"


def seen(desk: Desk) -> object:
    """When the only session was last used."""
    with desk.store.reading() as cursor:
        return rows(cursor, "SELECT seen_at FROM login_sessions")[0][0]


def test_use_is_written_down_now_and_then(desk: Desk, clock: Clock) -> None:
    token = desk.store.logins.open(desk.actor("rep"))
    begun = clock.now
    clock.now += SEEN_EVERY - timedelta(seconds=1)
    desk.store.logins.actor(token)
    assert seen(desk) == begun
    clock.now += timedelta(seconds=1)
    desk.store.logins.actor(token)
    assert seen(desk) == clock.now


def test_a_store_that_is_busy_writing_does_not_hold_up_a_page(desk: Desk, clock: Clock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    token = desk.store.logins.open(desk.actor("rep"))
    begun = clock.now
    clock.now += SEEN_EVERY
    with desk.store.engine.lock, ThreadPoolExecutor(1) as page:
        assert page.submit(desk.store.logins.actor, token).result(timeout=10).name == "rep"
    assert seen(desk) == begun


def test_disabling_ends_the_sessions_for_good(desk: Desk) -> None:
    token = desk.store.logins.open(desk.actor("rep"))
    other = desk.store.logins.open(desk.actor("colleague"))
    desk.do("operator", "person", "update", desk.people["rep"], active=False)
    assert is_over(desk, token) == "access.logged_out"
    desk.do("operator", "person", "update", desk.people["rep"], active=True)
    assert is_over(desk, token) == "access.logged_out"
    assert is_over(desk, other) is None


def test_a_new_role_counts_at_once(desk: Desk) -> None:
    token = desk.store.logins.open(desk.actor("rep"))
    assert desk.store.logins.actor(token).roles == ("rep",)
    desk.do("operator", "person", "update", desk.people["rep"], roles=["support"])
    assert desk.store.logins.actor(token).roles == ("support",)


def test_a_new_password_ends_every_session(desk: Desk) -> None:
    tokens = [desk.store.logins.open(desk.actor("rep")) for _ in range(2)]
    desk.store.logins.set_password(operator(), desk.people["rep"], "a hash")
    assert [is_over(desk, token) for token in tokens] == ["access.logged_out"] * 2


def test_a_one_time_password_opens_nothing_but_the_way_to_a_new_one(desk: Desk) -> None:
    logins = desk.store.logins
    logins.set_password(operator(), desk.people["rep"], "a hash", must_change=True)
    token = logins.open(desk.actor("rep"))
    for via in ("page", "rest"):
        with pytest.raises(Forbidden) as refusal:
            logins.actor(token, via)
        assert refusal.value.code == "access.password_due"
    assert logins.owner(token).name == "rep"
    logins.set_password(desk.actor("rep"), desk.people["rep"], "another hash")
    assert is_over(desk, token) == "access.logged_out"
    assert is_over(desk, logins.open(desk.actor("rep"))) is None


def test_one_sees_and_ends_ones_own_sessions_only(desk: Desk) -> None:
    give_passwords(desk.store, desk.people)
    logins = desk.store.logins
    here = logins.open(desk.actor("rep"), "1.2.3.4", "Firefox " * 100)
    there, third = logins.open(desk.actor("rep")), logins.open(desk.actor("rep"))
    stranger = logins.open(desk.actor("stranger"))
    own = logins.own(here)
    assert own.height == 3
    assert own.filter("current")["address"].to_list() == ["1.2.3.4"]
    with pytest.raises(NotFound):
        logins.end(here, logins.own(stranger)["id"][0])
    assert is_over(desk, stranger) is None
    logins.end(here, logins.own(there).filter("current")["id"][0])
    assert [is_over(desk, token) for token in (here, there, third)] == [None, "access.logged_out", None]
    logins.end(here)
    assert [is_over(desk, token) for token in (here, third, stranger)] == [None, "access.logged_out", None]
    assert desk.store.check() == []

"""Codes of an authenticator app: each counts once, near its time, for its person; recovery codes help once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest

from dashboard.domain.access import operator
from dashboard.errors import Refused
from dashboard.store import codes
from dashboard.store.codes import RECOVERY_CODES, STEP_SECONDS, Codes, fresh_secret, step_of
from dashboard.store.engine_duckdb import rows
from tests.department import Desk

STEP = timedelta(seconds=STEP_SECONDS)
START = datetime(2026, 11, 26, 8, 0, 15)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(desk: Desk) -> Clock:
    found = Clock()
    desk.store.logins.codes = Codes(desk.store, found)
    return found


def shown(secret: str, moment: datetime) -> str:
    """What the app shows at a moment."""
    return pyotp.TOTP(secret).at(int((moment - datetime(1970, 1, 1)).total_seconds()))


def audited(desk: Desk) -> list[tuple[str, str, str]]:
    """The entries about codes: verb, about whom, by whom."""
    found = "SELECT verb, record_id, actor_id FROM audit_entries WHERE verb LIKE '%codes%' OR verb LIKE '%_code' "
    with desk.store.reading() as cursor:
        return [tuple(row) for row in rows(cursor, f"{found} ORDER BY sequence")]


def test_the_codes_of_the_standard_are_right() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: the last six digits
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924")):
        moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
        assert step_of(secret, code, moment) == seconds // STEP_SECONDS
    assert step_of(secret, "２８７０８２", datetime(1970, 1, 1, 0, 0, 59)) is None, "other digits are none of ours"


def test_a_code_counts_once_and_near_its_time(desk: Desk, clock: Clock) -> None:
    rep, codes_, secret = desk.actor("rep"), desk.store.logins.codes, fresh_secret()
    codes_.turn_on(rep, secret, shown(secret, START))
    assert not codes_.accepts(rep.person_id, shown(secret, START)), "the code that turned it on was used by that"
    clock.now += STEP
    code = shown(secret, clock.now)
    with ThreadPoolExecutor(4) as clicks:
        accepted = list(clicks.map(lambda _: codes_.accepts(rep.person_id, f"{code[:3]} {code[3:]}"), range(4)))
    assert sorted(accepted) == [False, False, False, True]
    assert not codes_.accepts(rep.person_id, shown(secret, clock.now - STEP)), "nor does an earlier one"
    assert codes_.accepts(rep.person_id, shown(secret, clock.now + STEP)), "a clock may be fast"
    assert not codes_.accepts(rep.person_id, shown(secret, clock.now + 2 * STEP))
    clock.now += 4 * STEP
    assert codes_.accepts(rep.person_id, shown(secret, clock.now - STEP)), "or slow"
    assert not codes_.accepts(desk.people["colleague"], shown(secret, clock.now)), "it is of nobody else"
    assert not codes_.accepts(rep.person_id, "")


def test_it_is_not_turned_on_with_a_wrong_code_nor_twice(desk: Desk, clock: Clock) -> None:
    rep, codes_, secret = desk.actor("rep"), desk.store.logins.codes, fresh_secret()
    with pytest.raises(Refused) as wrong:
        codes_.turn_on(rep, secret, "000000")
    assert wrong.value.code == "codes.wrong"
    assert codes_.since(rep.person_id) is None
    codes_.turn_on(rep, secret, shown(secret, START))
    other = fresh_secret()
    with pytest.raises(Refused) as twice:
        codes_.turn_on(rep, other, shown(other, START))
    assert twice.value.code == "codes.on"
    assert codes_.since(rep.person_id) == START


def test_a_recovery_code_lets_in_once_and_only_its_person(desk: Desk, clock: Clock) -> None:
    rep, codes_, secret = desk.actor("rep"), desk.store.logins.codes, fresh_secret()
    recovery = codes_.turn_on(rep, secret, shown(secret, START))
    assert (len(set(recovery)), codes_.left(rep.person_id)) == (RECOVERY_CODES, RECOVERY_CODES)
    assert not codes_.accepts(desk.people["colleague"], recovery[0])
    assert codes_.accepts(rep.person_id, recovery[0].lower().replace("-", " "))
    assert not codes_.accepts(rep.person_id, recovery[0])
    assert codes_.left(rep.person_id) == RECOVERY_CODES - 1


def test_neither_the_secret_nor_a_recovery_code_stands_in_the_store(desk: Desk, clock: Clock) -> None:
    rep, secret = desk.actor("rep"), fresh_secret()
    recovery = desk.store.logins.codes.turn_on(rep, secret, shown(secret, START))
    with desk.store.reading() as cursor:
        told = repr([rows(cursor, table.select()) for table in (codes.CODES, codes.RECOVERY)])
    assert not [word for word in (secret, *recovery, *(code.replace("-", "") for code in recovery)) if word in told]
    assert desk.store.check() == []


def test_turning_off_and_resetting_are_told_apart(desk: Desk, clock: Clock) -> None:
    rep, codes_ = desk.actor("rep"), desk.store.logins.codes
    for actor in (rep, desk.actor("admin"), operator()):
        clock.now += 2 * STEP
        secret = fresh_secret()
        recovery = codes_.turn_on(rep, secret, shown(secret, clock.now))
        codes_.turn_off(actor, rep.person_id)
        codes_.turn_off(actor, rep.person_id)  # once is enough
        assert (codes_.since(rep.person_id), codes_.left(rep.person_id)) == (None, 0)
        assert not codes_.accepts(rep.person_id, recovery[0])
    by = [(verb, who) for verb, about, who in audited(desk) if about == rep.person_id]
    on, admin = ("turn_on_codes", rep.person_id), desk.people["admin"]
    ends = [("turn_off_codes", rep.person_id), ("reset_codes", admin), ("reset_codes", "operator")]
    assert by == [entry for end in ends for entry in (on, end)]

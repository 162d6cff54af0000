"""Two-step login on the pages: asked for at the login, turned off in one's account, reset by administrators."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest

from dashboard.actions import people
from dashboard.domain.access import Actor
from dashboard.errors import Forbidden, Refused
from dashboard.i18n import translate
from dashboard.store.codes import address_of, fresh_secret
from dashboard.store.engine_duckdb import run
from dashboard.store.tries import PER_NAME, TRIES
from dashboard.ui import passwords, second_step, sessions
from tests.department import Desk
from tests.selling import PASSWORD, give_passwords, running, visiting


@pytest.fixture(scope="module")
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, whose people have passwords."""
    give_passwords(shared_desk.store, shared_desk.people)
    with running(shared_desk):
        yield shared_desk


@pytest.fixture
def secured(desk: Desk) -> Iterator[tuple[Actor, str, list[str]]]:
    """A rep with two-step login: who, the secret of the app, the recovery codes."""
    rep, secret = desk.actor("rep"), fresh_secret()
    yield rep, secret, desk.store.logins.codes.turn_on(rep, secret, code_of(secret))
    desk.store.logins.codes.turn_off(rep, rep.person_id)
    with desk.store.engine.writing() as cursor:
        run(cursor, TRIES.delete())


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def text(key: str, **values: Any) -> str:
    return translate(key, "zh", **values)


def password_given(desk: Desk) -> Any:
    """The login page after the right password."""
    at = visiting(desk, None)
    at.text_input[0].set_value("rep")
    at.text_input[1].set_value(PASSWORD)
    return at.button[0].click().run()


def code_given(at: Any, code: str) -> Any:
    """The same after a code."""
    at.text_input[0].set_value(code)
    return next(button for button in at.button if button.label == text("codes.go_on")).click().run()


def test_the_password_alone_opens_nothing(desk: Desk, secured: tuple[Actor, str, list[str]]) -> None:
    _, secret, recovery = secured
    at = password_given(desk)
    assert [field.label for field in at.text_input] == [text("codes.ask")]
    assert sessions.TOKEN not in at.session_state
    code_given(at, "12345")
    assert [error.value for error in at.error] == [text("error.codes.wrong")]
    assert sessions.TOKEN not in at.session_state
    code_given(at, code_of(secret, 1))
    assert desk.store.logins.actor(at.session_state[sessions.TOKEN]).name == "rep"
    again = code_given(password_given(desk), code_of(secret, 1))
    assert [error.value for error in again.error] == [text("error.codes.wrong")], "a code counts once"
    code_given(again, recovery[0])
    assert sessions.TOKEN in again.session_state


def test_guessing_codes_is_slowed_down_like_guessing_passwords(
    desk: Desk, secured: tuple[Actor, str, list[str]]
) -> None:
    at = password_given(desk)
    for _ in range(PER_NAME - 1):
        code_given(at, "000000")
    code_given(at, secured[2][0])
    assert [error.value for error in at.error] == [text("error.access.too_many_tries", minutes=15)]
    assert sessions.TOKEN not in at.session_state
    assert desk.store.logins.codes.left(secured[0].person_id) == 10, "what was not looked at is not used up"


def test_the_way_back_and_a_long_wait_lead_to_the_name_again(desk: Desk, secured: tuple[Actor, str, list[str]]) -> None:
    at = password_given(desk)
    next(button for button in at.button if button.label == text("codes.back")).click().run()
    assert len(at.text_input) == 2
    late = password_given(desk)
    half = late.session_state["login_half"]
    late.session_state["login_half"] = half._replace(until=half.until.replace(year=2020))
    assert len(late.run().text_input) == 2


def test_it_is_turned_off_with_the_password_or_a_code_only(desk: Desk, secured: tuple[Actor, str, list[str]]) -> None:
    rep, secret, recovery = secured
    for given, code_too in (("not the password", True), (code_of(secret, 1), False)):
        with pytest.raises(Refused) as refused:
            passwords.prove(desk.store, rep, given, "", code_too=code_too)
        assert refused.value.code == "password.current"
    for given in (PASSWORD, code_of(secret, 1), recovery[0]):
        passwords.prove(desk.store, rep, given, "", code_too=True)


def test_an_administrator_resets_it_and_nobody_else(desk: Desk, secured: tuple[Actor, str, list[str]]) -> None:
    rep = secured[0]
    for who in ("rep", "manager", "leader", "support"):
        with pytest.raises(Forbidden):
            people.reset_codes(desk.store, desk.actor(who), rep.person_id)
    assert desk.store.logins.codes.since(rep.person_id) is not None
    at = visiting(desk, "admin")
    at.query_params["id"] = rep.person_id
    at.run()
    at.button(key="people_codes").click().run()
    at.button(key="people_codes").click()  # AppTest runs the page anew, a browser only the dialog
    at.button(key="people_codes_yes").click().run()
    assert not at.exception
    assert desk.store.logins.codes.since(rep.person_id) is None
    assert "people_codes" not in {button.key for button in at.button}


def test_the_picture_is_drawn_here_and_holds_the_address() -> None:
    address = address_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "li wei<b>", "销售部")
    assert address.startswith("otpauth://totp/")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in address
    shown = second_step.picture(address, "en")
    assert re.match(r'<img src="data:image/svg\+xml', shown)
    assert "<b>" not in shown

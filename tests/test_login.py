"""Logging in: the same words and time for every failure, slowed down, with nothing of the library's own cookie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bcrypt
import pytest

from dashboard.domain.access import operator
from dashboard.i18n import translate
from dashboard.opening import DEMO_LOGINS, DEMO_PASSWORD
from dashboard.store.tries import PER_NAME
from dashboard.ui import passwords, sessions
from tests.department import Desk
from tests.selling import PASSWORD, give_passwords, running, visiting


@pytest.fixture(scope="module", autouse=True)
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """The department, whose people have passwords."""
    give_passwords(shared_desk.store, shared_desk.people)
    with running(shared_desk):
        yield shared_desk


@pytest.fixture(autouse=True)
def no_tries_yet(desk: Desk) -> None:
    """The tests fail on purpose, more often than one may."""
    for name in desk.people:
        desk.store.logins.tries.succeeded(name, "")
    desk.store.logins.tries.succeeded("nobody-of-that-name", "")


def attempt(desk: Desk, username: str, password: str) -> Any:
    """The login form, sent once."""
    at = visiting(desk, None)
    return send(at, username, password)


def send(at: Any, username: str, password: str) -> Any:
    """The login form of a page that is open."""
    at.text_input[0].set_value(username)
    at.text_input[1].set_value(password)
    return at.button[0].click().run()


def test_the_right_password_opens_a_session_and_shows_the_first_page(desk: Desk) -> None:
    at = attempt(desk, "rep", PASSWORD)
    assert not at.error
    assert translate("shell.log_out", "zh") in [button.label for button in at.button]
    assert desk.store.logins.actor(at.session_state[sessions.TOKEN]).name == "rep"


def test_the_name_may_be_typed_in_capitals_and_with_blanks(desk: Desk) -> None:
    assert sessions.TOKEN in attempt(desk, "  REP ", PASSWORD).session_state


@pytest.mark.parametrize("username", ["rep", "nobody-of-that-name"])
def test_a_wrong_password_and_an_unknown_name_read_alike(desk: Desk, username: str) -> None:
    at = attempt(desk, username, "not the password")
    assert [error.value for error in at.error] == [translate("login.wrong", "zh")]
    assert sessions.TOKEN not in at.session_state


@pytest.mark.parametrize("password", ["", "x" * 73, "钥" * 25, PASSWORD + "\0"])
def test_what_bcrypt_cannot_read_is_a_wrong_password(desk: Desk, password: str) -> None:
    assert passwords.person_with(desk.store, "rep", password) is None


def test_blanks_around_a_password_belong_to_it(desk: Desk) -> None:
    hashed = bcrypt.hashpw(b" spaced password ", bcrypt.gensalt(4)).decode()
    desk.store.logins.set_password(operator(), desk.people["helper"], hashed)
    assert passwords.person_with(desk.store, "helper", " spaced password ") == desk.people["helper"]
    assert passwords.person_with(desk.store, "helper", "spaced password") is None


def test_a_disabled_person_reads_like_a_wrong_password(desk: Desk) -> None:
    desk.do("operator", "person", "update", desk.people["stranger"], active=False)
    at = attempt(desk, "stranger", PASSWORD)
    assert [error.value for error in at.error] == [translate("login.wrong", "zh")]


def test_an_empty_form_says_what_is_missing(desk: Desk) -> None:
    assert [error.value for error in attempt(desk, " ", PASSWORD).error] == [translate("login.incomplete", "zh")]


def test_guessing_is_slowed_down_even_with_the_right_password_at_last(desk: Desk) -> None:
    at = visiting(desk, None)
    for _ in range(PER_NAME):
        send(at, "manager", "a guess")
    send(at, "manager", PASSWORD)
    assert [error.value for error in at.error] == [translate("error.access.too_many_tries", "zh", minutes=15)]
    assert sessions.TOKEN not in at.session_state


def test_a_store_without_demo_shows_no_login(desk: Desk) -> None:
    at = visiting(desk, None)
    texts = " ".join(element.value for element in at.markdown)
    assert not any(name in texts for name in DEMO_LOGINS.values())
    assert DEMO_PASSWORD not in texts + " ".join(element.value for element in at.caption)


def test_a_demo_store_shows_one_login_per_role(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.store, "_company", desk.store.company._replace(demo=True))
    at = visiting(desk, None)
    texts = " ".join(element.value for element in [*at.markdown, *at.caption])
    assert all(name in texts for name in DEMO_LOGINS.values())
    assert DEMO_PASSWORD in texts


def test_the_library_never_touches_a_cookie(desk: Desk) -> None:
    authenticator = passwords.library().Authenticate(
        {"usernames": {}}, "unused", passwords.COOKIE_KEY, 0, auto_hash=False
    )
    assert isinstance(authenticator.cookie_controller.cookie_model.cookie_manager, passwords.NoCookies)
    assert len(passwords.COOKIE_KEY) >= 32

"""What breaks a login built on streamlit-authenticator alone, tried here one by one; the names follow its weaknesses.

None of them may open this application: its own cookie is never read or written, its counters and its resetting of
passwords are not used, and the session is a row of the store.
"""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import bcrypt
import httpx
import jwt
import pytest

from dashboard.actions.passwords import ROUNDS
from dashboard.i18n import translate
from dashboard.settings import ROOT
from dashboard.store.tries import PER_NAME
from dashboard.ui import passwords
from tests.department import Desk
from tests.selling import PASSWORD, give_passwords
from tests.served import Served
from tests.web.client import visiting

SOURCES = sorted(file for part in ("dashboard", "pages") for file in (ROOT / part).rglob("*.py"))


def forged(key: str = "some_key", algorithm: str | None = "HS256", **claims: object) -> str:
    """A cookie as the library would write it."""
    content = {"username": "admin", "exp_date": (datetime.now(UTC) + timedelta(days=30)).timestamp()} | claims
    return jwt.encode({k: v for k, v in content.items() if v is not None}, key, algorithm)  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_a1_a_cookie_forged_with_the_default_key_opens_nothing(server: Served) -> None:
    for name in ("some_cookie_name", "unused", "sid"):
        with visiting(server.address, headers={"Cookie": f"{name}={forged()}"}) as client:
            assert client.run().sees_the_login_form


def test_a1_the_librarys_key_is_made_anew_in_every_process() -> None:
    assert len(passwords.COOKIE_KEY) >= 32
    assert "some_key" not in {node.value for file in SOURCES for node in strings(file.read_text("utf-8"))}


def strings(source: str) -> list[ast.Constant]:
    """The texts in a source."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]


@pytest.mark.parametrize(("name", "verb", "after"), [("rep", "end", ""), ("support", "disable", "enable")])
def test_a2_a_copied_cookie_is_worthless_once_the_password_changed_or_the_person_is_disabled(
    server: Served, name: str, verb: str, after: str
) -> None:
    cookie = logged_in(server, name)
    with visiting(server.address, cookie) as client:
        assert client.run().sees_a_page
    server.say(f"{verb} {name}")
    try:
        with visiting(server.address, cookie) as client:
            assert client.run().sees_the_login_form
    finally:
        server.say(f"{after or 'allow'} {name}")
    with visiting(server.address, cookie) as client:
        assert client.run().sees_the_login_form, "nothing brings a session back that was ended"


def test_a3_logging_out_ends_the_session_for_everybody_who_copied_the_cookie(server: Served) -> None:
    cookie = logged_in(server, "leader")
    with visiting(server.address, cookie) as copied, visiting(server.address, cookie) as client:
        assert copied.run().sees_a_page
        client.run().press(translate("shell.log_out", "zh"))
        assert client.sees_the_login_form
        answer = client.post(**client.handover())
        assert answer.status_code == 204
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert copied.run().sees_the_login_form
    with visiting(server.address, cookie) as again:
        assert again.run().sees_the_login_form


def test_a4_tries_are_counted_where_no_client_can_start_over(server: Served) -> None:
    for _ in range(PER_NAME):
        with visiting(server.address) as client:  # a new connection and a new page's memory each time
            assert translate("login.wrong", "zh") in client.run().log_in("other_manager", "a guess").text
    with visiting(server.address) as client:
        client.run().log_in("other_manager", PASSWORD)
        assert not client.sees_a_page
        assert translate("error.access.too_many_tries", "zh", minutes=15) in client.text


def test_a5_an_unknown_name_costs_one_comparison_like_a_known_one(
    shared_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_passwords(shared_desk.store, shared_desk.people)
    compared: list[int] = []
    real = bcrypt.checkpw

    def counting(password: bytes, hashed: bytes) -> bool:
        compared.append(int(hashed.split(b"$")[2]))
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    assert passwords.person_with(shared_desk.store, "nobody-of-that-name", "guess") is None
    assert passwords.person_with(shared_desk.store, "rep", "guess") is None
    assert len(compared) == 2
    assert compared[0] == ROUNDS, "as many rounds as real passwords have"


def test_a5_nothing_on_the_page_tells_a_known_name_from_an_unknown_one(server: Served) -> None:
    shown = []
    for name in ("stranger", "nobody-of-that-name"):
        with visiting(server.address) as client:
            client.run().log_in(name, "not the password")
            shown.append([alert.body for alert in client.of("alert")])
    assert shown[0] == shown[1] == [translate("login.wrong", "zh")]


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(
    "cookie",
    [
        "sid",
        "sid=",
        'sid="',
        "sid=" + "x" * 4000,
        "sid=" + "\xe9\xff",
        "sid=../../etc/passwd; sid=' OR 1=1 --",
        "sid=" + "A" * 43,
        ";;;=;sid=%00%00",
    ],
)
def test_a6_a_broken_cookie_is_no_cookie(server: Served, cookie: str) -> None:
    with visiting(server.address, headers={"Cookie": cookie}) as client:
        assert client.run().sees_the_login_form
        assert not list(client.of("exception"))
    assert httpx.get(server.address, headers={"Cookie": cookie.encode("latin-1")}).status_code == 200  # type: ignore[dict-item]


@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_a6_the_librarys_own_cookies_are_not_read_however_odd(server: Served) -> None:
    for odd in (forged(exp_date=None), forged("", None), forged(exp=1), forged(aud="x"), forged(username="gone")):
        with visiting(server.address, headers={"Cookie": f"some_cookie_name={odd}"}) as client:
            assert client.run().sees_the_login_form
            assert not list(client.of("exception"))


@pytest.mark.parametrize("password", ["x" * 73, "钥" * 25, PASSWORD + "\0"])
def test_a7_a_password_that_bcrypt_cannot_read_is_wrong_and_counts(server: Served, password: str) -> None:
    with visiting(server.address) as client:
        client.run().log_in("head", password)
        assert [alert.body for alert in client.of("alert")] == [translate("login.wrong", "zh")]


def test_a7_it_counts_like_any_other(desk: Desk) -> None:
    give_passwords(desk.store, desk.people)
    tries = desk.store.logins.tries
    for _ in range(PER_NAME):
        assert tries.begin("rep", "1.2.3.4") == 0
        assert passwords.person_with(desk.store, "rep", "x" * 73) is None
    assert tries.begin("rep", "1.2.3.4") == 15


@pytest.mark.parametrize(
    "password", ["  twelve blanks  ", "only lower case words", "一二三四五六七八九十百千", "a" * 64]
)
def test_a8_a_password_need_be_nothing_but_long(desk: Desk, password: str) -> None:
    give_passwords(desk.store, desk.people)
    rep = desk.actor("rep")
    passwords.change(desk.store, rep, PASSWORD, password, "")
    assert passwords.person_with(desk.store, "rep", password) == rep.person_id
    assert passwords.person_with(desk.store, "rep", password + " ") is None
    assert password.strip() == password or passwords.person_with(desk.store, "rep", password.strip()) is None


UNUSED = {
    "forgot_password",
    "forgot_username",
    "register_user",
    "reset_password",
    "update_user_details",
    "send_email",
    "two_factor",
    "experimental_guest_login",
}


def test_a9_and_a10_nothing_of_the_library_that_mails_or_resets_is_called() -> None:
    called = {node.attr for file in SOURCES for node in ast.walk(ast.parse(file.read_text("utf-8"))) if attribute(node)}
    assert called & UNUSED == set()


def attribute(node: ast.AST) -> bool:
    """Whether a node names an attribute."""
    return isinstance(node, ast.Attribute)


def test_a11_the_library_gets_its_people_from_the_store_and_no_file_to_write(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    real = passwords.library().Authenticate

    def noting(credentials: object, *more: object, **named: object) -> object:
        given.append(credentials)
        return real(credentials, *more, **named)

    monkeypatch.setattr(passwords.library(), "Authenticate", noting)
    give_passwords(desk.store, desk.people)
    assert passwords.person_with(desk.store, "rep", PASSWORD) == desk.people["rep"]
    assert [type(found) for found in given] == [dict]


def test_a12_the_number_of_a_pages_memory_opens_nothing(server: Served) -> None:
    with visiting(server.address) as client:
        client.run().log_in("manager", PASSWORD)
        assert client.sees_a_page
        with visiting(server.address, resume=client.page_session) as thief:
            assert thief.run().sees_the_login_form
            assert thief.page_session != client.page_session
        assert client.run().sees_a_page, "and the person is not thrown out by it"


def logged_in(server: Served, name: str) -> str:
    """The cookie of somebody who has just logged in."""
    with visiting(server.address) as client:
        client.run().log_in(name, PASSWORD)
        assert client.sees_a_page
        return client.cookie()

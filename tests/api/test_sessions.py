"""Who calls: sessions, personal access tokens with scopes, and what ends them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest

from dashboard.domain.access import operator
from dashboard.store.codes import fresh_secret
from dashboard.store.engine_duckdb import rows, run
from dashboard.store.logins import SESSIONS, digest
from dashboard.store.tokens import PREFIX, TOKENS
from dashboard.store.tries import PER_NAME, TRIES
from tests.api.calling import Api, Person, fields_at_fault
from tests.selling import PASSWORD


@pytest.fixture(autouse=True)
def forgiven(api: Api) -> Iterator[None]:
    """No tries of other tests."""
    yield
    with api.desk.store.engine.writing() as cursor:
        run(cursor, TRIES.delete())


def log_in(api: Api, name: str, password: str = PASSWORD, **more: str) -> Any:
    """POST /session."""
    return api.client.post("/api/v1/session", json={"username": name, "password": password, **more})


def token(person: Person, *scopes: str, **more: Any) -> Person:
    """Somebody with a new personal access token."""
    found = person.call("POST", "/tokens", json={"name": "test", "scopes": list(scopes), **more})
    assert found.status_code == 201, found.text
    return Person(person.client, found.json()["token"])


def test_a_name_and_a_password_open_a_session_for_an_hour(api: Api) -> None:
    found = log_in(api, " REP ")
    assert (found.status_code, found.json()["expires_in"], found.headers["cache-control"]) == (201, 3600, "no-store")
    rep = Person(api.client, found.json()["token"])
    assert (rep.get("/session")["name"], rep.get("/session")["roles"]) == ("rep", ["rep"])
    with api.desk.store.reading() as cursor:
        kept = rows(cursor, SESSIONS.select().where(SESSIONS.c.token_hash == digest(rep.secret)))[0]
    assert rep.secret not in repr(kept)
    assert rep.call("DELETE", "/session").status_code == 204
    assert rep.refused("GET", "/session", 401)["code"] == "access.logged_out"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer sdt_nonsense", "Bearer " + "x" * 999],
)
def test_without_a_token_there_is_nothing(api: Api, header: str | None) -> None:
    found = api.client.get("/api/v1/deals", headers={} if header is None else {"Authorization": header})
    assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
    assert found.json()["code"] in ("access.login_needed", "access.logged_out")


@pytest.mark.parametrize(
    ("name", "password"), [("rep", "wrong"), ("nobody", PASSWORD), ("rep", "钥" * 30), ("rep", "x\0")]
)
def test_wrong_names_and_passwords_read_alike(api: Api, name: str, password: str) -> None:
    found = log_in(api, name, password)
    assert (found.status_code, found.json()["code"]) in [(401, "api.wrong_login"), (400, "body.not_unicode")]


def test_an_unknown_name_costs_one_comparison_like_a_known_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    import bcrypt

    from dashboard.actions.passwords import ROUNDS

    real, compared = bcrypt.checkpw, []

    def counting(password: bytes, hashed: bytes) -> bool:
        compared.append(int(hashed.split(b"$")[2]))
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    log_in(api, "nobody", "guess")
    log_in(api, "rep", "guess")
    assert len(compared) == 2
    assert compared[0] == ROUNDS


def test_guessing_is_slowed_down_and_others_are_not(api: Api) -> None:
    for _ in range(PER_NAME):
        assert log_in(api, "rep", "guess").status_code == 401
    slowed = log_in(api, "rep")
    assert (slowed.status_code, int(slowed.headers["retry-after"]) > 0) == (429, True)
    assert log_in(api, "colleague").status_code == 201


def test_a_login_has_a_name_and_a_password_and_nothing_else(api: Api) -> None:
    found = api.client.post("/api/v1/session", json={"username": "", "password": 5, "more": 1})
    assert found.status_code == 400
    assert fields_at_fault(found.json()) == {
        "username": "field.required",
        "password": "field.required",
        "more": "field.unknown",
    }


def test_a_code_is_asked_for_whoever_has_an_app_and_counts_once(api: Api) -> None:
    codes, person, secret = api.desk.store.logins.codes, api.desk.actor("head"), fresh_secret()
    app, now = pyotp.TOTP(secret), int(time.time())
    recovery = codes.turn_on(person, secret, app.at(now))
    assert log_in(api, "head", "guess", otp=app.at(now + 30)).json()["code"] == "api.wrong_login"
    assert log_in(api, "head").json()["code"] == "codes.needed"
    assert log_in(api, "head", otp=app.at(now)).json()["code"] == "codes.wrong"
    found = log_in(api, "head", otp=app.at(now + 30))
    assert found.status_code == 201, "a wrong password had used no code up"
    assert Person(api.client, found.json()["token"]).get("/session")["name"] == "head"
    assert log_in(api, "head", otp=app.at(now + 30)).json()["code"] == "codes.wrong"
    assert log_in(api, "head", otp=recovery[0]).status_code == 201
    for _ in range(PER_NAME):
        assert log_in(api, "head", otp="000000").status_code == 401
    assert log_in(api, "head", otp=recovery[1]).status_code == 429
    codes.turn_off(person, person.person_id)
    assert log_in(api, "colleague", otp="123456").status_code == 201, "who has none may send one"


@pytest.mark.parametrize("how", ["password", "disabled"])
def test_a_new_password_or_a_disabled_account_ends_sessions_at_once(api: Api, how: str) -> None:
    desk, name = api.desk, "stranger" if how == "password" else "other_manager"
    session = Person(api.client, log_in(api, name).json()["token"])
    own = token(session, "read")
    assert session.get("/deals")
    if how == "password":
        desk.store.logins.set_password(operator(), desk.people[name], "$2b$04$" + "x" * 53)
        own.refused("GET", "/deals", 401)
    else:
        desk.do("operator", "person", "update", desk.people[name], active=False)
        assert own.refused("GET", "/deals", 401)["code"] == "access.disabled"
    session.refused("GET", "/deals", 401)


def test_a_password_that_must_be_changed_opens_nothing(api: Api) -> None:
    import bcrypt

    desk = api.desk
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    desk.store.logins.set_password(operator(), desk.people["helper"], hashed, must_change=True)
    found = log_in(api, "helper")
    assert (found.status_code, found.json()["code"]) == (401, "access.password_due")


# personal access tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(api: Api) -> None:
    rep = api("rep")
    made = token(rep, "read")
    assert made.secret.startswith(PREFIX)
    assert made.get("/session")["scopes"] == ["read"]
    listed = rep.get("/tokens")["items"]
    assert listed
    assert made.secret not in repr(listed)
    with api.desk.store.reading() as cursor:
        assert made.secret not in repr(rows(cursor, TOKENS.select()))


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (("read",), {"read deal", "read lead", "metric"}),
        (("write",), {"read deal", "write deal", "read lead", "metric"}),
        (("read:deal",), {"read deal"}),
        (("write:deal",), {"read deal", "write deal"}),
        (("write:lead", "read:metric"), {"read lead", "metric"}),
        (("read:audit",), set()),
    ],
)
def test_a_token_does_what_its_scopes_say(api: Api, scopes: tuple[str, ...], allowed: set[str]) -> None:
    mine = token(api("rep"), *scopes)
    calls = {
        "read deal": ("GET", "/deals", {}),
        "write deal": ("POST", "/deals", {"json": {}}),
        "read lead": ("GET", "/leads", {}),
        "metric": ("GET", "/metrics", {}),
    }
    codes = {what: mine.call(method, path, **more) for what, (method, path, more) in calls.items()}
    refused = {what for what, found in codes.items() if found.status_code == 403}
    assert refused == calls.keys() - allowed
    assert all(codes[what].json()["code"] == "token.scope" for what in refused)


def test_a_token_gives_no_more_than_its_owner_may(api: Api) -> None:
    assert token(api("rep"), "read", "write").refused("GET", "/audit", 403)["code"] == "access.forbidden"


def test_a_token_makes_no_tokens(api: Api) -> None:
    mine = token(api("rep"), "write")
    for method, path in (("GET", "/tokens"), ("POST", "/tokens"), ("DELETE", "/tokens/x"), ("DELETE", "/session")):
        assert mine.refused(method, path, 403)["code"] == "token.session_needed"


def test_a_token_ends_when_its_owner_says_so_and_nobody_elses(api: Api) -> None:
    rep = api("rep")
    mine = token(rep, "read")
    made = rep.get("/tokens")["items"][-1]["id"]
    api("colleague").refused("DELETE", f"/tokens/{made}", 404)
    assert mine.get("/session")
    assert rep.call("DELETE", f"/tokens/{made}").status_code == 204
    mine.refused("GET", "/session", 401)
    rep.refused("DELETE", f"/tokens/{made}", 404)
    assert made not in [row["id"] for row in rep.get("/tokens")["items"]]


def test_a_token_ends_with_its_time(api: Api) -> None:
    mine = token(api("rep"), "read", expires_in_days=1)
    with api.desk.store.engine.writing() as cursor:
        over = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(seconds=1)
        run(cursor, TOKENS.update().where(TOKENS.c.token_hash == digest(mine.secret)).values(valid_until=over))
    assert mine.refused("GET", "/session", 401)["code"] == "access.logged_out"


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({}, {"name": "token.name", "scopes": "token.scopes"}),
        ({"name": "x", "scopes": []}, {"scopes": "token.scopes"}),
        ({"name": "x", "scopes": ["admin"]}, {"scopes": "token.scopes"}),
        ({"name": "x", "scopes": ["read:nonsense"]}, {"scopes": "token.scopes"}),
        ({"name": "x", "scopes": ["read:"]}, {"scopes": "token.scopes"}),
        ({"name": "x", "scopes": ["read"], "expires_in_days": 9999}, {"expires_in_days": "token.days"}),
        ({"name": "x", "scopes": ["read"], "expires_in_days": True}, {"expires_in_days": "token.days"}),
        ({"name": "x", "scopes": ["read"], "more": 1}, {"more": "field.unknown"}),
    ],
)
def test_a_token_needs_a_name_scopes_and_an_end(api: Api, given: dict[str, Any], faults: dict[str, str]) -> None:
    assert fields_at_fault(api("rep").refused("POST", "/tokens", 422, json=given)) == faults


def test_a_repeated_request_for_a_token_gets_the_same_one(api: Api) -> None:
    rep, body = api("rep"), {"name": "twice", "scopes": ["read"]}
    first, second = (rep.call("POST", "/tokens", {"Idempotency-Key": "token-1"}, json=body).json() for _ in range(2))
    assert first == second
    assert [row["name"] for row in rep.get("/tokens")["items"]].count("twice") == 1


def test_logins_and_tokens_leave_a_trace(api: Api) -> None:
    def told() -> set[str]:
        return {row["verb"] for row in api("admin").get("/audit", limit=500, **{"from": begun})["items"]}

    begun = dt.datetime.now(dt.UTC).isoformat()
    log_in(api, "rep", "wrong")
    rep = Person(api.client, log_in(api, "rep").json()["token"])
    made = rep.call("POST", "/tokens", json={"name": "trace", "scopes": ["read"]}).json()["id"]
    rep.call("DELETE", f"/tokens/{made}")
    rep.call("DELETE", "/session")
    assert {"log_in", "log_out", "issue_token", "revoke_token", "log_in_failed"} <= told()

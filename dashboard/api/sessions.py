"""Logging in for programs: a name and a password, and a code where one is asked for, become a token for an hour."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Annotated, Any

import bcrypt
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions.passwords import MOST_BYTES, ROUNDS
from dashboard.api.bodies import members, small
from dashboard.api.callers import VIA, Admitted, desk_now
from dashboard.api.gates import V1
from dashboard.api.problems import BadRequest, TooMany, Unauthenticated
from dashboard.api.records import answered
from dashboard.api.values import dumped, moment
from dashboard.errors import Forbidden, Problem
from dashboard.store import Store
from dashboard.store.tokens import SESSION_LIFETIME, Tokens

router = APIRouter()
Body = Annotated[bytes, Depends(small)]
LONGEST = 200
NEEDED = ("username", "password")
CODE = "otp"


@router.post(f"{V1}/session")
def begin(request: Request, body: Body) -> Response:
    """Log in."""
    store = desk_now().store
    name, password, code = credentials(request, body)
    address = request.client.host if request.client else ""
    tries = store.logins.tries
    if minutes := tries.begin(name, address):
        raise TooMany("access.too_many_tries", minutes * 60, minutes=minutes)
    person_id = person_with(store, name, password)
    if person_id is None:
        tries.failed(name, address)
        raise Unauthenticated("api.wrong_login")
    if store.logins.codes.since(person_id) is not None:
        if code is None:
            raise Unauthenticated("codes.needed")
        if not store.logins.codes.accepts(person_id, code):
            tries.failed(name, address)
            raise Unauthenticated("codes.wrong")
    tries.succeeded(name, address)
    try:
        actor = store.actor(person_id, VIA)
        secret, until = Tokens(store).open_session(actor, address, request.headers.get("user-agent", "")[:LONGEST])
        store.logins.actor(secret, VIA)
    except Forbidden as refused:  # the account ended meanwhile, or its password must be changed first
        raise Unauthenticated(refused.code, **refused.values) from None
    content = {"token": secret, "token_type": "bearer", "expires_at": moment(until)}
    seconds = {"expires_in": int(SESSION_LIFETIME.total_seconds())}
    return Response(dumped(content | seconds), 201, {"Cache-Control": "no-store"}, "application/json")


@router.get(f"{V1}/session")
def who(caller: Admitted) -> Response:
    """Who the caller is."""
    actor = caller.actor
    content: dict[str, Any] = {
        "person_id": actor.person_id,
        "name": actor.name,
        "roles": [str(role) for role in actor.roles],
        "team_id": actor.team_id,
        "language": actor.language,
        "scopes": list(caller.token.scopes) if caller.token else None,
    }
    return answered(content)


@router.delete(f"{V1}/session")
def end(caller: Admitted) -> Response:
    """Log out."""
    caller.store.logins.close(caller.actor, caller.secret)
    return Response(status_code=204)


def credentials(request: Request, body: bytes) -> tuple[str, str, str | None]:
    """The name, the password and, when there is one, the code of a body. Raises BadRequest."""
    given = members(request, body)
    wanted = (*NEEDED, CODE) if CODE in given else NEEDED
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in wanted]
    problems += [
        Problem(None, name, "field.required")
        for name in wanted
        if not isinstance(given.get(name), str) or not 0 < len(given[name]) <= LONGEST
    ]
    if problems:
        raise BadRequest("request.invalid", problems)
    return given["username"].strip().lower(), given["password"], given.get(CODE)


def person_with(store: Store, username: str, password: str) -> str | None:
    """The id of the active person with this name and password; None for everybody else, after the same time."""
    found = store.logins.credentials(username)
    raw = password.encode()
    fits = len(raw) <= MOST_BYTES and b"\0" not in raw
    accepted = bcrypt.checkpw(raw if fits else b"", (found[2] if found else nobodys_hash()).encode())
    return found[0] if accepted and found and fits else None


@cache
def nobodys_hash() -> str:
    """The hash of a password that nobody knows, compared for names that do not exist."""
    return bcrypt.hashpw(secrets.token_bytes(32), bcrypt.gensalt(ROUNDS)).decode()

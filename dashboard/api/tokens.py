"""Personal access tokens: made and ended by their owner, with scopes and an end, shown once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from dashboard.api import values
from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted
from dashboard.api.gates import RESOURCES, V1
from dashboard.api.once import JSON, Once, responded
from dashboard.api.records import answered
from dashboard.domain.entities import RECORDS
from dashboard.errors import Invalid, Problem
from dashboard.store.requests import Answer
from dashboard.store.tokens import Tokens

router = APIRouter()
MEMBERS = ("name", "scopes", "expires_in_days")
LONGEST_NAME, MOST_SCOPES = 80, 50
DEFAULT_DAYS, MOST_DAYS = 90, 366


@router.get(f"{V1}/tokens")
def find(caller: Admitted) -> Response:
    """The caller's tokens, their secrets aside."""
    found = Tokens(caller.store).of(caller.actor.person_id)
    return answered({"items": values.readable(None, found).to_dicts()})


@router.post(f"{V1}/tokens")
def issue(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """A new token; its secret is in this answer and nowhere else."""
    once = Once(caller, body)

    def work() -> Response:
        name, scopes, days = wanted(members(caller.request, body))
        until = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=days)
        made: list[Answer] = []

        def then(cursor: Any, token_id: str, secret: str) -> None:
            content = {"id": token_id, "name": name, "scopes": scopes, "valid_until": until, "token": secret}
            made.append(Answer(201, {"Cache-Control": "no-store"}, values.dumped(content)))
            once.keep(cursor, made[0])

        Tokens(caller.store).issue(caller.actor, name, scopes, until, then)
        return responded(made[0])

    return once.do(work)


@router.delete(f"{V1}/tokens/{{token_id}}")
def revoke(caller: Admitted) -> Response:
    """End a token of the caller."""
    Tokens(caller.store).revoke(caller.actor, caller.actor.person_id, caller.part("token_id"))
    return Response(status_code=204, media_type=JSON)


def wanted(given: Mapping[str, Any]) -> tuple[str, list[str], int]:
    """Name, scopes and days of a body. Raises Invalid."""
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in MEMBERS]
    name, scopes, days = given.get("name"), given.get("scopes"), given.get("expires_in_days", DEFAULT_DAYS)
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        problems.append(Problem(None, "name", "token.name", {"most": LONGEST_NAME}))
    if not isinstance(scopes, list) or not 0 < len(scopes) <= MOST_SCOPES or not all(map(known, scopes)):
        problems.append(Problem(None, "scopes", "token.scopes"))
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        problems.append(Problem(None, "expires_in_days", "token.days", {"most": MOST_DAYS}))
    if problems:
        raise Invalid(problems)
    assert isinstance(name, str)
    return name.strip(), list(dict.fromkeys(scopes)), days  # type: ignore[arg-type]


def known(scope: object) -> bool:
    """Whether a word is a scope: read or write, also of one kind of record or resource."""
    if not isinstance(scope, str):
        return False
    verb, colon, resource = scope.partition(":")
    return verb in ("read", "write") and (not colon or resource in RECORDS or resource in RESOURCES)

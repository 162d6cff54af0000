"""One's calendar under a secret address, for programs that can only read an address: made, ended, and read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from dashboard.actions.calendar_feed import address_of, calendar
from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted, desk_now
from dashboard.api.gates import V1
from dashboard.api.once import JSON, Once, responded
from dashboard.api.records import answered
from dashboard.api.values import dumped
from dashboard.errors import Forbidden, Invalid, NotFound, Problem
from dashboard.i18n import language_named
from dashboard.store.requests import Answer
from dashboard.store.tokens import FEED_PREFIX, Tokens

router = APIRouter()
TYPE = "text/calendar; charset=utf-8"
ENDING = ".ics"
LONGEST = 80


def base_of(request: Request) -> str:
    """The address of the server as the caller reached it."""
    return f"{request.url.scheme}://{request.url.netloc}"


@router.get(f"{V1}/calendar")
def look(caller: Admitted) -> Response:
    """Since when there is an address, and when it was read last; its secret is told to nobody."""
    found = Tokens(caller.store).feed_of(caller.actor.person_id)
    known = {name: found[name] if found else None for name in ("opened_at", "used_at")}
    return answered(known)


@router.post(f"{V1}/calendar")
def make(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """A new address; it is in this answer and nowhere else."""
    once = Once(caller, body)

    def work() -> Response:
        if given := members(caller.request, body):
            raise Invalid([Problem(None, name, "field.unknown", {"field": name}) for name in given])
        made: list[Answer] = []

        def then(cursor: Any, secret: str) -> None:
            content = {"address": address_of(base_of(caller.request), secret)}
            made.append(Answer(201, {"Cache-Control": "no-store"}, dumped(content)))
            once.keep(cursor, made[0])

        Tokens(caller.store).issue_feed(caller.actor, then)
        return responded(made[0])

    return once.do(work)


@router.delete(f"{V1}/calendar")
def end(caller: Admitted) -> Response:
    """The address opens nothing any more."""
    tokens, person = Tokens(caller.store), caller.actor.person_id
    if found := tokens.feed_of(person):
        tokens.revoke(caller.actor, person, found["id"])
    return Response(status_code=204, media_type=JSON)


@router.get(f"{V1}/calendar/{{secret}}{ENDING}")
def read(request: Request) -> Response:
    """The calendar of whoever made this address, as of now. Raises NotFound for every other address."""
    desk, secret = desk_now(), str(request.path_params["secret"])
    try:
        if not secret.startswith(FEED_PREFIX) or len(secret) > LONGEST:
            raise Forbidden("access.logged_out")
        actor = desk.store.actor(Tokens(desk.store).reader_of_feed(secret), "calendar")
    except Forbidden:
        raise NotFound("api.no_such_address") from None
    text = calendar(desk.store, actor, language_named(actor.language), desk.store.company.today(), base_of(request))
    return Response(text, 200, {"Cache-Control": "no-store"}, TYPE)

"""The machine's own command line, run by the server that holds the store: for calls from this machine only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted
from dashboard.api.gates import COMMAND
from dashboard.api.problems import BadRequest, Unavailable
from dashboard.api.records import answered
from dashboard.errors import Problem
from dashboard.i18n import LANGUAGES, Language
from dashboard.jobs import Desk

router = APIRouter()


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    exit: int
    out: str
    err: str


class Runner:
    """What runs a command: the command line itself, which stands above this part and says so when it serves."""

    run: Callable[[Desk, list[str], Path, Language], Done] | None = None


@router.post(COMMAND)
def run(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """Run a command with the arguments and in the folder of whoever typed it."""
    given = members(caller.request, body)
    arguments, folder, language = given.get("arguments"), given.get("folder"), given.get("language")
    spoken = next((known for known in LANGUAGES if known == language), None)
    if not isinstance(arguments, list) or not all(isinstance(one, str) for one in arguments):
        raise BadRequest("request.invalid", [Problem(None, "arguments", "field.type")])
    if not isinstance(folder, str) or spoken is None:
        raise BadRequest("request.invalid", [Problem(None, "folder", "field.type")])
    if Runner.run is None:
        raise Unavailable("api.starting")
    return answered(Runner.run(caller.desk, arguments, Path(folder), spoken)._asdict())

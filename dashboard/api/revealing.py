"""A masked detail shown in clear over REST: with a reason, each time noted in the audit, never kept for repeats."""

from __future__ import annotations

from starlette.responses import Response

from dashboard.actions.reveal import REVEAL, reveal
from dashboard.api import values
from dashboard.api.bodies import members
from dashboard.api.callers import Caller
from dashboard.api.once import JSON
from dashboard.api.writing import about_of
from dashboard.domain.entities import Entity
from dashboard.domain.fields import Group
from dashboard.errors import Invalid, Problem

FIELD, WHY = "field", "why"


def revealable(entity: Entity) -> list[str]:
    """The fields of an entity that somebody may see masked."""
    return [field.name for field in entity.all_fields if field.group is Group.PERSONAL]


def offered(entity: Entity, word: str) -> bool:
    """Whether a word in an address asks to reveal something of such a record."""
    return word == REVEAL and bool(revealable(entity))


def do(caller: Caller, body: bytes) -> Response:
    """The value in clear, told to no cache."""
    given = members(caller.request, body)
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in (FIELD, WHY)]
    field = given.get(FIELD)
    if not isinstance(field, str):
        problems.append(Problem(None, FIELD, "field.required", {"field": FIELD}))
    if problems:
        raise Invalid(problems)
    why = about_of({WHY: given.get(WHY)}).get(WHY) or ""
    value = reveal(caller.store, caller.actor, caller.entity.name, caller.record_id, str(field), why)
    return Response(values.dumped({FIELD: field, "value": value}), 200, {"Cache-Control": "no-store"}, JSON)

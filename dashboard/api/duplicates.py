"""Likely duplicates of a record that a program is about to make or change, as the forms show them while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from dashboard.actions import duplicates
from dashboard.actions.duplicates import COMPARED, OWN
from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted, Caller, in_scope
from dashboard.api.gates import V1
from dashboard.api.problems import BadRequest
from dashboard.api.records import answered
from dashboard.errors import Forbidden, Problem

router = APIRouter()
MEMBERS = ("entity", "values", "id")
LONGEST = 300


@router.post(f"{V1}/duplicates")
def find(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """The records that may be the same, the likeliest first."""
    given = members(caller.request, body)
    entity, values, record_id = understood(given)
    scoped(caller, entity)
    found = duplicates.likely(caller.store, caller.actor, entity, values, record_id)
    items = [
        {
            "entity": match.entity,
            "id": match.id,
            "number": match.number,
            "title": match.title,
            "reason": str(match.reason),
            "score": match.score,
        }
        for match in found.matches
    ]
    return answered({"items": items, "elsewhere": list(found.elsewhere)})


def understood(given: Mapping[str, Any]) -> tuple[str, dict[str, str], str | None]:
    """What is asked: the kind of record, its values, and its id when it exists. Raises BadRequest."""
    faults = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in MEMBERS]
    entity, values, record_id = given.get("entity"), given.get("values", {}), given.get("id")
    if not isinstance(entity, str) or entity not in COMPARED:
        faults.append(Problem(None, "entity", "field.choice", {"field": "entity", "entity": None}))
    elif not isinstance(values, dict):
        faults.append(Problem(None, "values", "field.type", {"field": "values"}))
    else:
        faults += wrong(entity, values)
    if record_id is not None and (not isinstance(record_id, str) or len(record_id) > LONGEST):
        faults.append(Problem(None, "id", "field.type", {"field": "id"}))
    if faults:
        raise BadRequest("request.invalid", faults)
    return str(entity), {name: value for name, value in values.items() if value is not None}, record_id


def wrong(entity: str, values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the values: only what is compared may be given, each as a text."""
    known = (*COMPARED[entity], *OWN.get(entity, ()))
    faults = [Problem(None, name, "field.unknown", {"field": name}) for name in values if name not in known]
    return faults + [
        Problem(None, name, "field.type", {"field": name})
        for name, value in values.items()
        if name in known and value is not None and (not isinstance(value, str) or len(value) > LONGEST)
    ]


def scoped(caller: Caller, entity: str) -> None:
    """Raises Forbidden for a token that may not write such records: it has nothing to capture."""
    if caller.token is not None and not in_scope(caller.token.scopes, entity, writes=True):
        raise Forbidden("token.scope", scope=f"write:{entity}")

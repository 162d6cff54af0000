"""Whom one may name in the credit for a deal or as a participant: the active people of the department."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.actions.colleagues import colleagues
from dashboard.api import queries
from dashboard.api.callers import Admitted
from dashboard.api.gates import V1
from dashboard.api.records import answered

router = APIRouter()


@router.get(f"{V1}/colleagues")
def find(caller: Admitted) -> Response:
    """All of them, by name."""
    queries.single(caller, ())
    found = colleagues(caller.store, caller.actor)
    return answered({"items": [{"id": one, "name": name} for one, name in found.items()]})

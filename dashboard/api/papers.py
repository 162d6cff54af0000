"""What contracts say, as data, compared with an earlier wording, and as PDF."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.actions.papers import compared, paper_of
from dashboard.actions.printing import contract_pdf, name_of
from dashboard.api.callers import Admitted, Caller
from dashboard.api.files import sent
from dashboard.api.gates import V1
from dashboard.api.problems import BadRequest
from dashboard.api.queries import single
from dashboard.api.records import answered
from dashboard.domain.files import PDF
from dashboard.errors import Problem

router = APIRouter()
ONE = f"{V1}/contracts/{{record_id}}"
WHOLE = re.compile(r"[1-9]\d{0,8}")


@router.get(f"{ONE}/wording")
def wording(caller: Admitted) -> Response:
    """What a contract says now, or said in an edition."""
    asked = numbers(caller, ("edition",))
    found = paper_of(caller.store, caller.actor, caller.record_id, asked.get("edition"))
    return answered({"edition": found.edition, "sha256": found.sha256, "wording": found.wording})


@router.get(f"{ONE}/differences")
def differences(caller: Admitted) -> Response:
    """How a wording differs from an earlier one."""
    asked = numbers(caller, ("before", "after"))
    if "before" not in asked:
        raise BadRequest("query.invalid", [Problem(None, "before", "field.required", {"field": "before"})])
    found = compared(caller.store, caller.actor, caller.record_id, asked["before"], asked.get("after"))
    sections: list[dict[str, Any]] = [
        {"title": one.title, "change": one.change, "pieces": [piece._asdict() for piece in one.pieces]} for one in found
    ]
    return answered({"sections": sections})


@router.get(f"{ONE}/pdf")
def pdf(caller: Admitted) -> Response:
    """The contract as PDF."""
    asked = numbers(caller, ("edition",))
    made = contract_pdf(caller.store, caller.actor, caller.record_id, asked.get("edition"))
    record = caller.store.get(caller.actor, "contract", caller.record_id)
    return sent(made, name_of(record), PDF)


def numbers(caller: Caller, names: tuple[str, ...]) -> dict[str, int]:
    """Whole numbers in the address. Raises BadRequest."""
    given = single(caller, names)
    wrong = [name for name, text in given.items() if not WHOLE.fullmatch(text)]
    if wrong:
        raise BadRequest("query.invalid", [Problem(None, name, "field.type", {"field": name}) for name in wrong])
    return {name: int(text) for name, text in given.items()}

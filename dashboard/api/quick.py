"""The quick update of a deal over REST: what happened, the next step with its day and the stage, as one change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from dashboard.actions import moves, quick
from dashboard.actions.quick import Asked, Move
from dashboard.actions.records import check_seen
from dashboard.api.bodies import members
from dashboard.api.callers import Caller
from dashboard.api.once import Once, responded
from dashboard.api.writing import about_of, fields_of, told_of, version_seen
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, Problem
from dashboard.store.judging import UPDATE
from dashboard.store.records import Reader
from dashboard.store.subjects import Subjects

WORD, HAPPENED, WHY = "quick", "happened", "why"
FIELDS = ("next_step", "next_step_on", "stage_id")
LONGEST = 2_000


def do(caller: Caller, body: bytes) -> Response:
    """Write the update and answer with the deal."""
    once = Once(caller, body)

    def work() -> Response:
        store, told, kept = caller.store, told_of(caller, caller.record_id, 200), []
        given = members(caller.request, body)

        def then(cursor: Any) -> None:
            kept.append(told(cursor, Reader(Subjects(store.ring), store.index_key)))
            once.keep(cursor, kept[0])

        with store.engine.lock:  # without If-Match the update is of whichever version is there now
            quick.update(store, caller.actor, asked_for(caller, given), then)
        return responded(kept[0])

    return once.do(work)


def asked_for(caller: Caller, given: Mapping[str, Any]) -> Asked:
    """What a body asks for. Raises Invalid, NotFound, Refused, Stale."""
    unknown = [name for name in given if name not in (*FIELDS, HAPPENED, WHY)]
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in unknown]
    happened = given.get(HAPPENED)
    if happened is not None and not isinstance(happened, str):
        problems.append(Problem(None, HAPPENED, "field.type", {"field": HAPPENED}))
    elif happened and len(happened) > LONGEST:
        problems.append(Problem(None, HAPPENED, "field.too_long", {"field": HAPPENED}))
    if problems:
        raise Invalid(problems)
    fields = fields_of(caller, {name: given[name] for name in FIELDS if name in given}, UPDATE)
    deal = caller.store.get(caller.actor, "deal", caller.record_id)
    stage = fields.pop("stage_id", None)
    check_seen("deal", deal, version_seen(caller, needed=False))
    return Asked(
        caller.record_id,
        int(deal["version"]),
        new_id(),
        happened=(happened or "").strip() or None,
        move=Move(moves.verb_to(caller.store, deal, stage), stage) if stage else None,
        why=about_of({WHY: given.get(WHY)}).get(WHY),
        **fields,
    )

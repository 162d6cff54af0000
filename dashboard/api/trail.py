"""The audit trail for whoever looks after the machine."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api import queries, values
from dashboard.api.callers import Admitted
from dashboard.api.cursors import Place, cursor_of, place_of
from dashboard.api.gates import V1
from dashboard.api.records import answered
from dashboard.store.trail import Search, entries

router = APIRouter()
KNOWN = ("entity", "record_id", "actor_id", "verb", "from", "to", "limit", "cursor")


@router.get(f"{V1}/audit")
def find(caller: Admitted) -> Response:
    """Entries, newest first."""
    given, faults = queries.single(caller, KNOWN), queries.Faults()
    limit = faults.one("limit", lambda: queries.limit(given.get("limit")))
    since = faults.one("from", lambda: instant(given.get("from")))
    until = faults.one("to", lambda: instant(given.get("to")))
    faults.tell()
    named = {name: given[name] for name in ("entity", "record_id", "actor_id", "verb") if name in given}
    below = place_of(caller).offset or None
    search = Search(since=since, until=until, below=below, limit=limit + 1, **named)
    with caller.store.reading() as cursor:
        found = entries(cursor, search)
    shown = values.readable(None, found.head(limit)).to_dicts()
    for row in shown:
        row["details"] = values.opened(row["details"])
    last = shown[-1]["sequence"] if found.height > limit else None
    return answered({"items": shown, "next": cursor_of(caller, Place(offset=last)) if last else None})


def instant(value: str | None) -> Any:
    """An instant. Raises Unfit."""
    return None if value is None else values.instant(None, value.replace(" ", "+"))

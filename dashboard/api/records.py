"""Records: lists, single ones, new ones, changes, the archive, histories."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from dashboard.api import queries, values
from dashboard.api.bodies import members, small
from dashboard.api.callers import Admitted, Caller
from dashboard.api.cursors import Place, cursor_of, place_of
from dashboard.api.gates import MANY, ONE
from dashboard.api.once import JSON, Once
from dashboard.api.problems import as_bad_query
from dashboard.api.rendering import Reading, etag, in_words, items, record
from dashboard.api.writing import (
    about_of,
    altering,
    fields_of,
    next_steps_of,
    owned,
    rows_of,
    told_nothing,
    told_of,
    version_seen,
    writable,
    write,
)
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.errors import Invalid, NotFound
from dashboard.store import listing
from dashboard.store.judging import ARCHIVE, CREATE, UPDATE
from dashboard.store.revisions import ABOUT, revisions

router = APIRouter()
Body = Annotated[bytes, Depends(small)]
AT_A_TIME = ("as_of", "known_at")
PAGING = ("limit", "cursor")


def answered(content: Any, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(values.dumped(content), 200, headers, JSON)


@router.get(MANY)
def find(caller: Admitted) -> Response:
    """A page of records."""
    wanted = queries.wanted(caller, place_of(caller))
    try:
        with caller.store.reading() as cursor:
            page = listing.page(caller.store.reader, cursor, caller.actor, caller.entity.name, wanted)
            counted = caller.request.query_params.get("total") == "true"
            total = (
                listing.total(caller.store.reader, cursor, caller.actor, caller.entity.name, wanted)
                if counted
                else None
            )
    except Invalid as problem:
        raise as_bad_query(problem) from None
    given = caller.request.query_params
    reading = Reading(queries.day_of(caller, given), caller.language)
    shown = items(caller.entity, page, reading, queries.words(given.get("fields")))
    content: dict[str, Any] = {"items": shown, "next": None}
    if page.more:
        content["next"] = cursor_of(caller, following(wanted, page))
    if total is not None:
        content["total"] = total
    return answered(content)


def following(wanted: listing.Wanted, page: listing.Page) -> Place:
    """Where the next page begins: behind the last id where the order is that of the ids, else after so many rows."""
    return Place(offset=wanted.offset + wanted.limit) if wanted.sort else Place(page.last)


@router.post(MANY)
def create(caller: Admitted, body: Body) -> Response:
    """A new record."""
    writable(caller.entity)
    once = Once(caller, body)

    def work() -> Response:
        given, record_id = members(caller.request, body), new_id()
        row = {"id": record_id, **owned(caller, fields_of(caller, given, CREATE))}
        change = Change(caller.entity.name, CREATE, rows_of(caller.entity, [row]))
        about = about_of(given)
        with caller.store.engine.lock:  # the next steps are of whichever versions are there now
            more = next_steps_of(caller, [row], about)
            return write(caller, once, [change, *more], about, told_of(caller, record_id, 201))

    return once.do(work)


@router.get(ONE)
def get(caller: Admitted) -> Response:
    """One record."""
    given = queries.single(caller, AT_A_TIME)
    entity = caller.entity
    if given:
        return answered(as_it_was(caller, given))
    found = record(entity, caller.store.get(caller.actor, entity.name, caller.record_id), caller.reading)
    return answered(found, {"ETag": etag(found["version"])})


def as_it_was(caller: Caller, given: dict[str, str]) -> dict[str, Any]:
    """One record as of a past day. Raises NotFound when it was not there."""
    entity, faults = caller.entity, queries.Faults()
    moment = faults.one("as_of", lambda: queries.moment_of(caller, given))
    faults.tell()
    with caller.store.reading() as cursor:
        page = listing.one(caller.store.reader, cursor, caller.actor, entity.name, caller.record_id, moment)
    if page.rows.is_empty():
        raise NotFound("record.not_found", entity=entity.name)
    return items(entity, page, Reading(queries.day_of(caller, given), caller.language))[0]


@router.patch(ONE)
def change(caller: Admitted, body: Body) -> Response:
    """Other values for some fields of the version that was seen."""
    writable(caller.entity)
    version, once = version_seen(caller, needed=True), Once(caller, body)

    def work() -> Response:
        given = members(caller.request, body)
        altered = altering(caller, UPDATE, caller.record_id, version, fields_of(caller, given, UPDATE))
        return write(caller, once, [altered], about_of(given), told_of(caller, caller.record_id, 200))

    return once.do(work)


@router.delete(ONE)
def archive(caller: Admitted) -> Response:
    """Into the archive; nothing is deleted. The reason stands in the address, for a DELETE has no body."""
    writable(caller.entity)
    about = about_of(queries.single(caller, ("why",)))
    gone = altering(caller, ARCHIVE, caller.record_id, version_seen(caller, needed=True), {})
    once = Once(caller, (about.get("why") or "").encode())
    return once.do(lambda: write(caller, once, [gone], about, told_nothing))


@router.get(f"{ONE}/history")
def history(caller: Admitted) -> Response:
    """What happened to a record, oldest first, as far as the caller may see its fields."""
    given = queries.single(caller, PAGING)
    faults = queries.Faults()
    limit = faults.one("limit", lambda: queries.limit(given.get("limit")))
    faults.tell()
    start = place_of(caller).offset
    entity = caller.entity
    found = revisions(caller.store, caller.actor, entity.name, caller.record_id)
    rows = [in_words(values.plain(entity, row), caller.language, "why") for row in found.to_dicts()]
    shown = [told_change(row, before) for row, before in zip(rows, [{}, *rows], strict=False)]
    more = len(shown) > start + limit
    following = cursor_of(caller, Place(offset=start + limit)) if more else None
    return answered({"items": shown[start : start + limit], "next": following})


def told_change(row: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A change with the values before and after it; of a new record those that it has."""
    told = {name: row[name] for name in (*ABOUT, "changed")}
    if not before:
        given = {name: value for name, value in row.items() if name not in told and value not in (None, [])}
        return told | {"before": {}, "after": given}
    both = {"before": before, "after": row}
    return told | {when: {name: one[name] for name in told["changed"]} for when, one in both.items()}

"""What people do with records beyond changing fields: the verbs of the life cycles, and many changes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from dashboard.api import conversion, orders, quick, revealing, values
from dashboard.api.addresses import verbs_of
from dashboard.api.bodies import large, members, small
from dashboard.api.callers import Admitted, Caller
from dashboard.api.gates import MANY, ONE
from dashboard.api.once import Once
from dashboard.api.problems import BadRequest
from dashboard.api.writing import (
    about_of,
    altering,
    completed,
    fields_of,
    next_steps_of,
    owned,
    rows_of,
    told_of,
    version_seen,
    writable,
    write,
)
from dashboard.domain.changes import Change
from dashboard.domain.ids import new_id
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Invalid, NotFound, Problem, SalesDeskError
from dashboard.store.judging import ARCHIVE, CREATE, UPDATE
from dashboard.store.records import Reader
from dashboard.store.requests import Answer

router = APIRouter()
WAYS: dict[tuple[str, str], Callable[[Caller, bytes], Response]] = {("lead", "convert"): conversion.do}
"""Verbs that write more than the record in the address."""
MOST = 1_000
MEMBERS = ("verb", "id", "version", "values")


@router.post(f"{ONE}/{{verb}}")
def do(caller: Admitted, body: Annotated[bytes, Depends(small)]) -> Response:
    """One verb on one record."""
    verb = caller.part("verb")
    if maker := orders.way_of(caller.entity.name, verb):
        return maker(caller, body)
    if (caller.entity.name, verb) == ("deal", quick.WORD):
        return quick.do(caller, body)
    if revealing.offered(caller.entity, verb):
        return revealing.do(caller, body)
    if verb not in verbs_of(caller.entity):
        raise NotFound("api.no_such_address")
    if way := WAYS.get((caller.entity.name, verb)):
        return way(caller, body)
    once = Once(caller, body)

    def work() -> Response:
        given = members(caller.request, body)
        fields = completed(caller, verb, fields_of(caller, given, verb))
        done = altering(caller, verb, caller.record_id, version_seen(caller, needed=False), fields)
        return write(caller, once, [done], about_of(given), told_of(caller, caller.record_id, 200))

    return once.do(work)


class Line(NamedTuple):
    """One change of a batch: its place, the verb, and the row of values with id (and version)."""

    place: int
    verb: str
    row: Mapping[str, Any]


@router.post(f"{MANY}:batch")
def batch(caller: Admitted, body: Annotated[bytes, Depends(large)]) -> Response:
    """Up to MOST changes, all or nothing."""
    writable(caller.entity)
    once = Once(caller, body)

    def work() -> Response:
        given = members(caller.request, body)
        lines = list(lines_of(caller, given))
        parts = [list(part) for _, part in groupby(lines, key=alike)]
        changes = [
            Change(caller.entity.name, part[0].verb, rows_of(caller.entity, same_members(part))) for part in parts
        ]
        ids = [str(line.row["id"]) for line in lines]
        about, fresh = about_of(given), [line.row for line in lines if line.verb == CREATE]
        try:
            with caller.store.engine.lock:  # the next steps are of whichever versions are there now
                following = next_steps_of(caller, fresh, about)
                return write(caller, once, [*changes, *following], about, told_of_many(caller, ids))
        except SalesDeskError as problem:
            placed(problem, parts)
            raise

    return once.do(work)


def alike(line: Line) -> tuple[str, tuple[str, ...]]:
    """What lines have in common that become one change; in a new record a missing field is an empty one."""
    return line.verb, () if line.verb == CREATE else tuple(sorted(line.row))


def same_members(part: list[Line]) -> list[Mapping[str, Any]]:
    """The rows of one change, all with the same members."""
    names = dict.fromkeys(name for line in part for name in line.row)
    return [{name: line.row.get(name) for name in names} for line in part]


def lines_of(caller: Caller, given: Mapping[str, Any]) -> Iterator[Line]:
    """The changes of a batch. Raises BadRequest, Invalid with every problem of every line."""
    items = given.get("changes")
    if unknown := [name for name in given if name not in ("changes", "why", "effective_at")]:
        raise BadRequest("request.invalid", [Problem(None, name, "field.unknown", {"field": name}) for name in unknown])
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise BadRequest("request.invalid", [Problem(None, "changes", "request.batch_size")])
    problems: list[Problem] = []
    for place, item in enumerate(items):
        try:
            yield line_of(caller, place, item)
        except Invalid as wrong:
            problems += wrong.problems
    if problems:
        raise Invalid(problems)


def line_of(caller: Caller, place: int, item: Any) -> Line:
    """One change of a batch. Raises Invalid."""
    if not isinstance(item, dict):
        raise Invalid([Problem(place, None, "field.type", {"field": "changes"})])
    unknown = [name for name in item if name not in MEMBERS]
    if unknown:
        raise Invalid([Problem(place, name, "field.unknown", {"field": name}) for name in unknown])
    verb, given = verb_of(caller, place, item), item.get("values", {})
    if not isinstance(given, dict):
        raise Invalid([Problem(place, "values", "field.type", {"field": "values"})])
    about = [name for name in ("why", "effective_at") if name in given]
    if about:
        raise Invalid([Problem(place, name, "field.unknown", {"field": name}) for name in about])
    fields = fields_of(caller, given, verb, place)
    if verb == CREATE:
        if "id" in item or "version" in item:
            raise Invalid([Problem(place, "id", "field.not_allowed", {"field": "id"})])
        return Line(place, verb, {"id": new_id(), **owned(caller, fields)})
    record_id, version = item.get("id"), item.get("version")
    if not isinstance(record_id, str):
        raise Invalid([Problem(place, "id", "field.required", {"field": "id"})])
    if isinstance(version, bool) or not isinstance(version, int) or abs(version) > values.WHOLE:
        raise Invalid([Problem(place, "version", "field.required", {"field": "version"})])
    return Line(place, verb, {"id": record_id, "version": version, **completed(caller, verb, fields)})


def verb_of(caller: Caller, place: int, item: Mapping[str, Any]) -> str:
    """What one change of a batch is to do. Raises Invalid for what there is not, and for what writes other records."""
    verb, entity = item.get("verb", UPDATE), caller.entity
    if verb not in (CREATE, UPDATE, ARCHIVE, *verbs_of(entity)):
        raise Invalid([Problem(place, "verb", "verb.unknown", {"verb": str(verb)})])
    if (entity.name, verb) in WAYS:
        raise Invalid([Problem(place, "verb", "verb.one_by_one", {"verb": verb, "entity": entity.name})])
    return str(verb)


def placed(problem: SalesDeskError, parts: list[list[Line]]) -> None:
    """Say the place in the batch instead of the place in the part of it that was refused."""
    if problem.change is None or problem.change >= len(parts):
        return
    part = parts[problem.change]
    if isinstance(problem, Invalid):
        moved = [
            Problem(part[found.row or 0].place, found.field, found.code, found.values) for found in problem.problems
        ]
        problem.problems = tuple(moved)
    else:
        places = {str(line.row["id"]): line.place for line in part}
        problem.values["place"] = places.get(str(problem.values.get("id")), part[0].place)


def told_of_many(caller: Caller, ids: list[str]) -> Any:
    """Id, version and number of each record, in the order of the changes."""

    def told(cursor: Any, reader: Reader) -> Answer:
        entity = caller.entity
        wanted = [Condition("id", Operator.IN, list(dict.fromkeys(ids)))]
        found = reader.find(cursor, caller.actor, entity.name, wanted, fields=[], archived=True)
        known = {row["id"]: row for row in found.select("id", "version", "number").iter_rows(named=True)}
        names = ("id", "version", "number") if entity.number else ("id", "version")
        items = [{name: known[one][name] for name in names} if one in known else {"id": one} for one in ids]
        return Answer(200, {}, values.dumped({"items": items}))

    return told

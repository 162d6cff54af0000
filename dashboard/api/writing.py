"""From a body to a change-set, and from the change-set to the answer that is kept with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard.actions import interactions, pool
from dashboard.api import values
from dashboard.api.addresses import READ_ONLY
from dashboard.api.callers import Caller, in_scope
from dashboard.api.once import Once, responded
from dashboard.api.problems import BadRequest, PreconditionMissing
from dashboard.api.rendering import etag, record
from dashboard.domain.access import Visibility, ownership_of
from dashboard.domain.changes import Change, ChangeSet
from dashboard.domain.entities import Entity
from dashboard.domain.pool import POOL
from dashboard.errors import Invalid, NotFound, Problem
from dashboard.store.belonging import ASSIGN, CLAIM
from dashboard.store.judging import ARCHIVE, CREATE, ORIGIN, RESTORE
from dashboard.store.records import Reader
from dashboard.store.requests import Answer
from dashboard.store.scope import scope_of
from dashboard.store.subjects import Subjects

ABOUT = ("why", "effective_at")
"""What a body may say besides fields: the reason, and when it happened."""
OWNERS = ("owner_id", "assignee_id")
"""The fields that say whose a new record is; in others a person stands who is meant."""
LONGEST_REASON = 2_000
TAG = re.compile(r'"?(\d{1,18})"?')
Told = Callable[[Any, Reader], Answer]


def write(caller: Caller, once: Once, changes: Sequence[Change], about: Mapping[str, Any], told: Told) -> Response:
    """Write changes and answer with what `told` says inside the transaction, kept under the caller's key."""
    store, made = caller.store, []

    def then(cursor: Any) -> None:
        fresh = Reader(Subjects(store.ring), store.index_key)  # a data key of this very transaction is not remembered
        made.append(told(cursor, fresh))
        once.keep(cursor, made[0])

    store.apply(ChangeSet(caller.actor, tuple(changes), about.get("why"), about.get("effective_at")), then)
    return responded(made[0])


def next_steps_of(caller: Caller, rows: Iterable[Mapping[str, Any]], about: Mapping[str, Any]) -> list[Change]:
    """What new interactions say of the next steps of their records, as far as the caller's token may change these."""
    if caller.entity.name != "interaction":
        return []
    found = interactions.following(caller.store, caller.actor, rows, effective_at=about.get("effective_at"))
    token = caller.token
    return [one for one in found if token is None or in_scope(token.scopes, one.entity, writes=True)]


def told_of(caller: Caller, record_id: str, status: int) -> Told:
    """The record as the caller may see it after the change; its id alone where it left the caller's reach."""

    def told(cursor: Any, reader: Reader) -> Answer:
        entity = caller.entity
        try:
            now = reader.get(cursor, caller.actor, entity.name, record_id)
            row = record(entity, now, caller.reading)
            headers = {"ETag": etag(row["version"])}
        except NotFound:
            row, headers = {"id": record_id}, {}
        if status == 201:  # noqa: PLR2004  (created)
            headers["Location"] = f"{caller.request.url.path}/{record_id}"
        return Answer(status, headers, values.dumped(row))

    return told


def told_nothing(_cursor: Any, _reader: Reader) -> Answer:
    """Done, and nothing to say."""
    return Answer(204, {}, b"")


def writable(entity: Entity) -> None:
    """Answers 405 for what is written at its own addresses only."""
    if entity.name in READ_ONLY:
        raise HTTPException(405, headers={"Allow": "GET"})


def about_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The reason and the moment. Raises Invalid."""
    found: dict[str, Any] = {}
    why, effective_at = given.get("why"), given.get("effective_at")
    if why is not None:
        if not isinstance(why, str) or len(why) > LONGEST_REASON:
            raise Invalid((Problem(None, "why", "field.type", {"field": "why"}),))
        found["why"] = why.strip() or None
    if effective_at is not None:
        try:
            found["effective_at"] = values.instant(None, effective_at)
        except values.Unfit as wrong:
            raise Invalid((Problem(None, "effective_at", str(wrong), {"field": "effective_at"}),)) from None
    return found


def fields_of(
    caller: Caller, given: Mapping[str, Any], verb: str, row: int | None = None, entity: Entity | None = None
) -> dict[str, Any]:
    """The values of the fields in a body, typed, of the entity in the address unless another one is meant.

    Raises Invalid with each that does not exist or does not fit.
    """
    entity, found, problems = entity or caller.entity, {}, []
    for name, value in given.items():
        if name in ABOUT:
            continue
        if name in ORIGIN and verb == CREATE:
            field = None
        elif (field := entity.by_name.get(name)) is None:
            problems.append(Problem(row, name, "field.unknown", {"field": name}))
            continue
        try:
            found[name] = values.text(None, value) if field is None else values.parsed(field, value)  # type: ignore[arg-type]
        except values.Unfit as wrong:
            code = str(wrong) if settable(caller, entity, name) else "field.unknown"
            problems.append(Problem(row, name, code, {"field": name, "entity": entity.name}))
    if problems:
        raise Invalid(problems)
    return found


def owned(caller: Caller, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new record: what hangs on a person alone is the caller's, unless it names one or a pool."""
    hangs = ownership_of(caller.entity)
    whose = set(OWNERS) & set(hangs.people)
    if hangs.parents or any(fields.get(name) is not None for name in (*whose, POOL)):
        return dict(fields)
    return {**fields, **dict.fromkeys(whose, caller.actor.person_id)}


def settable(caller: Caller, entity: Entity, name: str) -> bool:
    """Whether the caller may know of a field at all."""
    field = entity.by_name.get(name)
    return field is None or scope_of(caller.actor, entity).best(field) is not Visibility.HIDDEN


def version_seen(caller: Caller, *, needed: bool) -> int | None:
    """The version in If-Match. Raises PreconditionMissing, BadRequest (request.if_match)."""
    header = caller.request.headers.get("if-match")
    if header is None:
        if needed:
            raise PreconditionMissing("request.version_missing")
        return None
    match = TAG.fullmatch(header.strip())
    if not match:
        raise BadRequest("request.invalid", [Problem(None, "If-Match", "request.if_match")])
    return int(match[1])


def altering(caller: Caller, verb: str, record_id: str, version: int | None, fields: Mapping[str, Any]) -> Change:
    """A change of one record; without a version, of whichever is there now. Raises NotFound.

    What a colleague has claimed is not there any more: that is for the write path to say.
    """
    entity = caller.entity
    if version is None and verb == CLAIM:
        version = pool.version_now(caller.store, caller.actor, entity.name, record_id)
    elif version is None:
        version = caller.store.version(caller.actor, entity.name, record_id)
        if version is None:
            raise NotFound("record.not_found", entity=entity.name)
    return Change(entity.name, verb, rows_of(entity, [{"id": record_id, "version": version, **fields}]))


def rows_of(entity: Entity, rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a change."""
    return values.frame_of(entity, rows)


def completed(caller: Caller, verb: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A verb's fields, as far as it must be told something. Raises Invalid."""
    entity = caller.entity
    people = [name for name in ownership_of(entity).people if name in entity.by_name]
    if verb == ASSIGN and not set(people) & fields.keys():
        raise Invalid([Problem(None, name, "field.required", {"field": name}) for name in people[:1]])
    if verb in (ARCHIVE, RESTORE) and fields:
        raise Invalid([Problem(None, name, "field.not_allowed", {"field": name}) for name in fields])
    return dict(fields)

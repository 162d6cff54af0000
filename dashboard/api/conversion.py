"""Converting a lead: a customer that is there or a new one, a contact, and perhaps a deal, in one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from dashboard.actions.conversion import Asked, Part, convert
from dashboard.api.bodies import members
from dashboard.api.callers import Caller
from dashboard.api.once import Once, responded
from dashboard.api.writing import about_of, fields_of, told_of, version_seen
from dashboard.domain.entities import entity_of
from dashboard.errors import Invalid, Problem
from dashboard.store.judging import CREATE
from dashboard.store.records import Reader
from dashboard.store.requests import Answer
from dashboard.store.subjects import Subjects

MEMBERS = ("customer_id", "customer", "contact_id", "contact", "deal", "why")
PARTS = ("customer", "contact", "deal")


def do(caller: Caller, body: bytes) -> Response:
    """Convert the lead and answer with it; asked once more by the same person it is the same answer."""
    once = Once(caller, body)

    def work() -> Response:
        store, told, kept = caller.store, told_of(caller, caller.record_id, 200), []
        asked = asked_for(caller, members(caller.request, body))

        def then(cursor: Any) -> None:
            kept.append(told(cursor, Reader(Subjects(store.ring), store.index_key)))
            once.keep(cursor, kept[0])

        today = store.company.today()
        if convert(store, caller.actor, asked, today, then).again:
            return once.keep_later(as_it_is(caller))
        return responded(kept[0])

    return once.do(work)


def as_it_is(caller: Caller) -> Answer:
    """The lead as it stands."""
    with caller.store.reading() as cursor:
        return told_of(caller, caller.record_id, 200)(cursor, caller.store.reader)


def asked_for(caller: Caller, given: Mapping[str, Any]) -> Asked:
    """What a body asks for. Raises Invalid with everything that does not fit."""
    problems = [Problem(None, name, "field.unknown", {"field": name}) for name in given if name not in MEMBERS]
    parts: dict[str, dict[str, Any]] = {}
    for entity in PARTS:
        if given.get(entity) is None:
            continue
        try:
            parts[entity] = values_of(caller, entity, given[entity])
        except Invalid as wrong:
            problems += wrong.problems
    ids = {}
    for name in ("customer_id", "contact_id"):
        ids[name] = given.get(name)
        if ids[name] is not None and not isinstance(ids[name], str):
            problems.append(Problem(None, name, "field.type", {"field": name}))
        elif ids[name] is not None and name.removesuffix("_id") in given:
            problems.append(Problem(None, name.removesuffix("_id"), "field.not_allowed", {"field": name}))
    if problems:
        raise Invalid(problems)
    nobody = "contact" in given and given["contact"] is None
    return Asked(
        caller.record_id,
        version_seen(caller, needed=False),
        Part(ids["customer_id"], parts.get("customer", {})),
        None if nobody else Part(ids["contact_id"], parts.get("contact", {})),
        Part(None, parts["deal"]) if "deal" in parts else None,
        about_of(given).get("why"),
    )


def values_of(caller: Caller, entity: str, given: Any) -> dict[str, Any]:
    """The values of one of the new records, typed; problems name it. Raises Invalid."""
    if not isinstance(given, dict):
        raise Invalid([Problem(None, entity, "field.type", {"field": entity})])
    try:
        return fields_of(caller, given, CREATE, entity=entity_of(entity))
    except Invalid as wrong:
        raise Invalid(Problem(None, f"{entity}.{one.field}", one.code, one.values) for one in wrong.problems) from None

"""Numbers: what can be asked, the answers, and the records behind them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.actions import measure
from dashboard.api import queries, values
from dashboard.api.addresses import address_of
from dashboard.api.callers import Admitted, Caller
from dashboard.api.cursors import Place, cursor_of, place_of
from dashboard.api.gates import V1
from dashboard.api.problems import Unavailable, as_bad_query
from dashboard.api.records import answered
from dashboard.api.rendering import items
from dashboard.domain.entities import entity_of
from dashboard.domain.metrics import DIMENSIONS, METRICS, Metric
from dashboard.domain.queries import Condition, Operator
from dashboard.errors import Invalid
from dashboard.i18n import Language, translate
from dashboard.store import listing
from etl.metrics import Question

router = APIRouter()
WINDOW = ("by", "from", "to", "as_of", "known_at")
PAGING = ("limit", "cursor", "fields")


@router.get(f"{V1}/metrics")
def registry(caller: Admitted) -> Response:
    """Every metric that the caller may ask for."""
    queries.single(caller, ())
    allowed = [metric for metric in METRICS.values() if metric.family in caller.actor.families]
    return answered({"items": [described(metric, caller.language) for metric in allowed]})


def described(metric: Metric, language: Language) -> dict[str, Any]:
    """One metric as its declaration says, with its texts."""
    texts = {part: translate(f"metric.{metric.name}.{part}", language) for part in ("name", "definition", "population")}
    names = {name: translate(f"dimension.{name}", language) for name in (*metric.dimensions, *metric.filters)}
    return {
        "metric": metric.name,
        "title": texts["name"],
        "definition": texts["definition"],
        "population": texts["population"],
        "unit": str(metric.unit),
        "family": str(metric.family),
        "dimensions": [{"name": name, "title": names[name]} for name in metric.dimensions],
        "filters": [{"name": name, "title": names[name]} for name in (*metric.dimensions, *metric.filters)],
        "always_by": list(metric.always),
        "money": list(metric.money),
        "share_of_n": metric.share_of,
        "needs_window": metric.window,
    }


@router.get(f"{V1}/metrics/{{name}}")
def answer(caller: Admitted) -> Response:
    """A number, or one row for each group."""
    question = question_of(caller, WINDOW)
    try:
        found = caller.desk.measure(caller.actor, question)
    except Invalid as problem:
        raise as_bad_query(problem) from None
    content = measure.as_json(caller.store, found, question, caller.actor, caller.language)
    content["rows"] = [finite(row) for row in content["rows"]]
    texts = {part: translate(f"metric.{question.name}.{part}", caller.language) for part in ("name", "definition")}
    return answered({**content, "title": texts["name"], "definition": texts["definition"]})


@router.get(f"{V1}/metrics/{{name}}/records")
def records(caller: Admitted) -> Response:
    """The records behind a number, in the order of their ids."""
    question = question_of(caller, (*WINDOW, *PAGING))
    given, faults = queries.single(caller), queries.Faults()
    limit = faults.one("limit", lambda: queries.limit(given.get("limit")))
    faults.tell()
    marts = caller.desk.marts
    if marts is None:
        raise Unavailable("api.starting")
    after = place_of(caller).after
    fields = queries.words(given.get("fields"))
    try:
        name, ids = measure.records(caller.store, marts, caller.actor, question)
        here = ids.filter(ids > after) if after else ids
        wanted = listing.Wanted(
            where=[Condition("id", Operator.IN, here.head(limit).to_list())],
            fields=queries.read(caller, entity_of(name), fields),
            archived=None,
            limit=limit,
        )
        with caller.store.reading() as cursor:
            page = listing.page(caller.store.reader, cursor, caller.actor, name, wanted)
    except Invalid as problem:
        raise as_bad_query(problem) from None
    entity = entity_of(name)
    following = cursor_of(caller, Place(here[limit - 1])) if here.len() > limit else None
    shown = items(entity, page, caller.reading, fields)
    return answered({"entity": address_of(entity), "total": ids.len(), "items": shown, "next": following})


def question_of(caller: Caller, known: tuple[str, ...]) -> Question:
    """The question in the address. Raises NotFound, Forbidden, BadRequest."""
    metric = measure.metric_of(caller.actor, caller.part("name"))
    given = queries.single(caller, (*known, *DIMENSIONS))
    faults = queries.Faults()
    zone = caller.store.company.zone
    question = Question(
        name=metric.name,
        since=faults.one("from", lambda: day(given.get("from"))),
        until=faults.one("to", lambda: day(given.get("to"))),
        by=tuple(queries.words(given.get("by")) or ()),
        as_of=faults.one("as_of", lambda: day(given.get("as_of"))),
        known_at=faults.one("known_at", lambda: known_at(given, zone)),
        where={name: value.split(",") for name, value in given.items() if name in DIMENSIONS},
        today=caller.store.company.today(),
    )
    faults.tell()
    return question


def day(value: str | None) -> dt.date | None:
    """A day. Raises Unfit."""
    return None if value is None else values.day(queries.SYSTEM["id"], value)


def known_at(given: Mapping[str, str], zone: str) -> dt.datetime | None:
    """The moment of what was known. Raises Unfit."""
    return queries.known(given["known_at"], zone) if "known_at" in given else None


def finite(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what JSON has no number for."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }

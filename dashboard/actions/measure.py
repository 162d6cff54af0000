"""A number for a person: the read scope says which records count, the metric says what they add up to."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl

from dashboard.domain.access import Actor
from dashboard.domain.metrics import DIMENSIONS, METRICS, Metric, Unit
from dashboard.errors import Forbidden, NotFound
from dashboard.store import Store, naming
from etl.marts import Marts
from etl.metrics import Answer, Population, Question, compute
from etl.metrics import records as records_behind

MONEY_UNITS = 10_000


def measure(store: Store, marts: Marts, actor: Actor, question: Question) -> Answer:
    """The answer over exactly the records that the actor may open.

    Raises NotFound (metric.unknown), Forbidden (access.forbidden) when the metric's family is not the actor's.
    """
    return compute(question, marts, population(store, actor, metric_of(actor, question.name)))


def records(store: Store, marts: Marts, actor: Actor, question: Question) -> tuple[str, pl.Series]:
    """The entity and ids of the records behind a number."""
    return records_behind(question, marts, population(store, actor, metric_of(actor, question.name)))


def metric_of(actor: Actor, name: str) -> Metric:
    """The declaration of a metric that the actor may ask for."""
    metric = METRICS.get(name)
    if metric is None:
        raise NotFound("metric.unknown", name=name)
    if metric.family not in actor.families:
        raise Forbidden("access.forbidden", entity=name, action="read")
    return metric


def population(store: Store, actor: Actor, metric: Metric) -> Population:
    """The ids that count for the actor, entity by entity, and the people whose credit does."""
    ids = {entity: store.ids(actor, entity, needs=metric.needs[entity]) for entity in metric.entities}
    return Population(ids=ids, people=store.people_in_scope(actor))


def as_json(store: Store, answer: Answer, question: Question, actor: Actor, language: str) -> dict[str, Any]:
    """An answer as commands and REST give it: money in the company's currency, each key with its label beside it.

    The fingerprint covers all but the labels: the same records give the same one in every language.
    """
    content: dict[str, Any] = {
        "metric": question.name,
        "unit": str(answer.unit),
        "from": question.since,
        "to": question.until,
        "as_of": question.as_of,
        "known_at": question.known_at,
        "scope": {"person": actor.name, "roles": [str(role) for role in actor.roles]},
        "rows": [readable(row, money_columns(answer)) for row in answer.frame.to_dicts()],
        "notes": [{"code": code, **values} for code, values in answer.notes],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    names = {
        name: naming.names(store, actor, entity, answer.frame[name], language) for name, entity in keyed(answer).items()
    }
    for row in content["rows"]:
        row.update({f"{name}_label": labels.get(row[name]) for name, labels in names.items()})
    return {**content, "fingerprint": hashlib.sha256(text.encode()).hexdigest()}


def keyed(answer: Answer) -> dict[str, str]:
    """The dimensions of an answer whose keys are ids, and of which entity."""
    dimensions = [DIMENSIONS[name] for name in answer.frame.columns if name in DIMENSIONS]
    return {dimension.name: dimension.entity for dimension in dimensions if dimension.entity}


def money_columns(answer: Answer) -> tuple[str, ...]:
    """The columns of an answer that hold money."""
    return (*answer.metric.money, *(("value",) if answer.unit is Unit.MONEY else ()))


def readable(row: dict[str, Any], money: tuple[str, ...]) -> dict[str, Any]:
    """A row with money in whole units of the currency."""
    return row | {name: row[name] / MONEY_UNITS for name in money if row.get(name) is not None}

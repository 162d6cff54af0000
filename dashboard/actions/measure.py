"""A number for a person: the read scope says which records count, the metric says what they add up to."""

from __future__ import annotations

import polars as pl

from dashboard.domain.access import Actor
from dashboard.domain.metrics import METRICS, Metric
from dashboard.errors import Forbidden, Refused
from dashboard.store import Store
from etl.marts import Marts
from etl.metrics import Answer, Population, Question, compute
from etl.metrics import records as records_behind


def measure(store: Store, marts: Marts, actor: Actor, question: Question) -> Answer:
    """The answer over exactly the records that the actor may open.

    Raises Refused (metric.unknown), Forbidden (access.forbidden) when the metric's family is not the actor's.
    """
    return compute(question, marts, population(store, actor, metric_of(actor, question.name)))


def records(store: Store, marts: Marts, actor: Actor, question: Question) -> tuple[str, pl.Series]:
    """The entity and ids of the records behind a number."""
    return records_behind(question, marts, population(store, actor, metric_of(actor, question.name)))


def metric_of(actor: Actor, name: str) -> Metric:
    """The declaration of a metric that the actor may ask for."""
    metric = METRICS.get(name)
    if metric is None:
        raise Refused("metric.unknown", name=name)
    if metric.family not in actor.families:
        raise Forbidden("access.forbidden", entity=name, action="read")
    return metric


def population(store: Store, actor: Actor, metric: Metric) -> Population:
    """The ids that count for the actor, entity by entity, and the people whose credit does."""
    ids = {entity: store.ids(actor, entity, needs=fields) for entity, fields in metric.needs.items()}
    return Population(ids=ids, people=store.people_in_scope(actor))

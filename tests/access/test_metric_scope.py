"""Every number somebody sees equals the same metric computed from exactly the records that this person may read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dashboard import jobs
from dashboard.actions.measure import population
from dashboard.domain.access import Actor
from dashboard.domain.entities import RECORDS
from dashboard.domain.metrics import METRICS, Metric
from dashboard.store import Store
from etl import marts as mart_builder
from etl.marts import Marts
from etl.metrics import Answer, Population, Question, compute, records
from tests.access.oracle import Onlooker
from tests.access.planted import planted
from tests.builders import today

EXAMPLES = settings(settings.get_profile(settings.get_current_profile_name()), max_examples=4)
EVER = (today() - timedelta(days=5000), today() + timedelta(days=2))


@EXAMPLES
@given(st.integers(0, 2**32))
def test_a_number_is_what_the_readable_records_alone_give(bare: Path, seed: int) -> None:
    with planted(bare, seed, past=True) as (store, people):
        everything, _ = jobs.refreshed(store, None)
        actor, onlooker = Random(seed).choice(people)
        alone: dict[str, Marts] = {}
        for metric in METRICS.values():
            kept = readable(onlooker, metric)
            if str(kept) not in alone:
                alone[str(kept)] = marts_of(store, kept)
            scope = population(store, actor, metric)
            own = Population(dict.fromkeys(metric.entities), people_of(onlooker))
            for by in ((), *((name,) for name in ("person",) if name in metric.dimensions)):
                question = Question(metric.name, *EVER, by=by, today=today() + timedelta(days=1))
                assert_same(compute(question, everything, scope), compute(question, alone[str(kept)], own), metric.name)
            entity, ids = records(question, everything, scope)
            rows = {row["id"]: row for row in onlooker.records[entity]}
            assert all(onlooker.may(entity, rows[row], "read") for row in ids), metric.name


def readable(onlooker: Onlooker, metric: Metric) -> dict[str, set[str]]:
    """The records that somebody may read with all fields that the metric needs, as the oracle says."""
    return {
        entity: {
            row["id"]
            for row in onlooker.records[entity]
            if onlooker.may(entity, row, "read")
            and all(onlooker.sees(entity, row, RECORDS[entity].by_name[name]) == "clear" for name in needs)
        }
        for entity, needs in metric.needs.items()
    }


def people_of(onlooker: Onlooker) -> pl.Series | None:
    """Whose own part of shared money somebody sees."""
    if {"leader", "admin"} & set(onlooker.person["roles"]):
        return None
    below = [row["id"] for row in onlooker.records["person"] if onlooker.reaches("below", row["id"])]
    return pl.Series("id", below, dtype=pl.String)


def marts_of(store: Store, kept: dict[str, set[str]]) -> Marts:
    """Marts that were built from these records only, as if there were no others."""
    facts = {entity: store.facts(entity, columns) for entity, columns in mart_builder.SOURCES.items()}
    alone = {
        entity: frame.filter(pl.col("id").is_in(list(kept[entity]))) if entity in kept else frame
        for entity, frame in facts.items()
    }
    return mart_builder.build(alone, store.revision, store.company.zone)


def assert_same(seen: Answer, meant: Answer, name: str) -> None:
    """Both answers are the same, value by value."""
    assert_frame_equal(seen.frame, meant.frame, check_exact=True)
    assert seen.notes == meant.notes, name


def test_an_actor_without_records_has_numbers_of_nothing(bare: Path) -> None:
    with planted(bare, 7, past=True) as (store, _):
        everything, _ = jobs.refreshed(store, None)
        nobody = Actor(person_id="nobody", name="nobody", roles=())
        for metric in METRICS.values():
            question = Question(metric.name, *EVER, today=today())
            _, ids = records(question, everything, population(store, nobody, metric))
            assert ids.is_empty(), metric.name

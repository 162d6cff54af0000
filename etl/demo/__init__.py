"""A believable Chinese B2B sales department, invented from a seed: the same seed and day give the same records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import polars as pl

from dashboard.domain.changes import Change
from etl.demo import (
    activity,
    appraisals,
    contract_parts,
    contracts,
    customer_rows,
    deal_rows,
    delivery,
    house_rules,
    lead_rows,
    order_rows,
    orders,
    people,
    reference,
    service,
    targets,
    tasks,
)
from etl.demo.organisation import DEMO_LOGINS
from etl.demo.scenario import Scenario, imagine
from etl.demo.world import World

BATCH_ROWS = 250_000
WHY = "demo"

__all__ = ["BATCH_ROWS", "DEMO_LOGINS", "WHY", "generate"]


def generate(
    deals: int, seed: int, today: date, zone: str, known: Mapping[str, pl.DataFrame]
) -> Iterator[list[Change]]:
    """The records of a department with `deals` deals, in batches of at most `BATCH_ROWS` rows to be written in order.

    Everything happened before `today` (a day of the zone); plans may lie ahead. known: the store's reference rows with
    ids: stage (code, type, rank, probability), list_value (list, code), region (code), industry (code); also
    calendar_day (day), exchange_rate (currency, valid_on) and product (code) rows that are not to be made again.
    Amounts are in CNY, USD and EUR. Some verbs (a reopened deal, a cancelled task) need the change-set's `why`.
    """
    scene = imagine(World.of(deals, seed, today, zone, known))
    for chapter in chapters(scene):
        yield from packed(chapter)


def chapters(scene: Scenario) -> Iterator[Iterable[Change]]:
    """The parts of the department, each after what it refers to."""
    world, org = scene.world, scene.org
    house = house_rules.set_up(world)
    yield people.changes(world, org)
    yield reference.changes(world, scene.products, scene.competitors)
    yield house_rules.rules(world, house, org)
    yield customer_rows.changes(world, org, scene.customers)
    yield [lead_rows.created(world, org, scene.leads, scene.firms, scene.customers.place)]
    yield deal_rows.changes(world, org, scene.deals, scene.customers, scene.leads, scene.products, scene.competitors)
    yield lead_rows.changes(world, org, scene.leads, scene.deals, scene.customers, house)
    agreed = contracts.agree(scene)
    yield contract_parts.changes(scene, agreed, house)
    placed = orders.place_orders(scene)
    yield order_rows.changes(scene, placed, agreed)
    shipped = delivery.ship(scene, placed)
    yield delivery.changes(scene, placed, shipped, agreed)
    tickets = service.serve(scene, placed, shipped)
    yield service.changes(scene, placed, tickets)
    yield activity.changes(scene, tickets)
    planned = tasks.plan(scene, tickets)
    yield tasks.changes(scene, tickets, planned, house)
    rated = service.rate(scene, placed, shipped, tickets)
    yield [service.ratings(scene, placed, tickets, rated)]
    goals = targets.set_goals(scene)
    yield targets.changes(scene, goals)
    yield appraisals.changes(scene, goals, rated, planned)
    yield house_rules.arrangements(world, org)
    yield house_rules.gates(world)


def packed(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes in batches; one that is too long is divided, for its rows are of different records."""
    batch: list[Change] = []
    size = 0
    for change in changes:
        for part in change.rows.iter_slices(BATCH_ROWS):
            if part.is_empty():
                continue
            if batch and size + part.height > BATCH_ROWS:
                yield batch
                batch, size = [], 0
            batch.append(Change(change.entity, change.verb, part, change.why))
            size += part.height
    if batch:
        yield batch

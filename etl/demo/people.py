"""Teams and people as changes: everybody as they joined, managers, moves, the leaver, absences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo.clock import DAY
from etl.demo.columns import (
    Ints,
    cents,
    lists,
    pick,
    texts,
    weighted,
)
from etl.demo.known import positions
from etl.demo.organisation import NEVER, ROOT, Organisation, roster, sales_regions
from etl.demo.world import World, words

WEEKLY_HOURS = {"support": 36, "manager": 24}


def changes(world: World, org: Organisation) -> Iterator[Change]:
    """Teams, people, managers, moves, the leaver, absences."""
    source, clock = words("organisation"), world.clock
    regions = positions(world.known.regions, sales_regions(world))
    regions = np.where(regions < 0, np.arange(len(regions)) % len(world.known.regions.ids), regions)
    founded = np.full(len(org.team_ids), clock.months_ago(source["root"]["founded"]))
    _, teams = world.create(
        "team",
        founded,
        {
            "name": texts([source["root"]["name"], *(team["name"] for team in source["team"])]),
            "parent_id": pick(org.team_ids, np.where(np.arange(len(founded)) == ROOT, -1, ROOT)),
            "region_id": pick(world.known.regions.ids, np.where(org.team_region < 0, -1, regions[org.team_region])),
        },
    )
    yield teams
    yield people(world, org, regions)
    yield heads(world, org)
    yield moves(world, org, regions)
    yield from leavers(world, org)
    yield absences(world, org)


def people(world: World, org: Organisation, regions: Ints) -> Change:
    """Everybody as they joined."""
    listed, count = roster(), len(org.username)
    region = org.team_region[org.team]
    hours = np.array([WEEKLY_HOURS.get(role, 32) for role in org.role])
    _, change = world.create(
        "person",
        org.joined,
        {
            "name": texts(org.names),
            "username": texts(org.username),
            "email": texts([f"{name}@example.com" for name in org.username]),
            "phone": texts([f"1940000{1000 + number:04d}" for number in range(count)]),
            "title": texts([person["title"] for person in listed]),
            "team_id": pick(org.team_ids, org.team),
            "region_id": pick(world.known.regions.ids, np.where(region < 0, -1, regions[region])),
            "roles": lists([[role] for role in org.role], np.arange(count)),
            "active": True,
            "joined_on": world.clock.dates(org.joined),
            "skills": lists([person.get("skills", []) for person in listed], np.arange(count)),
            "weekly_capacity_hours": cents(hours * 100),
        },
    )
    return change


def heads(world: World, org: Organisation) -> Change:
    """Each team's manager; the root team's is the leader."""
    managers = np.r_[org.with_role("leader")[:1], org.with_role("manager")]
    moments = world.clock.instants(org.joined[managers])
    rows = {
        "id": org.team_ids.gather(org.team[managers]),
        "effective_at": moments,
        "manager_id": pick(org.person_ids, managers),
    }
    return Change("team", "update", pl.DataFrame(rows))


def moves(world: World, org: Organisation, regions: Ints) -> Change:
    """Those who changed teams."""
    who = np.flatnonzero(org.moved < NEVER)
    rows = {
        "id": org.person_ids.gather(who),
        "effective_at": world.clock.instants(org.moved[who]),
        "team_id": pick(org.team_ids, org.later_team[who]),
        "region_id": pick(world.known.regions.ids, regions[org.team_region[org.later_team[who]]]),
    }
    return Change("person", "update", pl.DataFrame(rows))


def leavers(world: World, org: Organisation) -> Iterator[Change]:
    """Those who left."""
    who = np.flatnonzero(org.left < NEVER)
    rows = {
        "id": org.person_ids.gather(who),
        "effective_at": world.clock.instants(org.left[who]),
        "left_on": world.clock.dates(org.left[who]),
    }
    yield Change("person", "update", pl.DataFrame(rows).with_columns(pl.lit(value=False).alias("active")))


def absences(world: World, org: Organisation) -> Change:
    """Leave, sickness, training and travel since the start, and what is planned for the next weeks."""
    dice, clock = world.dice("absences"), world.clock
    who = np.flatnonzero(org.left == NEVER)
    person = np.repeat(who, 7)
    first = np.maximum(world.start, org.joined[person] + 10 * DAY)
    begins = (first + dice.random(len(person)) * (clock.now + 20 * DAY - first)).astype(np.int64)
    kind = weighted(dice, (55, 15, 15, 15), len(person))
    length = 1 + weighted(dice, (35, 25, 15, 5, 20), len(person)) * np.where(kind == 1, 0, 1)
    filed = np.minimum(begins - np.where(kind == 1, 0, 8 * DAY), clock.now - dice.integers(0, 3 * DAY, len(person)))
    order = np.argsort(filed, kind="stable")
    _, change = world.create(
        "absence",
        filed[order],
        {
            "person_id": pick(org.person_ids, person[order]),
            "kind": pick(["leave", "sick", "training", "travel"], kind[order]),
            "starts_on": clock.dates(begins[order] // DAY * DAY),
            "ends_on": clock.dates((begins[order] // DAY + length[order] - 1) * DAY),
        },
    )
    return change

"""When deals come up, in whose territory, and with which customer: a known one or one met for the first time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from etl.demo.clock import DAY, EPOCH, Clock
from etl.demo.columns import Flags, Floats, Ints, ascending, often
from etl.demo.organisation import Organisation
from etl.demo.world import World

MONTHS = (0.85, 0.75, 1.10, 1.00, 0.95, 1.05, 0.90, 0.90, 1.10, 1.25, 1.25, 1.00)
GROWTH_A_YEAR = 0.16
FESTIVAL_MONTHS = (1, 2)
FESTIVAL_GAP = 6  # days: a longer break in January or February is the Spring Festival
FESTIVAL_QUIET = 6  # working days before and after it with half the new business
NEW_SHARE = 0.6  # of the customers come with their first deal, the others were there before
LOYALTY = 1.5  # above 1: older customers of a territory bring more deals
YEARS_KNOWN = 5  # how far back the first customers go


@dataclass(frozen=True)
class Arrivals:
    """Deals by time, and whether their customer came with them; customers by time."""

    tick: Ints
    territory: Ints
    customer: Ints
    is_first: Flags
    customer_tick: Ints
    customer_territory: Ints


def daily_weights(clock: Clock, first: int, last: int) -> Floats:
    """How much new business each working day brings: seasons, the Spring Festival, growth."""
    days = [EPOCH + timedelta(days=int(n)) for n in clock.days[first : last + 1]]
    weights = np.array([MONTHS[day.month - 1] for day in days]) * (1 + GROWTH_A_YEAR) ** (np.arange(len(days)) / 250)
    gaps = [n for n in range(len(days) - 1) if is_festival(days[n], days[n + 1])]
    for gap in gaps:
        weights[max(gap - FESTIVAL_QUIET + 1, 0) : gap + FESTIVAL_QUIET] *= 0.5
    return weights


def is_festival(before: date, after: date) -> bool:
    """Whether the break between two working days is the Spring Festival."""
    return (after - before).days >= FESTIVAL_GAP and before.month in FESTIVAL_MONTHS


def when(world: World, dice: np.random.Generator, count: int) -> Ints:
    """`count` ascending ticks of new business between the start and now."""
    first, last = world.start // DAY, world.clock.now // DAY
    edges = np.r_[0.0, np.cumsum(daily_weights(world.clock, first, last))]
    days = np.interp(np.sort(dice.random(count)) * edges[-1], edges, np.arange(first, last + 2))
    ticks: Ints = np.minimum((days * DAY).astype(np.int64), world.clock.now - 30)
    return ticks


def whose(org: Organisation, dice: np.random.Generator, tick: Ints) -> Ints:
    """A territory for each tick, among those that exist by then, by their share."""
    chance, territory = dice.random(len(tick)), np.empty(len(tick), dtype=np.int64)
    bounds = np.unique(np.r_[org.start, 0])
    part = np.searchsorted(bounds, tick, side="right")
    for number in np.unique(part):
        rows = part == number
        share = np.where(org.start < bounds[number - 1] + 1, org.share, 0.0)
        edges = np.cumsum(share)
        territory[rows] = np.searchsorted(edges, chance[rows] * edges[-1], side="right")
    return territory


def arrive(world: World, org: Organisation) -> Arrivals:
    """All deals and customers of a world."""
    dice = world.dice("arrivals")
    tick = when(world, dice, world.deals)
    territory = whose(org, dice, tick)
    customers = world.size("customer")
    is_first = often(dice, NEW_SHARE * customers / max(world.deals, 1), world.deals)
    choice, known = dice.random(world.deals), round(customers * (1 - NEW_SHARE))
    since = world.clock.months_ago(12 * YEARS_KNOWN)
    old_tick = (since + dice.random(known) ** 0.8 * (world.start - since)).astype(np.int64)
    old_territory = whose(org, dice, np.full(known, world.start))
    old_tick = np.maximum(old_tick, org.start[old_territory])
    customer = np.empty(world.deals, dtype=np.int64)
    ticks, owners, total = [], [], 0
    for number in range(len(org.territory)):
        rows = np.flatnonzero(territory == number)
        mine = np.sort(old_tick[old_territory == number])
        if len(mine) == 0 and len(rows):
            is_first[rows[0]] = True
        met = len(mine) + np.cumsum(is_first[rows])
        chosen = (met * choice[rows] ** LOYALTY).astype(np.int64)
        customer[rows] = total + np.where(is_first[rows], met - 1, chosen)
        ticks.append(np.r_[mine, tick[rows][is_first[rows]]])
        owners.append(np.full(len(ticks[-1]), number))
        total += len(ticks[-1])
    customer_tick, customer_territory = np.concatenate(ticks), np.concatenate(owners)
    order, rank = ascending(customer_tick)
    return Arrivals(tick, territory, rank[customer], is_first, customer_tick[order], customer_territory[order])

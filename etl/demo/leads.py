"""Leads in numbers: when they came, who called them when, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.arrivals import Arrivals, when, whose
from etl.demo.clock import DAY
from etl.demo.columns import (
    Ints,
    ascending,
    often,
    weighted,
)
from etl.demo.deals import NEW_SOURCES, Deals
from etl.demo.known import list_of
from etl.demo.organisation import NEVER, Organisation
from etl.demo.world import World

FIRST_FROM_LEAD = 0.55  # of the deals with new customers
AGAIN_FROM_LEAD = 0.25  # of the deals with known ones, times the share of new customers
OUTCOMES = JUNK, UNQUALIFY, NURTURE, STAY, CONVERT = range(5)
OUTCOME_WEIGHTS = (18, 46, 20, 16)  # of those that do not become a deal
ANSWER_DAYS, SILENT = 0.55, 0.08  # until the first call on average; leads that nobody calls
CLAIMED = 0.45  # of the leads in the pool
GIVEN_UP = 0.6  # of the leads that came to nothing yet, given back some days after


@dataclass(frozen=True)
class Leads:
    """Leads by time. deal: the deal it became, or -1; firm: the number of its company; contacted: the tick or NEVER."""

    ids: pl.Series
    tick: Ints
    territory: Ints
    deal: Ints
    firm: Ints
    source: Ints
    contacted: Ints
    of_deal: Ints  # by deal: its lead, or -1


def from_deals(world: World, arrivals: Arrivals) -> Ints:
    """The numbers of the deals that came out of a lead."""
    dice = world.dice("deals from leads")
    new_share = arrivals.is_first.mean() if len(arrivals.tick) else 0.0
    chance = np.where(arrivals.is_first, FIRST_FROM_LEAD, AGAIN_FROM_LEAD * new_share)
    early = arrivals.tick - world.start < 6 * DAY
    return np.flatnonzero((dice.random(len(chance)) < chance) & ~early)


def fruitless(world: World, org: Organisation, converted: int) -> tuple[Ints, Ints]:
    """Ticks and territories of the leads that became nothing yet."""
    dice = world.dice("extra leads")
    tick = when(world, dice, max(world.size("lead") - converted, 20))
    return tick, whose(org, dice, tick)


def capture(
    world: World, org: Organisation, deals: Deals, became: Ints, others: tuple[Ints, Ints], customers: int
) -> Leads:
    """The leads of a world; the companies of the others are numbered after the customers."""
    dice, arrivals = world.dice("leads"), deals.arrivals
    room = arrivals.tick[became] - world.start - DAY
    before = arrivals.tick[became] - np.minimum((2 + 22 * dice.random(len(became))) * DAY, room).astype(np.int64)
    tick, territory = np.r_[before, others[0]], np.r_[arrivals.territory[became], others[1]]
    territory = np.where(org.start[territory] > tick, org.mates[territory, 0], territory)
    known = list_of(world.known, "source")
    fresh = weighted(dice, known.chosen(NEW_SOURCES), len(others[0])) if known.codes else np.full(len(others[0]), -1)
    order, rank = ascending(tick)
    of_deal = np.full(len(arrivals.tick), -1, dtype=np.int64)
    of_deal[became] = rank[: len(became)]
    answer = ANSWER_DAYS * DAY * dice.exponential(1, len(tick)) * org.person_pace[org.holder(territory, tick)] ** 2
    room = np.r_[arrivals.tick[became] - before, np.full(len(others[0]), NEVER)] / 3
    contacted = tick + np.minimum(np.maximum(answer, 12), room).astype(np.int64)
    silent = (room >= NEVER / 3) & often(dice, SILENT, len(tick))
    contacted = np.where(silent | (contacted > world.clock.now), NEVER, contacted)
    return Leads(
        ids=world.ids("lead", tick[order]),
        tick=tick[order],
        territory=territory[order],
        deal=np.r_[became, np.full(len(others[0]), -1)][order],
        firm=np.r_[arrivals.customer[became], customers + np.arange(len(others[0]))][order],
        source=np.r_[deals.source[became], fresh][order],
        contacted=contacted[order],
        of_deal=of_deal,
    )


@dataclass(frozen=True)
class Fate:
    """What comes of leads, as ticks (NEVER: it does not): qualified, judged with an outcome, pooled, claimed."""

    qualified: Ints
    judged: Ints
    outcome: Ints
    pooled: Ints
    claimed: Ints


def fates(world: World, leads: Leads, deals: Deals) -> Fate:
    """The fates of all leads; those that become deals are judged at the deal's creation."""
    dice, now, count = world.dice("lead life"), world.clock.now, len(leads.tick)
    became, outcome = leads.deal >= 0, weighted(dice, OUTCOME_WEIGHTS, count)
    end = np.where(became, deals.arrivals.tick[leads.deal], leads.contacted + ((1 + 12 * dice.random(count)) * DAY))
    part = np.where(became, 0.3 + 0.5 * dice.random(count), 0.8 * dice.random(count))
    qualified = leads.contacted + ((end - np.minimum(leads.contacted, end)) * part).astype(np.int64)
    fits = became | (outcome == STAY) | ((outcome == UNQUALIFY) & often(dice, 0.3, count))
    silent = (leads.contacted == NEVER) & (leads.tick < now - 20 * DAY)
    pooled = np.where(silent & often(dice, 0.75, count), leads.tick + ((12 + 6 * dice.random(count)) * DAY), NEVER)
    later = np.isin(outcome, (NURTURE, STAY)) & ~became & (leads.contacted < NEVER) & often(dice, GIVEN_UP, count)
    given_up = np.where(later, end + (4 + 20 * dice.random(count)) * DAY, NEVER)
    pooled = np.where(given_up < now, given_up, pooled)
    claimed = np.where(often(dice, CLAIMED, count), pooled + (0.5 + dice.random(count)) * DAY, NEVER)
    claimed = np.where(claimed < now, claimed, NEVER)
    return Fate(
        qualified=np.where(fits, qualified, NEVER),
        judged=np.where((leads.contacted < NEVER) | became, end, NEVER).astype(np.int64),
        outcome=np.where(became, CONVERT, outcome),
        pooled=pooled.astype(np.int64),
        claimed=np.minimum(claimed, NEVER).astype(np.int64),
    )

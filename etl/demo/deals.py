"""Deals in numbers: their course, owners and amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo import pipeline
from etl.demo.arrivals import Arrivals
from etl.demo.clock import DAY
from etl.demo.columns import (
    Flags,
    Floats,
    Ints,
    often,
    weighted,
)
from etl.demo.customers import CURRENCIES, Customers
from etl.demo.deal_events import Events, agreed, first_span, push, reassign, revise, share
from etl.demo.known import list_of
from etl.demo.organisation import NEVER, Organisation
from etl.demo.pipeline import STAGE_DAYS, Paths
from etl.demo.products import Lines, Products, draw_lines
from etl.demo.reference import RATES
from etl.demo.world import World

SHARED_PART = 60  # percent of the owner, the colleague has the rest
PARTICIPANTS = 0.10
NEW_SOURCES = {
    "website": 12, "search": 9, "advertising": 8, "social": 4, "email": 4, "exhibition": 15, "event": 9,
    "inbound_call": 8, "outbound_call": 10, "visit": 6, "referral": 9, "partner": 8, "tender": 6,
}  # fmt: skip
KNOWN_SOURCES = {"existing": 70, "referral": 8, "visit": 12, "tender": 6, "inbound_call": 4}


@dataclass(frozen=True)
class Deals:
    """Deals by time. Amounts in whole units of the deal's currency; people by number.

    end: the tick until which a deal's facts could change (its close, or now).
    """

    ids: pl.Series
    arrivals: Arrivals
    lines: Lines
    paths: Paths
    source: Ints
    chance: Floats
    currency: Ints
    amount: Ints  # at the creation
    priced: Flags  # whether amount is stated at the creation
    itemised: Flags  # whether the product lines are stated
    noted: Flags  # whether changes on the way and helpers are kept
    final: Ints  # the amount in the end
    end: Ints
    owner: Ints  # at the creation
    reassigned: Events  # value: the new owner
    expected: Ints  # the expected close at the creation, in ticks
    pushes: Events  # value: the new expected close, in ticks
    revisions: Events  # value: the new amount
    settled: Flags  # whether the win states an amount
    shared: Ints  # the colleague with whom the deal is shared, or -1

    def closed(self, now: int) -> Flags:
        """Whether deals are closed by now."""
        return self.paths.close <= now

    def owner_at(self, deal: Ints, tick: Ints) -> Ints:
        """Who owned deals at a tick; nobody changes twice."""
        change = np.full(len(self.owner), NEVER)
        change[self.reassigned.deal] = self.reassigned.tick
        heir = self.owner.copy()
        heir[self.reassigned.deal] = self.reassigned.value
        return np.where(tick >= change[deal], heir[deal], self.owner[deal])


def play(world: World, org: Organisation, arrivals: Arrivals, customers: Customers, products: Products) -> Deals:
    """All deals of a world."""
    dice, tick = world.dice("deals"), arrivals.tick
    source, source_win = sources(world, arrivals)
    lines = draw_lines(world, products, customers.size[arrivals.customer])
    chance = pipeline.chances(world, org, arrivals, customers, products, lines, source_win)
    pace = pipeline.paces(world, org, arrivals, customers, lines)
    paths = pipeline.run(world, chance, pace, tick)
    end = np.minimum(paths.close, world.clock.now)
    currency = customers.currency[arrivals.customer]
    amount = in_currency(lines.amount.sum(axis=1), currency)
    until = first_span(paths, end)
    noted = often(dice, world.size("noted_deal") / len(tick), len(tick)) | (paths.close > world.clock.now)
    revisions = revise(dice, tick, until, amount).of(noted)
    final, settled, priced = agreed(dice, amount, revisions, paths)
    reassigned = reassign(world, org, arrivals, paths, end)
    expected = tick + (sum(STAGE_DAYS) * DAY * pace * np.exp(dice.normal(0, 0.25, len(tick)))).astype(np.int64)
    return Deals(
        ids=world.ids("deal", tick),
        arrivals=arrivals,
        lines=lines,
        paths=paths,
        source=source,
        chance=chance,
        currency=currency,
        amount=amount,
        priced=priced,
        itemised=(currency == 0) & often(dice, world.size("itemised_deal") / len(tick), len(tick)),
        noted=noted,
        final=final,
        end=end,
        owner=org.holder(arrivals.territory, tick),
        reassigned=reassigned,
        expected=expected,
        pushes=push(dice, tick, paths, until, expected).of(noted),
        revisions=revisions,
        settled=settled,
        shared=share(dice, org, arrivals, reassigned),
    )


def sources(world: World, arrivals: Arrivals) -> tuple[Ints, Floats]:
    """Where each deal came from, as a number in the list of sources, and what that does to its chance."""
    dice, known, count = world.dice("sources"), list_of(world.known, "source"), len(arrivals.tick)
    if not known.codes:
        return np.full(count, -1, dtype=np.int64), np.zeros(count)
    fresh = weighted(dice, known.chosen(NEW_SOURCES), count)
    again = weighted(dice, known.chosen(KNOWN_SOURCES), count)
    source = np.where(arrivals.is_first, fresh, again)
    return source, np.array([pipeline.SOURCE_WIN.get(code, 0.0) for code in known.codes])[source]


def in_currency(yuan: Ints, currency: Ints) -> Ints:
    """Amounts in whole hundreds of another currency; yuan stay as they are."""
    level = np.array([RATES.get(code, 1.0) for code in CURRENCIES])[currency]
    return np.where(currency == 0, yuan, np.maximum(np.rint(yuan / level / 100), 1) * 100).astype(np.int64)

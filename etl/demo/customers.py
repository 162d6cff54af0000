"""Customers and their contacts in numbers: since when, whose, how large; which went to the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.arrivals import Arrivals
from etl.demo.clock import DAY
from etl.demo.columns import (
    Floats,
    Ints,
    ascending,
    often,
    weighted,
)
from etl.demo.companies import Companies, Market
from etl.demo.organisation import NEVER, Organisation
from etl.demo.world import World

CURRENCIES = ("CNY", "USD", "EUR")
CURRENCY_WEIGHTS = (96, 3, 1)
QUIET_DAYS = 300  # working days after the last new deal a customer may go to the pool
POOLED_SHARE = 0.3
MORE_CONTACTS = 0.6


@dataclass(frozen=True)
class Customers:
    """Customers by time; size is the log of how much they buy; contacts by time, `main` the number of the first one."""

    ids: pl.Series
    tick: Ints
    territory: Ints
    firms: Companies
    place: Market
    size: Floats
    currency: Ints
    released: Ints  # the tick at which it went to the pool
    contact_ids: pl.Series
    contact_customer: Ints
    contact_tick: Ints
    main: Ints

    def owner(self, org: Organisation, customer: Ints, tick: Ints) -> Ints:
        """Who owns customers at a tick; -1 in the pool."""
        holder = org.holder(self.territory[customer], tick)
        return np.where(tick >= self.released[customer], -1, holder)

    def region_ids(self, customer: Ints) -> pl.Series:
        """The region of customers."""
        return self.place.city_ids.gather(self.firms.city[customer])


def meet(world: World, arrivals: Arrivals, firms: Companies, place: Market) -> Customers:
    """The customers of a world."""
    dice, tick = world.dice("customers"), arrivals.customer_tick
    count = len(tick)
    contacts = 1 + dice.poisson(MORE_CONTACTS, count)
    customer, first = np.repeat(np.arange(count), contacts), np.cumsum(contacts) - contacts
    later = np.ones(len(customer), dtype=bool)
    later[first] = False
    span = (world.clock.now - tick[customer]) * dice.random(len(customer))
    contact_tick = tick[customer] + np.where(later, span, 0).astype(np.int64)
    order, rank = ascending(contact_tick)
    return Customers(
        ids=world.ids("customer", tick),
        tick=tick,
        territory=arrivals.customer_territory,
        firms=firms,
        place=place,
        size=dice.normal(0, 0.35, count),
        currency=weighted(dice, CURRENCY_WEIGHTS, count),
        released=releases(world, dice, arrivals),
        contact_ids=world.ids("contact", contact_tick[order]),
        contact_customer=customer[order],
        contact_tick=contact_tick[order],
        main=rank[first],
    )


def releases(world: World, dice: np.random.Generator, arrivals: Arrivals) -> Ints:
    """When customers without a new deal for long went to the pool."""
    last = np.maximum(arrivals.customer_tick, world.start)
    np.maximum.at(last, arrivals.customer, arrivals.tick)
    tick = last + QUIET_DAYS * DAY + dice.integers(0, 60 * DAY, len(last))
    goes = (tick < world.clock.now) & often(dice, POOLED_SHARE, len(last))
    return np.where(goes, tick, NEVER)

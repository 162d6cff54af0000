"""Orders in numbers: out of won deals, and again and again from customers who know what they need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.clock import DAY
from etl.demo.columns import (
    Flags,
    Ints,
    ascending,
    often,
    weighted,
)
from etl.demo.organisation import NEVER
from etl.demo.products import LINES
from etl.demo.scenario import Scenario
from etl.demo.world import World

FROM_DEALS = 0.55  # of all orders
MOST_REPEATS = 16  # orders of one customer beside those of deals
REPEAT_DAYS = 38  # working days between the orders of a usual customer
CANCELLED = 0.04
TAX_PERCENT = 13
ORDER_DAYS = 14, 20  # promised after so many working days, and up to so many more


@dataclass(frozen=True)
class Orders:
    """Orders by time, with their lines as matrices orders × 3 (product -1: no line). Line amounts in cents.

    confirmed, cancelled, promised (NEVER: no promise): ticks.
    """

    ids: pl.Series
    tick: Ints
    customer: Ints
    deal: Ints
    currency: Ints
    owner: Ints
    product: Ints
    quantity: Ints
    amount: Ints
    confirmed: Ints
    cancelled: Ints
    promised: Ints

    def alive(self, now: int) -> Flags:
        """Orders that are confirmed and not cancelled."""
        return (self.confirmed <= now) & (self.cancelled > now)


def place_orders(scene: Scenario) -> Orders:
    """The orders of a scenario."""
    world, now = scene.world, scene.world.clock.now
    dice = world.dice("orders")
    deal, deal_tick = from_deals(scene, dice)
    buyer, again_tick = repeats(scene, dice, deal, deal_tick)
    product, quantity, amount = lines_of_deals(scene, deal)
    more = lines_of_repeats(scene, dice, len(buyer))
    tick = np.r_[deal_tick, again_tick]
    order, _ = ascending(tick)
    customer = np.r_[scene.deals.arrivals.customer[deal], buyer][order]
    of = np.r_[deal, np.full(len(buyer), -1)][order]
    tick, count = tick[order], len(tick)
    owner = np.where(of >= 0, scene.deals.owner_at(of.clip(0), tick), scene.customers.owner(scene.org, customer, tick))
    confirmed = tick + 10 + ((2 * dice.random(count) ** 2) * DAY).astype(np.int64)
    cancels = tick + 15 + ((8 * dice.random(count)) * DAY).astype(np.int64)
    cancelled = np.where(often(dice, CANCELLED, count) & (cancels <= now), cancels, NEVER)
    promised = tick + ((ORDER_DAYS[0] + ORDER_DAYS[1] * dice.random(count)) * DAY).astype(np.int64)
    return Orders(
        ids=world.ids("order", tick),
        tick=tick,
        customer=customer,
        deal=of,
        currency=np.where(of >= 0, scene.deals.currency[of.clip(0)], 0),
        owner=owner,
        product=np.vstack([product, more[0]])[order],
        quantity=np.vstack([quantity, more[1]])[order],
        amount=np.vstack([amount, more[2]])[order],
        confirmed=np.where((confirmed <= now) & (confirmed < cancelled), confirmed, NEVER),
        cancelled=cancelled,
        promised=np.where(often(dice, 0.95, count), promised, NEVER),
    )


def from_deals(scene: Scenario, dice: np.random.Generator) -> tuple[Ints, Ints]:
    """The won deals that were ordered, and when."""
    deals, now = scene.deals, scene.world.clock.now
    won = np.flatnonzero(deals.closed(now) & deals.paths.won)
    wanted = FROM_DEALS * scene.world.size("order")
    deal = won[dice.random(len(won)) < wanted / max(len(won), 1)]
    tick = deals.paths.close[deal] + 5 + ((6 * dice.random(len(deal)) ** 2) * DAY).astype(np.int64)
    return deal[tick <= now], tick[tick <= now]


def repeats(scene: Scenario, dice: np.random.Generator, deal: Ints, tick: Ints) -> tuple[Ints, Ints]:
    """Customers of those deals who order again, and when: each at an interval of its own, some until they stop."""
    now = scene.world.clock.now
    customer = scene.deals.arrivals.customer[deal]
    known, at = np.unique(customer, return_index=True)
    dealt = dice.permutation(len(known))
    known, since = known[dealt], tick[at[dealt]]
    interval = REPEAT_DAYS * DAY * np.exp(dice.normal(0, 0.45, len(known)))
    gaps = interval[:, None] * np.exp(dice.normal(0, 0.35, (len(known), MOST_REPEATS)))
    ticks = since[:, None] + np.cumsum(gaps, axis=1).astype(np.int64)
    stop = np.where(often(dice, 0.3, len(known)), since + dice.random(len(known)) * (now - since), now)
    happens = ticks <= stop[:, None]
    wanted = scene.world.size("order") * (1 - FROM_DEALS)
    happens &= (np.cumsum(happens.sum(axis=1)) <= wanted)[:, None]
    row, _ = np.nonzero(happens)
    return known[row], ticks[happens]


def lines_of_deals(scene: Scenario, deal: Ints) -> tuple[Ints, Ints, Ints]:
    """The lines of the deal at the amount agreed in the end: product, quantity, cents; the first takes the rest."""
    lines = scene.deals.lines
    product, total = lines.product[deal], scene.deals.final[deal] * 100
    weight = lines.amount[deal]
    amount = total[:, None] * weight // np.maximum(weight.sum(axis=1), 1)[:, None]
    amount[:, 0] += total - amount.sum(axis=1)
    return product, lines.quantity[deal], amount


def lines_of_repeats(scene: Scenario, dice: np.random.Generator, count: int) -> tuple[Ints, Ints, Ints]:
    """One or two lines of what is bought again."""
    products = scene.products
    product = np.full((count, LINES), -1, dtype=np.int64)
    product[:, 0] = weighted(dice, products.repeat, count)
    second = weighted(dice, products.repeat, count)
    product[:, 1] = np.where(often(dice, 0.35, count) & (second != product[:, 0]), second, -1)
    at = product.clip(0)
    drawn = np.exp(np.log(products.typical[at]) - 0.5 + products.spread[at] * dice.normal(size=at.shape))
    quantity = np.maximum(np.rint(drawn), 1).astype(np.int64) * (product >= 0)
    percent = 100 - np.array([0, 0, 5, 8, 10])[dice.integers(0, 5, count)]
    return product, quantity, products.price[at] * quantity * percent[:, None]


def flat_lines(orders: Orders) -> tuple[Ints, Ints]:
    """Order and place of each line, in the order of the ids of `line_ids`."""
    order, place = np.nonzero(orders.product >= 0)
    return order.astype(np.int64), place.astype(np.int64)


def line_ids(world: World, orders: Orders) -> pl.Series:
    """The ids of the lines."""
    return world.ids("order_line", orders.tick[flat_lines(orders)[0]])

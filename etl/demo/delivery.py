"""From the confirmed order to the goods at the customer: shipments, late ones, returns, payments, closed orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo.clock import DAY
from etl.demo.columns import Flags, Ints, any_of, cents, joined, numbered, often, pick, weighted
from etl.demo.contracts import Contracts
from etl.demo.customers import CURRENCIES
from etl.demo.known import list_of
from etl.demo.orders import TAX_PERCENT, Orders, flat_lines, line_ids
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.world import stated, words

DIVISIBLE = 4  # pieces of the first line, for an order to come in two parts
PARTIAL = 0.18  # orders delivered in two shipments
LATE = 0.13
RETURNED = 0.03
PAID_SHARE = 0.94
RETURN_REASONS = {"defective": 40, "damaged": 20, "wrong_item": 15, "not_as_agreed": 10, "late": 10, "not_needed": 5}


@dataclass(frozen=True)
class Shipments:
    """Shipments by the tick at which they were prepared; shipped and delivered: ticks, NEVER when not yet.

    order: whose goods; second: whether it is the second part; order_delivered: by order, the tick of full delivery.
    """

    ids: pl.Series
    tick: Ints
    order: Ints
    second: Flags
    promised: Ints
    shipped: Ints
    delivered: Ints
    order_delivered: Ints
    order_late: Flags


def ship(scene: Scenario, orders: Orders) -> Shipments:
    """The shipments of all confirmed orders."""
    world, now = scene.world, scene.world.clock.now
    dice = world.dice("shipments")
    alive = np.flatnonzero(orders.alive(now) & (orders.confirmed + DAY // 2 <= now))
    large = orders.quantity[alive, 0] >= DIVISIBLE
    parts = 1 + (often(dice, PARTIAL * 2, len(alive)) & large)
    order = np.repeat(alive, parts)
    second = np.r_[False, order[1:] == order[:-1]] if len(order) else np.zeros(0, dtype=bool)
    tick = orders.confirmed[order] + 30 + np.where(second, 3 * DAY, 0)
    goal = np.where(orders.promised[order] < NEVER, orders.promised[order], orders.tick[order] + 25 * DAY)
    slip = np.where(often(dice, LATE, len(order)), 1 + 8 * dice.random(len(order)), -4 * dice.random(len(order)) - 0.5)
    arrives = np.maximum(goal + (slip * DAY).astype(np.int64), tick + 2 * DAY)
    leaves = np.maximum(arrives - ((1 + 3 * dice.random(len(order))) * DAY).astype(np.int64), tick + DAY // 3)
    arrives = np.maximum(arrives, leaves + DAY // 2)
    keep = tick <= now
    row = np.flatnonzero(keep)[np.argsort(tick[keep], kind="stable")]
    shipped = np.where(leaves <= now, leaves, NEVER)[row]
    delivered = np.where(arrives <= now, arrives, NEVER)[row]
    full = np.zeros(len(orders.tick), dtype=np.int64)
    np.maximum.at(full, order, np.where(arrives <= now, arrives, NEVER))
    late = (orders.promised < NEVER) & (full // DAY > orders.promised // DAY)
    full = np.where(full == 0, NEVER, full)
    return Shipments(
        world.ids("shipment", tick[row]),
        tick[row],
        order[row],
        second[row],
        orders.promised[order[row]],
        shipped,
        delivered,
        full,
        late,
    )


def changes(scene: Scenario, orders: Orders, shipments: Shipments, contracts: Contracts) -> Iterator[Change]:
    """Shipments with lines, returns, payments, and the orders that are closed."""
    yield from moves(scene, orders, shipments)
    yield shipped_lines(scene, orders, shipments)
    yield returns(scene, orders, shipments)
    yield payments(scene, orders, shipments, contracts)
    yield closings(scene, orders, shipments)


def moves(scene: Scenario, orders: Orders, shipments: Shipments) -> Iterator[Change]:
    """Prepared, shipped, delivered."""
    world, clock = scene.world, scene.world.clock
    carriers = words("market")["words"]["carriers"]
    promised = shipments.promised < NEVER
    columns: dict[str, pl.Series | object] = {
        "order_id": orders.ids.gather(shipments.order),
        "promised_on": pick(
            clock.dates(np.where(promised, shipments.promised, 0)), np.where(promised, np.arange(len(promised)), -1)
        ),
    }
    yield world.create("shipment", shipments.tick, columns)[1]
    left = np.flatnonzero(shipments.shipped < NEVER)
    sent: dict[str, pl.Series | object] = {
        "shipped_on": clock.dates(shipments.shipped[left]),
        "carrier": pick(carriers, left % len(carriers)),
        "tracking_number": joined("YD", numbered(left, 10)),
    }
    yield stated("shipment", "update", shipments.ids.gather(left), clock.instants(shipments.shipped[left]), sent)
    there = np.flatnonzero(shipments.delivered < NEVER)
    moment = shipments.delivered[there]
    yield stated(
        "shipment", "update", shipments.ids.gather(there), clock.instants(moment), {"delivered_on": clock.dates(moment)}
    )


def shipped_lines(scene: Scenario, orders: Orders, shipments: Shipments) -> Change:
    """What each shipment carries: everything, or half of the first line and then the rest."""
    line_order, place = flat_lines(orders)
    starts = np.searchsorted(line_order, shipments.order)
    sizes = np.searchsorted(line_order, shipments.order, side="right") - starts
    shipment = np.repeat(np.arange(len(sizes)), sizes)
    line = np.repeat(starts, sizes) + np.arange(len(shipment)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    whole = orders.quantity[line_order[line], place[line]]
    split = np.bincount(shipments.order, minlength=len(orders.tick))[line_order[line]] > 1
    first = np.where(place[line] == 0, (whole + 1) // 2, 0)
    quantity = np.where(~split, whole, np.where(shipments.second[shipment], whole - first, first))
    kept = np.flatnonzero(quantity > 0)
    columns: dict[str, pl.Series | object] = {
        "shipment_id": shipments.ids.gather(shipment[kept]),
        "order_line_id": line_ids(scene.world, orders).gather(line[kept]),
        "quantity": pl.Series(quantity[kept]),
    }
    return scene.world.create("shipment_line", shipments.tick[shipment[kept]], columns)[1]


def returns(scene: Scenario, orders: Orders, shipments: Shipments) -> Change:
    """A few goods came back."""
    world, clock, dice = scene.world, scene.world.clock, scene.world.dice("returns")
    delivered = shipments.order_delivered
    back = delivered + ((2 + 18 * dice.random(len(delivered))) * DAY).astype(np.int64)
    rows = np.flatnonzero((back <= clock.now) & often(dice, RETURNED, len(back)))
    rows = rows[np.argsort(back[rows], kind="stable")]
    first_line = np.searchsorted(flat_lines(orders)[0], rows)
    whole = orders.quantity[rows, 0]
    quantity = np.maximum(whole // 10, 1)
    reasons = list_of(world.known, "return_reason")
    reason = weighted(dice, reasons.chosen(RETURN_REASONS), len(rows)) if reasons.codes else any_of(dice, 0, len(rows))
    columns: dict[str, pl.Series | object] = {
        "order_id": orders.ids.gather(rows),
        "order_line_id": line_ids(world, orders).gather(first_line),
        "quantity": pl.Series(quantity),
        "amount": cents(orders.amount[rows, 0] * quantity // whole),
        "returned_on": clock.dates(back[rows]),
        "reason_id": pick(reasons.ids, reason),
    }
    return world.create("return", back[rows], columns)[1]


def payments(scene: Scenario, orders: Orders, shipments: Shipments, contracts: Contracts) -> Change:
    """Orders without a contract are paid in one sum, some weeks after the delivery."""
    world, clock, dice = scene.world, scene.world.clock, scene.world.dice("order payments")
    alone = (orders.deal < 0) | (contracts.of_deal[orders.deal.clip(0)] < 0)
    paid = shipments.order_delivered + ((3 + dice.exponential(14, len(alone))) * DAY).astype(np.int64)
    rows = np.flatnonzero(alone & (paid <= clock.now) & often(dice, PAID_SHARE, len(alone)))
    rows = rows[np.argsort(paid[rows], kind="stable")]
    net = orders.amount[rows].sum(axis=1)
    tax = np.where(orders.currency[rows] == 0, (net * TAX_PERCENT + 50) // 100, 0)
    columns: dict[str, pl.Series | object] = {
        "customer_id": scene.customers.ids.gather(orders.customer[rows]),
        "order_id": orders.ids.gather(rows),
        "amount": cents(net + tax),
        "currency": pick(CURRENCIES, orders.currency[rows]),
        "paid_on": clock.dates(paid[rows]),
        "method": pick(["transfer", "draft", "card"], weighted(dice, (80, 14, 6), len(rows))),
        "bank_reference": joined("DEMP", numbered(np.arange(len(rows)), 8)),
    }
    first = len(contracts.deal) * 4  # ids go on after those of contract payments
    return stated("payment", "create", world.ids("payment", paid[rows], first), clock.instants(paid[rows]), columns)


def closings(scene: Scenario, orders: Orders, shipments: Shipments) -> Change:
    """Orders are closed some time after everything arrived."""
    clock, dice = scene.world.clock, scene.world.dice("closings")
    closed = shipments.order_delivered + ((4 + 20 * dice.random(len(orders.tick))) * DAY).astype(np.int64)
    rows = np.flatnonzero(closed <= clock.now)
    return stated("order", "close", orders.ids.gather(rows), clock.instants(closed[rows]), {})

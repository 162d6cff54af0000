"""Orders as changes: with their lines, confirmed or cancelled; delivery.py closes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import steps
from etl.demo.clock import DAY
from etl.demo.columns import (
    cents,
    decimals,
    joined,
    numbered,
    often,
    only,
    pick,
    weighted,
)
from etl.demo.contracts import Contracts
from etl.demo.customers import CURRENCIES
from etl.demo.orders import TAX_PERCENT, Orders, flat_lines
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.steps import Steps

CANCEL_NOTES = ("客户调整采购计划", "型号选错，重新下单", "交期无法满足")


def changes(scene: Scenario, orders: Orders, contracts: Contracts) -> Iterator[Change]:
    """Orders with their lines; confirmed or cancelled. (They are closed after the delivery, see delivery.py.)"""
    yield created(scene, orders, contracts)
    yield line_rows(scene, orders)
    everyone = np.arange(len(orders.tick))
    yield from steps.changes("order", orders.ids, scene.world.clock, life(scene, orders), 0, len(everyone))


def created(scene: Scenario, orders: Orders, contracts: Contracts) -> Change:
    """Orders as they came in."""
    world, deals, customers, clock = scene.world, scene.deals, scene.customers, scene.world.clock
    dice, count, net = world.dice("order facts"), len(orders.tick), orders.amount.sum(axis=1)
    again = orders.deal < 0
    channel = np.where(again, weighted(dice, (55, 28, 17), count), 0)
    promised = np.minimum(orders.promised, len(clock.days) * DAY - 1)
    columns: dict[str, pl.Series | object] = {
        "customer_id": customers.ids.gather(orders.customer),
        "contact_id": customers.contact_ids.gather(customers.main[orders.customer]),
        "deal_id": pick(deals.ids, orders.deal),
        "contract_id": pick(contracts.ids, np.where(again, -1, contracts.of_deal[orders.deal.clip(0)])),
        "owner_id": pick(scene.org.person_ids, orders.owner),
        "region_id": customers.region_ids(orders.customer),
        "channel": pick(["direct", "online", "partner"], channel),
        "customer_reference": only(
            joined("PO-", numbered(dice.integers(1, 999_999, count), 6)), often(dice, 0.5, count)
        ),
        "ordered_on": clock.dates(orders.tick),
        "promised_on": only(clock.dates(promised), orders.promised < NEVER),
        "amount": cents(net),
        "tax": cents(np.where(orders.currency == 0, (net * TAX_PERCENT + 50) // 100, 0)),
        "freight": cents(np.where(often(dice, 0.3, count), dice.integers(2, 12, count) * 10_000, 0)),
        "currency": pick(CURRENCIES, orders.currency),
    }
    return world.create("order", orders.tick, columns)[1]


def line_rows(scene: Scenario, orders: Orders) -> Change:
    """The lines of the orders, at the price that was agreed."""
    order, place = flat_lines(orders)
    quantity, amount = orders.quantity[order, place], orders.amount[order, place]
    columns: dict[str, pl.Series | object] = {
        "order_id": orders.ids.gather(order),
        "product_id": scene.products.ids.gather(orders.product[order, place]),
        "quantity": pl.Series(quantity),
        "price": decimals(amount / np.maximum(quantity, 1) / 100, 6),
        "amount": cents(amount),
        "rank": pl.Series(place + 1),
    }
    return scene.world.create("order_line", orders.tick[order], columns)[1]


def life(scene: Scenario, orders: Orders) -> list[Steps]:
    """Confirmed, or cancelled before or after that."""
    now, org = scene.world.clock.now, scene.org
    cancelled = np.flatnonzero(orders.cancelled <= now)
    sure = orders.confirmed <= now
    team = np.where(orders.owner >= 0, org.former_team(orders.owner.clip(0), orders.confirmed), -1)
    here, elsewhere = np.flatnonzero(sure & (team < 0)), np.flatnonzero(sure & (team >= 0))
    return [
        Steps("confirm", here, orders.confirmed[here]),
        Steps(
            "confirm",
            elsewhere,
            orders.confirmed[elsewhere],
            lambda rows: {"closed_team_id": org.team_ids.gather(team[elsewhere[rows]])},
        ),
        Steps(
            "cancel",
            cancelled,
            orders.cancelled[cancelled],
            lambda rows: {"cancel_note": pick(CANCEL_NOTES, cancelled[rows] % len(CANCEL_NOTES))},
            closing=True,
        ),
    ]

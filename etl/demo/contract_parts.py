"""What belongs to a contract: duties of both sides, the payment plan, payments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import contracts as papers
from etl.demo import steps
from etl.demo.clock import DAY
from etl.demo.columns import Ints, joined, numbered, often, pick, weighted
from etl.demo.contracts import Contracts
from etl.demo.customers import CURRENCIES
from etl.demo.house_rules import House
from etl.demo.scenario import Scenario
from etl.demo.world import stated

DUTIES = (("支付预付款", "customer", 5), ("交付并完成安装调试", "us", 40), ("组织验收", "customer", 50))
"""Name, party, working days after the signature."""

INSTALMENTS = (("预付款", 30, 5), ("到货款", 60, 45), ("质保金", 10, 250))
"""Label, percent of the amount, working days after the signature."""

PAID = 0.93  # of the instalments that are due


def changes(scene: Scenario, contracts: Contracts, house: House) -> Iterator[Change]:
    """Contracts with everything that belongs to them."""
    count, first = len(contracts.deal), int((contracts.amends < 0).sum())
    yield papers.created(scene, contracts, house, np.arange(first))
    yield papers.created(scene, contracts, house, np.arange(first, count))
    lives = list(papers.life(scene, contracts))
    yield from steps.changes("contract", contracts.ids, scene.world.clock, lives, 0, count)
    yield from duties(scene, contracts)
    yield from money(scene, contracts)


def signed(contracts: Contracts, each: int) -> tuple[Ints, Ints]:
    """The signed contracts by time of the signature, each as often as it has parts, and the number of the part."""
    rows = np.flatnonzero(contracts.signed)
    rows = np.repeat(rows[np.argsort(contracts.signing[rows], kind="stable")], each)
    return rows, np.arange(len(rows)) % each


def duties(scene: Scenario, contracts: Contracts) -> Iterator[Change]:
    """What both sides have to do, and what was done."""
    world, clock, now = scene.world, scene.world.clock, scene.world.clock.now
    dice = world.dice("duties")
    contract, part = signed(contracts, len(DUTIES))
    tick = contracts.signing[contract]
    due = tick + np.array([days for _, _, days in DUTIES])[part] * DAY
    ours = np.array([party == "us" for _, party, _ in DUTIES])[part]
    columns: dict[str, pl.Series | object] = {
        "contract_id": contracts.ids.gather(contract),
        "name": pick([name for name, _, _ in DUTIES], part),
        "party": pick([party for _, party, _ in DUTIES], part),
        "owner_id": pick(scene.org.person_ids, np.where(ours, contracts.owner[contract], -1)),
        "due_on": clock.dates(due),
    }
    ids, change = world.create("obligation", tick, columns)
    yield change
    done = np.maximum(due + (dice.normal(-1, 5, len(due)) * DAY).astype(np.int64), tick + 5)
    rows = np.flatnonzero((done <= now) & (done < contracts.terminated[contract]) & often(dice, 0.95, len(done)))
    yield stated(
        "obligation", "update", ids.gather(rows), clock.instants(done[rows]), {"done_on": clock.dates(done[rows])}
    )


def money(scene: Scenario, contracts: Contracts) -> Iterator[Change]:
    """The payment plan of signed contracts, and what has been paid."""
    world, clock, now = scene.world, scene.world.clock, scene.world.clock.now
    dice = world.dice("payments")
    contract, part = signed(contracts, len(INSTALMENTS))
    tick, total = contracts.signing[contract], contracts.amount[contract]
    rounded = total * np.array([percent for _, percent, _ in INSTALMENTS])[part] // 100
    amount = np.where(part == len(INSTALMENTS) - 1, total - total * 30 // 100 - total * 60 // 100, rounded)
    due = tick + np.array([days for _, _, days in INSTALMENTS])[part] * DAY
    plan: dict[str, pl.Series | object] = {
        "contract_id": contracts.ids.gather(contract),
        "label": pick([label for label, _, _ in INSTALMENTS], part),
        "due_on": clock.dates(due),
        "amount": pl.Series(amount),
        "rank": pl.Series(part + 1),
    }
    plan_ids, change = world.create("payment_plan", tick, plan)
    yield change
    paid = np.maximum(due + ((dice.exponential(9, len(due)) - 4) * DAY).astype(np.int64), tick + 20)
    rows = np.flatnonzero((paid <= now) & (paid < contracts.terminated[contract]) & often(dice, PAID, len(paid)))
    rows = rows[np.argsort(paid[rows], kind="stable")]
    deal = contracts.deal[contract[rows]]
    columns: dict[str, pl.Series | object] = {
        "customer_id": scene.customers.ids.gather(scene.deals.arrivals.customer[deal]),
        "contract_id": contracts.ids.gather(contract[rows]),
        "plan_id": plan_ids.gather(rows),
        "amount": pl.Series(amount[rows]),
        "currency": pick(CURRENCIES, scene.deals.currency[deal]),
        "paid_on": clock.dates(paid[rows]),
        "method": pick(["transfer", "draft"], weighted(dice, (82, 18), len(rows))),
        "bank_reference": joined("DEMO", numbered(np.arange(len(rows)), 8)),
    }
    yield world.create("payment", paid[rows], columns)[1]

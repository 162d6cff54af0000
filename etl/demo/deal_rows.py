"""Deals as changes: created with lines, shares and participants, then moved, revised, handed over, won or lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import steps
from etl.demo.columns import Ints, cents, joined, lists, often, pick, weighted
from etl.demo.customers import CURRENCIES, Customers
from etl.demo.deals import PARTICIPANTS, SHARED_PART, Deals
from etl.demo.histories import Plan, histories
from etl.demo.known import Codes, list_of
from etl.demo.leads import Leads
from etl.demo.organisation import Organisation
from etl.demo.products import Products
from etl.demo.world import World, stated

SLICE = 40_000  # deals whose whole lives are stated together
AGAIN = ("扩容", "二期", "升级", "增购", "续约")
BIDDING = ('{"bid_type":"open"}', '{"bid_type":"invited"}', '{"bid_type":"negotiated"}', '{"bid_type":"single_source"}')
NEED_OF_FIRST = ("new_purchase", "replacement", "integration", "customisation")
NEED_OF_AGAIN = ("expansion", "upgrade", "renewal", "maintenance")


def changes(
    world: World,
    org: Organisation,
    deals: Deals,
    customers: Customers,
    leads: Leads,
    products: Products,
    competitors: Codes,
) -> Iterator[Change]:
    """All deals with their lives, slice by slice."""
    plan = Plan.of(world, deals)
    lives = histories(world, org, deals, plan, competitors)
    lines_before = 0
    for first in range(0, world.deals, SLICE):
        rows = np.arange(first, min(first + SLICE, world.deals))
        yield created(world, org, deals, customers, leads, products, plan, rows)
        lines = line_rows(world, deals, products, rows, lines_before)
        lines_before += len(lines.rows)
        yield lines
        yield from people_rows(world, org, deals, rows)
        yield from steps.changes("deal", deals.ids, world.clock, lives, first, first + SLICE)


def created(
    world: World,
    org: Organisation,
    deals: Deals,
    customers: Customers,
    leads: Leads,
    products: Products,
    plan: Plan,
    rows: Ints,
) -> Change:
    """Deals as they came up."""
    tick, customer = deals.arrivals.tick[rows], deals.arrivals.customer[rows]
    stage, source = deals.paths.stage[rows, 0], list_of(world.known, "source")
    columns: dict[str, pl.Series | object] = {
        "name": deal_names(deals, customers, products, rows),
        "customer_id": customers.ids.gather(customer),
        "contact_id": customers.contact_ids.gather(customers.main[customer]),
        "lead_id": pick(leads.ids, leads.of_deal[rows]),
        "owner_id": pick(org.person_ids, deals.owner[rows]),
        "region_id": customers.region_ids(customer),
        "source_id": pick(source.ids, deals.source[rows]),
        "need_tags": needs(world, deals, rows),
        "created_on": world.clock.dates(tick),
        "stage_id": world.known.stages.open.gather(stage),
        "amount": pick(pl.Series(deals.amount), np.where(deals.priced[rows], rows, -1)),
        "currency": pick(CURRENCIES, deals.currency[rows]),
        "forecast_category": plan.category(rows, stage),
        "expected_close_on": world.clock.dates(plan.day(deals.expected[rows])),
        **plan.next_step(world.clock, tick, stage, rows),
        "custom": pick(BIDDING, np.where(rows % 3 == 0, rows % len(BIDDING), -1)),
    }
    return stated("deal", "create", deals.ids.slice(int(rows[0]), len(rows)), world.clock.instants(tick), columns)


def deal_names(deals: Deals, customers: Customers, products: Products, rows: Ints) -> pl.Series:
    """Like 苏州霁岳 智能仓储管理系统 扩容."""
    kind = np.where(deals.arrivals.is_first[rows], 0, 1 + rows % len(AGAIN))
    about = pick(products.names, deals.lines.product[rows, 0])
    return joined(
        customers.firms.short.gather(deals.arrivals.customer[rows]),
        " ",
        about,
        pick(["", *(f" {w}" for w in AGAIN)], kind),
    )


def needs(world: World, deals: Deals, rows: Ints) -> pl.Series:
    """What the customer needs, one word of the list."""
    known = list_of(world.known, "need")
    options = [code for code in (*NEED_OF_FIRST, *NEED_OF_AGAIN) if code in known.codes]
    half = len(options) // 2
    chosen = rows % max(half, 1) + np.where(deals.arrivals.is_first[rows], 0, half)
    return lists([[code] for code in options], chosen if half else rows * 0 - 1)


def line_rows(world: World, deals: Deals, products: Products, rows: Ints, before: int) -> Change:
    """The product lines of these deals; `before`: how many lines the earlier slices had."""
    lines, wanted = deals.lines, rows[deals.itemised[rows]]
    deal, place = np.nonzero(lines.product[wanted] >= 0)
    deal = wanted[deal]
    product, tick = lines.product[deal, place], deals.arrivals.tick[deal]
    columns: dict[str, pl.Series | object] = {
        "deal_id": deals.ids.gather(deal),
        "product_id": products.ids.gather(product),
        "quantity": pl.Series(lines.quantity[deal, place]),
        "price": pl.Series(products.price[product]),
        "discount": cents(lines.discount[deal, place]),
        "amount": pl.Series(lines.amount[deal, place]),
        "rank": pl.Series(place + 1),
    }
    ids = world.ids("deal_product", tick, before)
    return stated("deal_product", "create", ids, world.clock.instants(tick), columns)


def people_rows(world: World, org: Organisation, deals: Deals, rows: Ints) -> Iterator[Change]:
    """Shared credits, and colleagues who take part."""
    first = int(rows[0])
    shared = rows[deals.shared[rows] >= 0]
    deal = np.repeat(shared, 2)
    mine = np.arange(len(deal)) % 2 == 0
    person = np.where(mine, deals.owner[deal], deals.shared[deal])
    tick = deals.arrivals.tick[deal] + 5
    credit: dict[str, pl.Series | object] = {
        "deal_id": deals.ids.gather(deal),
        "person_id": org.person_ids.gather(person),
        "share": cents(np.where(mine, SHARED_PART, 100 - SHARED_PART)),
    }
    yield stated("deal_credit", "create", world.ids("deal_credit", tick, first * 2), world.clock.instants(tick), credit)
    dice = world.dice(f"participants {first}")
    joins = rows[often(dice, PARTICIPANTS, len(rows)) & deals.noted[rows]]
    territory = deals.arrivals.territory[joins]
    helper = org.territory[org.mates[territory, dice.integers(0, 2, len(joins))]]
    other = helper != deals.owner[joins]
    joins, helper = joins[other], helper[other]
    tick = deals.arrivals.tick[joins] + 8
    part: dict[str, pl.Series | object] = {
        "deal_id": deals.ids.gather(joins),
        "person_id": org.person_ids.gather(helper),
        "part": pick(["presales", "delivery", "advisor"], weighted(dice, (60, 25, 15), len(joins))),
    }
    yield stated(
        "deal_participant", "create", world.ids("deal_participant", tick, first), world.clock.instants(tick), part
    )

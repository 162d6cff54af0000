"""Leads as changes: captured, called, judged; some converted, some handed over, some put into the pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import companies, steps
from etl.demo.clock import DAY
from etl.demo.columns import (
    Flags,
    Ints,
    any_of,
    joined,
    lists,
    nobody,
    numbered,
    often,
    only,
    pick,
    weighted,
)
from etl.demo.companies import Companies, Market
from etl.demo.customers import CURRENCIES, Customers
from etl.demo.deals import Deals
from etl.demo.house_rules import House
from etl.demo.known import list_of
from etl.demo.leads import JUNK, NURTURE, OUTCOMES, STAY, UNQUALIFY, Fate, Leads, fates
from etl.demo.organisation import NEVER, Organisation
from etl.demo.steps import Steps
from etl.demo.world import World

JUNK_REASONS = {"spam": 5, "wrong_details": 3, "duplicate": 2}
UNFIT_REASONS = {"no_need": 5, "no_budget": 4, "not_target": 3, "competitor": 2, "unreachable": 3}
UNTOUCHED = "pool.no_contact 15"
NEEDS = (
    "希望打通生产与仓储数据，减少手工报表",
    "设备停机频繁，想做预测性维护",
    "新厂房投产，需要整体规划数字化",
    "现有系统老旧，考虑替换",
    "质检依赖人工，漏检率偏高",
    "集团要求年内完成能耗在线监测",
    "仓库扩容，库存准确率需要提升",
    None,
)


LATEST = 4
"""Working days for which a planned step may be late; what was planned before has been done."""


def created(world: World, org: Organisation, leads: Leads, firms: Companies, place: Market) -> Change:
    """Leads as captured."""
    dice, count = world.dice("lead facts"), len(leads.tick)
    name, latin = companies.person_names(dice, count)
    need, source = list_of(world.known, "need").codes, list_of(world.known, "source")
    planned = leads.tick + ((1 + 6 * dice.random(count)) * DAY).astype(np.int64)
    near = planned > world.clock.now - LATEST * DAY
    budget = np.exp(dice.normal(np.log(1.5e5), 0.9, count))
    columns: dict[str, pl.Series | object] = {
        "company": firms.name.gather(leads.firm),
        "person_name": name,
        "job_title": pick(["采购经理", "信息部经理", "设备部主管", "总经理", "生产总监"], dice.integers(0, 5, count)),
        "phone": companies.phones(40_000_000, count),
        "email": only(joined(latin, "@l", numbered(np.arange(count), 6), ".example.com"), often(dice, 0.6, count)),
        "source_id": pick(source.ids, leads.source),
        "industry_id": place.industries.gather(firms.industry[leads.firm]),
        "region_id": place.city_ids.gather(firms.city[leads.firm]),
        "level": pick(["A", "B", "C", "D"], weighted(dice, (15, 35, 35, 15), count)),
        "need_tags": lists([[code] for code in need], any_of(dice, len(need), count)),
        "need": pick(NEEDS, dice.integers(0, len(NEEDS), count)),
        "budget": only(pl.Series(np.rint(budget / 1e4).astype(np.int64).clip(1) * 10_000), often(dice, 0.5, count)),
        "currency": CURRENCIES[0],
        "authority": pick(["decides", "influences", "uses", "unknown"], weighted(dice, (25, 35, 20, 20), count)),
        "timing": pick(
            ["now", "quarter", "half_year", "later", "unknown"], weighted(dice, (12, 30, 28, 15, 15), count)
        ),
        "owner_id": pick(org.person_ids, org.holder(leads.territory, leads.tick)),
        "created_on": world.clock.dates(leads.tick),
        "next_step": only(pick(["电话了解需求", "发送产品资料", "约线上演示", None], dice.integers(0, 4, count)), near),
        "next_step_on": only(world.clock.dates(planned), near),
    }
    return world.create("lead", leads.tick, columns)[1]


def changes(
    world: World, org: Organisation, leads: Leads, deals: Deals, customers: Customers, house: House
) -> Iterator[Change]:
    """The lives of all leads, after the deals that some of them became; and what the pool rule found."""
    fate = fates(world, leads, deals)
    lives = life(world, org, leads, deals, customers, fate)
    yield from steps.changes("lead", leads.ids, world.clock, lives, 0, len(leads.tick))
    rows = np.flatnonzero((fate.pooled < NEVER) & (leads.contacted == NEVER))
    rows = rows[np.argsort(fate.pooled[rows], kind="stable")]
    columns: dict[str, pl.Series | object] = {
        "rule_id": house.pool_rules.gather(rows * 0),
        "entity": "lead",
        "record_id": leads.ids.gather(rows),
        "status": "done",
        "decided_at": world.clock.instants(fate.pooled[rows]),
        "reason": UNTOUCHED,
    }
    yield world.create("pool_run", fate.pooled[rows], columns)[1]


def life(world: World, org: Organisation, leads: Leads, deals: Deals, customers: Customers, fate: Fate) -> list[Steps]:
    """What happened to leads before they became anything, and how they ended."""
    now = world.clock.now
    ends = [(fate.judged <= now) & (fate.outcome == number) for number in OUTCOMES]
    return [
        handed_over(org, leads, fate, now),
        *pool_steps(org, leads, fate),
        told("contact", leads.contacted <= now, leads.contacted),
        told("qualify", fate.qualified <= now, fate.qualified),
        told("nurture", ends[NURTURE], fate.judged),
        ended(world, "junk", ends[JUNK], fate.judged, JUNK_REASONS),
        ended(world, "unqualify", ends[UNQUALIFY], fate.judged, UNFIT_REASONS),
        conversion(world, leads, deals, customers),
    ]


def handed_over(org: Organisation, leads: Leads, fate: Fate, now: int) -> Steps:
    """The leaver's leads that nobody had judged yet."""
    handed = org.handed[leads.territory]
    until = np.minimum(np.where((fate.outcome == STAY) | (fate.outcome == NURTURE), NEVER, fate.judged), fate.pooled)
    rows = np.flatnonzero((leads.tick < handed) & (handed < until) & (handed <= now))
    heir = org.heir[leads.territory[rows]]
    return Steps("update", rows, handed[rows], lambda at: {"owner_id": pick(org.person_ids, heir[at])})


def pool_steps(org: Organisation, leads: Leads, fate: Fate) -> list[Steps]:
    """Released to the pool of the team, claimed from it by a colleague."""
    quiet, back = leads.contacted == NEVER, np.flatnonzero(fate.claimed < NEVER)
    out, given_up = (np.flatnonzero((fate.pooled < NEVER) & part) for part in (quiet, ~quiet))
    team = org.team[org.territory[leads.territory]]
    taker = org.territory[org.mates[leads.territory, 0]]

    def freed(rows: Ints) -> Callable[[Ints], dict[str, pl.Series]]:
        return lambda at: {"owner_id": nobody(len(at)), "pool_team_id": pick(org.team_ids, team[rows[at]])}

    def taken(at: Ints) -> dict[str, pl.Series]:
        return {"owner_id": pick(org.person_ids, taker[back[at]]), "pool_team_id": nobody(len(at))}

    return [
        Steps("release", out, fate.pooled[out], freed(out), why=UNTOUCHED),
        Steps("release", given_up, fate.pooled[given_up], freed(given_up), why="客户近期没有预算，留给同事跟进"),
        Steps("claim", back, fate.claimed[back], taken),
    ]


def told(verb: str, mask: Flags, tick: Ints) -> Steps:
    """A verb that states nothing but itself."""
    rows = np.flatnonzero(mask)
    return Steps(verb, rows, tick[rows])


def ended(world: World, verb: str, mask: Flags, tick: Ints, reasons: dict[str, int]) -> Steps:
    """An end with a reason."""
    rows, known = np.flatnonzero(mask), list_of(world.known, "lead_reason")
    if not known.codes:
        return Steps(verb, rows[:0], tick[:0])
    reason = weighted(world.dice(verb), known.chosen(reasons), len(rows))
    return Steps(verb, rows, tick[rows], lambda at: {"reason_id": pick(known.ids, reason[at])}, closing=True)


def conversion(world: World, leads: Leads, deals: Deals, customers: Customers) -> Steps:
    """The leads that became a customer and a deal."""
    rows = np.flatnonzero(leads.deal >= 0)
    deal = leads.deal[rows]
    customer = deals.arrivals.customer[deal]
    tick = deals.arrivals.tick[deal]

    def columns(at: Ints) -> dict[str, pl.Series]:
        return {
            "converted_on": world.clock.dates(tick[at]),
            "customer_id": customers.ids.gather(customer[at]),
            "contact_id": customers.contact_ids.gather(customers.main[customer[at]]),
            "deal_id": deals.ids.gather(deal[at]),
        }

    return Steps("convert", rows, tick, columns, closing=True)

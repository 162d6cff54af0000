"""Tasks: on time, late, open, overdue, cancelled, taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import steps
from etl.demo.clock import DAY
from etl.demo.columns import Floats, Ints, decimals, lists, often, pick, weighted
from etl.demo.house_rules import House
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.service import Tickets
from etl.demo.steps import Steps

KINDS = ("call", "visit", "quote", "contract", "delivery", "service", "other")
KIND_WEIGHTS = (28, 18, 18, 12, 10, 6, 8)
TITLES = (
    ("回电确认需求", "电话跟进报价反馈"),
    ("上门拜访", "陪同技术现场勘查"),
    ("准备报价单", "更新方案报价"),
    ("起草合同", "跟进合同用印"),
    ("协调发货时间", "确认到货验收"),
    ("回访服务工单", "协调工程师上门"),
    ("整理客户资料", "准备季度复盘"),
)
EFFORT = (0.5, 4.0, 2.0, 2.0, 1.5, 1.5, 1.0)  # hours on average, by kind
SKILLS = ("招投标", "技术方案", "英语", "大客户")
FROM_TICKETS = 0.12
CANCELLED, REOPENED, FORGOTTEN = 0.04, 0.012, 0.03
FORGOTTEN_DAYS = 70  # older forgotten tasks were cancelled
EXPLAINED = 80  # the latest tasks that were assigned automatically, with the reason


@dataclass(frozen=True)
class Tasks:
    """Tasks by time. Ticks: due (end of that day counts), done, cancelled, reopened, again; effort in hours."""

    ids: pl.Series
    tick: Ints
    deal: Ints
    ticket: Ints
    customer: Ints
    person: Ints
    kind: Ints
    effort: Floats
    due: Ints
    done: Ints
    cancelled: Ints
    reopened: Ints
    again: Ints


@dataclass(frozen=True)
class Planned:
    """Tasks before anybody did them, by time."""

    tick: Ints
    deal: Ints
    ticket: Ints
    customer: Ints
    person: Ints
    kind: Ints
    due: Ints


def plan(scene: Scenario, tickets: Tickets) -> Tasks:
    """The tasks of a scenario: most around deals, some handed over by support."""
    world, deals, now = scene.world, scene.deals, scene.world.clock.now
    dice, count = world.dice("tasks"), world.size("task")
    ticket = np.where(often(dice, FROM_TICKETS, count), dice.integers(0, len(tickets.tick), count), -1)
    deal = np.where(ticket < 0, dice.integers(0, world.deals, count), -1)
    created, end = deals.arrivals.tick[deal], deals.end[deal]
    in_deal = created + 2 + (dice.random(count) * (end - created - 4)).astype(np.int64)
    tick = np.where(deal >= 0, in_deal, tickets.answered[ticket])
    order = np.argsort(tick, kind="stable")
    order = order[tick[order] <= now - 5]
    tick, deal, ticket, count = tick[order], deal[order], ticket[order], len(order)
    customer = np.where(deal >= 0, deals.arrivals.customer[deal], tickets.customer[ticket])
    owner = scene.customers.owner(scene.org, customer, tick)
    planned = Planned(
        tick=tick,
        deal=deal,
        ticket=ticket,
        customer=customer,
        person=np.where(deal >= 0, deals.owner_at(deal, tick), owner),
        kind=np.where(deal >= 0, weighted(dice, KIND_WEIGHTS, count), KINDS.index("service")),
        due=tick + ((1 + 9 * dice.random(count)) * DAY).astype(np.int64),
    )
    return finished(scene, dice, planned)


def finished(scene: Scenario, dice: np.random.Generator, planned: Planned) -> Tasks:
    """The tasks with how they ended."""
    now, tick, due, count = scene.world.clock.now, planned.tick, planned.due, len(planned.tick)
    people = scene.world.dice("reliable").normal(0.84, 0.07, len(scene.org.username)).clip(0.62, 0.96)
    early = tick + 10 + ((due - tick) * dice.random(count) ** 0.6).astype(np.int64)
    late = due + DAY + (dice.exponential(3.0, count) * DAY).astype(np.int64)
    done = np.where(dice.random(count) < people[planned.person], np.minimum(early, due), late)
    lot = dice.random(count)
    forgotten = lot < FORGOTTEN
    dropped = (forgotten & (tick < now - FORGOTTEN_DAYS * DAY)) | (lot > 1 - CANCELLED)
    ends = np.where(forgotten, tick + FORGOTTEN_DAYS * DAY, tick + 10 + ((due - tick) * 0.7).astype(np.int64))
    done = np.where(forgotten | dropped | (done > now), NEVER, done)
    back = np.where(often(dice, REOPENED, count) & (done < now - 3 * DAY), done + 60, NEVER)
    effort = np.array(EFFORT)[planned.kind] * np.exp(dice.normal(0, 0.4, count))
    return Tasks(
        ids=scene.world.ids("task", tick),
        tick=tick,
        deal=planned.deal,
        ticket=planned.ticket,
        customer=planned.customer,
        person=planned.person,
        kind=planned.kind,
        effort=np.maximum(np.rint(effort * 2) / 2, 0.5),
        due=due,
        done=done,
        cancelled=np.where(dropped & (ends <= now), ends, NEVER),
        reopened=back,
        again=np.where(back < NEVER, back + 2 * DAY, NEVER),
    )


def changes(scene: Scenario, tickets: Tickets, tasks: Tasks, house: House) -> Iterator[Change]:
    """Tasks with how they ended, and why the latest were given to whom."""
    world, org, clock = scene.world, scene.org, scene.world.clock
    dice, count = world.dice("task facts"), len(tasks.tick)
    by_support = tasks.ticket >= 0
    creator = np.where(by_support, tickets.assignee[tasks.ticket.clip(0)], tasks.person)
    columns: dict[str, pl.Series | object] = {
        "title": pick([title for kind in TITLES for title in kind], tasks.kind * 2 + dice.integers(0, 2, count)),
        "kind": pick(KINDS, tasks.kind),
        "assignee_id": pick(org.person_ids, tasks.person),
        "creator_id": pick(org.person_ids, creator),
        "customer_id": scene.customers.ids.gather(tasks.customer),
        "deal_id": pick(scene.deals.ids, tasks.deal),
        "ticket_id": pick(tickets.ids, tasks.ticket),
        "region_id": scene.customers.region_ids(tasks.customer),
        "required_skills": lists(
            [[skill] for skill in SKILLS], np.where(often(dice, 0.12, count), dice.integers(0, len(SKILLS), count), -1)
        ),
        "priority": pick(["low", "normal", "high"], weighted(dice, (18, 62, 20), count)),
        "effort_hours": decimals(tasks.effort, 6),
        "created_on": clock.dates(tasks.tick),
        "due_on": clock.dates(tasks.due),
    }
    yield world.create("task", tasks.tick, columns)[1]
    yield from steps.changes("task", tasks.ids, clock, life(scene, tasks), 0, count)
    yield explained(scene, tasks, house)


def life(scene: Scenario, tasks: Tasks) -> list[Steps]:
    """Done, cancelled, handed over, taken up again."""
    clock, org, now = scene.world.clock, scene.org, scene.world.clock.now

    def complete(tick: Ints) -> Steps:
        rows = np.flatnonzero(tick <= now)
        return Steps("complete", rows, tick[rows], lambda at: {"done_on": clock.dates(tick[rows[at]])})

    handed = np.where(tasks.person >= 0, org.left[tasks.person.clip(0)], NEVER)
    open_then = (tasks.tick < handed) & (np.minimum(tasks.done, tasks.cancelled) > handed) & (handed <= now)
    given, dropped, back = (
        np.flatnonzero(open_then),
        np.flatnonzero(tasks.cancelled <= now),
        np.flatnonzero(tasks.reopened <= now),
    )
    heirs = org.heir[np.searchsorted(org.territory, tasks.person[given]).clip(0, len(org.territory) - 1)]
    return [
        Steps("update", given, handed[given], lambda at: {"assignee_id": org.person_ids.gather(heirs[at])}),
        complete(tasks.done),
        Steps("cancel", dropped, tasks.cancelled[dropped], closing=True),
        Steps("reopen", back, tasks.reopened[back]),
        complete(tasks.again),
    ]


def explained(scene: Scenario, tasks: Tasks, house: House) -> Change:
    """Why the latest tasks went to whom."""
    clock = scene.world.clock
    rows = np.flatnonzero(tasks.person >= 0)[-EXPLAINED:]
    reasons = ["负荷最低且在同一区域", "同行业赢单率最高", "客户负责人，本周有空余工时"]
    columns: dict[str, pl.Series | object] = {
        "rule_id": house.assignment_rules.gather(np.ones(len(rows), dtype=np.int64)),
        "entity": "task",
        "record_id": tasks.ids.gather(rows),
        "person_id": scene.org.person_ids.gather(tasks.person[rows]),
        "status": "done",
        "decided_at": clock.instants(tasks.tick[rows]),
        "reason": pick(reasons, rows % len(reasons)),
    }
    return scene.world.create("assignment_run", tasks.tick[rows], columns)[1]

"""Tickets from the question to the answer, and how satisfied customers were, with the service and with deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import steps
from etl.demo.clock import DAY
from etl.demo.columns import Flags, Ints, any_of, ascending, often, pick, pick_numbers, weighted
from etl.demo.delivery import Shipments
from etl.demo.orders import Orders
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.steps import Steps

KINDS = ("question", "defect", "delivery", "invoice", "complaint")
KIND_WEIGHTS = (34, 28, 16, 14, 8)
SUBJECTS = (
    ("如何配置班次日历", "报表口径咨询", "手持终端联网设置", "权限怎么分配"),
    ("扫描枪无法识别条码", "网关离线", "看板数据延迟", "打印标签偏移"),
    ("到货数量与送货单不符", "催问发货时间", "外包装破损", "要求改送货地址"),
    ("发票抬头有误", "申请补开发票", "对账单金额不符", "索取增值税专票"),
    ("工程师响应太慢", "交付延期影响投产", "培训效果不理想", "多次返修未解决"),
)
RESOLUTIONS = ("已远程指导解决。", "更换部件后恢复。", "已与物流核实并补发。", "已重新开具。", "已上门处理并致歉。")
PRIORITIES = ("low", "normal", "high")
HOURS_TO_RESOLVE = (36.0, 20.0, 8.0)  # working hours on average, by priority
STUCK, STUCK_TIMES = 0.06, 6  # tickets that take so much longer
WAITS, REOPENS, CLOSES = 0.24, 0.04, 0.9
RATED = 0.6
SLOW_DAYS = 4  # an answer that takes longer is liked less
UNCLOSED_DAYS = 4  # a resolved ticket is closed after so many working days
GOOD = 4  # stars from which a customer is satisfied
REMARKS = ("响应及时，非常满意。", "问题解决了。", None, None, "沟通还可以更主动。")


@dataclass(frozen=True)
class Tickets:
    """Tickets by time. Ticks: answered (first outgoing answer), waits, resumes, resolved, reopened, again, closed."""

    ids: pl.Series
    tick: Ints
    customer: Ints
    order: Ints
    kind: Ints
    priority: Ints
    assignee: Ints
    answered: Ints
    waits: Ints
    resumes: Ints
    resolved: Ints
    reopened: Ints
    again: Ints
    closed: Ints


@dataclass(frozen=True)
class Ratings:
    """Ratings by time: who was rated, with how many stars."""

    tick: Ints
    customer: Ints
    ticket: Ints
    order: Ints
    person: Ints
    score: Ints


def serve(scene: Scenario, orders: Orders, shipments: Shipments) -> Tickets:
    """The tickets of a scenario: most about something delivered, some from any customer."""
    world, now = scene.world, scene.world.clock.now
    dice, count = world.dice("tickets"), scene.world.size("ticket")
    delivered = np.flatnonzero(shipments.order_delivered < now - DAY)
    about = any_of(dice, len(delivered), count)
    order = pick_numbers(delivered, np.where(often(dice, 0.72, count), about, -1))
    anyone = dice.integers(0, len(scene.customers.tick), count)
    customer = np.where(order >= 0, pick_numbers(orders.customer, order), anyone)
    met = np.maximum(scene.customers.tick[customer], world.start)
    since = np.where(order >= 0, pick_numbers(shipments.order_delivered, order), met)
    span = now - 20 - since
    wait = np.where(order >= 0, dice.exponential(60, count) * DAY, span)
    tick = since + np.where(wait < span, wait, dice.random(count) * span).astype(np.int64)
    sort, _ = ascending(tick)
    tick, customer, order = tick[sort], customer[sort], order[sort]
    kind, priority = weighted(dice, KIND_WEIGHTS, count), weighted(dice, (20, 60, 20), count)
    hours = np.array(HOURS_TO_RESOLVE)[priority] * dice.standard_gamma(1.2, count)
    hours *= np.where(often(dice, STUCK, count), STUCK_TIMES, 1)
    resolved = tick + 30 + (hours * 60).astype(np.int64)
    half = (resolved - tick) // 4
    waits = np.where(often(dice, WAITS, count), tick + half + 2, NEVER)
    back = np.where(often(dice, REOPENS, count), resolved + (dice.random(count) * 3 * DAY).astype(np.int64) + 20, NEVER)
    again = back + 60 + (dice.random(count) * 2 * DAY).astype(np.int64)
    last = np.where(back <= now, again, resolved)
    return Tickets(
        ids=world.ids("ticket", tick),
        tick=tick,
        customer=customer,
        order=order,
        kind=kind,
        priority=priority,
        assignee=assignees(scene, dice, tick),
        answered=tick + np.minimum(5 + (dice.exponential(70, count) * (1.6 - 0.5 * priority)).astype(np.int64), half),
        waits=waits,
        resumes=np.where(waits < NEVER, waits + half, NEVER),
        resolved=resolved,
        reopened=back,
        again=again,
        closed=np.where(often(dice, CLOSES, count), last + UNCLOSED_DAYS * DAY, NEVER),
    )


def assignees(scene: Scenario, dice: np.random.Generator, tick: Ints) -> Ints:
    """A support person who was here by then."""
    people = scene.org.with_role("support")
    chosen = people[dice.integers(0, len(people), len(tick))]
    return np.where(scene.org.joined[chosen] <= tick, chosen, people[0])


def changes(scene: Scenario, orders: Orders, tickets: Tickets) -> Iterator[Change]:
    """Tickets with their lives."""
    world, customers = scene.world, scene.customers
    dice, count = world.dice("ticket facts"), len(tickets.tick)
    subject = pick([s for kind in SUBJECTS for s in kind], tickets.kind * 4 + dice.integers(0, 4, count))
    columns: dict[str, pl.Series | object] = {
        "customer_id": customers.ids.gather(tickets.customer),
        "contact_id": customers.contact_ids.gather(customers.main[tickets.customer]),
        "order_id": pick(orders.ids, tickets.order),
        "assignee_id": pick(scene.org.person_ids, tickets.assignee),
        "subject": subject,
        "description": pick(["客户来电说明情况，需尽快回复。", "邮件附了现场照片。", None], dice.integers(0, 3, count)),
        "kind": pick(KINDS, tickets.kind),
        "priority": pick(PRIORITIES, tickets.priority),
        "opened_at": world.clock.instants(tickets.tick),
    }
    yield world.create("ticket", tickets.tick, columns)[1]
    yield from steps.changes("ticket", tickets.ids, world.clock, life(scene, tickets), 0, count)


def life(scene: Scenario, tickets: Tickets) -> list[Steps]:
    """Waiting for the customer, taken up again, resolved, reopened, resolved again, closed."""
    clock, now = scene.world.clock, scene.world.clock.now

    def at(verb: str, tick: Ints, chosen: Flags, *, closing: bool = False) -> Steps:
        rows = np.flatnonzero(chosen & (tick <= now))
        return Steps(verb, rows, tick[rows], closing=closing)

    def resolution(tick: Ints, chosen: Flags) -> Steps:
        rows = np.flatnonzero(chosen & (tick <= now))
        return Steps(
            "resolve",
            rows,
            tick[rows],
            lambda part: {
                "resolution": pick(RESOLUTIONS, tickets.kind[rows[part]]),
                "resolved_at": clock.instants(tick[rows[part]]),
            },
        )

    everyone = np.ones(len(tickets.tick), dtype=bool)
    twice = tickets.reopened <= now
    return [
        at("wait", tickets.waits, everyone),
        at("resume", tickets.resumes, everyone),
        resolution(tickets.resolved, everyone),
        at("reopen", tickets.reopened, everyone),
        resolution(tickets.again, twice),
        at("close", tickets.closed, everyone, closing=True),
    ]


def rate(scene: Scenario, orders: Orders, shipments: Shipments, tickets: Tickets) -> Ratings:
    """What customers thought: of answers to tickets, and of deliveries. Late ones are liked less."""
    world, now = scene.world, scene.world.clock.now
    dice = world.dice("ratings")
    asked = np.flatnonzero((tickets.resolved <= now) & often(dice, RATED, len(tickets.tick)))
    there = np.flatnonzero(shipments.order_delivered <= now)
    there = there[dice.random(len(there)) < world.size("order_rating") / max(len(there), 1)]
    done = np.r_[tickets.resolved[asked], shipments.order_delivered[there]]
    tick = done + 20 + (dice.random(len(done)) * 3 * DAY).astype(np.int64)
    customer = np.r_[tickets.customer[asked], orders.customer[there]]
    slow = np.r_[tickets.resolved[asked] - tickets.tick[asked] > SLOW_DAYS * DAY, shipments.order_late[there]]
    person = scene.customers.owner(scene.org, customer, tick)
    liked = np.clip(world.dice("liked").normal(0, 0.3, len(scene.org.username)), -0.6, 0.5)[person.clip(0)]
    angry = np.r_[tickets.kind[asked] == KINDS.index("complaint"), np.zeros(len(there), dtype=bool)]
    score = (
        np.rint(4.45 + liked - 0.9 * slow - 1.0 * angry + dice.normal(0, 0.75, len(done))).clip(1, 5).astype(np.int64)
    )
    rows = np.flatnonzero((tick <= now) & (person >= 0))
    rows = rows[np.argsort(tick[rows], kind="stable")]
    ticket = np.r_[asked, np.full(len(there), -1)]
    order = np.r_[np.full(len(asked), -1), there]
    return Ratings(tick[rows], customer[rows], ticket[rows], order[rows], person[rows], score[rows])


def ratings(scene: Scenario, orders: Orders, tickets: Tickets, found: Ratings) -> Change:
    """The ratings as records."""
    dice = scene.world.dice("remarks")
    columns: dict[str, pl.Series | object] = {
        "customer_id": scene.customers.ids.gather(found.customer),
        "ticket_id": pick(tickets.ids, found.ticket),
        "order_id": pick(orders.ids, found.order),
        "person_id": scene.org.person_ids.gather(found.person),
        "score": pl.Series(found.score),
        "remark": pick(REMARKS, np.where(found.score >= GOOD, dice.integers(0, 4, len(found.score)), 4)),
        "rated_on": scene.world.clock.dates(found.tick),
    }
    return scene.world.create("rating", found.tick, columns)[1]

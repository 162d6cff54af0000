"""What was said and done: calls, visits and messages; first answers to leads and tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo.clock import dates
from etl.demo.columns import Ints, often, pick, weighted
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.service import Tickets

KINDS = ("call", "visit", "meeting", "email", "wechat", "demo")
KIND_WEIGHTS = (34, 17, 14, 13, 15, 7)
OUTCOMES = ("positive", "neutral", "negative", "no_answer")
OUTCOME_WEIGHTS = (42, 36, 12, 10)
SUMMARIES = (
    (
        "电话沟通项目进展，客户认可方案方向。",
        "致电确认到场时间。",
        "电话跟进预算审批，仍在走流程。",
        "客户询问维保范围，已答复。",
    ),
    (
        "现场拜访，参观产线并确认瓶颈工位。",
        "上门调研仓库布局，拍照留底。",
        "拜访厂长，了解扩产计划。",
        "现场勘查网络与供电条件。",
    ),
    (
        "与信息部、生产部开需求评审会。",
        "商务会谈，讨论付款条件。",
        "项目启动会，明确双方职责。",
        "技术交流，解答接口问题。",
    ),
    ("邮件发送方案与报价。", "邮件确认会议纪要。", "发送案例与资质文件。", "邮件催问合同用印。"),
    ("微信沟通样机寄送地址。", "微信回复客户对价格的疑问。", "微信约下周会面。", "微信发送安装视频。"),
    ("线上演示看板与报表。", "现场演示视觉质检样机。", "演示手持终端出入库流程。", "演示能耗平台，客户提出定制点。"),
)
NEXT_STEPS = ("发送会议纪要", "补充报价明细", "安排技术答疑", "确认下次拜访时间")
FIRST_CALL = "首次致电，了解需求与采购时间。"
FIRST_ANSWER = "已联系客户确认现象，正在处理。"


@dataclass(frozen=True)
class Talks:
    """Interactions in numbers; -1: not about such a record. text: a number in `TEXTS`."""

    tick: Ints
    customer: Ints
    lead: Ints
    deal: Ints
    ticket: Ints
    author: Ints
    kind: Ints
    outgoing: Ints
    text: Ints


TEXTS = (*(text for kind in SUMMARIES for text in kind), FIRST_CALL, FIRST_ANSWER)


def changes(scene: Scenario, tickets: Tickets) -> Iterator[Change]:
    """All interactions by time."""
    parts = [about_deals(scene), about_leads(scene), about_tickets(scene, tickets)]
    talks = Talks(*(np.concatenate(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))
    order = np.argsort(talks.tick, kind="stable")
    yield rows(scene, tickets, Talks(*(values[order] for values in vars(talks).values())))


def about_deals(scene: Scenario) -> Talks:
    """Talks in the life of deals."""
    deals, dice, count = scene.deals, scene.world.dice("talks"), scene.world.size("interaction")
    deal = dice.integers(0, scene.world.deals, count)
    created = deals.arrivals.tick[deal]
    tick = created + 1 + (dice.random(count) ** 1.1 * (deals.end[deal] - created - 2)).astype(np.int64)
    kind = weighted(dice, KIND_WEIGHTS, count)
    return Talks(
        tick=tick,
        customer=deals.arrivals.customer[deal],
        lead=np.full(count, -1),
        deal=deal,
        ticket=np.full(count, -1),
        author=deals.owner_at(deal, tick),
        kind=kind,
        outgoing=often(dice, 0.78, count).astype(np.int64),
        text=kind * 4 + dice.integers(0, 4, count),
    )


def about_leads(scene: Scenario) -> Talks:
    """The first call to each lead."""
    leads = scene.leads
    lead = np.flatnonzero(leads.contacted < NEVER)
    none, tick = np.full(len(lead), -1), leads.contacted[lead]
    author = scene.org.holder(leads.territory[lead], tick)
    return Talks(tick, none, lead, none, none, author, lead % 5 // 4 * 3, none * 0 + 1, none * 0 + len(TEXTS) - 2)


def about_tickets(scene: Scenario, tickets: Tickets) -> Talks:
    """The first answer to each ticket."""
    ticket = np.flatnonzero(tickets.answered <= scene.world.clock.now)
    none, tick = np.full(len(ticket), -1), tickets.answered[ticket]
    kind = ticket % 4 // 3 * 3
    return Talks(
        tick,
        tickets.customer[ticket],
        none,
        none,
        ticket,
        tickets.assignee[ticket],
        kind,
        none * 0 + 1,
        none * 0 + len(TEXTS) - 1,
    )


def rows(scene: Scenario, tickets: Tickets, talks: Talks) -> Change:
    """Interactions as records."""
    world, customers, clock = scene.world, scene.customers, scene.world.clock
    dice, count = world.dice("talk facts"), len(talks.tick)
    minutes = np.array([12, 75, 60, 5, 8, 50])[talks.kind] * np.exp(dice.normal(0, 0.4, count))
    planned = clock.day_numbers(talks.tick) + dice.integers(2, 12, count)
    steps = np.where(often(dice, 0.3, count) & (talks.deal >= 0), dice.integers(0, len(NEXT_STEPS), count), -1)
    contact = np.where(talks.customer >= 0, customers.main[talks.customer.clip(0)], -1)
    columns: dict[str, pl.Series | object] = {
        "customer_id": pick(customers.ids, talks.customer),
        "contact_id": pick(customers.contact_ids, contact),
        "lead_id": pick(scene.leads.ids, talks.lead),
        "deal_id": pick(scene.deals.ids, talks.deal),
        "ticket_id": pick(tickets.ids, talks.ticket),
        "author_id": scene.org.person_ids.gather(talks.author),
        "kind": pick(KINDS, talks.kind),
        "direction": pick(["incoming", "outgoing"], talks.outgoing),
        "happened_at": clock.instants(talks.tick),
        "duration_minutes": pl.Series(np.rint(minutes).astype(np.int64).clip(1)),
        "summary": pick(TEXTS, talks.text),
        "outcome": pick(OUTCOMES, weighted(dice, OUTCOME_WEIGHTS, count)),
        "next_step": pick(NEXT_STEPS, steps),
        "next_step_on": pick(dates(planned), np.where(steps >= 0, np.arange(count), -1)),
    }
    return world.create("interaction", talks.tick, columns)[1]

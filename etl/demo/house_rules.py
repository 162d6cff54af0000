"""What an administrator sets up, like rules and templates; and what people arrange for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.seeds import templates
from etl.demo.clock import DAY
from etl.demo.columns import Ints, pick, texts
from etl.demo.organisation import DEMO_LOGINS, Organisation
from etl.demo.world import World, stated

SET_UP = 30  # months before today
CUSTOM_FIELDS = (
    {"entity": "customer", "name": "erp_system", "label_zh": "现用 ERP", "label_en": "Current ERP", "kind": "choice",
     "choices": ["sap", "yonyou", "kingdee", "none"], "rank": 1},
    {"entity": "deal", "name": "bid_type", "label_zh": "采购方式", "label_en": "Procurement", "kind": "choice",
     "choices": ["open", "invited", "negotiated", "single_source"], "rank": 1},
    {"entity": "task", "name": "on_site", "label_zh": "需到现场", "label_en": "On site", "kind": "flag",
     "choices": None, "rank": 1},
)  # fmt: skip
APPROVAL_RULES = (
    {"name": "常规合同", "approver": "manager", "from_amount": None, "from_discount": None, "rank": 1},
    {"name": "折扣超过一成", "approver": "manager_above", "from_amount": None, "from_discount": "0.100001", "rank": 2},
    {"name": "百万以上合同", "approver": "leader", "from_amount": "1000000", "from_discount": None, "rank": 3},
)
POOL_RULES = (
    {"entity": "lead", "max_held": 80, "max_claims_a_day": 10, "cool_down_days": 7, "recycle_after_days": 15,
     "recycle_without_deal_days": None, "protect_open_deals": True, "warn_before_days": 3},
    {"entity": "customer", "max_held": 200, "max_claims_a_day": 5, "cool_down_days": 30, "recycle_after_days": 180,
     "recycle_without_deal_days": 400, "protect_open_deals": True, "warn_before_days": 14},
)  # fmt: skip
GATES = (["amount", "expected_close_on"], ["contact_id"])
"""What a deal must say before it enters the third open stage and the fourth, from today on."""

ASSIGNMENT_RULES = (
    {"entity": "lead", "workload_weight": "1", "ability_weight": "1", "region_weight": "0.5"},
    {"entity": "task", "workload_weight": "1", "ability_weight": "0.6", "region_weight": "0.2"},
    {"entity": "ticket", "workload_weight": "1", "ability_weight": "0.8", "region_weight": "0"},
)
TEMPLATES = templates()
LEGAL_ENTITY = {
    "name": "北辰工业设备（上海）有限公司",
    "name_en": "Beichen Industrial Equipment (Shanghai) Co., Ltd.",
    "credit_code": "91310115MA1K35D9XN",
    "address": "上海市浦东新区张江路 665 号",
    "address_en": "665 Zhangjiang Road, Pudong, Shanghai",
    "representative": "周敏",
    "bank_name": "中国工商银行上海张江支行",
    "account_number": "1001 2345 6789 0123 456",
    "rank": 1,
}
WEB_FORM = {
    "name": "官网留言",
    "origins": ["https://www.example.com"],
    "consent_text": "我同意贵公司通过电话或邮件与我联系，并按隐私政策处理我的信息。",
}
VIEWS = (
    ("rep", "我的本季商机", "deals", '{"stage_type":"open","sort":"expected_close_on"}', False),
    ("rep", "大额商机", "deals", '{"stage_type":"open","amount__gte":"500000","sort":"-amount"}', False),
    ("manager", "团队停滞商机", "deals", '{"stage_type":"open","sort":"stage_since"}', True),
    ("manager", "待审批合同", "contracts", '{"step":"in_review"}', False),
    ("leader", "本年赢单", "deals", '{"stage_type":"won","sort":"-closed_on"}', False),
    ("support", "高优先级工单", "tickets", '{"status":"open","priority":"high"}', False),
)
SUBSCRIPTIONS = (
    ("rep", "sales_progress", "week", "page"),
    ("manager", "sales_progress", "week", "xlsx"),
    ("manager", "target_attainment", "month", "pdf"),
    ("leader", "forecast", "week", "pdf"),
    ("leader", "target_attainment", "month", "pdf"),
    ("support", "service", "week", "html"),
)
FEEDBACK = (
    ("rep", "deals", "idea", "希望看板上能直接看到下一步的日期。", "finish", "已在看板卡片上显示。"),
    ("manager", "team", "idea", "团队页能否按行业看漏斗？", "plan", "排入下个版本。"),
    ("support", "service", "defect", "工单列表排序后翻页会回到第一页。", "finish", "已修复。"),
    ("leader", "overview", "question", "预测区间是怎么算的？", "finish", "见帮助中的“预测”一节。"),
    ("rep", "today", "idea", "能不能语音录入拜访记录？", "decline", "暂不支持，手机输入法的语音可用。"),
    ("manager", "explore", "defect", "导出的图片没有标题。", None, None),
)


@dataclass(frozen=True)
class House:
    """Ids that other records refer to."""

    approval_rules: pl.Series
    pool_rules: pl.Series
    assignment_rules: pl.Series
    templates: pl.Series


def set_up(world: World) -> House:
    """The ids of rules, templates and clauses."""
    at = world.clock.months_ago(SET_UP)
    return House(
        *(
            world.ids(entity, np.full(len(rows), at))
            for entity, rows in (
                ("approval_rule", APPROVAL_RULES),
                ("pool_rule", POOL_RULES),
                ("assignment_rule", ASSIGNMENT_RULES),
                ("contract_template", TEMPLATES),
            )
        )
    )


def table(
    world: World, entity: str, rows: tuple[Mapping[str, object], ...], more: dict[str, object] | None = None
) -> Change:
    """A few rows written out above, set up long ago."""
    columns = {name: pl.Series(name, [row[name] for row in rows]) for name in rows[0]}
    return world.create(entity, np.full(len(rows), world.clock.months_ago(SET_UP)), {**columns, **(more or {})})[1]


def rules(world: World, house: House, org: Organisation) -> Iterator[Change]:
    """Custom fields, rules, templates, clauses, and the form on the web, whose leads come to the manager's pool."""
    yield table(world, "custom_field", CUSTOM_FIELDS)
    yield table(world, "approval_rule", APPROVAL_RULES, {"entity": "contract"})
    yield table(world, "pool_rule", POOL_RULES)
    yield table(world, "assignment_rule", ASSIGNMENT_RULES)
    yield table(world, "legal_entity", (LEGAL_ENTITY,))
    yield table(world, "web_form", (WEB_FORM,), {"team_id": org.team_ids.gather(org.team[people(org, ("manager",))])})
    names = ("name", "language", "body")
    yield table(world, "contract_template", tuple({name: getattr(one, name) for name in names} for one in TEMPLATES))
    yield table(
        world,
        "clause",
        tuple(
            {"language": one.language, "title": title, "category": category, "body": body, "rank": rank}
            for one in TEMPLATES
            for rank, (title, category, body) in enumerate(one.clauses, start=1)
        ),
        {"template_id": house.templates.gather([at for at, one in enumerate(TEMPLATES) for _ in one.clauses])},
    )


def gates(world: World) -> Iterator[Change]:
    """The gates of the stages; the deals so far entered them without."""
    stages = world.known.stages.open[2 : 2 + len(GATES)]
    fields = pl.Series("required_fields", list(GATES[: len(stages)]), dtype=pl.List(pl.String))
    yield Change("stage", "update", pl.DataFrame({"id": stages, "required_fields": fields}))


def people(org: Organisation, roles: tuple[str, ...]) -> Ints:
    """The numbers of the demo logins of these roles."""
    return np.array([org.username.index(DEMO_LOGINS[role]) for role in roles])


def arrangements(world: World, org: Organisation) -> Iterator[Change]:
    """Saved views and subscriptions of the demo logins, and their feedback."""
    clock = world.clock
    who, name, page, query, shared = zip(*VIEWS, strict=True)
    owner = people(org, who)
    saved = clock.now - (len(VIEWS) - np.arange(len(VIEWS))) * 12 * DAY
    views: dict[str, pl.Series | object] = {
        "person_id": org.person_ids.gather(owner),
        "name": texts(name),
        "page": texts(page),
        "query": texts(query),
        "shared_team_id": pick(org.team_ids, np.where(np.array(shared), org.team[owner], -1)),
    }
    yield world.create("saved_view", saved, views)[1]
    who, report, every, form = zip(*SUBSCRIPTIONS, strict=True)
    next_due = clock.now + 1 + (1 + np.arange(len(who)) % 3) * DAY
    orders: dict[str, pl.Series | object] = {
        "person_id": org.person_ids.gather(people(org, who)),
        "report": texts(report),
        "every": texts(every),
        "format": texts(form),
        "next_due_at": clock.instants(next_due),
    }
    yield world.create("subscription", clock.now - (len(who) - np.arange(len(who))) * 9 * DAY, orders)[1]
    yield from feedback(world, org)


def feedback(world: World, org: Organisation) -> Iterator[Change]:
    """What the demo logins said, and what came of it."""
    clock = world.clock
    who, page, kind, body, verb, note = zip(*FEEDBACK, strict=True)
    said = clock.now - (len(FEEDBACK) - np.arange(len(FEEDBACK))) * 14 * DAY
    columns: dict[str, pl.Series | object] = {
        "person_id": org.person_ids.gather(people(org, who)),
        "page": texts(page),
        "kind": texts(kind),
        "body": texts(body),
    }
    ids, change = world.create("feedback", said, columns)
    yield change
    for name in dict.fromkeys(v for v in verb if v):
        rows = np.array([n for n, v in enumerate(verb) if v == name])
        answer = texts([note[n] for n in rows])
        yield stated("feedback", name, ids.gather(rows), clock.instants(said[rows] + 5 * DAY), {"triage_note": answer})

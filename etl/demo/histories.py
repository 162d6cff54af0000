"""The lives of deals as steps: moves, pushes, new amounts, next steps; each with its ticks and what it states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.demo.clock import DAY, Clock
from etl.demo.closings import losses, reopenings, wins
from etl.demo.columns import (
    Floats,
    Ints,
    often,
    pick,
)
from etl.demo.deals import Deals
from etl.demo.known import Codes
from etl.demo.organisation import Organisation
from etl.demo.pipeline import LEAST
from etl.demo.steps import Steps
from etl.demo.world import World

CATEGORIES = ("pipeline", "best", "commit", "omitted")
NEXT_STEPS = (
    ("电话确认需求", "约首次拜访", "发送产品资料", "了解决策流程"),
    ("现场调研", "需求评审会", "安排产品演示", "确认预算范围"),
    ("提交方案与报价", "技术交流", "方案答疑", "安排样板工厂参观"),
    ("商务谈判", "合同条款确认", "递交最终报价", "等待客户审批"),
)
BEST_BEFORE, BEST_LAST, COMMIT, OMITTED = 0.42, 0.12, 0.36, 0.02  # how good a deal must look
WITHOUT_STEP = 0.14
TOUCHED = 0.62  # open deals whose next step was set anew lately


@dataclass(frozen=True)
class Plan:
    """What a deal's people think of it: how good it looks (0 to 1), drawn once a deal."""

    look: Floats
    stages: int
    last_day: int  # the last tick of the calendar

    @classmethod
    def of(cls, world: World, deals: Deals) -> Plan:
        """The plan for all deals: looks follow the true chance, with noise."""
        noise = world.dice("looks").normal(0, 0.18, world.deals)
        return cls((deals.chance + noise).clip(0, 1), len(world.known.stages.open), len(world.clock.days) * DAY - 1)

    def category(self, deal: Ints, stage: Ints) -> pl.Series:
        """The forecast category in a stage."""
        left = self.stages - 1 - stage
        look = self.look[deal]
        best = np.where(left == 0, look > BEST_LAST, (left == 1) & (look > BEST_BEFORE))
        commit = (left == 0) & (look > COMMIT)
        omitted = look < OMITTED
        return pick(CATEGORIES, np.where(omitted, 3, np.where(commit, 2, np.where(best, 1, 0))))

    def next_step(self, clock: Clock, tick: Ints, stage: Ints, deal: Ints) -> dict[str, pl.Series]:
        """What to do next, and when; some deals have none."""
        flat = [step for options in NEXT_STEPS for step in options]
        mix = (deal * 2654435761 + tick * 40503) % 1009
        none = mix < WITHOUT_STEP * 1009
        level = np.minimum(stage, len(NEXT_STEPS) - 1)
        at = np.where(none, -1, level * 4 + mix % 4)
        day = clock.day_numbers(tick + (2 + mix % 9) * DAY)
        return {
            "next_step": pick(flat, at),
            "next_step_on": pick(pl.Series(day.astype("datetime64[D]")), np.where(none, -1, np.arange(len(day)))),
        }

    def day(self, tick: Ints) -> Ints:
        """A tick inside the calendar."""
        return np.minimum(tick, self.last_day)


def histories(world: World, org: Organisation, deals: Deals, plan: Plan, competitors: Codes) -> list[Steps]:
    """Every step of every deal."""
    return [
        handovers(org, deals),
        moves(world, deals, plan),
        pushes(world, deals, plan),
        revisions(deals),
        touches(world, deals, plan),
        *wins(world, org, deals),
        *losses(world, org, deals, competitors),
        reopenings(world, deals),
    ]


def handovers(org: Organisation, deals: Deals) -> Steps:
    """Deals that went to another person."""
    event = deals.reassigned
    return Steps("update", event.deal, event.tick, lambda rows: {"owner_id": pick(org.person_ids, event.value[rows])})


def moves(world: World, deals: Deals, plan: Plan) -> Steps:
    """Every entry into a further stage."""
    entered = deals.paths.entered[:, 1:]
    deal, step = np.nonzero((entered >= 0) & (entered <= world.clock.now))
    tick, stage = entered[deal, step], deals.paths.stage[deal, step + 1]

    def columns(rows: Ints) -> dict[str, pl.Series]:
        return {
            "stage_id": world.known.stages.open.gather(stage[rows]),
            "forecast_category": plan.category(deal[rows], stage[rows]),
            **plan.next_step(world.clock, tick[rows], stage[rows], deal[rows]),
        }

    return Steps("advance", deal, tick, columns)


def pushes(world: World, deals: Deals, plan: Plan) -> Steps:
    """New days for the expected close."""
    event = deals.pushes
    day = plan.day(event.value)
    return Steps("update", event.deal, event.tick, lambda rows: {"expected_close_on": world.clock.dates(day[rows])})


def revisions(deals: Deals) -> Steps:
    """New amounts on the way."""
    event = deals.revisions
    return Steps("update", event.deal, event.tick, lambda rows: {"amount": pl.Series(event.value[rows])})


def touches(world: World, deals: Deals, plan: Plan) -> Steps:
    """The latest next steps of open deals: some in a few days, some already due."""
    dice, now = world.dice("touches"), world.clock.now
    since = np.maximum(
        deals.paths.entered.max(axis=1, where=deals.paths.entered <= now, initial=-1), deals.paths.reopen
    )
    is_open = ~deals.closed(now)
    tick = now - (dice.random(world.deals) ** 1.5 * 12 * DAY).astype(np.int64)
    rows = np.flatnonzero(is_open & (tick > since + LEAST) & often(dice, TOUCHED, world.deals))
    due = plan.day(tick[rows] + ((1 + 9 * dice.random(len(rows))) * DAY).astype(np.int64))
    what = dice.integers(0, 16, len(rows))
    flat = [step for options in NEXT_STEPS for step in options]
    return Steps(
        "update",
        rows,
        tick[rows],
        lambda at: {"next_step": pick(flat, what[at]), "next_step_on": world.clock.dates(due[at])},
    )

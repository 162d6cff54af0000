"""How deals go: through which stages, how long in each, won or lost, reopened. Numbers only; deals.py states them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.demo.arrivals import Arrivals
from etl.demo.clock import DAY, Clock, quarter_start
from etl.demo.columns import Flags, Floats, Ints, often
from etl.demo.customers import Customers
from etl.demo.organisation import Organisation
from etl.demo.products import Lines, Products
from etl.demo.world import World

LATER_START = (0.10, 0.03)  # deals that are first seen in the second and third stage
WON_EARLY = 0.12  # won straight from the stage before the last
SKIP, BACK = 0.08, 0.05  # moves that leave out a stage, or go back by one
STAGE_DAYS = (6.5, 10.5, 11.5, 8.5)  # working days in a stage on average; the last one for all further stages
STEADY = 2.2  # the shape of the time in a stage: 1 is memoryless, above it is more regular
LOST_EARLY = 0.85  # below 1: more deals are lost in early stages
FORGOTTEN = 0.05  # lost deals that nobody closed for months
REOPENED_LOST, REOPENED_WON = 0.02, 0.004
BASE_LOGIT = -1.45
SOURCE_WIN = {
    "referral": 0.55,
    "existing": 0.5,
    "partner": 0.25,
    "exhibition": 0.1,
    "tender": -0.35,
    "advertising": -0.4,
}
PULL_DAYS, PULLED = (32, 10), (0.7, 0.45)  # working days after the end of a year or quarter, and the share brought in
USUAL = 150_000  # yuan: larger deals are won less often and take longer
LEAST = 40  # ticks between two steps of a deal


@dataclass(frozen=True)
class Paths:
    """Deals by number. stage, entered: matrices deals × steps of the stage number (-1: no such step) and its tick.

    won: the end that was or will be; close: its tick (may lie ahead); first_close: before a reopening, else -1;
    reopen: tick and stage of the reopening, -1 without; first_won: whether the first end was a win.
    """

    stage: Ints
    entered: Ints
    won: Flags
    close: Ints
    first_close: Ints
    first_won: Flags
    reopen: Ints
    reopen_stage: Ints

    def closed(self, now: int) -> Flags:
        """Whether deals are closed by now."""
        return self.close <= now


def chances(
    world: World,
    org: Organisation,
    arrivals: Arrivals,
    customers: Customers,
    products: Products,
    lines: Lines,
    source_win: Floats,
) -> Floats:
    """The probability that each deal is won in the end."""
    person = org.holder(arrivals.territory, arrivals.tick)
    industry = customers.firms.industry[arrivals.customer]
    amount = np.maximum(lines.amount.sum(axis=1), 1)
    logit = (
        BASE_LOGIT
        + org.person_win[person]
        + customers.place.industry_win[industry]
        + products.win[lines.product[:, 0]]
        + source_win
        + np.where(arrivals.is_first, -0.25, 0.2)
        - 0.16 * np.log(amount / USUAL)
        + 0.08 * (arrivals.tick - world.start) / (250 * DAY)
    )
    chance: Floats = 1 / (1 + np.exp(-logit))
    return chance


def paces(world: World, org: Organisation, arrivals: Arrivals, customers: Customers, lines: Lines) -> Floats:
    """How much longer than usual each deal takes in every stage."""
    person = org.holder(arrivals.territory, arrivals.tick)
    industry = customers.firms.industry[arrivals.customer]
    amount = np.maximum(lines.amount.sum(axis=1), 1)
    own = np.exp(world.dice("paces").normal(0, 0.25, len(person)))
    pace: Floats = org.person_pace[person] * customers.place.industry_pace[industry] * (amount / USUAL) ** 0.10 * own
    return pace


def run(world: World, chance: Floats, pace: Floats, created: Ints) -> Paths:
    """The course of every deal."""
    dice, stages, count = world.dice("paths"), len(world.known.stages.open), len(created)
    won = dice.random(count) < chance
    late = np.cumsum(LATER_START[::-1])
    begin = np.minimum((dice.random(count)[:, None] < late).sum(axis=1), stages - 1).astype(np.int64)
    lost_at = (begin + (stages - begin) * dice.random(count) ** (1 / LOST_EARLY)).astype(np.int64)
    won_at = np.where(often(dice, WON_EARLY, count), stages - 2, stages - 1)
    end = np.where(won, won_at, lost_at).clip(begin, stages - 1)
    stage = walk(dice, begin, end, stages)
    entered, left = stay(dice, stage, pace * np.where(won, 1.0, 1.15), created)
    forgotten = ~won & often(dice, FORGOTTEN, count)
    left = left + np.where(forgotten, (60 + 80 * dice.random(count)) * DAY, 0).astype(np.int64)
    close = pulled(dice, world.clock, left, entered.max(axis=1), won)
    return reopened(dice, world.clock.now, stage, entered, won, close, end)


def walk(dice: np.random.Generator, begin: Ints, end: Ints, stages: int) -> Ints:
    """The stages that deals pass from begin to end: one by one, sometimes one left out, sometimes one back."""
    width, count = stages + 2, len(begin)
    stage = np.full((count, width), -1, dtype=np.int64)
    stage[:, 0] = begin
    at, turned = begin.copy(), np.zeros(count, dtype=bool)
    for step in range(1, width):
        going = at < end
        back = going & (at > 0) & ~turned & often(dice, BACK, count)
        skip = going & ~back & (at + 2 <= end) & often(dice, SKIP, count)
        turned |= back
        at = np.where(going, at + np.where(back, -1, np.where(skip, 2, 1)), at)
        stage[:, step] = np.where(going, at, -1)
    return stage


def stay(dice: np.random.Generator, stage: Ints, pace: Floats, created: Ints) -> tuple[Ints, Ints]:
    """When each stage was entered (-1: not at all), and when the last one was left."""
    means = np.array(STAGE_DAYS)[np.minimum(stage.clip(0), len(STAGE_DAYS) - 1)]
    days = dice.standard_gamma(STEADY, stage.shape) / STEADY * means * pace[:, None]
    length = np.where(stage >= 0, np.maximum((days * DAY).astype(np.int64), LEAST), 0)
    left = created[:, None] + np.cumsum(length, axis=1)
    entered = np.where(stage >= 0, left - length, -1)
    return entered, left[:, -1]


def pulled(dice: np.random.Generator, clock: Clock, left: Ints, last: Ints, won: Flags) -> Ints:
    """Closings: many wins that would fall soon after the end of a quarter are brought in before it."""
    starts = [quarter_start(clock.today, back) for back in range(24, -4, -1)]
    ends, new_year = np.array([clock.tick(day) for day in starts]), np.array([day.month == 1 for day in starts])
    quarter = (np.searchsorted(ends, left, side="right") - 1).clip(0)
    end, yearly = ends[quarter], new_year[quarter]
    near = left - end < np.where(yearly, *PULL_DAYS) * DAY
    brought = end - (dice.random(len(left)) ** 1.5 * 8 * DAY).astype(np.int64) - LEAST
    chosen = won & near & (dice.random(len(left)) < np.where(yearly, *PULLED)) & (brought > last + LEAST)
    return np.where(chosen, brought, left)


def reopened(
    dice: np.random.Generator, now: int, stage: Ints, entered: Ints, won: Flags, close: Ints, end: Ints
) -> Paths:
    """The paths, of which some are taken up again in their last stage after the end, and end again."""
    count = len(close)
    tick = close + ((5 + 45 * dice.random(count)) * DAY).astype(np.int64)
    again = (dice.random(count) < np.where(won, REOPENED_WON, REOPENED_LOST)) & (tick < now - DAY)
    later = tick + ((4 + 30 * dice.random(count)) * DAY).astype(np.int64)
    return Paths(
        stage=stage,
        entered=entered,
        won=np.where(again, often(dice, 0.45, count), won),
        close=np.where(again, later, close),
        first_close=np.where(again, close, -1),
        first_won=won,
        reopen=np.where(again, tick, -1),
        reopen_stage=np.where(again, end, -1),
    )

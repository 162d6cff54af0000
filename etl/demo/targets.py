"""Targets by quarter for people, teams and the company, of which some are met and some missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo.clock import DAY, dates, day_number, quarter_start
from etl.demo.columns import Flags, Floats, Ints, pick
from etl.demo.customers import CURRENCIES
from etl.demo.deals import SHARED_PART
from etl.demo.reference import month_starts, rates
from etl.demo.scenario import Scenario
from etl.demo.world import QUARTERS, World, stated

USUAL, SPREAD, TEAM_SPREAD = 0.95, 0.11, 0.09  # attainment of a usual person; how it varies by quarter
LOWEST, HIGHEST = 0.60, 1.30
TEAM_PART = 0.96  # a team's target beside the sum of its members' ones
RAISE = 1.06  # the running quarter beside the mean of the last four
STRETCH, CHALLENGE = 115, 130  # percent of the target
MILLION = 1_000_000  # targets are rounded more from here on
FLOOR = 0.4  # of a person's mean quarter: no target is lower


@dataclass(frozen=True)
class Goals:
    """Matrices people × quarters in whole yuan: credited wins, targets (0: none); starts: first days, one more."""

    starts: tuple[date, ...]
    won: Ints
    target: Ints

    @property
    def running(self) -> int:
        """The number of the running quarter: the last one."""
        return len(self.starts) - 2


def quarters(world: World) -> tuple[date, ...]:
    """The first days of the quarters with targets, and the day after the last one."""
    return tuple(quarter_start(world.today, back) for back in range(QUARTERS - 1, -2, -1))


def base_amounts(scene: Scenario, deal: Ints, day: Ints) -> Ints:
    """The amounts of won deals in yuan, at the month's rate."""
    months = np.array([day_number(month) for month in month_starts(scene.world)])
    month = np.searchsorted(months, day, side="right") - 1
    walks = rates(scene.world)
    table = np.vstack([walks.get(code, np.full(len(months), 10_000)) for code in CURRENCIES])
    amounts: Ints = scene.deals.final[deal] * table[scene.deals.currency[deal], month] // 10_000
    return amounts


def credited(scene: Scenario, starts: tuple[date, ...]) -> Ints:
    """Credited wins of people by quarter, in yuan."""
    deals, now = scene.deals, scene.world.clock.now
    deal = np.flatnonzero(deals.closed(now) & deals.paths.won)
    tick = deals.paths.close[deal]
    day = scene.world.clock.day_numbers(tick)
    quarter = np.searchsorted([day_number(start) for start in starts], day, side="right") - 1
    amount, owner, colleague = base_amounts(scene, deal, day), deals.owner_at(deal, tick), deals.shared[deal]
    mine = np.where(colleague >= 0, amount * SHARED_PART // 100, amount)
    won = np.zeros((len(scene.org.username), len(starts) - 1), dtype=np.int64)
    inside = (quarter >= 0) & (quarter < won.shape[1])
    np.add.at(won, (owner[inside], quarter[inside]), mine[inside])
    both = inside & (colleague >= 0)
    np.add.at(won, (colleague[both], quarter[both]), (amount - mine)[both])
    return won


def set_goals(scene: Scenario) -> Goals:
    """The targets of everybody who sells, for each quarter in which they were here at its start."""
    starts, org = quarters(scene.world), scene.org
    won = credited(scene, starts)
    dice, people, count = scene.world.dice("targets"), len(won), won.shape[1]
    able = np.clip(USUAL + 0.10 * org.person_win + dice.normal(0, 0.05, people), 0.75, 1.12)
    team = dice.normal(0, TEAM_SPREAD, (len(org.team_ids), count))[org.team]
    wish = np.clip(able[:, None] + team + dice.normal(0, SPREAD, (people, count)), LOWEST, HIGHEST)
    ticks = np.array([scene.world.clock.tick(day) for day in starts[:-1]])
    here = (org.joined[:, None] <= ticks) & (org.left[:, None] > ticks) & sellers(scene)[:, None]
    past = np.where(here[:, :-1], won[:, :-1], 0)
    mean = past.sum(axis=1) / np.maximum(here[:, :-1].sum(axis=1), 1)
    target = np.maximum(won / wish, FLOOR * mean[:, None])
    recent = here[:, -5:-1]
    latest = (target[:, -5:-1] * recent).sum(axis=1) / np.maximum(recent.sum(axis=1), 1)
    target[:, -1] = latest * RAISE
    usual = np.median(target[:, :-1][here[:, :-1]]) if here[:, :-1].any() else 0.0
    target = np.where(target <= 0, max(usual * 0.6, 100_000.0), target)
    return Goals(starts, won, np.where(here, rounded(target), 0))


def sellers(scene: Scenario) -> Flags:
    """Who has targets: managers and reps."""
    return np.isin(np.array(scene.org.role), ("manager", "rep"))


def rounded(amount: Floats | Ints) -> Ints:
    """Ten thousands, fifty thousands from a million on."""
    unit = np.where(amount >= MILLION, 50_000, 10_000)
    return (np.maximum(np.rint(amount / unit), 1) * unit).astype(np.int64)


def changes(scene: Scenario, goals: Goals) -> Iterator[Change]:
    """The targets, set shortly before each quarter."""
    world, org = scene.world, scene.org
    ticks = np.array([world.clock.tick(day) for day in goals.starts[:-1]])
    team = np.stack(
        [org.team_at(np.arange(len(goals.target)), np.full(len(goals.target), tick)) for tick in ticks], axis=1
    )
    sums = np.zeros((len(org.team_ids), len(ticks)), dtype=np.int64)
    np.add.at(sums, (team, np.broadcast_to(np.arange(len(ticks)), team.shape)), goals.target)
    teams = np.where(sums > 0, rounded((sums * TEAM_PART).astype(np.float64)), 0)
    company = rounded(teams.sum(axis=0, keepdims=True))
    first = 0
    for level, table in (("person", goals.target), ("team", teams), ("company", company)):
        quarter, who = np.nonzero(table.T)
        yield rows(scene, goals, level, who, quarter, table[who, quarter], first)
        first += len(who)


def rows(scene: Scenario, goals: Goals, level: str, who: Ints, quarter: Ints, amount: Ints, first: int) -> Change:
    """Targets of one level."""
    world, org, nobody = scene.world, scene.org, np.full(len(who), -1)
    starts = np.array([day_number(day) for day in goals.starts])
    tick = np.array([world.clock.tick(day) for day in goals.starts])[quarter] - 8 * DAY
    columns: dict[str, pl.Series | object] = {
        "level": level,
        "person_id": pick(org.person_ids, who if level == "person" else nobody),
        "team_id": pick(org.team_ids, who if level == "team" else nobody),
        "starts_on": dates(starts[quarter]),
        "ends_on": dates(starts[quarter + 1]),
        "amount": pl.Series(amount),
        "stretch_amount": pl.Series(amount * STRETCH // 100),
        "challenge_amount": pl.Series(amount * CHALLENGE // 100),
    }
    return stated("target", "create", world.ids("target", tick, first), world.clock.instants(tick), columns)

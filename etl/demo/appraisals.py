"""Appraisals of the last four finished quarters, scored by the same formula as the metric performance_score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from dashboard.domain.changes import Change
from etl.demo import steps
from etl.demo.clock import DAY, dates, day_number
from etl.demo.columns import Flags, Floats, Ints, decimals, often, only, pick, texts
from etl.demo.organisation import NEVER
from etl.demo.scenario import Scenario
from etl.demo.service import GOOD, Ratings
from etl.demo.steps import Steps
from etl.demo.targets import Goals
from etl.demo.tasks import Tasks
from etl.demo.world import World

WEIGHTS = (60, 20, 20)
COMPONENTS = ("sales_result", "satisfaction", "task_completion")
WEIGHTS_TEXT = '{"sales_result":60,"satisfaction":20,"task_completion":20}'
Z = 1.959963984540054
FEWEST_RATINGS = 5
PERIODS = 4
CLOSED_AFTER_DAYS = 70
COMMENTED, APPEALED = 0.3, 0.05
COMMENTS = ("认可评分，下季度加强老客户回访。", "感谢指导，继续努力。", "任务统计与实际一致。")


def changes(scene: Scenario, goals: Goals, ratings: Ratings, tasks: Tasks) -> Iterator[Change]:
    """Appraisals with their components and lives."""
    world, org, clock = scene.world, scene.org, scene.world.clock
    periods = range(max(goals.running - PERIODS, 0), goals.running)
    person, period = np.nonzero(goals.target[:, list(periods)])
    order = np.lexsort((person, period))
    person, period = person[order], period[order] + periods.start
    end = np.array([clock.tick(day) for day in goals.starts])[period + 1]
    here = end + 12 * DAY < np.minimum(org.left[person], clock.now)
    person, period, tick = person[here], period[here], end[here] + 2 * DAY
    measures, scores = components(world, goals, ratings, tasks, person, period)
    starts = np.array([day_number(day) for day in goals.starts])
    ids, change = world.create(
        "appraisal",
        tick,
        {
            "person_id": org.person_ids.gather(person),
            "team_id": org.team_ids.gather(org.team_at(person, tick)),
            "appraiser_id": org.person_ids.gather(org.manager_of(person, tick)),
            "starts_on": dates(starts[period]),
            "ends_on": dates(starts[period + 1]),
            "weights": WEIGHTS_TEXT,
        },
    )
    yield change
    yield component_rows(world, ids, tick, measures, scores)
    yield from steps.changes("appraisal", ids, clock, life(world, tick, total(scores)), 0, len(tick))


def components(
    world: World, goals: Goals, ratings: Ratings, tasks: Tasks, person: Ints, period: Ints
) -> tuple[Floats, Floats]:
    """Measure and score of each component, as matrices appraisals × 3; NaN where one is missing."""
    shape = goals.target.shape
    attainment = goals.won[person, period] / np.maximum(goals.target[person, period], 1)
    low = wilson_low(*counted(world, goals, ratings, shape))[person, period]
    done = completed(world, goals, tasks, shape)[person, period]
    measures = np.column_stack([attainment, low, done])
    scores = np.column_stack([np.minimum(attainment, 1.2) / 1.2 * 100, low * 100, done * 100])
    return measures, np.round(scores, 1)


def quarter_of(world: World, goals: Goals, tick: Ints) -> Ints:
    """The number of the quarter of each tick; -1 before the first."""
    return np.searchsorted([day_number(day) for day in goals.starts], world.clock.day_numbers(tick), side="right") - 1


def counted(world: World, goals: Goals, ratings: Ratings, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Good ratings and all ratings by person and quarter."""
    quarter = quarter_of(world, goals, ratings.tick)
    inside = (quarter >= 0) & (quarter < shape[1])
    good, all_of = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(all_of, (ratings.person[inside], quarter[inside]), 1)
    np.add.at(good, (ratings.person[inside], quarter[inside]), (ratings.score[inside] >= GOOD).astype(np.int64))
    return good, all_of


def wilson_low(good: Ints, count: Ints) -> Floats:
    """The lower end of Wilson's 95 % interval; NaN below five ratings."""
    n = np.maximum(count, 1)
    share = good / n
    centre, spread = share + Z**2 / (2 * n), Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return np.where(count >= FEWEST_RATINGS, (centre - spread) / (1 + Z**2 / n), np.nan)


def completed(world: World, goals: Goals, tasks: Tasks, shape: tuple[int, ...]) -> Floats:
    """Effort done on time, and half of that done late, over the effort due, by person and quarter; NaN without any."""
    quarter = quarter_of(world, goals, np.minimum(tasks.due, len(world.clock.days) * DAY - 1))
    inside = (quarter >= 0) & (quarter < shape[1]) & (tasks.person >= 0) & (tasks.cancelled == NEVER)
    finish = np.where(tasks.again < NEVER, tasks.again, tasks.done)
    worth = np.where(finish == NEVER, 0.0, np.where(finish // DAY <= tasks.due // DAY, 1.0, 0.5))
    due, done = np.zeros(shape), np.zeros(shape)
    where = (tasks.person[inside], quarter[inside])
    np.add.at(due, where, tasks.effort[inside])
    np.add.at(done, where, (tasks.effort * worth)[inside])
    share: Floats = np.where(due > 0, done / np.maximum(due, 0.5), np.nan)
    return share


def total(scores: Floats) -> Floats:
    """The weighted score over the components present, to one decimal."""
    weight = np.array(WEIGHTS) * ~np.isnan(scores)
    mean: Floats = (np.nan_to_num(scores) * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
    return np.round(mean, 1)


def component_rows(world: World, ids: pl.Series, tick: Ints, measures: Floats, scores: Floats) -> Change:
    """Three components each."""
    count = len(COMPONENTS)
    row, part = np.repeat(np.arange(len(tick)), count), np.tile(np.arange(count), len(tick))
    missing: Flags = np.isnan(scores[row, part])
    columns: dict[str, pl.Series | object] = {
        "appraisal_id": ids.gather(row),
        "component": pick(COMPONENTS, part),
        "weight": pl.Series(np.array(WEIGHTS)[part]),
        "measure": only(decimals(np.nan_to_num(measures[row, part]), 6), ~missing),
        "score": only(decimals(np.nan_to_num(scores[row, part]), 6), ~missing),
        "missing": pl.Series(missing),
        "missing_reason": pick(texts([None, "评价不足 5 次", "期内没有到期任务"]), np.where(missing, part, 0)),
    }
    return world.create("appraisal_component", tick[row], columns)[1]


def life(world: World, tick: Ints, score: Floats) -> list[Steps]:
    """Published, commented, appealed and decided, closed."""
    clock, dice, count = world.clock, world.dice("appraisals"), len(tick)
    published = tick + 6 * DAY
    comments, appeals = often(dice, COMMENTED, count), often(dice, APPEALED, count)
    closed = published + CLOSED_AFTER_DAYS * DAY

    def at(
        verb: str,
        moment: Ints,
        chosen: Flags,
        text: tuple[str, tuple[str, ...]] | None = None,
        *,
        closing: bool = False,
    ) -> Steps:
        rows = np.flatnonzero(chosen & (moment <= clock.now))
        if text is None:
            return Steps(verb, rows, moment[rows], closing=closing)
        return Steps(verb, rows, moment[rows], lambda part: {text[0]: pick(text[1], rows[part] % len(text[1]))})

    done = np.flatnonzero(published <= clock.now)
    publish = Steps(
        "publish",
        done,
        published[done],
        lambda part: {"score": decimals(score[done[part]], 6), "known_at": clock.instants(tick[done[part]])},
    )
    everyone = np.ones(count, dtype=bool)
    return [
        publish,
        at("comment", published + 2 * DAY, comments, ("response", COMMENTS)),
        at("appeal", published + 4 * DAY, appeals, ("appeal", ("有两笔共享商机未计入，请复核。",))),
        at("decide", published + 9 * DAY, appeals, ("appeal_decision", ("已复核：分成记录无误，评分不变。",))),
        at("close", closed, everyone, closing=True),
    ]

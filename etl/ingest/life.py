"""What happened to the records after their creation: which steps of a map still have to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from dashboard.domain.lifecycles import LIFECYCLES, Transition
from dashboard.domain.validation import cast
from etl.ingest.case import Case, empty
from etl.ingest.maps import Step
from etl.ingest.prepare import step_column
from etl.ingest.times import midnight

DERIVED_NEEDS = {("deal", "win"): ("stage_id",), ("deal", "lose"): ("stage_id", "competitor_id")}
"""What the store fills in itself when a verb needs it."""


@dataclass
class Life:
    """The steps of a record.

    applied: per step, which rows get it; fields: per step, the columns it states; at: per step, when it takes effect;
    state: where each row ends, and where it was before; settled: plain fields that a finished step states anew.
    """

    state: pl.Series | None = None
    before: pl.Series | None = None
    applied: list[pl.Series] = field(default_factory=list)
    fields: list[pl.DataFrame] = field(default_factory=list)
    at: list[pl.Series] = field(default_factory=list)
    settled: dict[str, pl.Series] = field(default_factory=dict)


def lived(case: Case, zone: str, today: date) -> Life:
    """The steps that the rows still need; notes on the case what cannot be."""
    entity, record = case.rows.entity, case.rows.record
    cycle = LIFECYCLES.get(entity.name)
    if not record.steps or cycle is None:
        return Life()
    state = case.before[cycle.field].fill_null(cycle.start)
    life = Life(state=state, before=state)
    now = case.before.with_columns(
        pl.when(case.new).then(case.given[name]).otherwise(pl.col(name)).alias(name)
        for name in case.given.columns
        if name in case.before.columns and entity.by_name[name].by_verb
    )
    since = case.before["stage_since"] if "stage_since" in case.before.columns else empty(case.height)
    reached = pl.repeat(False, case.height, dtype=pl.Boolean, eager=True)
    walks = []
    for at, step in reversed(list(enumerate(record.steps))):
        transition = cycle.verb(step.verb)
        if transition is not None:
            there = state == transition.target
            walks.append(Walk(at, step, transition, reached & ~there, since, zone, today))
            reached = reached | (~case.new & case.rows.frame[step_column(at, "|when")] & there)
    for walk in reversed(walks):
        now = walked(case, life, walk, now)
    return life


@dataclass(frozen=True)
class Walk:
    """One step to be walked: its place in the map, its verb, and what decides when it takes effect.

    behind: which rows have it behind them, because the record stands where a later step of the file leads.
    """

    at: int
    step: Step
    transition: Transition
    behind: pl.Series
    since: pl.Series
    zone: str
    today: date


def walked(case: Case, life: Life, walk: Walk, now: pl.DataFrame) -> pl.DataFrame:
    """One step over all rows: where it applies, happened already, or cannot be. Gives the fields after it."""
    at, step, transition = walk.at, walk.step, walk.transition
    entity, frame = case.rows.entity, case.rows.frame
    stated = cast(entity, frame.select(pl.col(step_column(at, name)).alias(name) for name in step.fields))
    happened, day = frame[step_column(at, "|when")] & ~walk.behind, frame[step_column(at, "|at")]
    state = life.state if life.state is not None else now["id"]
    open_ = state.is_in(transition.sources)
    there = state == transition.target
    by_verb = [name for name in stated.columns if entity.by_name[name].by_verb]
    other = differs(stated, now, by_verb)
    apply = happened & open_ & (~there | other)
    done = happened & there & ~open_
    case.blame(done & other, transition.target, "step.differs", day.cast(pl.String))
    case.blame(happened & ~open_ & ~there, step.verb, "step.not_allowed", state)
    blame_needs(case, apply, transition, stated, now)
    case.blame(apply & (day > walk.today), step.verb, "field.future", day.cast(pl.String))
    moment = midnight(day.cast(pl.Datetime("us")), walk.zone)
    case.blame(apply & case.new & (moment < case.born), step.verb, "step.before_creation", day.cast(pl.String))
    for name in stated.columns:
        if not entity.by_name[name].by_verb:
            kept = life.settled.get(name, pl.repeat(None, case.height, dtype=stated.schema[name], eager=True))
            life.settled[name] = pl.select(pl.when(done).then(stated[name]).otherwise(kept)).to_series()
    life.applied.append(apply)
    life.fields.append(stated)
    life.at.append(effect(case, moment, walk.since))
    life.state = pl.select(pl.when(apply).then(pl.lit(transition.target)).otherwise(state)).to_series()
    return now.with_columns(
        pl.when(apply).then(stated[name]).otherwise(pl.col(name) if name in now.columns else None).alias(name)
        for name in by_verb
    )


def differs(stated: pl.DataFrame, now: pl.DataFrame, names: list[str]) -> pl.Series:
    """Which rows state a value of a verb that is not the record's; nothing stated is no difference."""
    parts = [stated[name].is_not_null() & stated[name].ne_missing(now[name]) for name in names if name in now.columns]
    return (
        pl.select(pl.any_horizontal(parts)).to_series()
        if parts
        else pl.repeat(False, now.height, dtype=pl.Boolean, eager=True)
    )


def blame_needs(case: Case, apply: pl.Series, transition: Transition, stated: pl.DataFrame, now: pl.DataFrame) -> None:
    """What must be filled in after the verb, unless the store fills it."""
    derived = DERIVED_NEEDS.get((case.rows.entity.name, transition.verb), ())
    for name in transition.needs:
        if name in derived:
            continue
        found = [frame[name] for frame in (stated, case.given, now) if name in frame.columns]
        absent = pl.select(pl.coalesce(found).is_null()).to_series() if found else apply
        case.blame(apply & absent, name, "field.required")


def effect(case: Case, moment: pl.Series, since: pl.Series) -> pl.Series:
    """When a step takes effect: midnight of its day; for a known deal not before it came to its stage.

    Other known records take the step when it is written: what was stated of them later than its day is not known here.
    """
    staged = since.is_not_null()
    later = pl.select(pl.max_horizontal(moment, since)).to_series()
    known = pl.select(pl.when(staged).then(later)).to_series()
    return pl.select(
        pl.when(case.new | case.before["made"].fill_null(value=False)).then(moment).otherwise(known)
    ).to_series()

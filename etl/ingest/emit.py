"""From verdicts to the change-set: what is created, brought back, updated and moved on, in that order."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dashboard.domain.changes import Change
from dashboard.domain.lifecycles import LIFECYCLES
from etl.ingest.case import Case
from etl.ingest.judge import Verdict, back
from etl.ingest.life import Life
from etl.ingest.pool import Pool


def changes_of(case: Case, life: Life, verdict: Verdict, origin: str) -> Iterator[Change]:
    """The changes of one record of a map; origin: the source that ids belong to."""
    entity, version = case.rows.entity, case.identity["seen"].fill_null(0)
    for verb, chosen, fields, at in stages(case, life, verdict, origin):
        if chosen.any():
            rows = pl.DataFrame({"id": case.identity["id"], "version": version}).hstack(fields)
            yield from dated(entity.name, verb, rows.with_columns(at.alias("effective_at")).filter(chosen))
            version = version + chosen.cast(pl.Int64)


def stages(
    case: Case, life: Life, verdict: Verdict, origin: str
) -> Iterator[tuple[str, pl.Series, pl.DataFrame, pl.Series]]:
    """Verb, rows, fields and moment of each thing that happens to the records."""
    made, moved, born = verdict.outcome == "create", verdict.outcome == "update", case.before["born"]
    yield "create", made, new_fields(case, verdict, made, origin), case.born
    nothing = pl.repeat(None, case.height, dtype=pl.Datetime("us"), eager=True)
    yield "restore", moved & back(case), verdict.after.select(), nothing
    updated = moved & any_of(verdict.changes, case.height)
    names = [name for name in verdict.changes.columns if (verdict.changes[name] & updated).any()]
    yield "update", updated, verdict.after.select(names), born  # what was made here keeps the moment of its birth
    for step, applied, fields, at in zip(case.rows.record.steps, life.applied, life.fields, life.at, strict=True):
        yield step.verb, applied & (made | moved), fields, at


def new_fields(case: Case, verdict: Verdict, made: pl.Series, origin: str) -> pl.DataFrame:
    """The fields of new records, those that none of them has aside, and the id that they have in their source."""
    frame, fields = case.rows.frame, verdict.after
    fields = fields.select(series for series in fields.iter_columns() if (series.is_not_null() & made).any())
    if "external_id" not in frame.columns:
        return fields
    source = pl.when(pl.col("external_id").is_not_null()).then(pl.lit(origin)).alias("source")
    return frame.select(source, "external_id").hstack(fields)


def any_of(flags: pl.DataFrame, height: int) -> pl.Series:
    """Which rows have any flag; a frame without columns has forgotten how many rows there are."""
    if flags.width == 0:
        return pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    return flags.select(pl.any_horizontal(pl.all()).alias("any"))["any"]


def dated(entity: str, verb: str, rows: pl.DataFrame) -> Iterator[Change]:
    """One change for the rows whose moment is known, and one for those that happen when they are written."""
    if verb == "create":
        rows = rows.drop("version")
    known = rows["effective_at"].is_not_null()
    if known.all():
        yield Change(entity, verb, rows)
        return
    if known.any():
        yield Change(entity, verb, rows.filter(known))
    yield Change(entity, verb, rows.filter(~known).drop("effective_at"))


def learn(case: Case, life: Life, verdict: Verdict, pool: Pool) -> None:
    """Tell the pool what the records are after the import, for the records of the map that come later."""
    chosen = verdict.outcome.is_in(["create", "update"])
    if chosen.any():
        pool.add(case.rows.entity.name, after(case, life, verdict, pool.plan.origin).filter(chosen))


def after(case: Case, life: Life, verdict: Verdict, origin: str) -> pl.DataFrame:
    """The rows as records of the pool."""
    version = case.identity["seen"].fill_null(0)
    for _, chosen, _, _ in stages(case, life, verdict, origin):
        version = version + chosen.cast(pl.Int64)
    rows = case.before.with_columns(case.identity["id"], version.alias("version"))
    rows = rows.with_columns(verdict.after[name] for name in verdict.after.columns if name in rows.columns)
    for applied, fields in zip(life.applied, life.fields, strict=True):
        rows = rows.with_columns(
            pl.when(applied).then(fields[name]).otherwise(pl.col(name)).alias(name)
            for name in fields.columns
            if name in rows.columns
        )
    if life.state is not None:
        rows = rows.with_columns(life.state.alias(LIFECYCLES[case.rows.entity.name].field))
    return with_origin(case, rows, origin)


def with_origin(case: Case, rows: pl.DataFrame, origin: str) -> pl.DataFrame:
    """Since when new records exist, and what they are called in their source."""
    new = pl.lit(case.new)
    known = rows.with_columns(
        pl.when(new).then(pl.lit("live")).otherwise(pl.col("state").replace("undone", "live")).alias("state"),
        (pl.col("made").fill_null(value=False) | new).alias("made"),
        pl.when(new).then(case.born).otherwise(pl.col("born")).alias("born"),
    )
    if "external_id" not in case.rows.frame.columns:
        return known
    own = case.rows.frame["external_id"]
    return known.with_columns(
        pl.when(new & own.is_not_null()).then(pl.lit(origin)).otherwise(pl.col("source")).alias("source"),
        pl.when(new).then(own).otherwise(pl.col("external_id")).alias("external_id"),
    )

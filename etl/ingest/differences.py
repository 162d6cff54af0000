"""What an import changes in known records, in words for people: field, before, after."""

from __future__ import annotations

import polars as pl

from dashboard.domain.entities import RECORDS
from dashboard.domain.fields import Entity, Kind
from dashboard.domain.lifecycles import LIFECYCLES
from etl.ingest.case import Case
from etl.ingest.judge import Verdict
from etl.ingest.life import Life
from etl.ingest.pool import Pool

SCHEMA = {"at": pl.UInt32(), "field": pl.String(), "before": pl.String(), "after": pl.String()}


def differences(case: Case, life: Life, verdict: Verdict, pool: Pool) -> pl.DataFrame:
    """What changes, as `SCHEMA`; at: the position of the row."""
    moved = verdict.outcome == "update"
    parts = [pl.DataFrame(schema=SCHEMA)]
    if moved.any():
        for name in verdict.changes.columns:
            parts += difference(case, verdict.changes[name] & moved, name, verdict.after[name], pool)
        parts += steps_taken(case, life, moved, pool)
    return pl.concat(parts)


def steps_taken(case: Case, life: Life, moved: pl.Series, pool: Pool) -> list[pl.DataFrame]:
    """The state that steps of a life lead to, and what they state."""
    entity, found = case.rows.entity, []
    if life.state is not None:
        name = LIFECYCLES[entity.name].field
        changed = moved & (life.state != case.before[name]).fill_null(value=False)
        found += difference(case, changed, name, life.state, pool)
    for applied, fields in zip(life.applied, life.fields, strict=True):
        for name in fields.columns:
            found += difference(case, applied & moved, name, fields[name], pool)
    return found


def difference(case: Case, changed: pl.Series, name: str, after: pl.Series, pool: Pool) -> list[pl.DataFrame]:
    """One field of the rows in which it changes."""
    at = changed.arg_true().cast(pl.UInt32)
    if at.len() == 0:
        return []
    entity = case.rows.entity
    before = case.before[name] if name in case.before.columns else after.clear(case.height)
    old, new = (shown(values.gather(at), entity, name, pool) for values in (before, after))
    told = pl.DataFrame(
        {"at": at, "before": old, "after": new}, schema_overrides={"before": pl.String, "after": pl.String}
    )
    return [told.with_columns(pl.lit(name).alias("field")).select(list(SCHEMA))]


def shown(values: pl.Series, entity: Entity, name: str, pool: Pool) -> pl.Series:
    """Values as text; a reference by the name of its record."""
    field = entity.by_name[name]
    if values.dtype == pl.List(pl.String):
        return values.list.join(", ")
    if field.kind is not Kind.REFERENCE or field.to is None:
        return values.cast(pl.String)
    title, target = RECORDS[field.to].title, pool.of(field.to)
    if title is None or title not in target.columns:
        return values
    titles = target.select(pl.col("id").alias("value"), pl.col(title).alias("title")).unique("value")
    return values.alias("value").to_frame().join(titles, on="value", how="left", maintain_order="left")["title"]
